"""A copy of the database while the relay runs, and the mark that a restored database carries.

A backup is older than the relay: whoever starts from one has lost what was accepted since, and would sign another log
under the same name. So a copy is marked as restored before anybody can start it, and signs nothing until the steward's
epoch object (`docs/spec/log.md`). A database server has tools of its own for copies; `deploy/backup` uses them.
"""

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from zegel_relay.storage.database import check_migrated, open_engine, open_sessions, sqlite_path, writing
from zegel_relay.storage.errors import StorageError
from zegel_relay.storage.log import HEAD_ID, Head, mark_restored


async def back_up(url: str, target: Path, now: int) -> None:
    """Write a consistent copy of the SQLite database at `url` to `target` (0600), marked as restored at `now`.

    The relay may go on meanwhile. Raises `StorageError`: `backup.engine` (not SQLite), `backup.exists` (nothing is
    overwritten), `backup.failed`, `database.*`.
    """
    path = sqlite_path(url)
    if path is None:
        raise StorageError("backup.engine", "A copy of this database is made with its own tool: see deploy/backup.")
    engine = open_engine(url)
    try:
        await check_migrated(engine)
    finally:
        await engine.dispose()
    await asyncio.to_thread(_copy, path, target, now)


def _copy(path: Path, target: Path, now: int) -> None:
    if target.exists():
        raise StorageError("backup.exists", f"{target} is there already, and was left as it is.")
    partial = target.with_name(target.name + ".partial")
    try:
        partial.unlink(missing_ok=True)
        # The file is its owner's alone before anything stands in it.
        partial.touch(mode=0o600)
        with closing(sqlite3.connect(path, isolation_level=None)) as source:
            source.execute("PRAGMA busy_timeout = 10000")
            # One read transaction: the copy is of one moment, and has no side files.
            source.execute("VACUUM INTO ?", (os.fspath(partial),))
        with closing(sqlite3.connect(partial)) as copy, copy:
            copy.execute("PRAGMA synchronous = FULL")
            copy.execute("UPDATE log_head SET restored_at = ? WHERE id = ?", (now, HEAD_ID))
        _sync(partial)
        partial.rename(target)
        _sync(target.parent)
    except (sqlite3.Error, OSError) as error:
        partial.unlink(missing_ok=True)
        raise StorageError("backup.failed", f"{target} was not written: {type(error).__name__}.") from error


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


async def mark(url: str, now: int) -> Head:
    """Mark the database at `url` as restored, and return the head that its log goes on from. No relay may run on it.

    Raises `StorageError` (`database.*`, `log.damaged`).
    """
    engine = open_engine(url)
    try:
        await check_migrated(engine)
        async with writing(open_sessions(engine)) as session:
            return await mark_restored(session, now)
    except SQLAlchemyError as error:
        raise StorageError("database.failed", f"The database was not marked: {type(error).__name__}.") from error
    finally:
        await engine.dispose()
