"""What somebody owes by when, as people read it: what was agreed, an answer, an erasure, the steps of an alarm."""

from zegel_protocol.texts.catalogue import has, phrase
from zegel_protocol.texts.dates import day_in_words, moment_in_words

BY_THE_CLOCK = frozenset({"alarm-second-device", "alarm-phone", "alarm-team-lead", "alarm-steward"})
"""Kinds of deadline of which the hour is said too: they are minutes apart."""


def owed_in_words(language: str, kind: str, due: int | None, *, owner: str, other: str = "", number: int = 0) -> str:
    """Return what is owed: `Het OCMW neemt contact op, ten laatste dinsdag 1 december 2026.`

    `kind`: of a deadline, or a follow-up code. `due` in UTC seconds, None where nothing is due (`none-ask`). `owner`
    owes it, to `other` where that is somebody else than the reader. `number`: of a step. Raises as `catalogue.phrase`.
    """
    section = "follow-up" if has(language, f"follow-up.{kind}") else "owed"
    words = moment_in_words if kind in BY_THE_CLOCK else day_in_words
    when = words(language, due) if due is not None else ""
    return phrase(language, f"{section}.{kind}", owner=owner, other=other, due=when, number=str(number))


def state_in_words(language: str, what: str, state: str) -> str:
    """Return the same with how it stands: `open`, `overdue`, `done` or `lapsed`."""
    key = f"owed-now.{state}"
    return phrase(language, key, what=what) if has(language, key) else what
