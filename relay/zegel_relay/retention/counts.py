"""Counts of refusals: each day's for a while, then only those that are too large to point at anyone."""

from sqlalchemy import delete, func, select

from zegel_protocol.durations import DAY
from zegel_protocol.objects.rulebook import RetentionRules
from zegel_protocol.texts.civil_time import date_text, utc
from zegel_relay.outbox.workroom import Workroom
from zegel_relay.storage.database import writing
from zegel_relay.storage.models import RefusalCount


async def drop_small_counts(room: Workroom, rules: RetentionRules, now: int, dry: bool) -> int:
    """Remove counts below the least count, of days that are longer ago than the period; return how many.

    `dry`: only count.
    """
    day = utc(max(0, now - rules.refusal_days * DAY))
    # Days are compared as texts: year, month and day stand in this order, in full.
    before = RefusalCount.day < date_text(day.year, day.month, day.day), RefusalCount.count < rules.refusal_least_count
    async with room.sessions() as session:
        found = await session.scalar(select(func.count()).select_from(RefusalCount).where(*before)) or 0
    if found and not dry:
        async with writing(room.sessions) as session:
            _ = await session.execute(delete(RefusalCount).where(*before))
    return found
