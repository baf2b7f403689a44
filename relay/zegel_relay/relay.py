"""The relay as one value: everything that handlers and services work with, and its beginning and end."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from zegel_keys import signing_selftest
from zegel_relay import keys_file
from zegel_relay.clock import Clock, SystemClock
from zegel_relay.keys_file import RelayKeys
from zegel_relay.limits import Limits
from zegel_relay.metrics import Metrics, Sources
from zegel_relay.outbox.inside import InsideRunner
from zegel_relay.outbox.workroom import Workroom, read_contact_key
from zegel_relay.redis_line import RedisLine
from zegel_relay.services import reading
from zegel_relay.services.office import Office
from zegel_relay.settings import Settings
from zegel_relay.storage.blobs import BlobStore
from zegel_relay.storage.database import check_migrated, is_postgres, open_engine, open_sessions, writing
from zegel_relay.storage.log import LogStore
from zegel_relay.storage.writer import Writer
from zegel_relay.wakeups import LOOK_AGAIN_SECONDS, Wakeups

if TYPE_CHECKING:
    from zegel_relay.tasks.hint import Hints

FindKey = Callable[[AsyncSession, str, int], Awaitable[str | None]]
"""`find_key(session, keyid, now)` returns the public key (base64url) that may sign requests as `keyid` at that time, or
None. A keyid is `device:<partner>/<device>` or `person:<id>`."""

_log = logging.getLogger(__name__)


@dataclass(eq=False)
class Relay:
    """One running relay. A service that holds state of its own becomes a field here.

    `public_url` is the origin that requests must be signed for; set before the first request is served. `draining`: it
    was told to stop, so a proxy should send new requests elsewhere; what comes all the same is still taken.
    """

    settings: Settings
    keys: RelayKeys
    clock: Clock
    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]
    log: LogStore
    blobs: BlobStore
    wakeups: Wakeups
    line: RedisLine | None
    limits: Limits
    writer: Writer
    public_url: str
    office: Office
    find_key: FindKey
    metrics: Metrics
    draining: bool = False
    _writing: asyncio.Task[None] | None = None
    _working: "InsideRunner | Hints | None" = None

    @classmethod
    def open(cls, settings: Settings, clock: Clock | None = None, find_key: FindKey | None = None) -> "Relay":
        """Return a relay that is not started. Raises `StorageError` for its keys file or database address."""
        keys = keys_file.load(settings.keys_file)
        engine = open_engine(settings.database_url, settings.pool_size)
        sessions = open_sessions(engine)
        log = LogStore(keys.log, keys.huis)
        # Nobody else writes in a file that this process has; on Postgres others may, and without Redis none says so.
        wakeups = Wakeups(LOOK_AGAIN_SECONDS if is_postgres(settings.database_url) else None)
        line = RedisLine(settings.redis_url, wakeups) if settings.redis_url else None
        time = clock or SystemClock()
        blobs = BlobStore(settings.blob_folder)
        writer = Writer(sessions, log, keys.relay, keys.huis, time, wakeups)
        metrics = Metrics()
        writer.observe = metrics.batch
        office = Office(keys.huis, keys.relay, keys.log.public, sessions, writer, blobs, keys.contact)

        async def known(session: AsyncSession, keyid: str, now: int) -> str | None:
            return await reading.find_key(office, session, keyid, now)

        return cls(
            settings=settings,
            keys=keys,
            clock=time,
            engine=engine,
            sessions=sessions,
            log=log,
            blobs=blobs,
            wakeups=wakeups,
            line=line,
            limits=Limits(settings.requests_per_minute, line),
            writer=writer,
            public_url=settings.public_url,
            office=office,
            find_key=find_key or known,
            metrics=metrics,
        )

    async def start(self) -> None:
        """Check the libraries, the tables and the log, and let the writer run.

        Raises `SealError` (`selftest.failed`) or `StorageError`: such a relay must not serve.
        """
        if self._writing is not None:
            return
        signing_selftest.run_signing()
        await check_migrated(self.engine)
        async with writing(self.sessions) as session:
            await self.log.prepare(session)
        await asyncio.to_thread(self.blobs.prepare, self.clock.now())
        if self.line is not None:
            await self.line.start()
        self._writing = asyncio.create_task(self.writer.run(), name="zegel-writer")
        self._writing.add_done_callback(_report)
        if self.settings.work == "inside":
            self._working = InsideRunner(self.workroom())
            self._working.start()
        elif self.settings.redis_url:
            # Celery is loaded only where it works.
            from zegel_relay.tasks.hint import Hints

            self._working = Hints(self.settings, self.wakeups)
            self._working.start()

    def workroom(self) -> Workroom:
        """Return what promised work is done with in this process. Raises `StorageError` for the contact key's file."""
        return Workroom(
            settings=self.settings,
            sessions=self.sessions,
            blobs=self.blobs,
            wakeups=self.wakeups,
            clock=self.clock,
            office=self.office,
            contact_key=read_contact_key(self.settings),
        )

    def sources(self) -> Sources:
        """Return what this relay's metrics are looked up in."""
        return Sources(self.settings, self.sessions, self.clock, self._figures)

    def _figures(self) -> dict[str, float]:
        figures: dict[str, float] = {
            "zegel_queue_length": self.writer.length,
            "zegel_subscribers": self.wakeups.watchers,
            "zegel_ready": self.accepting and not self.draining and not self.log.restored,
        }
        return figures | ({"zegel_redis_up": self.line.up} if self.line is not None else {})

    @property
    def accepting(self) -> bool:
        """Whether the writer runs, so that something can be accepted."""
        return self._writing is not None and not self._writing.done()

    async def stop(self) -> None:
        """Write what was taken, take nothing more, and let go of the database."""
        self.wakeups.close()
        self.writer.stop()
        if self._writing is not None:
            await asyncio.wait({self._writing})
        if self._working is not None:
            await self._working.stop()
        if self.line is not None:
            # Last of those who write: what they accepted is told to the other processes.
            await self.line.stop()
        await self.engine.dispose()


def _report(task: asyncio.Task[None]) -> None:
    """Log a writer that ended otherwise than by being told to; submitters were answered by then."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.critical("writer ended", exc_info=error)
