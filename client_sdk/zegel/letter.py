"""The letter for someone without a device: the lines of their notice on paper, to send or to read aloud.

Made from what the partner may know of the message: its manifest and the lines that concern the person. No content. As
plain text here; as PDF in `zegel.letter_pdf`. A letter may carry a stop code (`docs/spec/letter.md`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import msgspec

from zegel_protocol.decision.age import told
from zegel_protocol.evidence import Client, Setting
from zegel_protocol.objects import Consent, Entry, Manifest, Rulebook
from zegel_protocol.signed import Place
from zegel_protocol.texts.alarm_text import EMERGENCY
from zegel_protocol.texts.catalogue import enumeration, phrase
from zegel_protocol.texts.dates import day_in_words
from zegel_protocol.texts.labels import partner_name
from zegel_protocol.texts.notice_text import NoticeFacts, render_notice

_ON_SCREEN = frozenset({"leave", "opened", "act", "complain"})
"""Parts of the page that are not on paper as they are: buttons, and what changes after it was printed."""
_MOST_NAMES = 4
"""Partners that a letter names beside its writer: those of the message, then the others in the order of their names."""


@dataclass(frozen=True)
class StopWords:
    """A stop code on a letter, and the words around it: `before` say how to use it, `after` until when, and to keep it.

    `code` is four groups of four letters and digits with hyphens.
    """

    title: str
    before: tuple[str, ...]
    code: str
    after: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The same as lines of text."""
        return (self.title, *self.before, "", f"    {self.code}", "", *self.after)


@dataclass(frozen=True)
class Letter:
    """A letter in `language` (ISO 639): the writer's name, the day, and its parts in order, each of lines.

    `closing`: where to complain, and whom to phone when a life is in danger.
    """

    language: str
    writer: str
    day: str
    parts: tuple[tuple[str, ...], ...]
    stop: StopWords | None
    closing: tuple[str, ...]

    @property
    def text(self) -> str:
        """The letter as plain text."""
        stop = (self.stop.lines,) if self.stop is not None else ()
        blocks = ((self.writer, self.day), *self.parts, *stop, self.closing)
        return "\n\n".join("\n".join(block) for block in blocks) + "\n"


@dataclass(frozen=True, kw_only=True)
class LetterFacts:
    """What a letter is made from: the message for one person, and what is in force in the Huis.

    `codes` are the notice's: who never met the code of ethics reads of it in their first letter (article 2). `consents`
    are those that the message rests on, by `D`.
    """

    person: str
    partner: str
    manifest: Manifest
    entries: Sequence[Entry]
    place: Place
    setting: Setting
    clients: Mapping[str, Client]
    consents: Mapping[str, Consent]
    codes: Collection[str] = ()


def render_letter(facts: LetterFacts, language: str, now: int, code: str | None = None, until: int = 0) -> Letter:
    """Return the letter in `language`, dated `now` (seconds), with a stop `code` that works `until` (seconds), if any.

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
            children=frozenset(person for person in about if tells(facts, person)),
            accepted_at=facts.place.at,
            now=now,
            names=names,
            functions=functions,
            sector=recipient.sector if recipient is not None else None,
            consents=tuple(facts.consents.values()),
            codes=facts.codes,
        ),
        setting.rulebook.payload,
        language,
    )
    own = partner_name(language, facts.partner, names)
    printed = [line for line in page if line.section not in _ON_SCREEN and line.action is None]
    parts = [tuple(line.text for line in lines) for _, lines in groupby(printed, key=lambda line: line.section)]
    parts = [(phrase(language, "letter.opening"),), *parts, (phrase(language, "letter.ask", partner=own),)]
    means = tuple(line.text for line in page if line.section == "act" and line.action is None)
    stop = None
    if code is not None:
        stop = _stop_words(facts, language, names, code, until, means)
    elif any(line.action == "stop" for line in page):
        parts.append((phrase(language, "letter.stop", partner=own), *means))
    closing = [line.text for line in page if line.section == "complain"]
    if code is not None:
        number = _emergency(setting.rulebook.payload)
        closing.append(phrase(language, "alarm.emergency", number=number))
    return Letter(language, own, day_in_words(language, now), tuple(parts), stop, tuple(closing))


def _stop_words(
    facts: LetterFacts, language: str, names: Mapping[str, str], code: str, until: int, means: tuple[str, ...]
) -> StopWords:
    sides = (facts.manifest.sender.partner, facts.manifest.to.partner)
    near = [side for side in dict.fromkeys(sides) if side is not None]
    far = sorted((item for item in names if item not in near and _answers(facts, item)), key=lambda item: names[item])
    others = [partner_name(language, item, names) for item in (*near, *far) if item != facts.partner][:_MOST_NAMES]
    own = partner_name(language, facts.partner, names)
    before = [phrase(language, "letter.stop-how", partner=own)]
    if others:
        before.append(phrase(language, "letter.stop-others", partners=enumeration(language, others)))
    last = phrase(language, "letter.stop-until", day=day_in_words(language, until))
    after = (last, phrase(language, "letter.stop-keep"), *means)
    return StopWords(phrase(language, "letter.stop-title"), tuple(before), code, after)


def _answers(facts: LetterFacts, partner: str) -> bool:
    """Whether a partner has a telephone that workers answer: no volunteer, who is one person and nobody's desk."""
    member = facts.setting.member(partner)
    return member is not None and facts.setting.secrecy(member) != "pledge"


def _emergency(rulebook: Rulebook) -> str:
    numbers = sorted(rulebook.phones, key=lambda item: item.id.encode())
    return numbers[0].number if numbers else EMERGENCY


def tells(facts: LetterFacts, child: str) -> bool:
    """Whether the person of a letter is told of what is shared about `child`."""
    client = facts.clients.get(child)
    return client is not None and facts.person in told(client.current, facts.place.at)
