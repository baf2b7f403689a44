"""Joint hand-over plans: article 4, typed apart from the code.

Nothing here reads the package's decision or its rulebook.
"""

from dataclasses import dataclass

from property.oracle_people import Home
from zegel_protocol.refusal import Code

WITH_A_PLAN = ("hand-over",)
"""Kinds that are nothing without steps; no other kind has any."""


@dataclass(frozen=True)
class Taken:
    """A step: who takes it, and with whom. Names of persons, or ids of partners."""

    by: str
    beside: tuple[str, ...] = ()


def plan(
    home: Home, kind: str, sides: tuple[str, str], about: tuple[tuple[str, ...], ...], taken: tuple[Taken, ...]
) -> set[Code]:
    """Return what is wrong with a message's steps. `about`: of whom each section is; `sides`: sender and recipient."""
    codes = set()
    if kind in WITH_A_PLAN and not taken:
        codes.add(Code.STEPS_MISSING)
    if kind not in WITH_A_PLAN and taken:
        codes.add(Code.STEPS_OTHER)
    knows = {*sides}
    for section in about:
        knows |= (set(section) | home.told_of(section)) - home.silenced_for(section)
    if any(not {step.by, *step.beside} <= knows for step in taken):
        codes.add(Code.STEPS_PARTY)
    return codes
