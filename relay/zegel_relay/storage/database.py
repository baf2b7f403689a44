"""Opening the database, one transaction for writing, and migrations.

SQLite in WAL mode with `synchronous=FULL`: a commit that returned survives a power cut. One statement decides who
writes (`BEGIN IMMEDIATE`), so that two writers wait for each other at the start and never fail in the middle.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from zegel_relay.storage.errors import NotMigrated, StorageError

BUSY_TIMEOUT_MS: Final = 10_000
"""How long a writer waits for another process that writes."""
_WRITES: Final = "zegel_writes"
_MIGRATIONS: Final = Path(__file__).parent / "migrations"


def open_engine(url: str) -> AsyncEngine:
    """Return an engine on `url`, such as `sqlite:////var/lib/zegel/relay.sqlite3`. Nothing is created or checked yet.

    Error texts and logs of the engine never hold parameters, for those are what clients sent. Raises `StorageError`
    (`database.url`).
    """
    engine = create_async_engine(_async_url(url), hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _configure_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def open_sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Return the sessions of an engine: nothing is written before it is told to, nothing read again after a commit."""
    return async_sessionmaker(engine, autoflush=False, expire_on_commit=False)


@asynccontextmanager
async def writing(sessions: async_sessionmaker[AsyncSession]) -> AsyncIterator[AsyncSession]:
    """Yield a session whose transaction may write; it commits at the end, and rolls back on any exception.

    On SQLite it holds the one write lock from the start. Once this returns, what was written is durable.
    """
    async with sessions() as session, session.begin():
        # The connection is itself awaitable; it is begun by being asked for, and not used here.
        _ = await session.connection(execution_options={_WRITES: True})
        yield session


async def migrate(url: str) -> None:
    """Bring the database at `url` to this version's tables, creating an SQLite file (0600) that is not there.

    One transaction: it is done, or nothing was. Raises `StorageError` (`database.url`, `database.failed`), and
    `NotMigrated` (`database.newer`) for one that a later version made.
    """
    path = sqlite_path(url)
    if path is not None and not path.exists():
        # The file is its owner's alone before anything stands in it; SQLite gives its side files the same mode.
        path.touch(mode=0o600)
    engine = open_engine(url)
    try:
        async with engine.execution_options(**{_WRITES: True}).begin() as connection:
            await connection.run_sync(_upgrade)
    except CommandError as error:
        raise NotMigrated("database.newer", "A later version made this database. Use that version.") from error
    except (SQLAlchemyError, OSError) as error:
        raise StorageError("database.failed", f"The database was not migrated: {type(error).__name__}.") from error
    finally:
        await engine.dispose()


async def check_migrated(engine: AsyncEngine) -> None:
    """Return if the database has the tables of this version.

    Raises `NotMigrated` (`database.empty`, `database.older`, `database.newer`), or `StorageError` (`database.failed`).
    """
    try:
        async with engine.connect() as connection:
            found = await connection.run_sync(_revision)
    except SQLAlchemyError as error:
        raise StorageError("database.failed", f"The database cannot be read: {type(error).__name__}.") from error
    script = ScriptDirectory.from_config(_config())
    if found is None:
        raise NotMigrated("database.empty", "The database has no tables yet. Run `zegel-relay migrate`.")
    if found == script.get_current_head():
        return
    if found in {revision.revision for revision in script.walk_revisions()}:
        detail = "The database is of an earlier version. Make a backup, then run `zegel-relay migrate`."
        raise NotMigrated("database.older", detail)
    raise NotMigrated("database.newer", "A later version made this database. Use that version.")


def sqlite_path(url: str) -> Path | None:
    """Return the file of an SQLite database, or None for another kind. Raises `StorageError` (`database.url`)."""
    parsed = _async_url(url)
    return Path(str(parsed.database)) if parsed.get_backend_name() == "sqlite" else None


def _async_url(url: str) -> URL:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, SQLAlchemyError, ValueError) as error:
        raise StorageError("database.url", "A database address looks like sqlite:////folder/relay.sqlite3.") from error
    if backend != "sqlite":
        raise StorageError("database.url", f"This relay keeps its data in SQLite, not in {backend}.")
    if parsed.database in {None, "", ":memory:"} or parsed.query:
        # In memory all sessions would share one connection and one transaction: nothing would be durable or apart.
        raise StorageError("database.url", "An SQLite database is a file: sqlite:////folder/relay.sqlite3.")
    return parsed.set(drivername="sqlite+aiosqlite")


def _configure_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transactions begin too late for a consistent read, so it is told to leave them alone.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "foreign_keys=ON",
        # What was deleted is overwritten: retention periods hold on the disk too.
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _config() -> Config:
    config = Config()
    # A percent sign would be taken for an interpolation.
    config.set_main_option("script_location", os.fspath(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
