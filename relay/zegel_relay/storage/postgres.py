"""Postgres for the relay: how a connection is opened and kept, and the two locks that many processes share.

Any number of relays and workers use one database. What a commit returned for is durable (`synchronous_commit`), reads
see one state (REPEATABLE READ), and whoever appends to the log or hands a message out takes turns by the log's lock.
"""

from typing import Any, Final
from urllib.parse import urlsplit

import asyncpg
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from zegel_relay.storage.errors import StorageError, Unavailable

SCHEMES: Final = ("postgresql", "postgres")
EXAMPLE: Final = "postgresql://user:password@host:5432/database"

CONNECT_SECONDS: Final = 10
LOCK_MS: Final = 10_000
"""How long a transaction waits for another's lock; then it fails, and its submitters are told to come again."""
STATEMENT_MS: Final = 30_000
IDLE_MS: Final = 30_000
"""A process that hangs in the middle of a transaction loses it after this, and with it the log's lock."""
ANSWER_SECONDS: Final = 45
"""Above the server's own limits: reached only where the network swallowed the answer."""

_MIGRATION_LOCK: Final = 0x7A65_0001
_LOG_LOCK: Final = 0x7A65_0002
"""Advisory locks are numbers in one database; nobody else has a reason to take these."""

_LOCK_NOT_AVAILABLE: Final = "55P03"
_DISK_FULL: Final = "53100"

_SERVER_SETTINGS: Final = {
    "application_name": "zegel-relay",
    # A server or a role may have turned it down: what a receipt was given for survives a power cut all the same.
    "synchronous_commit": "on",
    "lock_timeout": str(LOCK_MS),
    "statement_timeout": str(STATEMENT_MS),
    "idle_in_transaction_session_timeout": str(IDLE_MS),
    # The server notices a client machine that is gone, and drops its locks.
    "tcp_keepalives_idle": "15",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    # All statements are short: compiling one takes longer than running it.
    "jit": "off",
}


def check_url(url: str) -> None:
    """Return if `url` names a Postgres database. Raises `StorageError` (`database.url`), which never quotes it."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise _wrong_url() from error
    if parts.scheme not in SCHEMES or not parts.netloc or not parts.path.strip("/"):
        raise _wrong_url()


def _wrong_url() -> StorageError:
    # Without a cause: the text of the parser's error may hold the password.
    return StorageError("database.url", f"A Postgres address looks like {EXAMPLE}; libpq's parameters may follow.")


def open_postgres(url: str, pool_size: int) -> AsyncEngine:
    """Return an engine on `url`, with `pool_size` connections at most. Nothing is opened yet.

    All of libpq's address is understood (several hosts, `sslmode`, `target_session_attrs`); what fails while a
    connection is opened is `Unavailable` (`database.unreachable`), without the address.
    """
    check_url(url)

    async def connect(*_: Any, **__: Any) -> asyncpg.Connection:
        try:
            return await asyncpg.connect(
                url, timeout=CONNECT_SECONDS, command_timeout=ANSWER_SECONDS, server_settings=_SERVER_SETTINGS
            )
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
            detail = f"The database cannot be reached ({type(error).__name__}). Send the same again later."
            raise Unavailable("database.unreachable", detail) from None

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=CONNECT_SECONDS,
    )
    event.listen(engine.sync_engine, "checkout", _check_alive)
    return engine


def _check_alive(connection: Any, _record: Any, _proxy: Any) -> None:
    """Replace a connection that the server closed, as a restarted one does with all: costs no way to the server."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def lock_migration(connection: Connection) -> None:
    """Wait until no other process migrates this database; held until the transaction ends.

    Changing a large table may take long, so the limits of everyday transactions are off in this one.
    """
    for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(text(f"SET LOCAL {name} = 0"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})


async def hold_log(session: AsyncSession, *, shared: bool) -> None:
    """Hold the log until the transaction ends: alone, to append to it; or `shared`, so that nobody appends meanwhile.

    An advisory lock and not the head row's own, because it queues fairly: a stream of sharers would hold up whoever
    locks the row, for ever. Nothing on other databases, where the transaction that may write is alone anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
        await session.execute(text(f"SELECT {function}(:lock)"), {"lock": _LOG_LOCK})


async def is_read_only(session: AsyncSession) -> bool:
    """Whether a new transaction could not write: the server is a copy of another, or was told so."""
    query = "SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean"
    return bool(await session.scalar(text(query)))


def is_disk_full(error: Exception) -> bool:
    """Whether a statement failed because the server's disk takes no more."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == _DISK_FULL


def is_lock_timeout(error: Exception) -> bool:
    """Whether a statement failed because another transaction held what it needed for too long."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE
