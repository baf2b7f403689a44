"""The group commit: what is acknowledged is durable, what fails is told, and no operation suffers from another."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.exc import OperationalError

from zegel_keys import signing
from zegel_protocol import b64, dsse, encoding, tlog
from zegel_protocol.objects.notice import Receipt
from zegel_relay.services.errors import Conflict
from zegel_relay.storage.errors import Unavailable
from zegel_relay.storage.models import Base, Blob, LogHead, LogNode, StoredObject, StoredReceipt
from zegel_relay.storage.writer import SUBMITTER, Outcome, ReceiptPlan, Repeat, Update, Writer


def d_of(name):
    return dsse.digest("application/test", name.encode())


@dataclass
class Put:
    """Stores an object named `name`; the same name again is a repeat."""

    name: str
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    error: Exception | None = None
    message_id: str | None = None
    plans: tuple[ReceiptPlan, ...] = (ReceiptPlan(SUBMITTER),)
    wake: tuple[str, ...] = ()
    updates: tuple[Update, ...] = ()
    seen: list[set[str]] = field(default_factory=list)
    hold: asyncio.Event | None = None

    async def apply(self, tx):
        if self.hold:
            await self.hold.wait()
        if self.error:
            raise self.error
        found = await tx.session.scalars(select(StoredObject.subject))
        self.seen.append(set(found))
        d = d_of(self.name)
        mine = select(StoredReceipt.envelope).where(StoredReceipt.object_d == d, StoredReceipt.audience == SUBMITTER)
        if (receipt := await tx.session.scalar(mine)) is not None:
            return Repeat(receipt)
        rows: list[Base] = [
            StoredObject(
                d=d, kind="test", subject=self.name, version=1, envelope=b"{}", log_index=tx.index, accepted_at=tx.now
            )
        ]
        if self.message_id:
            rows.append(Blob(ct=self.message_id, size=1, uploader="partner:x", created_at=tx.now, body=b"x"))
        return Outcome(d, tuple(rows), self.plans, self.updates, self.wake)


@pytest.fixture
async def started(relay):
    await relay.start()
    return relay


@pytest.fixture
def commits(started):
    """The number of stored objects that each commit from here on left behind."""
    sizes: list[int] = []

    def count(connection):
        sizes.append(connection.exec_driver_sql("SELECT count(*) FROM objects").scalar_one())

    event.listen(started.engine.sync_engine, "commit", count)
    return sizes


async def stored(relay):
    async with relay.sessions() as session:
        rows = (await session.execute(select(StoredObject.subject, StoredObject.log_index))).all()
    return {row.subject: row.log_index for row in rows}


async def submit_all(relay, *operations):
    return await asyncio.gather(*(relay.writer.submit(item) for item in operations), return_exceptions=True)


def opened(envelope, relay):
    """Return a receipt after checking the relay's signature and the log's proof, and the index that it proves."""
    media_type, payload, signatures = dsse.open_envelope(envelope)
    assert media_type == "application/vnd.zegel.receipt.v1+json"
    assert len(signatures) == 1
    signature = dsse.decode_standard(signatures[0].sig)
    signing.check(relay.keys.relay.public, dsse.pae(media_type, payload), signature)
    receipt = encoding.decode(payload, Receipt)
    leaf = b64.decode(receipt.object, 32)
    origin = tlog.log_origin(relay.keys.huis)
    return receipt, tlog.verify_proof(receipt.proof, leaf, origin, relay.keys.log.public, signing.check)


async def test_a_receipt_proves_that_the_log_holds_the_object(started, clock):
    for number in range(5):
        receipt, inclusion = opened(await started.writer.submit(Put(f"a{number}")), started)
        assert receipt.object == d_of(f"a{number}")
        assert (receipt.huis, receipt.accepted_at) == (started.keys.huis, clock.at)
        assert (inclusion.index, inclusion.checkpoint.size) == (number, number + 1)


async def test_what_waits_is_written_in_one_commit_and_each_receipt_leads_to_its_checkpoint(started, commits):
    await started.writer.submit(Put("before"))
    receipts = await submit_all(started, *(Put(f"a{number}") for number in range(40)))
    assert commits == [1, 41]
    found = [opened(receipt, started) for receipt in receipts]
    assert [inclusion.index for _, inclusion in found] == list(range(1, 41))
    assert {inclusion.checkpoint.size for _, inclusion in found} == {41}
    assert await stored(started) == {"before": 0, **{f"a{number}": number + 1 for number in range(40)}}


async def test_a_batch_has_a_bound(relay, commits_of):
    writer = Writer(
        relay.sessions, relay.log, relay.keys.relay, relay.keys.huis, relay.clock, relay.wakeups, max_batch=3
    )
    sizes = await commits_of(relay, writer, *(Put(f"a{number}") for number in range(8)))
    assert sizes == [3, 6, 8]


@pytest.fixture
def commits_of():
    async def run(relay, writer, *operations):
        """Start the relay with another writer, submit, and return the objects that each commit left behind."""
        relay.writer = writer
        await relay.start()
        sizes = []
        count = "SELECT count(*) FROM objects"
        listen = lambda connection: sizes.append(connection.exec_driver_sql(count).scalar_one())  # noqa: E731
        event.listen(relay.engine.sync_engine, "commit", listen)
        await submit_all(relay, *operations)
        return sizes

    return run


async def test_whoever_touches_what_another_writes_sees_it_committed(started, commits):
    first = Put("first", writes=frozenset({"setting"}))
    apart = Put("apart", reads=frozenset({"other"}))
    reader = Put("reader", reads=frozenset({"setting"}))
    late = Put("late")
    writer = Put("writer", writes=frozenset({"setting"}))
    await submit_all(started, first, apart, reader, late, writer)
    assert commits == [2, 5]
    assert reader.seen == writer.seen == [{"first", "apart"}]


async def test_writing_after_a_reader_shares_the_batch(started, commits):
    reader = Put("reader", reads=frozenset({"setting"}))
    writer = Put("writer", writes=frozenset({"setting"}))
    await submit_all(started, reader, writer)
    assert commits == [2]


async def test_the_same_bytes_twice_get_the_same_receipt(started):
    first, second, other = await submit_all(started, Put("a"), Put("a"), Put("b"))
    assert first == second
    assert other != first
    assert await started.writer.submit(Put("a")) == first
    assert await stored(started) == {"a": 0, "b": 1}


async def test_a_refusal_and_a_mistake_are_the_answer_to_one_alone(started, commits):
    refusal = Conflict("test.conflict", "no")
    results = await submit_all(
        started, Put("a"), Put("b", error=refusal), Put("c", error=ZeroDivisionError()), Put("d"), Put("e", plans=())
    )
    assert results[1] is refusal
    assert isinstance(results[2], ZeroDivisionError)
    assert isinstance(results[4], ValueError)
    assert await stored(started) == {"a": 0, "d": 1}
    assert commits == [2]
    assert [opened(results[place], started)[1].index for place in (0, 3)] == [0, 1]


async def test_a_broken_statement_in_one_does_not_take_the_others_down(started):
    broken = OperationalError("SELECT", {}, Exception("gone"))
    results = await submit_all(started, Put("a"), Put("b", error=broken), Put("c"))
    assert [getattr(result, "code", "ok") for result in results] == ["ok", "relay.not-stored", "ok"]
    assert await stored(started) == {"a": 0, "c": 1}


async def test_a_row_that_cannot_be_written_does_not_take_the_others_down(started, commits):
    results = await submit_all(
        started, Put("a", message_id=d_of("x")), Put("b", message_id=d_of("x")), Put("c"), Put("d")
    )
    assert [getattr(result, "code", "ok") for result in results] == ["ok", "relay.not-stored", "ok", "ok"]
    assert await stored(started) == {"a": 0, "c": 1, "d": 2}
    assert [opened(results[place], started)[1].index for place in (0, 2, 3)] == [0, 1, 2]


@pytest.mark.parametrize("persists", [False, True], ids=["and did not persist", "but did persist"])
async def test_nothing_is_acknowledged_when_the_commit_failed(started, persists):
    await started.writer.submit(Put("before"))

    def fail(connection):
        if persists:
            connection.exec_driver_sql("COMMIT")
        raise OperationalError("COMMIT", {}, Exception("the disk is gone"))

    event.listen(started.engine.sync_engine, "commit", fail)
    with started.wakeups.watch("partner:ocmw") as woken:
        results = await submit_all(started, *(Put(f"a{number}", wake=("partner:ocmw",)) for number in range(3)))
        assert not woken.is_set()
    event.remove(started.engine.sync_engine, "commit", fail)
    assert [(type(result), result.code) for result in results] == [(Unavailable, "relay.not-stored")] * 3
    assert len(await stored(started)) == (4 if persists else 1)

    again = await submit_all(started, *(Put(f"a{number}") for number in range(3)), Put("new"))
    assert await stored(started) == {"before": 0, "a0": 1, "a1": 2, "a2": 3, "new": 4}
    assert [opened(receipt, started)[1].index for receipt in again] == [1, 2, 3, 4]


async def test_a_database_that_does_not_answer_is_told_to_all_and_the_writer_goes_on(started):
    def fail(connection):
        raise OperationalError("BEGIN", {}, Exception("locked"))

    event.listen(started.engine.sync_engine, "begin", fail)
    results = await submit_all(started, Put("a"), Put("b"))
    assert [result.code for result in results] == ["relay.not-stored"] * 2
    event.remove(started.engine.sync_engine, "begin", fail)
    await started.writer.submit(Put("a"))
    assert await stored(started) == {"a": 0}


async def test_rows_of_the_log_that_do_not_fit_its_checkpoint_stop_acceptance(started):
    await started.writer.submit(Put("a"))
    async with started.engine.begin() as connection:
        await connection.execute(update(LogNode).values(hash=bytes(32)))
    results = await submit_all(started, Put("b"), Put("c"))
    assert [result.code for result in results] == ["log.damaged"] * 2
    assert results[0] is not results[1]


async def test_an_operation_goes_on_when_its_submitter_leaves(started):
    hold = asyncio.Event()
    leaving = asyncio.create_task(started.writer.submit(Put("a", hold=hold)))
    await asyncio.sleep(0.05)
    leaving.cancel()
    hold.set()
    await started.writer.submit(Put("b"))
    assert leaving.cancelled()
    assert await stored(started) == {"a": 0, "b": 1}


async def test_every_audience_gets_a_receipt_of_its_own(started):
    wraps = tuple(sorted((d_of("w1"), d_of("w2")), reverse=True))
    plans = (ReceiptPlan(SUBMITTER, wraps, (d_of("n"),)), ReceiptPlan("partner:ocmw", wraps[:1]))
    whole, _ = opened(await started.writer.submit(Put("a", plans=plans)), started)
    async with started.sessions() as session:
        rows = {row.audience: row for row in await session.scalars(select(StoredReceipt))}
    part, inclusion = opened(rows["partner:ocmw"].envelope, started)
    assert (whole.wraps, whole.notices) == (tuple(sorted(wraps)), (d_of("n"),))
    assert (part.wraps, part.notices, inclusion.index) == (wraps[:1], (), 0)
    assert part.nonce != whole.nonce
    for row in rows.values():
        media_type, payload, _ = dsse.open_envelope(row.envelope)
        assert row.d == dsse.digest(media_type, payload)


async def test_updates_run_after_the_rows_and_wakes_after_the_commit(started):
    statement = update(StoredObject).where(StoredObject.subject == "a").values(version=7)
    with started.wakeups.watch("person:1") as woken:
        await started.writer.submit(Put("a", updates=(statement,), wake=("person:1",)))
        assert woken.is_set()
    async with started.sessions() as session:
        assert await session.scalar(select(StoredObject.version)) == 7


async def test_the_head_holds_the_newest_checkpoint(started):
    await submit_all(started, *(Put(f"a{number}") for number in range(7)))
    async with started.sessions() as session:
        head = await session.get(LogHead, 1)
        assert await session.scalar(select(func.count()).select_from(LogHead)) == 1
    checked = tlog.verify_checkpoint(head.checkpoint, started.log.origin, started.log.public, signing.check)
    assert checked.size == head.size == 7


async def test_stopping_writes_what_was_taken_and_takes_no_more(started):
    waiting = [asyncio.create_task(started.writer.submit(Put(f"a{number}"))) for number in range(3)]
    await asyncio.sleep(0)
    started.writer.stop()
    with pytest.raises(Unavailable) as caught:
        await started.writer.submit(Put("late"))
    assert caught.value.code == "relay.stopping"
    assert [opened(await task, started)[1].index for task in waiting] == [0, 1, 2]


async def test_a_writer_that_is_cancelled_leaves_nobody_waiting(relay):
    await relay.start()
    task = relay._writing
    hold = asyncio.Event()
    first = asyncio.create_task(relay.writer.submit(Put("a", hold=hold)))
    second = asyncio.create_task(relay.writer.submit(Put("b")))
    await asyncio.sleep(0.05)
    task.cancel()
    results: list[Any] = [*await asyncio.gather(first, second, return_exceptions=True)]
    assert [result.code for result in results] == ["relay.stopping"] * 2
    assert await stored(relay) == {}


async def test_an_alarm_goes_before_what_waits_and_behind_the_alarms_before_it(started):
    gate = asyncio.Event()
    first = asyncio.create_task(started.writer.submit(Put("first", hold=gate)))
    await asyncio.sleep(0.05)
    plain = [asyncio.create_task(started.writer.submit(Put(f"plain{number}"))) for number in range(3)]
    await asyncio.sleep(0)
    alarms = [asyncio.create_task(started.writer.submit(Put(f"alarm{number}"), urgent=True)) for number in range(2)]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(first, *plain, *alarms)
    order = sorted((await stored(started)).items(), key=lambda item: item[1])
    assert [name for name, _ in order] == ["first", "alarm0", "alarm1", "plain0", "plain1", "plain2"]


async def test_a_full_queue_keeps_room_for_alarms(started, monkeypatch):
    monkeypatch.setattr("zegel_relay.storage.writer.MAX_WAITING", 2)
    monkeypatch.setattr("zegel_relay.storage.writer.KEPT_FOR_ALARMS", 1)
    gate = asyncio.Event()
    held = asyncio.create_task(started.writer.submit(Put("held", hold=gate)))
    await asyncio.sleep(0.05)
    waiting = [asyncio.create_task(started.writer.submit(Put(f"a{number}"))) for number in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable) as busy:
        await started.writer.submit(Put("one more"))
    assert busy.value.code == "relay.busy"
    alarm = asyncio.create_task(started.writer.submit(Put("alarm"), urgent=True))
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await started.writer.submit(Put("another alarm"), urgent=True)
    gate.set()
    await asyncio.gather(held, *waiting, alarm)
    assert set(await stored(started)) == {"held", "a0", "a1", "alarm"}
