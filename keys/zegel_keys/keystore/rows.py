"""Structs as the values of state rows: the same strict JSON as the wire's."""

from typing import TypeVar

import msgspec

from zegel_keys.keystore.errors import DamagedError
from zegel_keys.keystore.state import State, Transaction
from zegel_protocol import encoding
from zegel_protocol.errors import MalformedError

T = TypeVar("T", bound=msgspec.Struct)


def load(records: State | Transaction, table: str, name: str, kind: type[T]) -> T | None:
    """Return the row as a `kind`, or None if there is none. Raises `DamagedError`."""
    value = records.get(table, name)
    return None if value is None else decode(records, value, kind)


def load_all(records: State | Transaction, table: str, kind: type[T]) -> list[tuple[str, T]]:
    """Return all rows of `table` as a `kind`, with their names, sorted by these. Raises `DamagedError`."""
    return [(name, decode(records, value, kind)) for name, value in records.items(table)]


def store(records: State | Transaction, table: str, name: str, value: msgspec.Struct) -> None:
    """Set the row to `value`."""
    records.put(table, name, encoding.encode(value))


def decode(records: State | Transaction, value: bytes, kind: type[T]) -> T:
    """Return the bytes of a row as a `kind`.

    Raises `DamagedError`: the row opened, so this software or another version of it wrote something else there.
    """
    try:
        return encoding.decode(value, kind)
    except MalformedError as error:
        raise DamagedError.in_state(records.path, f"a row is no {kind.__name__}") from error
