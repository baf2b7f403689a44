"""What a device remembers: pins, cursor, prekeys, drafts, spool, seen messages, receipts. Encrypted rows in SQLite.

Every value is sealed under the store key, bound to its table and name; names are kept as keyed digests only, since
message and person ids say who is helped by whom. What remains visible: how many rows, and how long each is.
Safe for several processes and threads: every transaction has a connection of its own and takes the write lock first.
The limit, stated: someone who can write the disk can put back an older copy of the whole database. Pins guard against a
lying relay, not against that.
"""

import hashlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from zegel_keys.keystore import database, files
from zegel_keys.keystore.box import Box, ForgedError, subkey
from zegel_keys.keystore.database import META, TABLES, database_errors
from zegel_keys.keystore.errors import DamagedError, KeystoreError

MAX_VALUE_BYTES: Final = 64 * 2**20
"""Largest value. What is larger is a file in the spool folder, under a key that is a value here."""

_VALUE_LABEL: Final = b"zegel/state/value/1\0"
_NAME_LABEL: Final = b"zegel/state/name/1\0"
_FITS: Final = ("store-key", b"zegel state")
_IDLE_CONNECTIONS: Final = 4


class Seal:
    """How rows are sealed under one store key."""

    def __init__(self, path: Path, store_key: bytes) -> None:
        self.path = path
        self._box = Box(subkey(store_key, _VALUE_LABEL))
        self._name_key = subkey(store_key, _NAME_LABEL)

    def name(self, table: str, name: str) -> bytes:
        """Return the 32 bytes that stand for `name` in `table`."""
        # Tables are words from a closed list, so the zero byte ends them without doubt.
        place = known(table).encode() + b"\0" + name.encode()
        return hashlib.blake2b(place, digest_size=32, key=self._name_key).digest()

    def row(self, table: str, name: str, value: bytes) -> tuple[str, bytes, bytes]:
        """Return the row that stands for `name` and `value`: the name is sealed in too, so that rows can be listed."""
        if len(value) > MAX_VALUE_BYTES:
            raise ValueError(f"a value has at most {MAX_VALUE_BYTES} bytes; larger ones are files of the spool")
        digest, text = self.name(table, name), name.encode()
        data = len(text).to_bytes(4, "big") + text + value
        return table, digest, self._box.seal(data, self._place(table, digest))

    def open(self, table: str, digest: bytes, sealed: bytes) -> tuple[str, bytes]:
        """Return name and value of a row. Raises `DamagedError` for one that was changed, or moved from elsewhere."""
        try:
            data = self._box.open(sealed, self._place(table, digest))
        except ForgedError as error:
            raise DamagedError.in_state(self.path, f"a row of {table} does not open") from error
        end = 4 + int.from_bytes(data[:4], "big")
        return data[4:end].decode(), data[end:]

    @staticmethod
    def _place(table: str, digest: bytes) -> bytes:
        return table.encode() + b"\0" + digest


class Transaction:
    """One transaction over the state: all of it is stored, or nothing. Usable until its `with` block ends."""

    def __init__(self, path: Path, connection: sqlite3.Connection, seal: Seal) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = connection
        self._seal = seal
        self._failure: KeystoreError | None = None

    @contextmanager
    def transaction(self) -> Iterator["Transaction"]:
        """Join this transaction: so that what takes a `State` also takes part in a larger step."""
        yield self

    def get(self, table: str, name: str) -> bytes | None:
        """Return the value, or None. Raises `DamagedError`."""
        digest = self._seal.name(table, name)
        rows, _ = self._run("SELECT value FROM records WHERE part = ? AND name = ?", table, digest)
        return self._seal.open(table, digest, rows[0][0])[1] if rows else None

    def put(self, table: str, name: str, value: bytes) -> None:
        """Set the value, whatever it was."""
        self._run(
            "INSERT INTO records (part, name, value) VALUES (?, ?, ?) "
            "ON CONFLICT (part, name) DO UPDATE SET value = excluded.value",
            *self._seal.row(table, name, value),
        )

    def add(self, table: str, name: str, value: bytes) -> bool:
        """Set the value if there is none, and return whether it was set: the base of handling a thing exactly once."""
        statement = "INSERT INTO records (part, name, value) VALUES (?, ?, ?) ON CONFLICT (part, name) DO NOTHING"
        _, changed = self._run(statement, *self._seal.row(table, name, value))
        return changed == 1

    def delete(self, table: str, name: str) -> bool:
        """Remove the value, overwriting it with zeros, and return whether there was one."""
        digest = self._seal.name(table, name)
        _, changed = self._run("DELETE FROM records WHERE part = ? AND name = ?", table, digest)
        return changed == 1

    def items(self, table: str) -> list[tuple[str, bytes]]:
        """Return all names and values of `table`, sorted by name. Opens every row. Raises `DamagedError`."""
        rows, _ = self._run("SELECT name, value FROM records WHERE part = ?", known(table))
        return sorted(self._seal.open(table, digest, sealed) for digest, sealed in rows)

    def end(self) -> None:
        """Make this object unusable: its connection goes to another."""
        self._connection = None

    def require_sound(self) -> None:
        """Raise the first error that SQLite gave, also if the body caught it: half a transaction is never stored."""
        if self._failure is not None:
            raise self._failure

    def _run(self, statement: str, *parameters: str | bytes) -> tuple[list[tuple[bytes, ...]], int]:
        """Run `statement` to its end, so that no read stays open, and return its rows and how many it changed."""
        if self._connection is None:
            raise RuntimeError("this transaction has ended")
        try:
            with database_errors(self.path):
                cursor = self._connection.execute(statement, parameters)
                return cursor.fetchall(), cursor.rowcount
        except KeystoreError as error:
            self._failure = error
            raise


class State:
    """The opened state database at `path`. Its single operations are transactions of their own."""

    def __init__(self, path: Path, seal: Seal) -> None:
        self.path = path
        self._seal = seal
        self._guard = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._inherited: list[sqlite3.Connection] = []
        self._owner = os.getpid()
        self._closed = False

    @classmethod
    def create(cls, path: Path, store_key: bytes) -> "State":
        """Make a new state database under `store_key` (32 bytes), and open it.

        Raises `ExistsError`, `PermissionsError`, `MissingError` (no such folder) or `StorageError`.
        """
        database.create(path)
        state = cls(path, Seal(path, store_key))
        with state.transaction() as transaction:
            transaction.put(META, *_FITS)
        return state

    @classmethod
    def open(cls, path: Path, store_key: bytes) -> "State":
        """Open an existing state database under `store_key` (32 bytes).

        Raises `MissingError` (an empty state is never made in its place: it would have no pins), `DamagedError` (also
        when it belongs to another identity), `VersionError`, `BusyError`, `PermissionsError` or `StorageError`.
        """
        files.require_private(path)
        with closing(database.connect(path)) as connection:
            database.check(path, connection)
        state = cls(path, Seal(path, store_key))
        try:
            if state.get(META, _FITS[0]) != _FITS[1]:
                raise DamagedError.in_state(path, "it lacks its first row")
        except BaseException:
            state.close()
            raise
        return state

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Run the body as one transaction (BEGIN IMMEDIATE): it is stored when the block ends, or not at all.

        Once the block has ended without an error it survives a crash. Keep it short, and never `await` or wait for the
        network inside: every other writer waits meanwhile, up to ten seconds, then gets `BusyError`.
        """
        with self._connection() as connection:
            with database_errors(self.path):
                connection.execute("BEGIN IMMEDIATE")
            transaction = Transaction(self.path, connection, self._seal)
            try:
                yield transaction
                transaction.require_sound()
                with database_errors(self.path):
                    connection.execute("COMMIT")
            finally:
                transaction.end()
                # Whatever ended it without a commit, nothing of it may stay for the next user of this connection.
                if connection.in_transaction:
                    with database_errors(self.path):
                        connection.execute("ROLLBACK")

    def get(self, table: str, name: str) -> bytes | None:
        """Return the value, or None. Raises `DamagedError`, `BusyError` or `StorageError`, as all below."""
        with self._connection() as connection:
            return Transaction(self.path, connection, self._seal).get(table, name)

    def put(self, table: str, name: str, value: bytes) -> None:
        """Set the value, whatever it was."""
        with self.transaction() as transaction:
            transaction.put(table, name, value)

    def add(self, table: str, name: str, value: bytes) -> bool:
        """Set the value if there is none, and return whether it was set."""
        with self.transaction() as transaction:
            return transaction.add(table, name, value)

    def delete(self, table: str, name: str) -> bool:
        """Remove the value, and return whether there was one."""
        with self.transaction() as transaction:
            return transaction.delete(table, name)

    def items(self, table: str) -> list[tuple[str, bytes]]:
        """Return all names and values of `table`, sorted by name."""
        with self._connection() as connection:
            return Transaction(self.path, connection, self._seal).items(table)

    def scrub(self) -> bool:
        """Empty the write-ahead log into the database, so that no earlier copy of a deleted value stays in it.

        Returns whether that was complete: False if another process was reading just then.
        """
        with self._connection() as connection, database_errors(self.path):
            blocked, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not blocked

    def close(self) -> None:
        """Close every idle connection; those in use close when their transaction ends."""
        with self._guard:
            self._closed = True
            idle, self._idle = self._idle, []
        if os.getpid() == self._owner:
            for connection in idle:
                connection.close()

    def __repr__(self) -> str:
        return f"State({str(self.path)!r})"

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection = self._take()
        try:
            yield connection
        finally:
            self._give(connection)

    def _take(self) -> sqlite3.Connection:
        with self._guard:
            if self._closed:
                raise RuntimeError("this state is closed")
            if os.getpid() != self._owner:
                # A forked child may neither use nor close its parent's connections (SQLite, "How To Corrupt", 2.6):
                # they are held, unused, for as long as the child lives.
                self._inherited += self._idle
                self._idle, self._owner = [], os.getpid()
            if self._idle:
                return self._idle.pop()
        return database.connect(self.path)

    def _give(self, connection: sqlite3.Connection) -> None:
        with self._guard:
            usable = not connection.in_transaction and not self._closed
            if usable and len(self._idle) < _IDLE_CONNECTIONS:
                self._idle.append(connection)
                return
        connection.close()


def known(table: str) -> str:
    """Return `table` if it is one. Raises `ValueError` otherwise: a misspelt table would be one that forgets."""
    if table not in TABLES and table != META:
        raise ValueError(f"no table {table!r}")
    return table
