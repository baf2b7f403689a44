"""How many requests a minute one device or person may make, so that one that runs wild does not slow all others.

Counted by all relays together while Redis is there, else by each for itself: a lost Redis lets more through, never
less. What is signed inside (messages, objects: alarms, revocations, acknowledgements) is not counted at all, and what
sending needs has a budget of its own, so that whoever reads too much can still send.
"""

from typing import Final

from zegel_relay.redis_line import RedisLine
from zegel_relay.services.errors import TooMany
from zegel_relay.wakeups import tag_of

MINUTE: Final = 60


class Limits:
    """Counts of the running minute. `per_minute` 0 lets everything through."""

    def __init__(self, per_minute: int, line: RedisLine | None = None) -> None:
        self._per_minute = per_minute
        self._line = line
        self._minute = -1
        self._counts: dict[str, int] = {}

    async def take(self, asker: str, budget: str, now: int) -> None:
        """Count one request of `asker` (a keyid that was verified) on a budget at `now`.

        Raises `TooMany` when that is one too many for this minute.
        """
        if not self._per_minute:
            return
        minute = now // MINUTE
        if minute != self._minute:
            self._minute, self._counts = minute, {}
        key = f"zegel:count:{minute}:{budget}:{tag_of(asker)}"
        here = self._counts[key] = self._counts.get(key, 0) + 1
        everywhere = await self._line.count(key) if self._line is not None else None
        if max(here, everywhere or 0) > self._per_minute:
            raise TooMany(MINUTE - now % MINUTE)
