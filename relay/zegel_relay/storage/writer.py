"""The group commit: one writer a process takes what was submitted and writes it in batches, a transaction each.

What `submit` returns is durable, with its receipts, notices and place in the log. Nothing is acknowledged before the
commit returned; whatever fails until then is told to all whom it concerns. Operations that do not touch each other
share a commit, so that the cost of one flush to the disk is divided by many.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from zegel_keys.signing import SigningKey
from zegel_relay.clock import Clock
from zegel_relay.storage.batch import Batch, Waiting, check_outcome, keys_to_wake, write
from zegel_relay.storage.database import busy, full, is_busy, is_full, writing
from zegel_relay.storage.errors import StorageError, Unavailable
from zegel_relay.storage.log import LogStore, LogTail, restored_error
from zegel_relay.storage.operation import SUBMITTER, Operation, Outcome, ReceiptPlan, Repeat, Transaction, Update
from zegel_relay.wakeups import Wakeups

__all__ = [
    "SUBMITTER", "Operation", "Outcome", "ReceiptPlan", "Repeat", "Transaction", "Update", "Writer",
]  # fmt: skip

MAX_BATCH: Final = 256
MAX_WAITING: Final = 10_000
"""Operations in the queue at most; beyond it a relay says that it is busy, instead of promising what takes minutes."""

KEPT_FOR_ALARMS: Final = 100
"""Places in a full queue that only alarms get."""

_log = logging.getLogger(__name__)


class Writer:
    """Takes operations in their order, alarms first, and answers each after its commit. `run` is its one task."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        log: LogStore,
        relay_key: SigningKey,
        huis: str,
        clock: Clock,
        wakeups: Wakeups,
        max_batch: int = MAX_BATCH,
    ) -> None:
        self._sessions = sessions
        self._log = log
        self._relay_key = relay_key
        self._huis = huis
        self._clock = clock
        self._wakeups = wakeups
        self._max_batch = max_batch
        self._queue: deque[Waiting] = deque()
        self._arrived = asyncio.Event()
        self._stopping = False
        self.observe: Callable[[int, float], None] = _unobserved

    @property
    def length(self) -> int:
        """How many operations wait."""
        return len(self._queue)

    async def submit(self, operation: Operation, *, urgent: bool = False) -> bytes:
        """Return the envelope of the submitter's receipt once the operation is durable, or was before.

        `urgent`: an alarm. It goes before all that is not, and is taken also when too much waits: room is kept for it.

        Raises what the operation's `apply` raises; `Unavailable` with `relay.stopping` or `relay.busy` (not taken), or
        `relay.not-stored` (the storage failed; the same bytes may be submitted again). Whoever stops waiting does not
        stop the operation.
        """
        if self._stopping:
            raise _stopping()
        if len(self._queue) >= MAX_WAITING + (KEPT_FOR_ALARMS if urgent else 0):
            raise Unavailable("relay.busy", "Too much is waiting. Nothing was stored. Send the same bytes again later.")
        waiting = Waiting(operation, asyncio.get_running_loop().create_future(), urgent=urgent)
        # Behind the alarms that came before it, and before everything else.
        first = next((place for place, other in enumerate(self._queue) if not other.urgent), len(self._queue))
        self._queue.insert(first if urgent else len(self._queue), waiting)
        self._arrived.set()
        return await waiting.answer

    async def run(self) -> None:
        """Write batches until `stop` was called and the queue is empty."""
        try:
            while self._queue or not self._stopping:
                if self._queue:
                    await self._write_batch()
                else:
                    self._arrived.clear()
                    await self._arrived.wait()
        finally:
            # Reached with a queue only when this task was cancelled.
            self._stopping = True
            while self._queue:
                self._queue.popleft().fail(_stopping())

    def stop(self) -> None:
        """Take nothing more; `run` ends once all that was taken is written."""
        self._stopping = True
        self._arrived.set()

    async def _write_batch(self) -> None:
        batch, stage, begin = Batch(), "open", time.perf_counter()
        try:
            async with writing(self._sessions) as session:
                tail = await self._log.lock(session)
                now = self._clock.now()
                stage = "fill"
                await self._fill(batch, session, tail, now)
                if not batch.accepted:
                    return
                stage = "write"
                receipts = await write(batch, session, tail, self._relay_key, self._huis, now)
                stage = "commit"
        except asyncio.CancelledError:
            for waiting, _ in batch.accepted:
                waiting.fail(_unknown())
            raise
        except Exception as error:  # noqa: BLE001 - whatever broke, each submitter is answered and the writer goes on
            self._after_failure(stage, batch, error)
            return
        self.observe(len(receipts), time.perf_counter() - begin)
        _log.debug("batch", extra={"accepted": len(receipts)})
        for (waiting, _), receipt in zip(batch.accepted, receipts, strict=True):
            waiting.accept(receipt)
        for key in keys_to_wake(outcome for _, outcome in batch.accepted):
            self._wakeups.notify(key)

    async def _fill(self, batch: Batch, session: AsyncSession, tail: LogTail, now: int) -> None:
        """Apply queued operations in their order, until one has to see the others committed, or the batch is full."""
        for _ in range(self._max_batch):
            if not self._queue:
                return
            waiting = self._queue[0]
            if batch.accepted and (waiting.alone or batch.meets(waiting.operation)):
                return
            self._queue.popleft()
            try:
                place = Transaction(session, now, tail.size + len(batch.accepted), tail.restored)
                result = await waiting.operation.apply(place)
                if isinstance(result, Outcome):
                    check_outcome(result)
            except asyncio.CancelledError:
                waiting.fail(_stopping())
                raise
            except SQLAlchemyError as error:
                # The transaction may be broken for all; the others are applied anew in another.
                waiting.fail(_answer(error))
                raise
            except Exception as error:  # noqa: BLE001 - refusals and mistakes alike are this operation's answer alone
                waiting.fail(error)
                continue
            if isinstance(result, Repeat):
                waiting.accept(result.receipt)
            elif tail.restored and result.epoch is None:
                waiting.fail(restored_error())
            elif batch.holds(result.d):
                # The same bytes twice in one batch: the second finds the first in the next one.
                self._queue.appendleft(waiting)
                return
            else:
                batch.add(waiting, result)
                if waiting.alone:
                    return

    def _after_failure(self, stage: str, batch: Batch, error: Exception) -> None:
        """Answer, or put back, everyone in a transaction that failed: nothing of it was acknowledged."""
        _log.error("batch failed", extra={"stage": stage, "error": type(error).__name__})
        together = [waiting for waiting, _ in batch.accepted]
        if stage == "open":
            for _ in range(min(self._max_batch, len(self._queue))):
                self._queue.popleft().fail(_answer(error))
        elif stage == "fill":
            self._queue.extendleft(reversed(together))
        elif stage == "write" and len(together) > 1:
            # One of them cannot be written, and the others shall not suffer from it: each gets its own transaction.
            for waiting in together:
                waiting.alone = True
            self._queue.extendleft(reversed(together))
        else:
            for waiting in together:
                waiting.fail(_unknown(error) if stage == "commit" else _answer(error))


def _unobserved(_accepted: int, _seconds: float) -> None:
    """Nobody measures."""


def _answer(error: Exception) -> Exception:
    """Return what a submitter is told: a failing storage as `Unavailable`, anything else as it is."""
    if is_busy(error):
        # What waited for a lock in vain was rolled back: here it is known that nothing was stored.
        return busy()
    if is_full(error):
        return full()
    return _unknown(error) if isinstance(error, (SQLAlchemyError, OSError)) else _again(error)


def _again(error: Exception) -> Exception:
    """Return an error for one more submitter: a raised exception has one traceback, so it is not shared."""
    return type(error)(error.code, error.detail) if isinstance(error, StorageError) else error


def _unknown(error: Exception | None = None) -> Unavailable:
    detail = "The relay could not confirm that this was stored. Send the same bytes again: they count once."
    result = Unavailable("relay.not-stored", detail)
    result.__cause__ = error
    return result


def _stopping() -> Unavailable:
    return Unavailable("relay.stopping", "The relay is stopping. Nothing was stored. Send the same bytes again later.")
