"""Conferences and objections of a household, and the cards of its letters, once they are over.

The first two end with the record's period after the last word about them. A conference stays while a message of it is
there, for the message is judged by it. An objection that stands is never over, however old: it goes with the withdrawal
that ended it. A stop card ends by its own date.
"""

from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.exhibit import Exhibit
from zegel_keys.verification import read_payload
from zegel_protocol.durations import DAY
from zegel_protocol.objects import Conference, Objection, StopCard
from zegel_protocol.objects.rulebook import RetentionRules
from zegel_relay.outbox.workroom import Workroom
from zegel_relay.retention.records import minors_until
from zegel_relay.retention.rules import BATCH
from zegel_relay.services import archive
from zegel_relay.storage.database import writing
from zegel_relay.storage.models import Message, OutboxItem, StoredObject, StoredReceipt
from zegel_relay.storage.postgres import hold_log

_KINDS: Final = (Conference.KIND, Objection.KIND)


async def remove_records(room: Workroom, rules: RetentionRules, now: int, dry: bool) -> int:
    """Remove what is over; return how many objects. `dry`: only count."""
    removed, after = await _cards(room, now, dry), ("", "")
    while True:
        async with room.sessions() as session:
            subjects = await _old(session, rules, now, after)
        for kind, subject in subjects:
            async with writing(room.sessions) as session:
                # Nothing is accepted between the look and the deed.
                await hold_log(session, shared=False)
                shown = await archive.by_subject(session, (kind,), [subject])
                over = await (_conference if kind == Conference.KIND else _objections)(session, shown, rules, now)
                removed += len(over)
                if over and not dry:
                    await _remove(session, over)
        if len(subjects) < BATCH:
            return removed
        after = subjects[-1]


async def _cards(room: Workroom, now: int, dry: bool) -> int:
    """Remove the cards of letters whose days are over; return how many. A code that stops nothing names nobody."""
    removed, after = 0, -1
    while True:
        async with writing(room.sessions) as session:
            old = StoredObject.kind == StopCard.KIND, StoredObject.log_index > after
            query = select(StoredObject).where(*old).order_by(StoredObject.log_index).limit(BATCH)
            rows = (await session.scalars(query)).all()
            over = [row.d for row in rows if read_payload(row.envelope, StopCard)[0].until <= now]
            if over and not dry:
                await _remove(session, over)
        removed += len(over)
        if len(rows) < BATCH:
            return removed
        after = rows[-1].log_index


async def _old(session: AsyncSession, rules: RetentionRules, now: int, after: tuple[str, str]) -> list[tuple[str, str]]:
    old = StoredObject.kind.in_(_KINDS), StoredObject.accepted_at <= now - rules.record_days * DAY
    query = select(StoredObject.kind, StoredObject.subject).where(*old).distinct()
    rows = await session.execute(query.order_by(StoredObject.kind, StoredObject.subject))
    return [(row.kind, row.subject) for row in rows if (row.kind, row.subject) > after][:BATCH]


def _is_old(item: Exhibit, rules: RetentionRules, now: int) -> bool:
    return item.place is not None and item.place.at <= now - rules.record_days * DAY


async def _conference(session: AsyncSession, shown: list[Exhibit], rules: RetentionRules, now: int) -> list[str]:
    """Every version, or none: each is verified by the one before."""
    known = [read_payload(item.envelope, Conference)[0] for item in shown]
    if not known or not all(_is_old(item, rules, now) for item in shown):
        return []
    if await session.scalar(select(Message.d).where(Message.thread == known[0].id).limit(1)) is not None:
        return []
    people = {person for item in known for person in item.about}
    return [item.d for item in shown] if await minors_until(session, people, rules) <= now else []


async def _objections(session: AsyncSession, shown: list[Exhibit], rules: RetentionRules, now: int) -> list[str]:
    """Those that were taken back so long ago, each with the withdrawal."""
    known = {item.d: read_payload(item.envelope, Objection)[0] for item in shown}
    over: list[str] = []
    for item in shown:
        ended = known[item.d].withdraws
        if ended is not None and _is_old(item, rules, now):
            people = {*known[item.d].about, known[item.d].person}
            if await minors_until(session, people, rules) <= now:
                over += [d for d in (ended, item.d) if d in known]
    return sorted(set(over))


async def _remove(session: AsyncSession, over: list[str]) -> None:
    for statement in (
        delete(StoredReceipt).where(StoredReceipt.object_d.in_(over)),
        delete(OutboxItem).where(OutboxItem.object_d.in_(over)),
        delete(StoredObject).where(StoredObject.d.in_(over)),
    ):
        _ = await session.execute(statement)
