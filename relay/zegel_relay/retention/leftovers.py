"""Small things that end by a date of their own: what devices said at an enrolment, and when somebody was pinged."""

from typing import Final

from sqlalchemy import delete, func, select

from zegel_relay.outbox.workroom import Workroom
from zegel_relay.retention.rules import DAY
from zegel_relay.storage.database import writing
from zegel_relay.storage.models import EnrolmentSlot, LastPing

PING_DAYS: Final = 30
"""A ping is at most once a day; after a month it says nothing but that there was one."""


async def drop_leftovers(room: Workroom, now: int, dry: bool) -> int:
    """Remove ended enrolments and old pings; return how many rows. `dry`: only count."""
    found = 0
    for table, over in (
        (EnrolmentSlot, EnrolmentSlot.expires_at <= now),
        (LastPing, LastPing.at < now - PING_DAYS * DAY),
    ):
        async with room.sessions() as session:
            count = await session.scalar(select(func.count()).select_from(table).where(over)) or 0
        if count and not dry:
            async with writing(room.sessions) as session:
                _ = await session.execute(delete(table).where(over))
        found += count
    return found
