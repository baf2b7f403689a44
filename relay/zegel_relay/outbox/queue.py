"""The rows of promised work: which are due, who has taken one, and how each ended.

A worker claims a row for a while, does the work, and only then says that it is done. One that dies in between leaves a
claim that runs out, and another does the work again: at least once, never lost, and twice only where that happened. Two
workers never hold a claim on one row at once, for the statement that takes it looks whether it is free.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_relay.outbox.promise import DEAD, DONE, WAITING
from zegel_relay.outbox.retry import MAX_ATTEMPTS
from zegel_relay.storage.database import Sessions, change, writing
from zegel_relay.storage.models import OutboxItem

CLAIM_SECONDS: Final = 300
"""How long a claim lasts: longer than a handler may take (`outbox.work`), so that none runs out under it."""
KEEP_DONE_SECONDS: Final = 7 * 86_400
"""How long a row that is done still says so."""
LOST: Final = "work.lost"
"""The error of a row whose every worker was gone before it said anything."""


@dataclass(frozen=True)
class Claim:
    """A row that is this worker's until `until`; `item` is detached, with its attempts counted up."""

    item: OutboxItem
    until: int


async def due(session: AsyncSession, now: int, limit: int) -> list[str]:
    """Return the ids of rows that are due and free, those due longest first."""
    query = select(OutboxItem.id).where(_free(now)).order_by(OutboxItem.due_at, OutboxItem.id).limit(limit)
    return list(await session.scalars(query))


async def next_due(session: AsyncSession) -> int | None:
    """Return when the next waiting row is due, if there is one."""
    return await session.scalar(select(func.min(OutboxItem.due_at)).where(OutboxItem.state == WAITING))


async def claim(sessions: Sessions, item_id: str, now: int) -> Claim | None:
    """Take a row if it is due and free, durably, and count the try; None if it is not, or is not there.

    A row whose last try was taken and never ended is dead now: what kills its worker each time must not go on doing so.
    """
    until = now + CLAIM_SECONDS
    async with writing(sessions) as session:
        free = OutboxItem.id == item_id, _free(now)
        spent = (*free, OutboxItem.attempts >= MAX_ATTEMPTS)
        if await change(session, update(OutboxItem).where(*spent).values(_ended(DEAD, LOST, now))):
            return None
        taking = {"claimed_until": until, "attempts": OutboxItem.attempts + 1}
        if not await change(session, update(OutboxItem).where(*free).values(taking)):
            return None
        item = await session.get(OutboxItem, item_id, populate_existing=True)
        if item is None:
            return None
        session.expunge(item)
        return Claim(item, until)


async def finish(sessions: Sessions, held: Claim, now: int) -> None:
    """Say that a row is done. True of a row whose claim ran out too: the work was done."""
    which = OutboxItem.id == held.item.id, OutboxItem.state == WAITING
    async with writing(sessions) as session:
        _ = await session.execute(update(OutboxItem).where(*which).values(_ended(DONE, None, now)))


async def postpone(sessions: Sessions, held: Claim, due_at: int) -> None:
    """Give a row back, due at `due_at`, as if it had not been tried yet."""
    values = {"due_at": due_at, "claimed_until": 0, "attempts": 0, "error": None}
    await _give_back(sessions, held, values)


async def fail(sessions: Sessions, held: Claim, code: str, delay: int, now: int) -> None:
    """Give a row back whose try failed with `code`: due after `delay` seconds, or dead after the last try."""
    if held.item.attempts >= MAX_ATTEMPTS:
        await _give_back(sessions, held, _ended(DEAD, code, now))
    else:
        await _give_back(sessions, held, {"due_at": now + delay, "claimed_until": 0, "error": code})


async def clean(sessions: Sessions, now: int) -> int:
    """Remove rows that were done `KEEP_DONE_SECONDS` ago; return how many. Dead ones wait for an operator."""
    async with writing(sessions) as session:
        old = OutboxItem.state == DONE, OutboxItem.ended_at < now - KEEP_DONE_SECONDS
        return await change(session, delete(OutboxItem).where(*old))


async def _give_back(sessions: Sessions, held: Claim, values: Mapping[str, object]) -> None:
    # Only what is still this worker's own claim: a later worker's word about the row stands.
    which = (
        OutboxItem.id == held.item.id,
        OutboxItem.state == WAITING,
        OutboxItem.claimed_until == held.until,
    )
    async with writing(sessions) as session:
        _ = await session.execute(update(OutboxItem).where(*which).values(values))


def _free(now: int) -> ColumnElement[bool]:
    """A claim that ends later than any made now could is of a clock that was put back since, and holds no longer."""
    unclaimed = or_(OutboxItem.claimed_until <= now, OutboxItem.claimed_until > now + CLAIM_SECONDS)
    return and_(OutboxItem.state == WAITING, OutboxItem.due_at <= now, unclaimed)


def _ended(state: str, error: str | None, now: int) -> dict[str, object]:
    return {"state": state, "error": error, "ended_at": now, "claimed_until": 0}
