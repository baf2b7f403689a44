"""The periodic tasks: what is done again and again, and how often.

Each is run once a period by whichever process comes first (`outbox.schedule`). A run may be cut off, and the next one
then finds the rest, so each task does what is due by the database and remembers nothing.
"""

from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from zegel_relay.notify.escalate import escalate_all
from zegel_relay.notify.release import release_due
from zegel_relay.outbox import queue
from zegel_relay.outbox.accepting_code import ask_acceptance
from zegel_relay.outbox.birthdays import invite
from zegel_relay.outbox.overdue import mark_overdue
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


async def _overdue(room: Workroom, now: int) -> None:
    _ = await mark_overdue(room, now)


async def _release(room: Workroom, now: int) -> None:
    _ = await release_due(room, now)


async def _accept_code(room: Workroom, now: int) -> None:
    _ = await ask_acceptance(room, now)


async def _invite(room: Workroom, now: int) -> None:
    _ = await invite(room, now)


async def _escalate(room: Workroom, now: int) -> None:
    await escalate_all(room, now)


async def _clean(room: Workroom, now: int) -> None:
    _ = await queue.clean(room.sessions, now)


async def _sweep(room: Workroom, now: int) -> None:
    _ = await uploads.sweep(room.sessions, room.blobs, now)


PERIODIC: Final[dict[str, Periodic]] = {
    "retention": Periodic(3600, _retain),
    "overdue": Periodic(60, _overdue),
    "accepting-code": Periodic(3600, _accept_code),
    "birthdays": Periodic(21_600, _invite),
    "notices": Periodic(60, _release),
    "alarms": Periodic(60, _escalate),
    "withdrawal": Periodic(600, _withdraw),
    "uploads": Periodic(3600, _sweep),
    "outbox-cleaning": Periodic(86_400, _clean),
}
