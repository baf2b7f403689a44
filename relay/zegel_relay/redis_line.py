"""The line between the processes of one relay: wake-ups and request counts through Redis, none of which is missed.

Redis holds nothing that cannot be lost, and a lost Redis refuses nobody: the line says whether it is up, tries again
with growing pauses, and has everyone look in the database when it went or came back. What travels are tags and numbers.
"""

import asyncio
import logging
import random
from contextlib import suppress
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from zegel_relay.wakeups import LOOK_AGAIN_SECONDS, Wakeups

CHANNEL: Final = "zegel:wake"
BEAT_SECONDS: Final = 1.0
"""Each process says something this often, and hears itself: that shows the whole way there and back."""
SILENCE_SECONDS: Final = 4.0
"""After this long without a word the line is down, also where no connection broke."""
ANSWER_SECONDS: Final = 2.0
COUNT_SECONDS: Final = 0.25
"""A request does not wait longer than this to be counted."""
LONGEST_PAUSE: Final = 2.0
MOST_PENDING: Final = 10_000
COUNTED_SECONDS: Final = 120

_BEAT: Final = "."
_EVERYONE: Final = "*"
_COUNT: Final = "local n = redis.call('INCR', KEYS[1]) redis.call('EXPIRE', KEYS[1], ARGV[1]) return n"

_log = logging.getLogger(__name__)


class RedisLine:
    """The line at `url`, for the waiters in `wakeups`. `start` it in the loop that uses it; `stop` it there."""

    def __init__(self, url: str, wakeups: Wakeups) -> None:
        self._url = url
        self._wakeups = wakeups
        self._client: Redis | None = None
        self._task: asyncio.Task[None] | None = None
        self._pending: set[str] = set()
        self._more = asyncio.Event()
        self._up = False
        self._stopping = False
        self._doubted_until = 0.0

    @property
    def up(self) -> bool:
        """Whether wake-ups come and go at this moment, as far as can be known."""
        return self._up

    async def start(self) -> None:
        """Begin to connect, and go on until `stop`. Does not wait for Redis, which may be away."""
        if self._task is not None:
            return
        self._wakeups.look_again = LOOK_AGAIN_SECONDS
        self._wakeups.forward = self.tell
        # One try each: pauses and what to do meanwhile are decided here. Timeouts find what hangs without breaking.
        self._client = Redis.from_url(
            self._url,
            socket_connect_timeout=ANSWER_SECONDS,
            socket_timeout=ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
            max_connections=32,
        )
        self._task = asyncio.create_task(self._keep(self._client), name="zegel-redis-line")

    async def stop(self) -> None:
        """Say what is still to be said, if that can be done at once, and let go."""
        self._wakeups.forward = None
        if self._task is None or self._client is None:
            return
        self._stopping = True
        self._task.cancel()
        await asyncio.wait({self._task})
        if self._up:
            with suppress(RedisError, OSError):
                await self._say(self._client)
        self._up, self._task = False, None
        with suppress(RedisError, OSError):
            await self._client.aclose()

    def tell(self, tag: str) -> None:
        """Have the other processes wake who waits for the party with this tag; kept while the line is down."""
        self._pending.add(tag)
        if len(self._pending) > MOST_PENDING:
            self._pending = {_EVERYONE}
        self._more.set()

    async def count(self, key: str) -> int | None:
        """Return how often `key` was counted by all processes, with this time; None when nobody knows.

        A key is forgotten two minutes after it was counted last.
        """
        loop = asyncio.get_running_loop()
        if not self._up or self._client is None or loop.time() < self._doubted_until:
            return None
        try:
            async with asyncio.timeout(COUNT_SECONDS):
                counted = await self._client.eval(_COUNT, 1, key, COUNTED_SECONDS)
        except (RedisError, OSError):
            # The next requests do not wait for it too; whether the line is down is for who listens on it to find.
            self._doubted_until = loop.time() + 1
            return None
        return int(counted)

    async def _keep(self, client: Redis) -> None:
        """Listen and speak until it is to stop, with a pause after each failure that grows while it keeps failing."""
        pause = 0.05
        while True:
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._listen(client))
                    group.create_task(self._speak(client))
            except* (RedisError, OSError) as errors:
                pause = 0.05 if self._up else min(2 * pause, LONGEST_PAUSE)
                self._change(False, type(errors.exceptions[0]).__name__)
            if self._stopping:
                # A cancellation that meets such a failure is lost in the group.
                return
            # Apart from each other, so that many processes do not all come back at the same moment.
            await asyncio.sleep(pause * (0.5 + random.random()))  # noqa: S311 - no secret

    async def _listen(self, client: Redis) -> None:
        loop = asyncio.get_running_loop()
        async with client.pubsub() as listener:
            await listener.subscribe(CHANNEL)
            heard = loop.time()
            while True:
                message: dict[str, Any] | None = await listener.get_message(timeout=BEAT_SECONDS)
                if message is not None:
                    heard = loop.time()
                    self._hear(message)
                elif loop.time() - heard > SILENCE_SECONDS:
                    raise TimeoutError

    def _hear(self, message: dict[str, Any]) -> None:
        if message["type"] != "message":
            # Subscribed: from here on nothing is missed.
            self._change(True, "")
            return
        for tag in str(message["data"]).split(" "):
            if tag == _EVERYONE:
                self._wakeups.wake_all()
            elif tag != _BEAT:
                self._wakeups.hear(tag)

    async def _speak(self, client: Redis) -> None:
        while True:
            await self._say(client)
            self._more.clear()
            if not self._pending:
                with suppress(TimeoutError):
                    async with asyncio.timeout(BEAT_SECONDS):
                        await self._more.wait()

    async def _say(self, client: Redis) -> None:
        said = frozenset(self._pending)
        await client.publish(CHANNEL, " ".join(sorted(said)) or _BEAT)
        # Only now: what could not be said is said when the line is back.
        self._pending -= said

    def _change(self, up: bool, error: str) -> None:
        """Note whether the line is up, and have everyone look: what came in between was not told."""
        if up != self._up:
            _log.warning("redis", extra={"stage": "up" if up else "down", "error": error})
        self._up = up
        self._doubted_until = 0.0
        self._wakeups.look_again = None if up else LOOK_AGAIN_SECONDS
        self._wakeups.wake_all()
