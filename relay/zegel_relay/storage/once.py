"""A row that is there once, whoever is first to write it: of two processes that look at the same time, one inserts."""

from sqlalchemy import CursorResult, inspect
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_relay.storage.database import upsert
from zegel_relay.storage.models import Base


async def put_once(session: AsyncSession, row: Base) -> bool:
    """Insert a row unless one with the same key is there; return whether it was not. Needs a `writing` session."""
    model = type(row)
    values = {column.name: getattr(row, key) for key, column in inspect(model).columns.items()}
    result = await session.execute(upsert(session, model).values(values).on_conflict_do_nothing())
    return isinstance(result, CursorResult) and result.rowcount == 1
