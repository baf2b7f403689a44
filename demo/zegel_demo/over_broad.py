"""A notice that a section was over-broad: it came later than its message, and rests on what the steward found.

Sections are shown by the notice that was stored with the message; of those, this one names what was too much.
Article 7 of the duties.
"""

from zegel_keys.casefile import CaseFile
from zegel_keys.verification import verify
from zegel_protocol.api import Delivery, given
from zegel_protocol.errors import ChainError
from zegel_protocol.objects import Entry, Finding, Manifest, Notice
from zegel_protocol.signed import Signed
from zegel_protocol.words import OVER_BROAD


def first_notice(notice: Signed[Notice], delivery: Delivery, case: CaseFile) -> Signed[Notice]:
    """Return the notice that was stored with the message: this one, unless it is of what was found since.

    Raises `ChainError` (`notice.foreign`).
    """
    own = given(delivery.notice)
    if OVER_BROAD not in notice.payload.codes or own is None:
        return notice
    first = verify(own, Notice, case.trust)
    if (first.payload.person, first.payload.manifest) != (notice.payload.person, notice.payload.manifest):
        raise ChainError("notice.foreign", "a notice of another person or message")
    return first


def found_sections(
    case: CaseFile, manifest: Signed[Manifest], entries: tuple[Signed[Entry], ...], notice: Notice
) -> tuple[Signed[Entry], ...]:
    """Return the sections of which a notice says that they were over-broad, if the steward said so of each.

    Raises `ChainError` (`notice.finding`).
    """
    findings = case.records.all(Finding, manifest.d)
    found = {held.payload.n for held in findings if held.payload.found == OVER_BROAD}
    named = tuple(held for held in entries if held.d in notice.entries)
    if {held.d for held in named} != set(notice.entries) or not {held.payload.n for held in named} <= found:
        raise ChainError("notice.finding", "a notice of something over-broad, and no finding of the steward of it")
    return named
