"""Doing one row's work: claimed, handled within a time, and its end written down. The same in a relay and a worker."""

import asyncio
import logging
from typing import Final

from zegel_relay.outbox import queue
from zegel_relay.outbox.handler import Done, Later, WorkError
from zegel_relay.outbox.handlers import HANDLERS
from zegel_relay.outbox.retry import MAX_ATTEMPTS, retry_delay
from zegel_relay.outbox.workroom import Workroom

HANDLER_SECONDS: Final = 240
"""How long a handler may take, below a claim's length, so that no other begins while it may still be at it."""
FAILED: Final = "work.failed"
TIMEOUT: Final = "work.timeout"
UNKNOWN: Final = "work.unknown-kind"

_log = logging.getLogger(__name__)


async def work(room: Workroom, item_id: str) -> bool:
    """Do the work of a row if it is due and free; whether there was a try.

    Nothing a handler raises gets out. Raises what the database raises: then the row waits, and its claim runs out.
    """
    held = await queue.claim(room.sessions, item_id, room.clock.now())
    if held is None:
        return False
    try:
        handler = HANDLERS.get(held.item.kind)
        if handler is None:
            # A newer relay promised it: a worker of the same version does it in one of the next tries.
            raise WorkError(UNKNOWN)
        async with asyncio.timeout(HANDLER_SECONDS):
            result = await handler(room, held.item, room.clock.now())
    except WorkError as error:
        await _fail(room, held, error.code)
    except TimeoutError:
        await _fail(room, held, TIMEOUT)
    except Exception as error:  # noqa: BLE001 - what a handler didn't foresee is tried again, and dead in the end
        _log.error("handler failed", exc_info=error, extra={"code": FAILED})
        await _fail(room, held, FAILED)
    else:
        match result:
            case Done():
                await queue.finish(room.sessions, held, room.clock.now())
            case Later(due_at):
                await queue.postpone(room.sessions, held, due_at)
    return True


async def _fail(room: Workroom, held: queue.Claim, code: str) -> None:
    dead = held.item.attempts >= MAX_ATTEMPTS
    _log.log(
        logging.ERROR if dead else logging.WARNING, "work is dead" if dead else "work failed", extra={"code": code}
    )
    await queue.fail(room.sessions, held, code, retry_delay(held.item.attempts), room.clock.now())
