"""The whole service as processes: two relays, a worker with its beat, Postgres, Redis, a mail server, nginx in front.

What a party asks goes to nginx, so that either relay may answer, and each process can be killed and started again.
"""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from e2e.world import CHILD_AND_FAMILY, OCMW, open_huis
from servers.databases import PostgresDatabases
from servers.mail import MailServer
from servers.nginx import Nginx
from servers.postgres import Postgres
from servers.redis import Redis
from zegel import Partner
from zegel_demo.huis import Huis
from zegel_demo.ports import free_port
from zegel_demo.relay_process import RelayProcess
from zegel_demo.worker_process import WorkerProcess

PROCESSES = ("first", "second", "worker", "postgres", "redis")


@dataclass
class Service:
    """What runs, and two partners who reach it through nginx at `address`. `first` and `second` are the relays."""

    huis: Huis
    postgres: Postgres
    redis: Redis
    mail: MailServer
    nginx: Nginx
    first: RelayProcess
    second: RelayProcess
    worker: WorkerProcess
    nurse: Partner
    ocmw: Partner

    @property
    def address(self) -> str:
        """Where the parties reach it."""
        return self.nginx.url

    def kill(self, name: str) -> None:
        """Kill one of `PROCESSES` (SIGKILL), in the middle of whatever it does."""
        getattr(self, name).kill()

    def revive(self, name: str) -> None:
        """Start again what was killed."""
        thing = getattr(self, name)
        if isinstance(thing, RelayProcess):
            thing.start(port_of(thing), self.address)
        elif isinstance(thing, WorkerProcess):
            thing.start("--beat")
        else:
            thing.start()


@asynccontextmanager
async def run_service(folder: Path, **settings: str) -> AsyncIterator[Service]:
    """Run all, with a Huis of three partners in it; `settings` are further ones of the relays and the worker."""
    async with AsyncExitStack() as stack:
        databases, redis, mail, nginx = PostgresDatabases(durable=True), Redis(), MailServer(), Nginx()
        for server in (databases, redis, nginx):
            stack.callback(server.close)
        redis.start()
        mail.start()
        stack.callback(mail.stop)
        stack.enter_context(mock.patch.dict(os.environ, SSL_CERT_FILE=str(nginx.authority)))
        with mock.patch.object(RelayProcess, "databases", databases):
            huis = await open_huis(folder)
        stack.callback(huis.stop)
        first = huis.relay
        first.stop()
        first.settings |= {
            "ZEGEL_REDIS_URL": redis.url(),
            "ZEGEL_SMTP_URL": mail.url,
            "ZEGEL_MAIL_FROM": "noreply@mail.example",
            **settings,
        }
        second = first.twin(folder / "second")
        stack.callback(second.stop)
        for relay in (first, second):
            relay.settings["ZEGEL_METRICS_PORT"] = str(free_port())
            relay.start(public_url=nginx.url)
        nginx.start([relay.address.removeprefix("http://") for relay in (first, second)])
        worker = WorkerProcess(first.folder, first.folder / "worker.log", dict(first.settings))
        worker.settings |= {"ZEGEL_DATABASE_URL": first.database_url, "ZEGEL_METRICS_PORT": str(free_port())}
        worker.start("--beat")
        stack.callback(worker.stop)
        nurse, ocmw = [await huis.connect(name, relay=nginx.url) for name in (CHILD_AND_FAMILY, OCMW)]
        stack.push_async_callback(nurse.close)
        stack.push_async_callback(ocmw.close)
        yield Service(huis, databases.server, redis, mail, nginx, first, second, worker, nurse, ocmw)


def port_of(relay: RelayProcess) -> int:
    """Return the port that a relay listens on, or did before it was killed."""
    return int(relay.address.rpartition(":")[2])
