"""What a process counts and measures, for Prometheus. No id, no partner and no address is a label, or ever a value.

Requests and batches are measured where they happen; what the database holds is looked up when it is asked for, and
counted over at most once a minute, because counting reads whole tables. What each figure is for stands in
`docs/operations.md`.
"""

import asyncio
import logging
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from zegel_relay.clock import Clock
from zegel_relay.outbox.promise import DEAD, WAITING
from zegel_relay.services.alarm_course import STEWARD
from zegel_relay.services.deadlines import OVERDUE, RUNNING
from zegel_relay.settings import Settings
from zegel_relay.storage.database import open_engine, open_sessions
from zegel_relay.storage.errors import StorageError
from zegel_relay.storage.log import read_head
from zegel_relay.storage.models import Blob, Deadline, MessageDelivery, OutboxItem

_SECONDS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 35.0)
_SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256)
COUNTED_FOR: Final = 60.0
"""Seconds for which what was counted over whole tables is given again."""
LOOK_SECONDS: Final = 5.0
"""How long the database may take, before the metrics are given without it."""

Values = dict[str, float]

_log = logging.getLogger(__name__)

_HELP: Final = {
    "zegel_database_up": "Whether the database answered just now",
    "zegel_log_size": "Objects accepted, which are the entries of the log",
    "zegel_restored": "1: restored from a backup, and waits for the steward's epoch",
    "zegel_outbox_waiting": "Promised work that is not done yet",
    "zegel_outbox_dead": "Promised work that was tried too often: an operator has to look",
    "zegel_outbox_oldest_seconds": "For how long the oldest work has been due",
    "zegel_deliveries_waiting": "Messages that their reader was not handed yet",
    "zegel_deliveries_delivered": "Messages that their reader was handed",
    "zegel_deliveries_withdrawn": "Messages that were withdrawn before",
    "zegel_alarms_unopened": "Alarms that their recipient has not opened",
    "zegel_alarms_for_steward": "Unopened alarms that are the steward's to follow up",
    "zegel_overdue": "What partners and persons owe, and is late",
    "zegel_blob_bytes": "Bytes of all ciphertexts that are kept",
    "zegel_disk_free_bytes": "Free bytes where ciphertexts are kept",
    "zegel_queue_length": "Submissions that wait to be written",
    "zegel_subscribers": "Readers that wait for news",
    "zegel_redis_up": "Whether Redis answers",
    "zegel_ready": "Whether new requests are taken",
}


@dataclass(frozen=True)
class Sources:
    """What is looked up when somebody asks: the database, the disk, and figures of the process itself."""

    settings: Settings
    sessions: async_sessionmaker[AsyncSession]
    clock: Clock
    own: Callable[[], Values] = dict


class Metrics(Collector):
    """The metrics of one process, in a registry of their own. Not for several threads."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Histogram(
            "zegel_request_seconds", "Requests, with long polls", ("method", "route", "status"), buckets=_SECONDS,
            registry=self.registry,
        )  # fmt: skip
        self._batch = Histogram("zegel_batch_size", "Objects in one commit", buckets=_SIZES, registry=self.registry)
        self._commit = Histogram(
            "zegel_commit_seconds", "From the lock on the log to the commit", buckets=_SECONDS, registry=self.registry
        )
        ProcessCollector(registry=self.registry)
        self._values: Values = {}
        self._counted: Values = {}
        self._counted_at = -COUNTED_FOR
        self.registry.register(self)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Note a request, by the template of its route."""
        self._requests.labels(method, route, str(status)).observe(seconds)

    def batch(self, accepted: int, seconds: float) -> None:
        """Note a batch that was committed."""
        self._batch.observe(accepted)
        self._commit.observe(seconds)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield what was looked up last."""
        for name, value in self._values.items():
            yield GaugeMetricFamily(name, _HELP[name], value=value)

    async def look(self, sources: Sources) -> None:
        """Look everything up. A database that does not answer leaves its figures out, and says so in one of them."""
        values = sources.own()
        try:
            values["zegel_disk_free_bytes"] = shutil.disk_usage(sources.settings.blob_folder).free
        except OSError:
            # No folder yet, or the disk is gone; the figure is left out then, and its alert on absence fires.
            values.pop("zegel_disk_free_bytes", None)
        try:
            async with asyncio.timeout(LOOK_SECONDS), sources.sessions() as session:
                values |= await self._of_database(session, sources.clock.now())
        except (SQLAlchemyError, StorageError, OSError, TimeoutError):
            values["zegel_database_up"] = 0
        self._values = values

    async def _of_database(self, session: AsyncSession, now: int) -> Values:
        head = await read_head(session)
        waiting = OutboxItem.state == WAITING
        oldest = await session.scalar(select(func.min(OutboxItem.due_at)).where(waiting, OutboxItem.due_at <= now))
        moment = asyncio.get_running_loop().time()
        if moment - self._counted_at >= COUNTED_FOR:
            self._counted, self._counted_at = await _count(session), moment
        return self._counted | {
            "zegel_database_up": 1,
            "zegel_log_size": head.size,
            "zegel_restored": head.restored,
            "zegel_outbox_waiting": await _number(session, waiting),
            "zegel_outbox_dead": await _number(session, OutboxItem.state == DEAD),
            "zegel_outbox_oldest_seconds": max(0, now - oldest) if oldest is not None else 0,
            **await _late(session),
        }


async def _number(session: AsyncSession, condition: object) -> float:
    return float(await session.scalar(select(func.count()).select_from(OutboxItem).where(condition)) or 0)  # type: ignore[arg-type]


async def _late(session: AsyncSession) -> Values:
    """Never kept for a while, as the counts over whole tables are: of an alarm one hears at once."""
    there = MessageDelivery.withdrawn_at.is_(None), MessageDelivery.erased_at.is_(None)
    waiting = MessageDelivery.called_at.isnot(None), *there
    owed = Deadline.state.in_(RUNNING)
    late = select(func.count()).select_from(Deadline).where(Deadline.state == OVERDUE)
    followed = select(func.count()).select_from(Deadline).where(owed, Deadline.kind == STEWARD)
    unopened = select(func.count()).select_from(MessageDelivery).where(*waiting)
    return {
        "zegel_alarms_unopened": float(await session.scalar(unopened) or 0),
        "zegel_alarms_for_steward": float(await session.scalar(followed) or 0),
        "zegel_overdue": float(await session.scalar(late) or 0),
    }


async def _count(session: AsyncSession) -> Values:
    delivered = func.count(MessageDelivery.delivered_at)
    withdrawn = func.count(MessageDelivery.withdrawn_at)
    row = (await session.execute(select(func.count(), delivered, withdrawn).select_from(MessageDelivery))).one()
    never = select(func.count()).where(MessageDelivery.withdrawn_at.isnot(None), MessageDelivery.delivered_at.is_(None))
    undelivered = row[0] - row[1] - (await session.scalar(never) or 0)
    size = await session.scalar(select(func.sum(Blob.size)).where(Blob.erased_at.is_(None)))
    return {
        "zegel_deliveries_waiting": undelivered,
        "zegel_deliveries_delivered": row[1],
        "zegel_deliveries_withdrawn": row[2],
        "zegel_blob_bytes": float(size or 0),
    }


async def start(metrics: Metrics, sources: Sources) -> web.AppRunner:
    """Give the metrics at `/metrics` on their own port; return the server, to be cleaned up at the end.

    Raises `OSError` where the port is taken.
    """

    async def give(_request: web.Request) -> web.Response:
        await metrics.look(sources)
        return web.Response(body=generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.router.add_get("/metrics", give)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, sources.settings.metrics_host, sources.settings.metrics_port).start()
    return runner


def start_beside(settings: Settings, clock: Clock) -> None:
    """Give the metrics of a process that has no event loop of its own, from a thread that ends with it.

    A port that is taken is logged, and the work goes on without metrics.
    """

    async def serve() -> None:
        engine = open_engine(settings.database_url, 2)
        try:
            await start(Metrics(), Sources(settings, open_sessions(engine), clock))
            await asyncio.Event().wait()
        finally:
            await engine.dispose()

    def run() -> None:
        try:
            asyncio.run(serve())
        except OSError as error:
            _log.error("no metrics", exc_info=error)

    threading.Thread(target=run, name="zegel-metrics", daemon=True).start()
