"""Commits that fail, persisted or not, against a model: what a relay says it stored is stored once, and nothing else.

On SQLite the commit fails on purpose in the engine; on Postgres a proxy drops the connection before the commit, after
it, or with the commit on its way, where really nobody knows.
"""

import asyncio
import os
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from servers.cutting_proxy import Cut, CuttingProxy
from servers.postgres import Postgres
from zegel_protocol import b64, dsse, merkle, tlog
from zegel_relay import keys_file
from zegel_relay.relay import Relay
from zegel_relay.settings import Settings
from zegel_relay.storage.database import migrate
from zegel_relay.storage.errors import Unavailable
from zegel_relay.storage.models import LogHead, StoredNotice, StoredObject, StoredReceipt
from zegel_relay.storage.operation import SUBMITTER, Outcome, ReceiptPlan, Repeat, Transaction

pytestmark = pytest.mark.own_database

HUIS = b64.encode(bytes(32))
NAMES = [f"object {number}" for number in range(12)]


def d_of(name: str) -> str:
    return dsse.digest("application/test", name.encode())


@dataclass
class Put:
    """Stores an object and its notice; the same again is a repeat."""

    name: str

    @property
    def reads(self) -> frozenset[str]:
        return frozenset()

    @property
    def writes(self) -> frozenset[str]:
        return frozenset({self.name})

    async def apply(self, tx: Transaction) -> Outcome | Repeat:
        d = d_of(self.name)
        own = select(StoredReceipt.envelope).where(StoredReceipt.object_d == d, StoredReceipt.audience == SUBMITTER)
        if (receipt := await tx.session.scalar(own)) is not None:
            return Repeat(receipt)
        rows = (
            StoredObject(
                d=d, kind="test", subject=self.name, version=1, envelope=b"{}", log_index=tx.index, accepted_at=tx.now
            ),
            StoredNotice(
                d=d,
                person="0" * 32,
                message_d=d,
                envelope=b"{}",
                not_before=0,
                log_index=tx.index,
                due_at=0,
                position=tx.index,
            ),
        )
        return Outcome(d, rows, (ReceiptPlan(SUBMITTER),))


class AmbiguousCommits(RuleBasedStateMachine):
    """The model: receipts that were given, what must be stored besides, and what may be."""

    failed: ClassVar[Counter[Cut]]
    """How many submissions were told of a commit that failed, over all examples."""

    def __init__(self) -> None:
        super().__init__()
        self.receipts: dict[str, bytes] = {}
        self.stored: set[str] = set()
        self.possible: set[str] = set()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.runner.run(self.open())

    async def open(self) -> None:
        """Begin with an empty database."""
        folder = Path(self.folder.name)
        self.settings = Settings(
            folder=folder, database_url=await self.database(folder), blob_folder=folder / "blobs",
            keys_file=folder / "keys.json", contact_key_file=folder / "contact-key.json", work="outside",
        )  # fmt: skip
        if not self.settings.keys_file.exists():
            keys_file.create(self.settings.keys_file, HUIS)
        self.relay = Relay.open(self.settings)
        await self.relay.start()

    async def database(self, folder: Path) -> str:
        """Return the address of a migrated database."""
        raise NotImplementedError

    def arm(self, cut: Cut) -> Callable[[], None]:
        """Have the next commit fail; return what ends that if there was none."""
        raise NotImplementedError

    @initialize(name=st.sampled_from(NAMES), cut=st.sampled_from(Cut))
    def begin(self, name: str, cut: Cut) -> None:
        """Each example begins with a commit that fails, so that every way to fail is among them."""
        self.put([name], cut)

    @rule(names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=8), cut=st.sampled_from([None, None, *Cut]))
    def submit(self, names: list[str], cut: Cut | None) -> None:
        """Submit all of these at once; perhaps the first commit fails."""
        self.put(names, cut)

    def put(self, names: list[str], cut: Cut | None) -> None:
        """Submit, and note what became of each."""
        calm = self.arm(cut) if cut is not None else None

        async def run() -> list[Any]:
            submitting = (self.relay.writer.submit(Put(name)) for name in names)
            return await asyncio.gather(*submitting, return_exceptions=True)

        results = self.runner.run(run())
        if calm is not None:
            calm()
        for name, result in zip(names, results, strict=True):
            if isinstance(result, bytes):
                assert self.receipts.setdefault(name, result) == result
                continue
            assert isinstance(result, Unavailable)
            assert result.code == "relay.not-stored"
            assert cut is not None
            self.failed[cut] += 1
            if cut is Cut.AFTER:
                self.stored.add(name)
            elif cut is Cut.DURING:
                self.possible.add(name)

    @rule(name=st.sampled_from(NAMES))
    def settle(self, name: str) -> None:
        """Send the same bytes again: whatever became of them, there is one receipt from here on."""
        receipt = self.runner.run(self.relay.writer.submit(Put(name)))
        assert self.receipts.setdefault(name, receipt) == receipt

    @rule()
    def restart(self) -> None:
        """Another process goes on with the same database."""

        async def run() -> None:
            await self.relay.stop()
            self.relay = Relay.open(self.settings)
            await self.relay.start()

        self.runner.run(run())

    @invariant()
    def the_database_is_as_the_model_says(self) -> None:
        """Stored are the receipted, the lost answers, perhaps the unknown: each once, in a log without gaps."""
        found = self.runner.run(self.read())
        required = set(self.receipts) | self.stored
        assert required <= set(found.names)
        assert set(found.names) <= required | self.possible
        assert len(found.names) == len(set(found.names))
        assert found.indexes == list(range(len(found.names)))
        assert found.notices == sorted(map(d_of, found.names))
        assert sorted(found.receipts) == sorted(map(d_of, found.names))
        for name, receipt in self.receipts.items():
            assert found.receipts[d_of(name)] == receipt
        frontier = merkle.Frontier()
        for name in found.names:
            frontier.append(merkle.leaf_hash(b64.decode(d_of(name), 32)))
        assert (found.checkpoint.size, found.checkpoint.root) == (frontier.size, frontier.root())

    async def read(self) -> "Found":
        """Return what stands in the database, all of it as of one moment."""
        async with self.relay.sessions() as session:
            objects = (await session.scalars(select(StoredObject).order_by(StoredObject.log_index))).all()
            notices = (await session.scalars(select(StoredNotice.message_d))).all()
            receipts = (await session.scalars(select(StoredReceipt))).all()
            head = await session.get(LogHead, 1)
        assert head is not None
        assert len(receipts) == len({row.object_d for row in receipts})
        return Found(
            [row.subject for row in objects],
            [row.log_index for row in objects],
            sorted(notices),
            {row.object_d: row.envelope for row in receipts},
            tlog.parse_checkpoint(head.checkpoint),
        )

    def teardown(self) -> None:
        """Stop the relay."""
        self.runner.run(self.relay.stop())
        self.runner.close()
        self.folder.cleanup()


@dataclass
class Found:
    """What stands in the database: names in the order of the log, their indexes, and by `D` notices and receipts."""

    names: list[str]
    indexes: list[int]
    notices: list[str]
    receipts: dict[str, bytes]
    checkpoint: tlog.Checkpoint


class OnSqlite(AmbiguousCommits):
    """The engine fails on purpose."""

    async def database(self, folder: Path) -> str:
        """Return the address of a file."""
        url = f"sqlite:///{folder}/relay.sqlite3"
        await migrate(url)
        return url

    def arm(self, cut: Cut) -> Callable[[], None]:
        """Fail the next commit, before or after it was done."""
        engine, persists = self.relay.engine.sync_engine, cut is not Cut.BEFORE

        def fail(connection: Any) -> None:
            event.remove(engine, "commit", fail)
            if persists:
                connection.exec_driver_sql("COMMIT")
            raise OperationalError("COMMIT", {}, Exception("the disk is gone"))

        event.listen(engine, "commit", fail)

        def calm() -> None:
            if event.contains(engine, "commit", fail):
                event.remove(engine, "commit", fail)

        return calm


class OnPostgres(AmbiguousCommits):
    """The network fails."""

    server: Postgres

    async def database(self, folder: Path) -> str:
        """Return the address of a new database, behind the proxy."""
        self.proxy = await CuttingProxy(self.server.port).__aenter__()
        return self.server.fresh(migrate).replace(f":{self.server.port}/", f":{self.proxy.port}/")

    def arm(self, cut: Cut) -> Callable[[], None]:
        """Have the proxy drop the next commit."""
        self.proxy.arm(cut)
        return self.proxy.disarm

    def teardown(self) -> None:
        """Stop the relay, then the network."""
        self.runner.run(self.relay.stop())
        self.runner.run(self.proxy.__aexit__(None, None, None))
        self.runner.close()
        self.folder.cleanup()


EXAMPLES = int(os.environ.get("ZEGEL_COMMIT_EXAMPLES", "25"))
"""More by hand, where there is time."""


def run(machine: type[AmbiguousCommits]) -> None:
    """Play the machine, and see that each way to fail was among what happened."""
    machine.failed = Counter()
    slow = [HealthCheck.too_slow]
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=EXAMPLES, stateful_step_count=15, deadline=None, suppress_health_check=slow),
    )
    assert set(machine.failed) == set(Cut)


@pytest.mark.slow
def test_on_sqlite():
    run(OnSqlite)


@pytest.mark.slow
def test_on_postgres(postgres_databases):
    class OnThis(OnPostgres):
        server = postgres_databases.server

    run(OnThis)
