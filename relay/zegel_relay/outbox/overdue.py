"""Deadlines whose time has passed: marked late, and shown to everyone whom they concern, once (article 5).

A row is marked and the pings that follow are promised in one transaction, so a process that dies in between leaves
either all of it or nothing, and of two relays one marks it. A wake-up that is lost with a process costs a reader only
the time until they look again.
"""

import logging
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_protocol.words import ANSWER, ERASURE
from zegel_relay.outbox.promise import PING, promise
from zegel_relay.outbox.workroom import Workroom
from zegel_relay.services.deadlines import LAPSED, OPEN, OVERDUE
from zegel_relay.services.held_back import is_held_back
from zegel_relay.services.owing import SHARED, may_see
from zegel_relay.storage.batch import OUTBOX_KEY
from zegel_relay.storage.database import change, writing
from zegel_relay.storage.models import Deadline, Message, StoredNotice
from zegel_relay.storage.once import put_once

BATCH: Final = 100
"""Deadlines that one look takes at most; who waits for the database waits no longer than for one of them."""
LAPSING: Final = (ANSWER,)
"""Kinds where silence is an answer: they are not late, they are over."""
TOLD: Final = (*SHARED, ERASURE)
"""Kinds of which persons are told when they are late."""

_log = logging.getLogger(__name__)


async def mark_overdue(room: Workroom, now: int) -> int:
    """Mark every deadline whose time has passed at `now`; return how many this process marked."""
    marked = 0
    while True:
        async with room.sessions() as session:
            due = Deadline.state == OPEN, Deadline.overdue_at <= now
            query = select(Deadline.d).where(*due).order_by(Deadline.overdue_at, Deadline.d).limit(BATCH)
            found = list(await session.scalars(query))
        if not found:
            return marked
        for d in found:
            marked += await _mark(room, d, now)


async def _mark(room: Workroom, d: str, now: int) -> int:
    async with writing(room.sessions) as session:
        row = await session.get(Deadline, d)
        if row is None:
            return 0
        lapses = row.kind in LAPSING
        values = {"state": LAPSED, "closed_at": now} if lapses else {"state": OVERDUE}
        if not await change(session, update(Deadline).where(Deadline.d == d, Deadline.state == OPEN).values(values)):
            return 0
        people = await _people(session, row, now)
        for person in people if not lapses else ():
            await put_once(session, promise(PING, person, d, now, now))
        parties = {row.owner, *people, *await _sides(session, row)}
    if not lapses:
        _log.warning("a deadline is overdue", extra={"stage": row.kind})
    for party in (*sorted(parties), OUTBOX_KEY):
        room.wakeups.notify(party)
    return 1


async def _sides(session: AsyncSession, row: Deadline) -> set[str]:
    if row.message_d is None:
        return set()
    found = await session.execute(select(Message.sender, Message.recipient).where(Message.d == row.message_d))
    return {party for sides in found for party in sides}


async def _people(session: AsyncSession, row: Deadline, now: int) -> list[str]:
    """Return the persons (`Party.key`) who see it: told of the message, and never before its notice is."""
    if row.message_d is None or row.kind not in TOLD:
        return []
    told = select(StoredNotice.person).where(StoredNotice.message_d == row.message_d, ~is_held_back())
    people = [f"person:{person}" for person in sorted(set(await session.scalars(told)))]
    return [person for person in people if await may_see(session, row, person, now)]
