"""A database brought to an older state of its tables, so that a migration can be tried on what stood there."""

from alembic import command
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from zegel_relay.storage import database


async def upgrade(engine: AsyncEngine, revision: str) -> None:
    """Bring the tables up to a revision; `head` is the newest."""

    def to(connection: Connection) -> None:
        config = database._config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    async with engine.execution_options(zegel_writes=True).begin() as connection:
        await connection.run_sync(to)
