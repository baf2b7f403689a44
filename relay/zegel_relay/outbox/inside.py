"""The embedded relay does its own work: one task looks for rows that are due, another for periodic tasks.

It shares the relay's process and database, so it is careful: little at a time, and whatever fails is logged and tried
later, never the end of the relay.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from zegel_relay.outbox import queue, schedule
from zegel_relay.outbox.work import work
from zegel_relay.outbox.workroom import Workroom
from zegel_relay.storage.batch import OUTBOX_KEY

TOGETHER: Final = 4
"""Rows that are worked on at once: they wait for others' servers most of the time."""
POLL_SECONDS: Final = 5
"""How long nobody looks, when nobody calls: what another process promised, or a claim that ran out."""
PERIODIC_SECONDS: Final = 30
STOP_SECONDS: Final = 10
"""How long begun work may go on once the relay stops; what isn't done then is done after the next start."""

_log = logging.getLogger(__name__)


class InsideRunner:
    """The work of one process. Made and started by the relay; `stop` once."""

    def __init__(self, room: Workroom) -> None:
        self._room = room
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin. Needs a running event loop."""
        if not self._tasks:
            loops = (self._rows, "zegel-outbox"), (self._periodic, "zegel-periodic")
            self._tasks = [asyncio.create_task(self._loop(look), name=name) for look, name in loops]

    async def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Begin nothing more, and wait for what was begun: `seconds` at most, then it is cut off."""
        self._stopping.set()
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=seconds)
        for task in late:
            task.cancel()
        if late:
            _ = await asyncio.wait(late)

    async def _loop(self, look: Callable[[], Awaitable[None]]) -> None:
        while not self._stopping.is_set():
            try:
                await look()
            except Exception as error:  # noqa: BLE001 - the database may be away for a while; the relay goes on
                _log.error("work stopped for a moment", exc_info=error)
                await self._wait(self._stopping, POLL_SECONDS)

    async def _rows(self) -> None:
        """Do what is due; then wait until something is promised or due, or for `POLL_SECONDS`."""
        with self._room.wakeups.watch(OUTBOX_KEY) as called:
            now = self._room.clock.now()
            async with self._room.sessions() as session:
                ids = await queue.due(session, now, TOGETHER)
                then = await queue.next_due(session)
            if ids:
                # One whose end can't be written down must not cut off the others.
                ends = await asyncio.gather(*(work(self._room, item_id) for item_id in ids), return_exceptions=True)
                if failed := [end for end in ends if isinstance(end, BaseException)]:
                    raise failed[0]
                return
            seconds = POLL_SECONDS if then is None else min(POLL_SECONDS, max(1, then - now))
            await self._wait(called, seconds)

    async def _periodic(self) -> None:
        _ = await schedule.run_due(self._room)
        await self._wait(self._stopping, PERIODIC_SECONDS)

    async def _wait(self, event: asyncio.Event, seconds: float) -> None:
        """Wait for an event, the end, or `seconds`."""
        if self._room.wakeups.closed:
            event = self._stopping
        waits = [asyncio.ensure_future(item.wait()) for item in {event, self._stopping}]
        try:
            _ = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
