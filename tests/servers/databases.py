"""Where the relays of a test run keep their data, by `--database`: a file each, or a database each of one Postgres."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

from servers.postgres import Postgres, ask
from zegel_demo.relay_process import RelayProcess
from zegel_relay.storage.database import migrate
from zegel_relay.storage.models import Base

FILE = "relay.sqlite3"
QUICK = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}
"""A server whose machine stays up loses nothing by these, also when it is killed itself."""


class Databases(Protocol):
    """Makes databases. `RelayProcess` asks for those of relays; ""  is the relay's own choice, a file in its folder."""

    def empty(self, folder: Path) -> str:
        """Return the address of a database without tables; a file of it stands in `folder`."""
        ...

    def fresh(self) -> str:
        """Return the address of a database for a new relay."""
        ...

    def copied(self, url: str) -> str:
        """Return the address of a copy of a database that nobody is connected to."""
        ...

    def close(self) -> None:
        """Remove all that was made outside the tests' folders."""
        ...


class SqliteDatabases:
    """Files in the relays' folders."""

    def empty(self, folder: Path) -> str:
        return f"sqlite:///{folder}/{FILE}"

    def fresh(self) -> str:
        return ""

    def copied(self, url: str) -> str:
        return url

    def close(self) -> None:
        return


class PostgresDatabases:
    """Databases of one server, which is started when the first is asked for; `durable`, as it comes."""

    def __init__(self, *, durable: bool = False) -> None:
        self._server: Postgres | None = None
        self._options = {} if durable else QUICK

    @property
    def server(self) -> Postgres:
        """The server, running."""
        if self._server is None:
            self._server = Postgres()
            self._server.start(**self._options)
        return self._server

    def empty(self, folder: Path) -> str:
        return self.server.url(self.server.create())

    def fresh(self) -> str:
        return self.server.fresh(migrate)

    def copied(self, url: str) -> str:
        return self.server.url(self.server.create(url.rpartition("/")[2]))

    def close(self) -> None:
        if self._server is not None:
            self._server.close()


def rows(relay: RelayProcess | Path, statement: str, values: Iterable[object] = ()) -> list[tuple[Any, ...]]:
    """Run a statement (with `?` for values) on the database of a relay, past the relay itself; return its rows.

    `relay` may be the folder of one.
    """
    process = relay if isinstance(relay, RelayProcess) else RelayProcess(relay, "")
    url = process.database_url or f"sqlite:///{process.folder / FILE}"
    if url.startswith("sqlite:"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database, database:
            return database.execute(statement, tuple(values)).fetchall()
    pieces = statement.split("?")
    numbered = "".join(f"{piece}${number}" for number, piece in enumerate(pieces[:-1], 1)) + pieces[-1]
    return ask(url, numbered, values)


def stored_bytes(relay: RelayProcess) -> dict[str, bytes]:
    """Return what a database server keeps of a relay, each table's values one after the other, and its own log.

    Asked for by SQL, for in the server's files values are compressed. Nothing for a relay on a file of its own.
    """
    if not relay.database_url or relay.database_url.startswith("sqlite:"):
        return {}
    found = {}
    for table in [*Base.metadata.tables, "alembic_version"]:
        values = [value for row in rows(relay, f"SELECT * FROM {table}") for value in row]
        found[f"table {table}"] = b"\n".join(
            value if isinstance(value, bytes) else str(value).encode() for value in values
        )
    if isinstance(RelayProcess.databases, PostgresDatabases):
        found["server log"] = RelayProcess.databases.server.log.read_bytes()
    return found
