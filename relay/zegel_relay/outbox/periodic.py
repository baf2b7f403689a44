"""The periodic tasks: what is done again and again, and how often.

Each is run once a period by whichever process comes first (`outbox.schedule`). A run may be cut off, and the next one
then finds the rest, so each task does what is due by the database and remembers nothing.
"""

from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from zegel_relay.outbox import queue
from zegel_relay.outbox.workroom import Workroom
from zegel_relay.retention.run import run_retention
from zegel_relay.retention.withdrawal import withdraw_ended
from zegel_relay.services import uploads


class Periodic(NamedTuple):
    """A function `run(room, now)`, and after how many seconds it is to run again."""

    every: int
    run: Callable[[Workroom, int], Awaitable[None]]


async def _retain(room: Workroom, now: int) -> None:
    _ = await run_retention(room, now)


async def _withdraw(room: Workroom, now: int) -> None:
    _ = await withdraw_ended(room, now)


async def _clean(room: Workroom, now: int) -> None:
    _ = await queue.clean(room.sessions, now)


async def _sweep(room: Workroom, now: int) -> None:
    _ = await uploads.sweep(room.sessions, room.blobs, now)


PERIODIC: Final[dict[str, Periodic]] = {
    "retention": Periodic(3600, _retain),
    "withdrawal": Periodic(600, _withdraw),
    "uploads": Periodic(3600, _sweep),
    "outbox-cleaning": Periodic(86_400, _clean),
}
