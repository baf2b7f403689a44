"""Counting refusals by day and code: what a steward may learn from, without client, sender or recipient."""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from zegel_protocol.refusal import Refusal
from zegel_protocol.texts.civil_time import date_text, utc
from zegel_relay.storage.database import upsert, writing
from zegel_relay.storage.models import RefusalCount


async def count_refusals(sessions: async_sessionmaker[AsyncSession], refusals: Iterable[Refusal], now: int) -> None:
    """Add one for each code of a refused message; a code that refuses several sections of it counts once."""
    moment = utc(now)
    day = date_text(moment.year, moment.month, moment.day)
    async with writing(sessions) as session:
        # In one order, so that two processes that count the same codes wait for each other and never cross.
        for code in sorted({refusal.code.value for refusal in refusals}):
            row = upsert(session, RefusalCount).values(day=day, code=code, count=1)
            more = {"count": RefusalCount.count + 1}
            await session.execute(row.on_conflict_do_update(index_elements=["day", "code"], set_=more))
