"""What is due about a person: who owes them an answer or a talk, by when, and whether it is late (article 5)."""

from dataclasses import dataclass

from zegel_demo.phone import Phone
from zegel_protocol.api import DeadlineItem
from zegel_protocol.evidence import Setting
from zegel_protocol.objects.parties import Party
from zegel_protocol.texts.catalogue import phrase
from zegel_protocol.texts.labels import partner_name
from zegel_protocol.texts.notice_text import capital
from zegel_protocol.texts.owed_text import owed_in_words, state_in_words


@dataclass(frozen=True)
class Due:
    """One thing that is owed, with the words for it: what, by whom, by when, and how it stands."""

    item: DeadlineItem
    text: str

    @property
    def late(self) -> bool:
        """Whether it is owed still, and should have been done."""
        return self.item.state == "overdue"


async def read_deadlines(phone: Phone, language: str) -> tuple[Due, ...]:
    """Return what is owed about the messages that this person was told of, and what they owe themselves.

    Raises as `Phone.believe`; `ProtocolError` (`text.*`).
    """
    case = await phone.believe(await phone.relay.setting())
    page = await phone.relay.deadlines()
    return tuple(Due(item, _words(phone, item, case.setting, language)) for item in page.items)


def _words(phone: Phone, item: DeadlineItem, setting: Setting, language: str) -> str:
    names = {partner: setting.names(partner)[0] for partner in setting.memberships}

    def name(party: Party) -> str:
        if party.partner is not None:
            return partner_name(language, party.partner, names)
        return phrase(language, "party.you" if party.person == phone.person else "party.family")

    sides = phone.parties.get(item.message or "", ())
    other = next((side for side in sides if side != item.owner), None)
    text = owed_in_words(
        language,
        item.kind,
        item.due,
        owner=name(item.owner),
        other=name(other) if other is not None else phrase(language, "party.partner"),
        number=item.number,
    )
    return state_in_words(language, capital(text), item.state)
