"""Dead letters: work that was tried as often as it may be. An operator sees it, mends the cause, and has it done again.

Shown are a row's kind, error and times. Its subject is a party's id: shown only for the one row that is asked for.
"""

from collections.abc import Sequence

from sqlalchemy import delete, select, update

from zegel_relay.outbox.promise import DEAD, WAITING
from zegel_relay.storage.database import Sessions, change, writing
from zegel_relay.storage.models import OutboxItem


async def list_dead(sessions: Sessions) -> Sequence[OutboxItem]:
    """Return every dead row, the longest dead first."""
    async with sessions() as session:
        query = select(OutboxItem).where(OutboxItem.state == DEAD).order_by(OutboxItem.ended_at, OutboxItem.id)
        return (await session.scalars(query)).all()


async def find_dead(sessions: Sessions, item_id: str) -> OutboxItem | None:
    """Return a dead row, or None."""
    async with sessions() as session:
        return await session.scalar(select(OutboxItem).where(OutboxItem.id == item_id, OutboxItem.state == DEAD))


async def replay(sessions: Sessions, ids: Sequence[str], now: int) -> int:
    """Let dead rows be tried again from now on, as if for the first time; return how many there were."""
    values = {"state": WAITING, "due_at": now, "claimed_until": 0, "attempts": 0, "ended_at": None}
    async with writing(sessions) as session:
        which = OutboxItem.id.in_(ids), OutboxItem.state == DEAD
        return await change(session, update(OutboxItem).where(*which).values(values))


async def drop(sessions: Sessions, ids: Sequence[str]) -> int:
    """Remove dead rows: what they promised is not done. Return how many there were."""
    async with writing(sessions) as session:
        return await change(session, delete(OutboxItem).where(OutboxItem.id.in_(ids), OutboxItem.state == DEAD))
