"""Two relays as processes on one database and one Redis, with a family, and a worker's software at each of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from e2e.world import OCMW, World, open_world
from servers.databases import Databases
from servers.redis import Redis
from zegel import Partner
from zegel_demo.huis import Huis
from zegel_demo.relay_process import RelayProcess


@dataclass
class Pair:
    """`world` is at the first relay; `ocmw` is the OCMW's software at the second."""

    world: World
    second: RelayProcess
    ocmw: Partner

    @property
    def huis(self) -> Huis:
        """The Huis that both relays serve."""
        return self.world.huis


@asynccontextmanager
async def running_pair(folder: Path, databases: Databases, redis: Redis | None) -> AsyncIterator[Pair]:
    """Run a Huis on two relays; without Redis they share the database alone."""
    before = RelayProcess.databases
    RelayProcess.databases = databases
    try:
        world = await open_world(folder)
    finally:
        RelayProcess.databases = before
    first = world.huis.relay
    try:
        if redis is not None:
            first.settings |= {"ZEGEL_REDIS_URL": redis.url(), "ZEGEL_WORK": "inside"}
            port = int(first.address.rpartition(":")[2])
            first.stop()
            first.start(port)
        second = first.twin(folder / "second")
        second.start()
        try:
            async with await world.huis.connect(OCMW, relay=second.address) as ocmw:
                yield Pair(world, second, ocmw)
        finally:
            second.stop()
    finally:
        await world.close()
