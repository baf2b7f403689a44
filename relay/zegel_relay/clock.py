"""The one place where the relay reads the time; everything else is given `now`.

No setting can fake it: a relay with another time would accept what has expired. Tests pass a clock of their own.
"""

import time
from typing import Protocol


class Clock(Protocol):
    """Gives the time in whole seconds since 1970-01-01T00:00:00Z."""

    def now(self) -> int:
        """Return this moment."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        """Return this moment, rounded down."""
        return int(time.time())
