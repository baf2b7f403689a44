"""The letter for someone without a device: the lines of their notice as plain text, to print or to read aloud.

Made from what the partner may know of the message: its manifest and the lines that concern the person. No content.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import msgspec

from zegel_protocol.decision.age import told
from zegel_protocol.evidence import Client, Setting
from zegel_protocol.objects import Consent, Entry, Manifest
from zegel_protocol.signed import Place
from zegel_protocol.texts.catalogue import phrase
from zegel_protocol.texts.dates import day_in_words
from zegel_protocol.texts.labels import partner_name
from zegel_protocol.texts.notice_text import NoticeFacts, render_notice

_ON_SCREEN = frozenset({"leave", "opened", "act", "complain"})
"""Parts of the page that are not on paper as they are: buttons, and what changes after it was printed."""


@dataclass(frozen=True, kw_only=True)
class LetterFacts:
    """What a letter is made from: the message for one person, and what is in force in the Huis.

    `codes` are the notice's: who never met the code of ethics reads of it in their first letter (article 2).
    """

    person: str
    partner: str
    manifest: Manifest
    entries: Sequence[Entry]
    place: Place
    setting: Setting
    clients: Mapping[str, Client]
    consents: Collection[Consent]
    codes: Collection[str] = ()


def render_letter(facts: LetterFacts, language: str, now: int) -> str:
    """Return the letter in `language`, dated `now` (seconds).

    Raises `ProtocolError`: `text.language` (no such catalogue), `text.missing`, `text.param`.
    """
    setting, manifest = facts.setting, facts.manifest
    names = {partner: setting.names(partner)[0] for partner in setting.memberships}
    recipient = setting.member(manifest.to.partner)
    functions: dict[str, str] = {}
    if manifest.sender.partner is not None and manifest.sender.device is not None:
        device = setting.device_at(manifest.sender.partner, manifest.sender.device, facts.place)
        functions = {device.device: device.function} if device is not None else {}
    about = {person for entry in facts.entries for person in entry.about} - {facts.person}
    page = render_notice(
        # Who tells is who writes: the letter need not say that they will.
        msgspec.structs.replace(manifest, notice_by=None),
        facts.entries,
        NoticeFacts(
            person=facts.person,
            children=frozenset(person for person in about if _tells(facts, person)),
            accepted_at=facts.place.at,
            now=now,
            names=names,
            functions=functions,
            sector=recipient.sector if recipient is not None else None,
            consents=tuple(facts.consents),
            codes=facts.codes,
        ),
        setting.rulebook.payload,
        language,
    )
    own = partner_name(language, facts.partner, names)
    blocks = [[own, day_in_words(language, now)], [phrase(language, "letter.opening")]]
    printed = [line for line in page if line.section not in _ON_SCREEN and line.action is None]
    blocks += [[line.text for line in lines] for _, lines in groupby(printed, key=lambda line: line.section)]
    blocks.append([phrase(language, "letter.ask", partner=own)])
    if any(line.action == "stop" for line in page):
        means = [line.text for line in page if line.section == "act" and line.action is None]
        blocks.append([phrase(language, "letter.stop", partner=own), *means])
    blocks.append([line.text for line in page if line.section == "complain"])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _tells(facts: LetterFacts, child: str) -> bool:
    client = facts.clients.get(child)
    return client is not None and facts.person in told(client.current, facts.place.at)
