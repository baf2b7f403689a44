"""Which periodic tasks are due: claimed in the database, so that any number of processes run each once a period."""

import asyncio
import logging
from typing import Final

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from zegel_relay.outbox.periodic import PERIODIC
from zegel_relay.outbox.workroom import Workroom
from zegel_relay.storage.database import Sessions, change, writing
from zegel_relay.storage.models import PeriodicRun

RUN_SECONDS: Final = 540
"""How long one run may take; what it has not come to by then is the next run's."""

_log = logging.getLogger(__name__)


async def take(sessions: Sessions, task: str, every: int, now: int) -> bool:
    """Take a periodic task's run if `every` seconds have gone by since the last; whether it is this process's.

    A last run that lies more than a period ahead was noted before the clock was put back: the period begins anew, so
    that the task neither waits for that time to come again nor runs twice.
    """
    try:
        async with writing(sessions) as session:
            last = await session.get(PeriodicRun, task)
            if last is None:
                session.add(PeriodicRun(task=task, at=now))
                await session.flush()
                return True
            ahead = last.at > now + every
            if not ahead and now < last.at + every:
                return False
            # Whoever was quicker has changed the time that was read here.
            which = PeriodicRun.task == task, PeriodicRun.at == last.at
            changed = await change(session, update(PeriodicRun).where(*which).values(at=now))
            return not ahead and changed == 1
    except IntegrityError:
        # Another process noted the very first run.
        return False


async def run_due(room: Workroom) -> int:
    """Run every periodic task that is due and nobody else's, one after the other; return how many.

    One that fails is logged, and runs again in its next period. Raises what the database raises on taking a run.
    """
    ran = 0
    for name, task in PERIODIC.items():
        if not await take(room.sessions, name, task.every, room.clock.now()):
            continue
        ran += 1
        try:
            async with asyncio.timeout(RUN_SECONDS):
                await task.run(room, room.clock.now())
        except Exception as error:  # noqa: BLE001 - one task's failure is not the others'
            _log.error("periodic task failed", exc_info=error, extra={"stage": name})
    return ran
