"""How far a long step is, and from that how fast it goes and how long it still takes. Time is passed in."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal, TypeVar

Stage = Literal["sealing", "uploading", "downloading", "opening"]

EVERY: Final = 0.1
"""Seconds between two reports of one step at least; its end is always reported."""
SPAN: Final = 10.0
"""Seconds over which a rate is taken."""

T = TypeVar("T")


@dataclass(frozen=True)
class Progress:
    """`done` of `total` bytes of one stage; a resumed upload or download begins with what is there already."""

    stage: Stage
    done: int
    total: int


OnProgress = Callable[[Progress], None]
"""Called in the event loop's thread, a few times a second at most."""


@dataclass
class Meter:
    """Rate and time left from progress as it comes in. `now` is seconds of any clock that only goes forward."""

    _seen: deque[tuple[float, int]] = field(default_factory=deque)
    _last: Progress | None = None

    def add(self, progress: Progress, now: float) -> None:
        """Take a report in. Another stage, or one that went back, begins anew."""
        last = self._last
        if last is None or last.stage != progress.stage or progress.done < last.done or progress.total != last.total:
            self._seen.clear()
        self._last = progress
        self._seen.append((now, progress.done))
        while len(self._seen) > 2 and now - self._seen[0][0] > SPAN:
            self._seen.popleft()

    @property
    def rate(self) -> float | None:
        """Bytes a second over the last ten seconds, or None before two reports came."""
        if len(self._seen) < 2:
            return None
        (began, first), (ended, last) = self._seen[0], self._seen[-1]
        return (last - first) / (ended - began) if ended > began else None

    @property
    def left(self) -> float | None:
        """Seconds that this stage still takes at this rate, or None when that can't be told."""
        rate = self.rate
        if self._last is None or not rate:
            return None
        return (self._last.total - self._last.done) / rate


class Stopped(Exception):
    """The task that waited for a thread was cancelled, so its thread ends too."""


class Step:
    """One stage of one call: counts bytes in any thread and reports in the loop's own."""

    def __init__(self, stage: Stage, total: int, report: OnProgress | None) -> None:
        self._stage, self._total, self._report = stage, total, report
        self._loop = asyncio.get_running_loop()
        self._done, self._told = 0, float("-inf")
        self._stop = threading.Event()

    def add(self, count: int) -> None:
        """Count more bytes. Raises `Stopped` once `stop` was called."""
        self.at(self._done + count)

    def at(self, done: int) -> None:
        """Say how far it is. Raises `Stopped` once `stop` was called."""
        if self._stop.is_set():
            raise Stopped
        self._done = done
        now = self._loop.time()
        if self._report is not None and (now - self._told >= EVERY or done >= self._total):
            self._told = now
            self._loop.call_soon_threadsafe(self._report, Progress(self._stage, min(done, self._total), self._total))

    async def run(self, work: Callable[[], T]) -> T:
        """Run blocking work in a thread. If this task is cancelled, the work ends with its next count."""
        thread = asyncio.ensure_future(asyncio.to_thread(work))
        try:
            return await asyncio.shield(thread)
        except asyncio.CancelledError:
            self._stop.set()
            await asyncio.wait({thread})
            if not thread.cancelled():
                thread.exception()
            raise
