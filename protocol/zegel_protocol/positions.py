"""Positions: where a notice stands among those of its person, and a message among those that a person is shown.

A relay counts no notices: a number that grows with each would show that one waits. What is told of at once stands where
its message stands in the log, so whoever has the receipt can check it; one that falls due later stands between two
places of the log, behind all that was accepted before it fell due. `docs/spec/receipts.md`.
"""

from typing import Final

EACH: Final = 256
"""Positions to a place of the log: the first is its own message's, the others are for what falls due after it."""


def first_position(index: int) -> int:
    """Return the position of what is told of at once: `index` is its message's place in the log."""
    return index * EACH


def positions_due(size: int) -> range:
    """Return the positions of what falls due while the log has `size` entries: behind all of them, before the next."""
    return range(max(size - 1, 0) * EACH + 1, max(size, 1) * EACH)


def is_position(position: int, index: int, waited: bool) -> bool:
    """Whether a message at place `index` of the log may stand at `position`; `waited`: its notice fell due later."""
    return position > first_position(index) if waited else position == first_position(index)
