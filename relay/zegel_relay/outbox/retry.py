"""How often, and how late, failed work is tried again: eight tries over about eighteen hours, never in step.

The spread keeps rows that failed together, because a mail server was away, from coming back together.
"""

import secrets
from typing import Final

MAX_ATTEMPTS: Final = 8
FIRST_DELAY: Final = 60
FACTOR: Final = 3
SPREAD: Final = 0.5
"""A delay is between half and one and a half times what it is on average."""

_random: Final = secrets.SystemRandom()


def retry_delay(attempts: int, spread: float | None = None) -> int:
    """Return the seconds until the next try, after `attempts` (from 1) tries that failed.

    On average 1, 3, 9, 27, 81 minutes, 4 hours, 12 hours. `spread`, from -1 to 1, takes the place of chance.
    """
    chance = _random.uniform(-1.0, 1.0) if spread is None else spread
    average: int = FIRST_DELAY * FACTOR ** (attempts - 1)
    return round(average * (1 + SPREAD * chance))
