"""Whole messages, once the last record of them is over: manifest, notices, receipts, acknowledgements, all together.

A message is kept while any of its people has a longer period (minors: until the age that the rulebook names), while a
reader may still have it, and while a message that answers it is there: an answer is judged by what it answers.
What the log holds of it is a hash, and stays.
"""

import asyncio
from typing import Final

from sqlalchemy import Select, and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from zegel_keys.verification import read_payload
from zegel_protocol.decision.age import month_start
from zegel_protocol.durations import DAY
from zegel_protocol.encoding import decode
from zegel_protocol.objects import Assignment, Countersignature, Declaration, Entry, Finding, Manifest, Person
from zegel_protocol.objects.rulebook import RetentionRules
from zegel_relay.outbox.workroom import Workroom
from zegel_relay.retention.ciphertexts import files_of, remove_files
from zegel_relay.retention.deliveries import STILL_READ, last_in_thread
from zegel_relay.retention.rules import ADVICE, BATCH, IMPROVEMENT
from zegel_relay.services import archive
from zegel_relay.storage.database import writing
from zegel_relay.storage.models import (
    Blob,
    Deadline,
    Message,
    MessageConsent,
    MessageDelivery,
    MessageEntry,
    MessageEvent,
    MessageWraps,
    OutboxItem,
    StoredNotice,
    StoredObject,
    StoredReceipt,
)
from zegel_relay.storage.postgres import hold_log

ADULT: Final = 18
_BESIDE: Final = (Assignment.KIND, Countersignature.KIND, Declaration.KIND, Finding.KIND)
"""Kinds of record whose subject is a message: of declarations, the reminders of secrecy."""


async def remove_messages(room: Workroom, rules: RetentionRules, now: int, dry: bool) -> int:
    """Remove the messages whose every period is over; return how many. `dry`: only count."""
    removed, after = 0, -1
    while True:
        async with room.sessions() as session:
            rows = (await session.scalars(_old(rules, now, after))).all()
            over = [row for row in rows if await _is_over(session, row, rules, now)]
        if not rows:
            return removed
        after = rows[-1].log_index
        removed += len(over)
        for row in over if not dry else ():
            await _remove(room, row)


def _old(rules: RetentionRules, now: int, after: int) -> Select[Message]:
    """Messages that may be over: old enough for the shortest of their periods, with no reader left, unanswered."""
    answer = aliased(Message)
    anonymous = now - min(rules.advice_days, rules.feedback_days) * DAY
    read = select(MessageDelivery.reader).where(MessageDelivery.message_d == Message.d, *STILL_READ).exists()
    answered = select(answer.d).where(answer.thread == Message.id, answer.d != Message.d).exists()
    named = and_(Message.accepted_at <= now - rules.record_days * DAY, ~read, ~answered)
    unnamed = and_(Message.household.is_(None), Message.accepted_at <= anonymous)
    old = or_(named, unnamed), Message.log_index > after
    return select(Message).where(*old).order_by(Message.log_index).limit(BATCH)


async def _is_over(session: AsyncSession, row: Message, rules: RetentionRules, now: int) -> bool:
    found = await archive.by_digest(session, [row.d])
    manifest = read_payload(found[0].envelope, Manifest)[0] if found else None
    if manifest is not None and manifest.kind == ADVICE:
        return row.accepted_at + rules.advice_days * DAY <= now
    if manifest is not None and manifest.kind == IMPROVEMENT:
        return await last_in_thread(session, row.id, row.accepted_at) + rules.feedback_days * DAY <= now
    if row.accepted_at + rules.record_days * DAY > now:
        return False
    reading = select(MessageDelivery.reader).where(MessageDelivery.message_d == row.d, *STILL_READ)
    if await session.scalar(reading.limit(1)) is not None:
        return False
    payloads = await session.scalars(select(MessageEntry.payload).where(MessageEntry.message_d == row.d))
    people = {person for payload in payloads for person in decode(payload, Entry).about}
    people |= set(await session.scalars(select(StoredNotice.person).where(StoredNotice.message_d == row.d)))
    return await minors_until(session, people, rules) <= now


async def minors_until(session: AsyncSession, people: set[str], rules: RetentionRules) -> int:
    """Return when the last of these people reaches the age until which records of minors are kept; 0 for adults.

    Who is an adult by now has a newer version without a birthday, so every version counts.
    """
    shown = await archive.by_subject(session, (Person.KIND,), people)
    months = {read_payload(item.envelope, Person)[0].turns18 for item in shown} - {None}
    years = rules.record_minor_until_age - ADULT
    return max((month_start(f"{int(month[:4]) + years:04}{month[4:]}") for month in months if month), default=0)


async def _remove(room: Workroom, row: Message) -> None:
    async with writing(room.sessions) as session:
        # Nobody accepts an answer to it, or an acknowledgement of it, in this moment.
        await hold_log(session, shared=False)
        said = list(await session.scalars(select(MessageEvent.d).where(MessageEvent.message_d == row.d)))
        notices = list(await session.scalars(select(StoredNotice.d).where(StoredNotice.message_d == row.d)))
        cts = list(await session.scalars(select(MessageEntry.ct).where(MessageEntry.message_d == row.d)))
        beside = StoredObject.kind.in_(_BESIDE), StoredObject.subject == row.d
        said += await session.scalars(select(StoredObject.d).where(*beside))
        owed = list(await session.scalars(select(Deadline.d).where(Deadline.message_d == row.d)))
        await asyncio.to_thread(remove_files, await files_of(session, room, cts))
        for statement in (
            delete(Blob).where(Blob.message_d == row.d),
            delete(StoredObject).where(StoredObject.d.in_([*said, row.d])),
            delete(StoredReceipt).where(StoredReceipt.object_d.in_([*said, row.d])),
            delete(OutboxItem).where(OutboxItem.object_d.in_([*said, *notices, *owed, row.d])),
            delete(Deadline).where(Deadline.d.in_(owed)),
            *(
                delete(table).where(table.message_d == row.d)
                for table in (MessageEntry, MessageWraps, MessageDelivery, MessageConsent, MessageEvent, StoredNotice)
            ),
            delete(Message).where(Message.d == row.d),
        ):
            _ = await session.execute(statement)
