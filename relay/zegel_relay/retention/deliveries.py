"""When a reader's period is over: nothing of the message is handed to them from then on.

A partner's is over some days after it last opened the message, and in any case after the longest period; its wrapped
keys go with it, and what was never handed out by then is withdrawn. What was withdrawn goes at once. A person may have
the ciphertexts of their own copy longer. Their wrapped keys open nothing once those are gone, and stay with the record:
their own page of what was shared is checked by them (decision 0021).
"""

from sqlalchemy import ColumnElement, Row, Select, and_, case, delete, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.verification import read_payload
from zegel_protocol.durations import DAY
from zegel_protocol.objects import Manifest
from zegel_protocol.objects.rulebook import RetentionRules
from zegel_relay.outbox.workroom import Workroom
from zegel_relay.retention.rules import BATCH, IMPROVEMENT
from zegel_relay.services.rewraps import forget_keys
from zegel_relay.storage.database import writing
from zegel_relay.storage.models import Message, MessageDelivery, MessageEvent, MessageWraps, StoredObject

Found = tuple[int, str, str]
"""Log index, reader (`Party.key`) and manifest of a delivery."""

_PARTNER = MessageDelivery.reader.startswith("partner:", autoescape=True)
_HAS_WRAPS = (
    select(MessageWraps.d)
    .where(MessageWraps.message_d == MessageDelivery.message_d, MessageWraps.reader == MessageDelivery.reader)
    .correlate(MessageDelivery)
    .exists()
)
STILL_READ = (MessageDelivery.erased_at.is_(None), _HAS_WRAPS)
"""Of a delivery: its reader's period still runs."""
_OPENED_LAST = (
    # When the relay took the reader's word that it opened it, not when the reader says that it did.
    select(func.max(StoredObject.accepted_at))
    .join(MessageEvent, MessageEvent.d == StoredObject.d)
    .where(
        MessageEvent.message_d == MessageDelivery.message_d,
        MessageEvent.reader == MessageDelivery.reader,
        MessageEvent.event == "opened",
    )
    .correlate(MessageDelivery)
    .scalar_subquery()
)


async def end_deliveries(room: Workroom, rules: RetentionRules, now: int, dry: bool) -> int:
    """End the delivery to every reader whose period is over; return how many. `dry`: only count."""
    ended = 0
    after = (-1, "")
    while True:
        async with room.sessions() as session:
            rows = (await session.execute(_due(rules, now, after))).all()
            over: list[Found] = [
                (row.log_index, row.reader, row.message_d) for row in rows if await _is_over(session, row, rules, now)
            ]
        if not rows:
            return ended
        after = (rows[-1].log_index, rows[-1].reader)
        ended += len(over)
        if over and not dry:
            await _erase(room, over, now)


def _over(rules: RetentionRules, now: int) -> ColumnElement[bool]:
    opened = now - rules.ciphertext_days * DAY
    unopened = now - rules.ciphertext_unopened_days * DAY
    return or_(
        MessageDelivery.withdrawn_at.is_not(None),
        and_(_PARTNER, Message.accepted_at <= unopened),
        and_(_PARTNER, _OPENED_LAST.between(0, opened)),
        # Who is told and has no copy keeps the lines of the notice as long as the notice.
        and_(~_PARTNER, _HAS_WRAPS, Message.accepted_at <= now - rules.client_copy_days * DAY),
    )


def _due(rules: RetentionRules, now: int, after: tuple[int, str]) -> Select[int, str, str, int, int | None]:
    place = tuple_(MessageDelivery.log_index, MessageDelivery.reader)
    return (
        select(
            MessageDelivery.log_index,
            MessageDelivery.reader,
            MessageDelivery.message_d,
            Message.accepted_at,
            MessageDelivery.withdrawn_at,
        )
        .join(Message, Message.d == MessageDelivery.message_d)
        .where(MessageDelivery.erased_at.is_(None), place > after, _over(rules, now))
        .order_by(MessageDelivery.log_index, MessageDelivery.reader)
        .limit(BATCH)
    )


async def _is_over(
    session: AsyncSession, row: Row[int, str, str, int, int | None], rules: RetentionRules, now: int
) -> bool:
    """Whether no longer period of its kind of message runs: an improvement is kept for a while after its answer."""
    if row.withdrawn_at is not None:
        return True
    envelope = await session.scalar(select(StoredObject.envelope).where(StoredObject.d == row.message_d))
    if envelope is None:
        return True
    manifest, _ = read_payload(envelope, Manifest)
    if manifest.kind != IMPROVEMENT:
        return True
    return await last_in_thread(session, manifest.id, row.accepted_at) + rules.feedback_days * DAY <= now


async def last_in_thread(session: AsyncSession, message_id: str, accepted_at: int) -> int:
    """Return when the last message of the conversation that a message began was accepted, itself included."""
    answered = await session.scalar(select(func.max(Message.accepted_at)).where(Message.thread == message_id))
    return max(accepted_at, answered or 0)


async def _erase(room: Workroom, over: list[Found], now: int) -> None:
    which = [(d, reader) for _, reader, d in over]
    unseen = and_(_PARTNER, MessageDelivery.delivered_at.is_(None), MessageDelivery.withdrawn_at.is_(None))
    values = {"erased_at": now, "withdrawn_at": case((unseen, now), else_=MessageDelivery.withdrawn_at)}
    async with writing(room.sessions) as session:
        # The delivery first: whoever hands it out at this moment holds its row, and is done before its wraps go.
        deliveries = tuple_(MessageDelivery.message_d, MessageDelivery.reader).in_(which)
        _ = await session.execute(update(MessageDelivery).where(deliveries).values(values))
        wraps = tuple_(MessageWraps.message_d, MessageWraps.reader).in_(which)
        partners = MessageWraps.reader.startswith("partner:", autoescape=True)
        _ = await session.execute(delete(MessageWraps).where(wraps, partners))
        await forget_keys(session, [d for d, reader in which if reader.startswith("partner:")])
