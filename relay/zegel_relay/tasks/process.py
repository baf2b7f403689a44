"""One worker process's own event loop and workroom, made at its first task and kept: never shared across a fork."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from typing import TypeVar

from redis import Redis
from redis.exceptions import RedisError

from zegel_relay.outbox.workroom import Workroom, open_room
from zegel_relay.redis_line import CHANNEL
from zegel_relay.settings import Settings
from zegel_relay.storage.database import open_engine
from zegel_relay.wakeups import Wakeups

T = TypeVar("T")

_log = logging.getLogger(__name__)


class TaskRunner:
    """Runs coroutines in this process, whichever it is by then."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pid = -1
        self._runner: asyncio.Runner | None = None
        self._room: Workroom | None = None
        self._tags: set[str] = set()

    def run(self, work: Callable[[Workroom], Awaitable[T]]) -> T:
        """Return what `work` returns, run to its end. Raises what it raises, and `StorageError` on opening."""
        if self._pid != os.getpid() or self._runner is None or self._room is None:
            # What a parent process opened is its own: this process lets go of it without closing it.
            self._pid, self._runner = os.getpid(), asyncio.Runner()
            self._room = self._open()

        async def within(room: Workroom) -> T:
            return await work(room)

        try:
            return self._runner.run(within(self._room))
        finally:
            self._tell()

    def _tell(self) -> None:
        """Wake whoever waits at the relays for what the work changed; while Redis is away they look by themselves."""
        tags, self._tags = self._tags, set()
        if not tags:
            return
        try:
            with Redis.from_url(self._settings.redis_url, socket_connect_timeout=2, socket_timeout=2) as client:
                client.publish(CHANNEL, " ".join(sorted(tags)))
        except (RedisError, OSError) as error:
            _log.warning("wake-up not sent", extra={"error": type(error).__name__})

    def _open(self) -> Workroom:
        settings = self._settings
        wakeups = Wakeups()
        wakeups.forward = lambda tag: self._tags.add(tag)
        return open_room(settings, open_engine(settings.database_url, settings.pool_size), wakeups)
