"""What may be said of a message in an acknowledgement: by whom, with which codes, about what, and what it ends.

One table for the software that signs a word and for the relay that takes it. Articles 4, 5, 6, 7, 8 and 9;
`docs/spec/receipts.md`.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, Literal

from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects.acknowledgement import Acknowledgement, Event
from zegel_protocol.objects.manifest import Manifest
from zegel_protocol.objects.parties import Party
from zegel_protocol.objects.rulebook import Rulebook

Speaker = Literal["recipient", "sender", "subject"]
"""Who may say a word: the message's recipient, its sender, or a person who is told of it."""

FIRST_CONTACT: Final = "first-contact"
REPORT_CLIENT: Final = "report-client"
REPORT_BACK: Final = "report-back"
STEP: Final = "step"
ANSWER: Final = "answer"
REPLY: Final = "reply"
ERASURE: Final = "erasure"
"""Kinds of deadline that a word or an answer ends; of the first four the words name which in their codes."""
SECOND_SIGNATURE: Final = "second-signature"
"""The kind of deadline that a countersignature ends."""

OVER_BROAD: Final = "over-broad"


class WordError(ProtocolError):
    """A word that is not for whoever says it, or not of this message: `word.speaker`, `word.code`, `word.of`."""


@dataclass(frozen=True)
class WordRule:
    """The rule of one word.

    `codes`: `any`, `none`, `agreed` (agreements of the message, at least one), `own` (the same, all of them the
    speaker's), `some` (agreements, or none), `kept` (one of the rulebook's reasons), `over-broad` (that one).
    `names`: it names in `of` what it answers. `recorded`: a worker of the sender or recipient may say it for a person
    without keys. `asked`: it answers a question, to a person or from one partner to another.
    """

    speakers: frozenset[Speaker]
    codes: Literal["any", "none", "agreed", "own", "some", "kept", "over-broad"] = "any"
    names: bool = False
    recorded: bool = False
    asked: bool = False


_READERS: Final[frozenset[Speaker]] = frozenset({"recipient", "subject"})
_RECIPIENT: Final[frozenset[Speaker]] = frozenset({"recipient"})
_SUBJECT: Final[frozenset[Speaker]] = frozenset({"subject"})
_ALL: Final[frozenset[Speaker]] = frozenset({"recipient", "sender", "subject"})

WORDS: Final[dict[Event, WordRule]] = {
    "received": WordRule(_READERS),
    "opened": WordRule(_READERS),
    "handed-over": WordRule(_READERS),
    "refused": WordRule(_READERS),
    "unopenable": WordRule(_READERS),
    # By a worker only for who they owe it to: the relay looks at the notice (`docs/spec/receipts.md`).
    "told": WordRule(_READERS),
    "agreed": WordRule(_ALL, "agreed", recorded=True),
    "done": WordRule(_ALL, "own", recorded=True),
    "declined": WordRule(_RECIPIENT, "none", recorded=True, asked=True),
    "erased": WordRule(_RECIPIENT, "none", names=True),
    "kept": WordRule(_RECIPIENT, "kept", names=True),
    "objected": WordRule(_SUBJECT, "none", recorded=True),
    "stuck": WordRule(_ALL, "some", recorded=True),
    "reported": WordRule(_RECIPIENT, "over-broad"),
}

READING: Final[AbstractSet[Event]] = frozenset({"received", "opened", "handed-over", "refused", "unopenable", "told"})
"""The words for what became of one reader's own copy. The others are said to everyone whom the message concerns."""


def agreements(manifest: Manifest) -> dict[str, Party]:
    """Return what a message agrees, by the code that words name it with, and who keeps it.

    Follow-ups by their code (`none-ask` is kept by nobody), steps as `step-<n>`.
    """
    sides = {"recipient": manifest.to, "sender": manifest.sender.party}
    kept: dict[str, Party] = {item.code: sides[item.by] for item in manifest.follow_up if item.due is not None}
    return kept | {f"{STEP}-{step.n}": step.by for step in manifest.steps}


def asks_person(manifest: Manifest, rulebook: Rulebook) -> bool:
    """Whether a message puts a question to a person, whose silence is a no (article 6): it itself answers nothing."""
    rule = rulebook.kind_rule(manifest.kind)
    to_person = manifest.to.person is not None and manifest.sender.partner is not None
    return to_person and rule is not None and not rule.answers


def asks_partner(manifest: Manifest, rulebook: Rulebook) -> bool:
    """Whether a partner asks another something (articles 5 and 6): by a kind with a question, which answers nothing."""
    rule = rulebook.kind_rule(manifest.kind)
    between = manifest.to.partner is not None and manifest.sender.partner is not None
    return between and rule is not None and "question" in rule.parts and not rule.answers


def speakers(manifest: Manifest, reader: Party, told: bool) -> AbstractSet[Speaker]:
    """Return as what `reader` may speak of a message; `told`: they are a person who is told of it."""
    found: set[Speaker] = {"subject"} if told and reader.person is not None else set()
    if reader == manifest.sender.party:
        found.add("sender")
    if reader == manifest.to:
        found.add("recipient")
    return found


def check_word(word: Acknowledgement, manifest: Manifest, rulebook: Rulebook, *, told: bool) -> None:
    """Return if `word.reader` may say this of this message; `told`: they are a person who is told of it.

    Whether what `of` names asks anything of them, only the relay knows. Raises `WordError`.
    """
    rule = WORDS[word.event]
    if rule.speakers.isdisjoint(speakers(manifest, word.reader, told)):
        raise WordError("word.speaker", "This is not theirs to say of this message.", "$.event")
    if rule.asked and not (asks_person(manifest, rulebook) or asks_partner(manifest, rulebook)):
        raise WordError("word.speaker", "Nobody was asked anything by this message.", "$.event")
    if word.event not in READING and rule.names != (word.of is not None):
        raise WordError("word.of", "What asks to erase is named by whoever answers it, and by nobody else.", "$.of")
    if not _fits(word, rule, manifest, rulebook):
        raise WordError("word.code", "These codes do not go with this word, or are not of this message.", "$.codes")


def _fits(word: Acknowledgement, rule: WordRule, manifest: Manifest, rulebook: Rulebook) -> bool:
    codes, kept = set(word.codes), agreements(manifest)
    match rule.codes:
        case "any":
            return True
        case "none":
            return not codes
        case "agreed":
            return bool(codes) and codes <= kept.keys()
        case "own":
            return bool(codes) and all(kept.get(code) == word.reader for code in codes)
        case "some":
            return codes <= kept.keys()
        case "kept":
            return len(codes) == 1 and codes <= set(rulebook.kept_reasons)
        case "over-broad":
            return codes == {OVER_BROAD}


def ends(word: Acknowledgement) -> tuple[tuple[str, str, int], ...]:
    """Return the deadlines of the speaker that a word ends: kind, the `D` that they are about, number."""
    match word.event:
        case "done":
            return tuple((kind, word.manifest, number) for kind, number in map(_agreed, word.codes))
        case "declined":
            return ((ANSWER if word.reader.person is not None else REPLY, word.manifest, 0),)
        case "erased" | "kept":
            return ((ERASURE, word.of or "", 0),)
        case _:
            return ()


def _agreed(code: str) -> tuple[str, int]:
    kind, _, number = code.rpartition("-")
    return (STEP, int(number)) if kind == STEP else (code, 0)
