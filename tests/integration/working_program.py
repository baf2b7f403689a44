"""`zegel-relay` with a handler of the tests' own: it writes down when it begins and ends a row, and takes its time."""

import asyncio
import os
from pathlib import Path

from zegel_relay.cli import main
from zegel_relay.outbox.handler import Done, Result, WorkError
from zegel_relay.outbox.handlers import HANDLERS
from zegel_relay.outbox.workroom import Workroom
from zegel_relay.storage.models import OutboxItem

NOTES, SECONDS = "TEST_NOTES", "TEST_SECONDS"


def _note(word: str, item: OutboxItem) -> None:
    # One small write to a file opened for appending: several processes do not mix theirs.
    handle = os.open(Path(os.environ[NOTES]), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, f"{word} {item.id} {item.attempts}\n".encode())
    finally:
        os.close(handle)


async def slow(_room: Workroom, item: OutboxItem, _now: int) -> Result:
    _note("begun", item)
    await asyncio.sleep(float(os.environ.get(SECONDS, "0")))
    _note("ended", item)
    return Done()


async def failing(_room: Workroom, item: OutboxItem, _now: int) -> Result:
    _note("begun", item)
    raise WorkError("test.refused")


HANDLERS["slow"], HANDLERS["failing"] = slow, failing

if __name__ == "__main__":
    main()
