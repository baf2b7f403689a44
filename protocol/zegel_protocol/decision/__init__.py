"""`decide()`: may this message go? One pure function for sender, relay and recipient. `docs/spec/decide.md`."""

import re

from zegel_protocol.decision import (
    alarm,
    answers,
    basis,
    conferences,
    consents,
    duties_of_sender,
    message,
    objections,
    parties,
    sections,
)
from zegel_protocol.decision.case import Case, Court
from zegel_protocol.evidence import Evidence
from zegel_protocol.refusal import Refusal
from zegel_protocol.signed import Place


def decide(evidence: Evidence, at: int, place: Place | None = None) -> tuple[Refusal, ...]:
    """Return every reason why a message is refused, in order of path; an empty tuple means allowed.

    `at`: the time to judge at, whole seconds since 1970 UTC. `place`: judge by what stood in the log before this
    place (for "was it allowed when it was accepted?"); None judges by all the evidence ("is it allowed now?").

    Raises nothing: unknown words are refusals, and malformed objects never become evidence.
    """
    case = Case(evidence, at, place)
    found: dict[Refusal, None] = {}
    judges = (
        parties.judge, duties_of_sender.judge, message.judge, answers.judge, conferences.judge, basis.judge,
        alarm.judge, sections.judge, consents.judge, objections.judge,
    )  # fmt: skip
    for judge in judges:
        for refusal in judge(case):
            found[refusal] = None
    return tuple(sorted(found, key=_order))


def _order(refusal: Refusal) -> tuple[list[int | str], str]:
    """By path, entries in the order of their numbers: `$.entries[9]` before `$.entries[10]`."""
    parts = re.split(r"(\d+)", refusal.path)
    return [int(part) if part.isdigit() else part for part in parts], refusal.code


__all__ = ["Court", "decide"]
