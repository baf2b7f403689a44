"""What a notice page is made from besides the message itself, and the lines that it is made of."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from zegel_protocol.api import DeadlineItem
from zegel_protocol.objects.acknowledgement import Event
from zegel_protocol.objects.conference import Conference
from zegel_protocol.objects.consent import Consent
from zegel_protocol.objects.countersignature import Countersignature
from zegel_protocol.objects.parties import Party

Section = Literal["leave", "who", "why", "what", "not-shared", "yes", "next", "opened", "code", "act", "complain"]
"""The parts of the page, in the order in which they come."""
Action = Literal["leave", "read-all", "read-code", "answer", "decline", "ask", "not-right", "stuck", "stop"]
"""What a line can be pressed for."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: the section it belongs to, its words, and what it does when it is a button."""

    section: Section
    text: str
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """One opening: the organisation's name, the function of who opened (`devices.Function`), when (UTC seconds)."""

    organisation: str
    function: str
    at: int


@dataclass(frozen=True, slots=True)
class Said:
    """A word that somebody said of the message: who, which, its codes, when (UTC seconds)."""

    who: Party
    event: Event
    codes: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFacts:
    """What a notice page tells of, besides manifest and entries.

    `person` reads; `children` are those over whom they hold authority and are told about. `accepted_at` is the
    receipt's time, `now` the reader's, both in UTC seconds. `names` are organisations' names by partner id, `functions`
    devices' functions by device id. `sector` is the recipient's. `consents` are those that the message names, where the
    reader may see them. `codes` are the notice's. `done` are codes of agreements that were met. `said` are words about
    the message, of partners and of the reader. `deadlines` are those of the message that the reader is shown;
    `conference` is its thread's, `looked` the second looks that were taken at it. `stopped`: a consent
    that it rests on was taken back for this reader.
    """

    person: str
    children: frozenset[str] = frozenset()
    accepted_at: int
    now: int
    names: Mapping[str, str]
    functions: Mapping[str, str]
    sector: str | None = None
    consents: Sequence[Consent] = ()
    opened: Sequence[Opened] = ()
    codes: Collection[str] = ()
    done: Collection[str] = ()
    said: Sequence[Said] = ()
    deadlines: Sequence[DeadlineItem] = ()
    conference: Conference | None = None
    stopped: bool = False
    looked: Sequence[Countersignature] = ()
