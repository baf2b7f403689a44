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
        self._misses: dict[str, int] = {}

    async def take(self, asker: str, budget: str, now: int) -> None:
        """Count one request of `asker` (a keyid that was verified) on a budget at `now`.

        Raises `TooMany` when that is one too many for this minute.
        """
        if self._per_minute and await self._count(asker, budget, now) > self._per_minute:
            raise _too_many(now)

    async def miss(self, asker: str, budget: str, now: int) -> None:
        """Count a try of `asker` that named nothing, on a budget of which only those are counted (`check_misses`)."""
        key, known = _key(asker, budget, now), await self._count(asker, budget, now)
        self._misses = {item: count for item, count in self._misses.items() if item.split(":")[2] == key.split(":")[2]}
        self._misses[key] = known

    def check_misses(self, asker: str, budget: str, now: int, most: int) -> None:
        """Return if `asker` missed fewer than `most` times in this minute, as far as is known here.

        It holds also where requests are not limited. Raises `TooMany`.
        """
        if self._misses.get(_key(asker, budget, now), 0) >= most:
            raise _too_many(now)

    async def _count(self, asker: str, budget: str, now: int) -> int:
        """Count once more; return how often it was, here or at all relays together."""
        minute = now // MINUTE
        if minute != self._minute:
            self._minute, self._counts = minute, {}
        key = _key(asker, budget, now)
        here = self._counts[key] = self._counts.get(key, 0) + 1
        everywhere = await self._line.count(key) if self._line is not None else None
        return max(here, everywhere or 0)


def _key(asker: str, budget: str, now: int) -> str:
    return f"zegel:count:{now // MINUTE}:{budget}:{tag_of(asker)}"


def _too_many(now: int) -> TooMany:
    return TooMany(MINUTE - now % MINUTE)
