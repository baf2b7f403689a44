"""Small things that end by a date of their own: what devices said at an enrolment, when somebody was pinged, and what
was owed about the code or a birthday and is done.
"""

from typing import Final

from sqlalchemy import and_, delete, func, select

from zegel_protocol.durations import DAY
from zegel_relay.outbox.workroom import Workroom
from zegel_relay.storage.database import writing
from zegel_relay.storage.models import Deadline, EnrolmentSlot, LastPing

PING_DAYS: Final = 30
"""A ping is at most once a day; after a month it says nothing but that there was one."""

OWED_DAYS: Final = 365
"""How long what was owed about no message is kept once it is done: a partner sees what its year was like."""


async def drop_leftovers(room: Workroom, now: int, dry: bool) -> int:
    """Remove ended enrolments, old pings and what was owed about no message; return how many. `dry`: only count."""
    found = 0
    for table, over in (
        (EnrolmentSlot, EnrolmentSlot.expires_at <= now),
        (LastPing, LastPing.at < now - PING_DAYS * DAY),
        (Deadline, and_(Deadline.message_d.is_(None), Deadline.closed_at < now - OWED_DAYS * DAY)),
    ):
        async with room.sessions() as session:
            count = await session.scalar(select(func.count()).select_from(table).where(over)) or 0
        if count and not dry:
            async with writing(room.sessions) as session:
                _ = await session.execute(delete(table).where(over))
        found += count
    return found
