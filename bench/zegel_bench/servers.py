"""The two that are measured side by side, on one kind of database: a Huis with its relay, and the floor."""

import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from servers.databases import PostgresDatabases
from servers.postgres import Postgres
from zegel_bench import processes
from zegel_bench.town import Town
from zegel_demo.huis import Huis
from zegel_demo.relay_process import RelayProcess


@dataclass
class FloorProcess:
    """The floor, running at `address`."""

    process: subprocess.Popen[str]
    address: str

    @property
    def pid(self) -> int:
        """The id of its process."""
        return self.process.pid


@dataclass
class Pair:
    """A town on one database, and the floor on the same. `kind` is `postgres` or `sqlite`."""

    KINDS: ClassVar = ("postgres", "sqlite")

    kind: str
    folder: Path
    town: Town
    database: Postgres | None

    @contextmanager
    def floor(self, sizes: list[int]) -> Iterator[FloorProcess]:
        """Run the floor, which verifies signatures over messages of these sizes in bytes."""
        url = self.database.url(self.database.create()) if self.database is not None else ""
        process = processes.begin("floor", url, str(self.folder), ",".join(str(size) for size in sizes))
        try:
            yield FloorProcess(process, str(processes.first_line(process)["listening"]))
        finally:
            processes.end(process)


@asynccontextmanager
async def open_pair(kind: str, families: int) -> AsyncIterator[Pair]:
    """Yield a running town of so many families on this kind of database; remove it afterwards."""
    databases = PostgresDatabases(durable=True) if kind == "postgres" else None
    with tempfile.TemporaryDirectory(prefix="zegel-bench-") as name:
        folder = Path(name)
        town: Town | None = None
        try:
            RelayProcess.databases = databases
            huis = await Huis.open(folder / "huis", "Huis van het Kind")
            if databases is not None:
                # As it is run there: mail and reminders are the work of other processes, and not of the one measured.
                huis.relay.stop()
                huis.relay.settings["ZEGEL_WORK"] = "outside"
                huis.relay.start()
            try:
                town = await Town.open(huis, families)
                yield Pair(kind, folder, town, databases.server if databases is not None else None)
            finally:
                await (town.close() if town is not None else _stop(huis))
        finally:
            RelayProcess.databases = None
            if databases is not None:
                databases.close()


async def _stop(huis: Huis) -> None:
    huis.stop()
