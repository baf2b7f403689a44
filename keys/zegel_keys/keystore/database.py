"""SQLite under the state: how a connection is set, the one table, and how its errors are told.

What the values mean and how they are sealed is `keystore.state`.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from zegel_keys.keystore import files
from zegel_keys.keystore.errors import (
    BusyError,
    DamagedError,
    KeystoreError,
    MissingError,
    PermissionsError,
    StorageError,
    VersionError,
)

TABLES: Final = ("pins", "values", "prekeys", "drafts", "spool", "seen", "receipts", "told")
"""The tables that callers see; one more, `meta`, shows that the store key fits. In SQLite they are parts of one."""

META: Final = "meta"
APPLICATION_ID: Final = 0x5A47_4C00
"""`application_id` is this plus the schema version: the version stands twice, so a damaged one is no unknown one."""
SCHEMA_VERSION: Final = 1
WAIT: Final = 10.0
"""Seconds that a connection waits for another one's lock."""

_FULL_CHECK_BYTES: Final = 64 * 2**20
_SIDES: Final = ("-wal", "-shm", "")

# Rows are unique through an index beside the table, not instead of it: SQLite's integrity check compares the two, so a
# damaged name is noticed and a pin can't silently become one that was never set. `part` is one of the tables above.
_SCHEMA: Final = """
    CREATE TABLE records (
        id INTEGER PRIMARY KEY, part TEXT NOT NULL, name BLOB NOT NULL, value BLOB NOT NULL, UNIQUE (part, name)
    )
"""


@contextmanager
def database_errors(path: Path) -> Iterator[None]:
    """Turn an error of SQLite about the database `path` into the keystore's own errors."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translate(path, error) from error


def _translate(path: Path, error: sqlite3.Error) -> KeystoreError:
    # The low byte is the primary code; the rest says more precisely where.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return BusyError.at(path, WAIT)
    if code == sqlite3.SQLITE_CANTOPEN and not path.exists():
        return MissingError.at(path)
    if code == sqlite3.SQLITE_READONLY and os.access(path, os.W_OK):
        return DamagedError.in_state(path, "its header says that it can't be written")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH, sqlite3.SQLITE_CANTOPEN):
        return PermissionsError.denied(path)
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM):
        return StorageError.at(path, str(error))
    # What remains (CORRUPT, NOTADB, a table that is not there) means that the file is not what was written.
    return DamagedError.in_state(path, str(error))


def connect(path: Path) -> sqlite3.Connection:
    """Return a connection to the existing database `path`, usable from any one thread at a time.

    Raises `MissingError`, `BusyError`, `PermissionsError`, `StorageError` or `DamagedError`.
    """
    with database_errors(path):
        # mode=rw: a missing file is an error, never a new and empty state without pins.
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=rw", timeout=WAIT, isolation_level=None, check_same_thread=False, uri=True
        )
        try:
            # FULL: a commit is on disk when it returns, in WAL mode too. secure_delete: what is deleted is overwritten
            # with zeros. cell_size_check: a damaged page is noticed before it is used.
            for pragma in ("synchronous=FULL", "secure_delete=ON", "trusted_schema=OFF", "cell_size_check=ON"):
                connection.execute(f"PRAGMA {pragma}").fetchall()
        except BaseException:
            connection.close()
            raise
    return connection


def create(path: Path) -> None:
    """Make an empty database with its tables, mode 0600. Raises `ExistsError`, or as `connect`."""
    with files.system_errors(path):
        # Made before SQLite sees it, since SQLite would leave the mode to the umask. Its side files take over the mode.
        path.touch(files.FILE_MODE, exist_ok=False)
    with closing(connect(path)) as connection, database_errors(path):
        connection.execute("PRAGMA journal_mode=WAL").fetchall()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_SCHEMA)
        connection.execute(f"PRAGMA application_id={APPLICATION_ID + SCHEMA_VERSION}")
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        connection.execute("COMMIT")
    with files.system_errors(path):
        files.sync_folder(path.parent)


def check(path: Path, connection: sqlite3.Connection) -> None:
    """Return if this is a state database of the known version, and whole.

    Raises `VersionError` or `DamagedError`. Whole means SQLite's integrity check; above 64 MiB its quick form, which
    leaves out the comparison with indexes.
    """
    with database_errors(path), files.system_errors(path):
        application = _number(connection, "application_id")
        version = _number(connection, "user_version")
        if application != APPLICATION_ID + version:
            raise DamagedError.in_state(path, "not a state database")
        if version != SCHEMA_VERSION:
            raise VersionError.at(path, version)
        form = "integrity_check" if path.stat().st_size <= _FULL_CHECK_BYTES else "quick_check"
        found = connection.execute(f"PRAGMA {form}(1)").fetchone()
    if found != ("ok",):
        raise DamagedError.in_state(path, str(found[0]) if found else "no answer to the integrity check")


def remove(path: Path) -> None:
    """Remove a database that was never finished, with its side files."""
    # The database itself goes last: a write-ahead log that outlived it would be replayed into the next one.
    for side in _SIDES:
        files.discard(path.with_name(path.name + side))


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    row = connection.execute(f"PRAGMA {pragma}").fetchone()
    return int(row[0])
