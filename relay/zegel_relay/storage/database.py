"""Opening the database, sessions that read and transactions that write, and migrations: SQLite or Postgres.

SQLite in WAL mode with `synchronous=FULL`: a commit that returned survives a power cut. One statement decides who
writes (`BEGIN IMMEDIATE`), so that two writers wait for each other at the start and never fail in the middle. How
Postgres gives the same to many processes is in `storage.postgres`.
"""

import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, CursorResult, Delete, Update, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from zegel_relay.storage import postgres
from zegel_relay.storage.errors import NotMigrated, StorageError, Unavailable
from zegel_relay.storage.models import Base

Sessions = async_sessionmaker[AsyncSession]
"""Sessions of one engine, as `open_sessions` makes them."""

BUSY_TIMEOUT_MS: Final = 10_000
"""How long a writer waits for another process that writes."""
POOL_SIZE: Final = 10
"""Connections of one process, unless a setting says otherwise."""
_WRITES: Final = "zegel_writes"
_MIGRATIONS: Final = Path(__file__).parent / "migrations"


def open_engine(url: str, pool_size: int = POOL_SIZE) -> AsyncEngine:
    """Return an engine on `url`: `sqlite:////var/lib/zegel/relay.sqlite3` or `postgresql://user:password@host/name`.

    Nothing is created or checked yet. Error texts and logs of the engine never hold parameters, for those are what
    clients sent, nor the address, for it holds a password. Raises `StorageError` (`database.url`).
    """
    if is_postgres(url):
        return postgres.open_postgres(url, pool_size)
    engine = create_async_engine(_sqlite_url(url), hide_parameters=True, pool_size=pool_size)
    event.listen(engine.sync_engine, "connect", _configure_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def open_sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Return the sessions of an engine: nothing is written before it is told to, nothing read again after a commit.

    What a session reads, unless it is `writing`, is one state of the database from its first statement on.
    """
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return async_sessionmaker(engine, autoflush=False, expire_on_commit=False)


@asynccontextmanager
async def writing(sessions: async_sessionmaker[AsyncSession]) -> AsyncIterator[AsyncSession]:
    """Yield a session whose transaction may write; it commits at the end, and rolls back on any exception.

    On SQLite it holds the one write lock from the start. On Postgres each statement sees what is committed by then
    (READ COMMITTED), so whoever judges by what it reads holds the log first (`LogStore.lock`, `hold_still`). Once this
    returns, what was written is durable.
    """
    async with sessions() as session, session.begin():
        options: dict[str, Any] = {_WRITES: True}
        if session.get_bind().dialect.name == "postgresql":
            options |= {"isolation_level": "READ COMMITTED", "postgresql_readonly": False}
        # The connection is itself awaitable; it is begun by being asked for, and not used here.
        _ = await session.connection(execution_options=options)
        yield session


def upsert(session: AsyncSession, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """Return an insert of `table` that may say what to do `on_conflict`, in the words of the session's database."""
    own = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    return own(table)


async def change(session: AsyncSession, statement: Update | Delete) -> int:
    """Run a statement that changes or removes rows; return how many there were."""
    result = await session.execute(statement)
    return result.rowcount if isinstance(result, CursorResult) else 0


def unavailable(error: Exception) -> Unavailable | None:
    """Return what to tell of a failing database; None for an error that is not its own."""
    if is_busy(error):
        return busy()
    if is_full(error):
        return full()
    if isinstance(error, SQLAlchemyError):
        return Unavailable("database.failed", "The database does not answer as it should. Send the same again later.")
    return None


def is_busy(error: Exception) -> bool:
    """Whether another transaction held for too long what this one needed."""
    code = getattr(error.orig, "sqlite_errorcode", None) if isinstance(error, DBAPIError) else None
    return code == sqlite3.SQLITE_BUSY or postgres.is_lock_timeout(error)


def busy() -> Unavailable:
    """Return what is told then: nothing was stored."""
    detail = "Another held the database for too long. Nothing was stored. Send the same bytes again later."
    return Unavailable("relay.busy", detail)


def is_full(error: Exception) -> bool:
    """Whether a statement failed because the database's disk takes no more."""
    code = getattr(error.orig, "sqlite_errorcode", None) if isinstance(error, DBAPIError) else None
    return code == sqlite3.SQLITE_FULL or postgres.is_disk_full(error)


def full() -> Unavailable:
    """Return what is told then: nothing was stored."""
    detail = "The disk of the relay's database is full. Nothing was stored. Send the same bytes again later."
    return Unavailable("relay.full", detail)


async def check_writable(sessions: async_sessionmaker[AsyncSession]) -> None:
    """Return if the database takes what is written. Raises `Unavailable` (`database.failed`) if it may only be read.

    Costs no lock: on SQLite that is the disk's to say, so nothing is asked.
    """
    async with sessions() as session:
        if session.get_bind().dialect.name == "postgresql" and await postgres.is_read_only(session):
            raise Unavailable("database.failed", "The database may only be read now. Nothing is lost; send later.")


async def migrate(url: str) -> None:
    """Bring the database at `url` to this version's tables, creating an SQLite file (0600) that is not there.

    One transaction: it is done, or nothing was; of two processes at once, the second finds it done. Raises
    `StorageError` (`database.url`, `database.failed`, `database.unreachable`), and `NotMigrated` (`database.newer`) for
    one that a later version made.
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
    except (SQLAlchemyError, OSError) as error:
        what = f"The database does not open ({type(error).__name__})."
        detail = f"{what} See whether it runs, and whether this user may read and write it, its folder and its disk."
        raise StorageError("database.failed", detail) from error
    script = ScriptDirectory.from_config(_config())
    if found is None:
        raise NotMigrated("database.empty", "The database has no tables yet. Run `zegel-relay migrate`.")
    if found == script.get_current_head():
        return
    if found in {revision.revision for revision in script.walk_revisions()}:
        detail = "The database is of an earlier version. Make a backup, then run `zegel-relay migrate`."
        raise NotMigrated("database.older", detail)
    raise NotMigrated("database.newer", "A later version made this database. Use that version.")


def check_url(url: str) -> None:
    """Return if `url` is the address of a database that it can use. Raises `StorageError` (`database.url`)."""
    if is_postgres(url):
        postgres.check_url(url)
    else:
        _sqlite_url(url)


def is_postgres(url: str) -> bool:
    """Whether `url` is for Postgres."""
    return url.partition("://")[0] in postgres.SCHEMES


def sqlite_path(url: str) -> Path | None:
    """Return the file of an SQLite database, or None for another kind. Raises `StorageError` (`database.url`)."""
    return None if is_postgres(url) else Path(str(_sqlite_url(url).database))


def _sqlite_url(url: str) -> URL:
    example = f"sqlite:////folder/relay.sqlite3 or {postgres.EXAMPLE}"
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, SQLAlchemyError, ValueError):
        # Without a cause: its text may hold a password.
        raise StorageError("database.url", f"A database address looks like {example}.") from None
    if backend != "sqlite":
        raise StorageError("database.url", f"A relay keeps its data in SQLite or Postgres: {example}.")
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
    if connection.dialect.name == "postgresql":
        postgres.lock_migration(connection)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
