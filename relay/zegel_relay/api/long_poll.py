"""Long polling: wait until there is something new for a reader, or for at most half a minute.

Holds no database connection while it waits. A wake-up is a hint; what counts is what `look` finds. Where wake-ups of
other processes do not come at this moment, it looks every few seconds.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeVar

from zegel_relay.wakeups import Wakeups

T = TypeVar("T")

MAX_WAIT: Final = 30
"""Seconds; below what proxies commonly cut off."""


async def wait_for_news(
    wakeups: Wakeups, party: str, look: Callable[[], Awaitable[T | None]], seconds: float
) -> T | None:
    """Return what `look` finds for `party` (a `Party.key`), or None when there is nothing within `seconds`.

    `look` opens a session of its own each time, for an older one would show an older state. It is asked at once, after
    each wake-up, every `wakeups.look_again` seconds, and once more at the end, so that what another process accepted is
    found too.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + min(seconds, MAX_WAIT)
    with wakeups.watch(party) as event:
        while True:
            # Cleared before looking: what is committed from here on sets it again.
            event.clear()
            found = await look()
            left = deadline - loop.time()
            if found is not None or wakeups.closed or left <= 0:
                return found
            again = wakeups.look_again
            with suppress(TimeoutError):
                async with asyncio.timeout(left if again is None else min(left, again)):
                    await event.wait()
