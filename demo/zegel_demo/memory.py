"""What a family's phone remembers while it is on: the rows that pins are kept in, in memory instead of a keystore.

A phone in the demo lives as long as its process. It stands in for `zegel_keys.keystore.state.State` where pins need
nothing but rows, so that a family refuses what is older than seen by the very rules that a partner's device follows.
"""

from collections.abc import Iterator
from contextlib import contextmanager


class MemoryState:
    """Rows by table and name. Not for several threads."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], bytes] = {}

    @contextmanager
    def transaction(self) -> Iterator["MemoryState"]:
        """All that is set within is kept, or nothing when it raises."""
        before = dict(self._rows)
        try:
            yield self
        except BaseException:
            self._rows = before
            raise

    def get(self, table: str, name: str) -> bytes | None:
        """Return a row's value, or None."""
        return self._rows.get((table, name))

    def put(self, table: str, name: str, value: bytes) -> None:
        """Set a row's value, whatever it was."""
        self._rows[table, name] = value

    def delete(self, table: str, name: str) -> bool:
        """Remove a row; return whether it was there."""
        return self._rows.pop((table, name), None) is not None

    def items(self, table: str) -> list[tuple[str, bytes]]:
        """Return a table's rows by name, sorted."""
        return sorted((name, value) for (where, name), value in self._rows.items() if where == table)
