"""What happens to families in a year: each has a plan of acts by day, and what must have come of it at the end.

Eleven sorts of families, by turn; which day each begins is drawn from a seed.
"""

import os
import random
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from e2e.families import complete, months_from, say_yes
from integration.year.town import Town
from zegel import Draft, FollowUp, Message, Partner, Sent
from zegel.contacts import Choice
from zegel.telling import Duty
from zegel_demo.client_agent import ClientAgent
from zegel_demo.client_notice import ClientNotice
from zegel_demo.huis import DAY
from zegel_protocol.objects.manifest import Delay

Act = Callable[["Family"], Awaitable[None]]
Owed = tuple[str, str, str]
"""Which deadline there is at the end: its kind, who owes it (`client` for a person), its state."""
NURSE, OCMW, CGG, SCHOOL, DESK = "kind-en-gezin", "ocmw-gent", "cgg-gent", "school-de-linde", "meldpunt"
CLIENT = "client"
MINUTE, HOUR = 60, 3600


@dataclass
class Family:
    """One household: its people, their phones, what was sent about them, and what must be owed at the end."""

    town: Town
    sort: str
    id: str = field(default_factory=lambda: os.urandom(16).hex())
    mother: str = ""
    child: str = ""
    phone: ClientAgent | None = None
    plan: dict[int, list[Act]] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    opened: list[Message] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    twice: list[str] = field(default_factory=list)
    expected: list[Owed] = field(default_factory=list)

    def on(self, day: int, *acts: Act) -> "Family":
        """Plan acts of a day, in this order."""
        self.plan.setdefault(day, []).extend(acts)
        return self

    @property
    def nurse(self) -> Partner:
        """Who knows them."""
        return self.town.partners[NURSE]

    @property
    def ocmw(self) -> Partner:
        """Whom they are referred to."""
        return self.town.partners[OCMW]

    @property
    def mobile(self) -> ClientAgent:
        """The mother's phone."""
        assert self.phone is not None, f"{self.sort} has no phone"
        return self.phone

    def referral(self, about: str = "") -> Draft:
        """A referral with a first contact in two days, and a report back in fifteen."""
        now = self.town.calendar()
        draft = self.nurse.referral(OCMW, self.id, [about or self.mother])
        draft.note("ask", "Hulp bij schulden.").note("money", "Twee aanmaningen liggen klaar.")
        complete(draft, now)
        draft.follow_up = (
            FollowUp(code="first-contact", due=now + 2 * DAY), FollowUp(code="report-back", due=now + 15 * DAY),
        )  # fmt: skip
        return draft


async def enrol(family: Family) -> None:
    """The nurse visits, and the mother's phone is enrolled."""
    family.mother = await family.nurse.families.add_person(family.id)
    family.phone = family.town.huis.phone(family.id, family.mother)
    await family.town.huis.enrol(family.nurse, family.phone)
    await family.phone.choose_contact(Choice(f"{family.mother}@families.example"))


async def meet(family: Family) -> None:
    """The nurse visits; the mother has no phone."""
    family.mother = await family.nurse.families.add_person(family.id)


async def consent(family: Family) -> None:
    """The mother is asked, and says yes."""
    await say_yes(family.mobile, await family.nurse.families.ask_consent(family.referral()))


async def consent_for_child(family: Family) -> None:
    """The mother says yes for her child, who turns twelve in some months."""
    months = months_from(family.town.calendar(), 3)
    family.child = await family.nurse.families.add_person(
        family.id, turns12=months, turns18=f"{int(months[:4]) + 6}{months[4:]}", authority=[family.mother]
    )
    await say_yes(family.mobile, await family.nurse.families.ask_consent(family.referral(family.child)))


async def refer(family: Family) -> None:
    """The nurse refers her."""
    family.sent.append(await family.nurse.send(family.referral()))


async def refer_child(family: Family) -> None:
    """The nurse refers her child."""
    family.sent.append(await family.nurse.send(family.referral(family.child)))


async def open_it(family: Family) -> None:
    """The OCMW opens what came last."""
    message = await family.ocmw.open(family.sent[-1].manifest)
    family.opened.append(message)
    await family.ocmw.acknowledge(message)


async def call(family: Family) -> None:
    """The OCMW has called, as agreed."""
    await family.ocmw.talks.done(family.opened[-1], "first-contact")


async def report_back(family: Family) -> None:
    """The OCMW reports back."""
    draft = family.ocmw.report_back(family.opened[-1])
    draft.note("follow", "Er is een afspraak voor een plan.")
    draft.carried = family.referral().carried
    await family.ocmw.send(draft)


async def ask(family: Family) -> None:
    """The nurse asks the mother something."""
    draft = family.nurse.talks.ask(family.mother, family.id, [family.mother], "Hebt u al een vaste opvang?")
    family.sent.append(await family.nurse.send(draft))


async def answer(family: Family) -> None:
    """The mother answers what she was asked."""
    question = await _question(family)
    await family.mobile.answer(question, "Ja, sinds vorige week.")


async def decline(family: Family) -> None:
    """The mother says no to what she was asked."""
    await family.mobile.decline(await _question(family))


async def _question(family: Family) -> ClientNotice:
    found = [
        item for item in await family.mobile.notices(0) if item.notice.payload.manifest == family.sent[-1].manifest
    ]
    (question,) = found
    return question


async def revoke(family: Family) -> None:
    """The mother takes back her yes to the referral."""
    given = [item for item in await family.mobile.given() if item.consent.payload.to.partner == OCMW]
    await family.mobile.revoke([given[0].consent.d])


async def erase(family: Family) -> None:
    """The OCMW answers every erasure that it owes: it is done."""
    for owed in await family.ocmw.erasures.owed():
        if owed.message == family.sent[-1].manifest:
            await family.ocmw.erasures.answer(owed, "erased")


async def alarm(family: Family) -> None:
    """The school alarms the desk about the child; the mother is told in two days."""
    school, now = family.town.partners[SCHOOL], family.town.calendar()
    family.child = await family.nurse.families.add_person(
        family.id, turns12="2032-01", turns18="2038-01", authority=[family.mother]
    )
    codes = (await school.setting()).setting.rulebook.payload.safety.delay_codes
    draft = school.alarms.draft(
        DESK, family.id, [family.child], delay=Delay(until=now + 2 * DAY, code=codes[0])
    ).note("motivation", "Het kind heeft blauwe plekken en durft niet naar huis te gaan vandaag.")  # fmt: skip
    draft.note("violence", "Blauwe plekken op beide armen.")
    family.sent.append(await school.alarms.send(draft))
    if family.phone is None:
        assert await _duties(family) == [], "a duty to tell that waits is there"
        return
    before = {item.notice.payload.manifest for item in await family.mobile.notices(0)}
    assert family.sent[-1].manifest not in before, "a notice that waits is there"


async def wait_for_the_desk(family: Family) -> None:
    """Nobody opens it for three hours: each step of the escalation falls due."""
    for minutes in (16, 15, 30, 60, 60):
        await family.town.wait(minutes * MINUTE)


async def desk_opens(family: Family) -> None:
    """The desk opens the alarm."""
    desk = family.town.partners[DESK]
    (waiting,) = [item for item in await desk.inbox() if item.manifest == family.sent[-1].manifest]
    await desk.acknowledge(await desk.open(waiting))


async def second_signs(family: Family) -> None:
    """A colleague at the school signs the alarm as second."""
    await family.town.colleague.alarms.countersign(family.sent[-1].manifest)


async def tell(family: Family) -> None:
    """The school tells the mother, who has no phone, by letter."""
    (duty,) = await _duties(family)
    assert duty.overdue
    await family.town.partners[SCHOOL].confirm_told(duty, "by-letter")
    family.told.add(duty.notice)


async def _duties(family: Family) -> list[Duty]:
    owed = await family.town.partners[SCHOOL].duties()
    return [duty for duty in owed if duty.message == family.sent[-1].manifest]


async def read(family: Family) -> None:
    """The mother looks at her phone; of nothing is she told twice."""
    for notice in await family.mobile.notices(family.mobile.cursor):
        if notice.notice.d in family.told:
            family.twice.append(notice.notice.d)
        family.told.add(notice.notice.d)
        await family.mobile.tell(notice)


def families(town: Town, count: int, seed: int) -> Iterator[Family]:
    """Yield the families, each with its plan and what must be owed at the end."""
    luck = random.Random(seed)
    for number in range(count):
        sort, plan = SORTS[number % len(SORTS)]
        family, begin = Family(town, sort), luck.randrange(2, 240)
        with_phone = sort != "letter"
        family.on(begin, enrol if with_phone else meet)
        plan(family, begin)
        for day in (begin + 3, begin + 25, begin + 60, 363) if with_phone else ():
            family.on(day, read)
        yield family


def _kept(family: Family, day: int) -> None:
    family.on(day, consent).on(day + 1, refer).on(day + 2, open_it, call).on(day + 9, report_back)
    family.expected += [("first-contact", OCMW, "done"), ("report-back", OCMW, "done")]


def _missed(family: Family, day: int) -> None:
    family.on(day, consent).on(day + 1, refer).on(day + 12, open_it)
    family.expected += [("first-contact", OCMW, "overdue"), ("report-back", OCMW, "overdue")]


def _answered(family: Family, day: int) -> None:
    family.on(day + 1, ask).on(day + 5, answer)
    family.expected += [("answer", CLIENT, "done")]


def _silent(family: Family, day: int) -> None:
    family.on(day + 1, ask)
    family.expected += [("answer", CLIENT, "lapsed")]


def _declined(family: Family, day: int) -> None:
    family.on(day + 1, ask).on(day + 5, decline)
    family.expected += [("answer", CLIENT, "done")]


def _revoked(family: Family, day: int) -> None:
    _kept(family, day)
    family.on(day + 20, revoke).on(day + 25, erase)
    family.expected += [("erasure", OCMW, "done")]


def _not_erased(family: Family, day: int) -> None:
    _kept(family, day)
    family.on(day + 20, revoke)
    family.expected += [("erasure", OCMW, "overdue")]


def _twelve(family: Family, day: int) -> None:
    family.on(day, consent_for_child).on(day + 1, refer_child).on(day + 2, open_it, call).on(day + 9, report_back)
    family.expected += [("first-contact", OCMW, "done"), ("report-back", OCMW, "done")]
    family.expected += [("invite", NURSE, "overdue"), ("invite", OCMW, "overdue")]


def _alarmed(family: Family, day: int) -> None:
    family.on(day + 1, alarm, desk_opens, second_signs)
    family.expected += [("second-signature", SCHOOL, "done")]


def _unheard(family: Family, day: int) -> None:
    family.on(day + 1, alarm, wait_for_the_desk, desk_opens)
    family.expected += [("second-signature", SCHOOL, "overdue")]
    family.expected += [(f"alarm-{step}", who, "done") for step, who in ESCALATED]


def _by_letter(family: Family, day: int) -> None:
    family.on(day + 1, alarm, desk_opens, second_signs).on(day + 20, tell)
    family.expected += [("second-signature", SCHOOL, "done")]


ESCALATED = (("second-device", DESK), ("phone", SCHOOL), ("team-lead", DESK), ("steward", DESK))
SORTS: tuple[tuple[str, Callable[[Family, int], None]], ...] = (
    ("kept", _kept), ("missed", _missed), ("answered", _answered), ("silent", _silent), ("declined", _declined),
    ("revoked", _revoked), ("not erased", _not_erased), ("twelve", _twelve), ("alarmed", _alarmed),
    ("unheard", _unheard), ("letter", _by_letter),
)  # fmt: skip
