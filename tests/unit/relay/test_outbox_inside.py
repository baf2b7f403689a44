"""The embedded relay's own worker and the periodic tasks: once a period, whatever clocks and handlers do."""

import asyncio

import pytest

from zegel_relay.outbox import inside, queue, schedule
from zegel_relay.outbox.handler import Done
from zegel_relay.outbox.handlers import HANDLERS
from zegel_relay.outbox.inside import InsideRunner
from zegel_relay.outbox.periodic import PERIODIC, Periodic
from zegel_relay.outbox.promise import DONE, promise
from zegel_relay.storage.batch import OUTBOX_KEY
from zegel_relay.storage.database import writing
from zegel_relay.storage.models import OutboxItem

TASK = "test-task"
EVERY = 3600


@pytest.fixture
def room(relay):
    return relay.workroom()


async def eventually(condition, seconds=5.0):
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - what is waited for is a row in the database
            await asyncio.sleep(0.02)


async def put(room, kind):
    item = promise(kind, "person:1", "d", room.clock.now(), room.clock.now())
    async with writing(room.sessions) as session:
        session.add(item)
    return item.id


async def is_done(room, item_id):
    async with room.sessions() as session:
        return (await session.get(OutboxItem, item_id)).state == DONE


async def test_of_many_schedulers_one_runs_a_task_in_each_period(room, clock):
    for _ in range(3):
        taken = await asyncio.gather(*(schedule.take(room.sessions, TASK, EVERY, clock.at) for _ in range(5)))
        assert sum(taken) == 1
        assert not await schedule.take(room.sessions, TASK, EVERY, clock.at + EVERY - 1)
        clock.at += EVERY


async def test_a_clock_that_is_put_back_neither_stops_nor_doubles_a_task(room, clock):
    assert await schedule.take(room.sessions, TASK, EVERY, clock.at)
    clock.at -= 10 * EVERY
    assert not await schedule.take(room.sessions, TASK, EVERY, clock.at)
    assert not await schedule.take(room.sessions, TASK, EVERY, clock.at + EVERY - 1)
    assert await schedule.take(room.sessions, TASK, EVERY, clock.at + EVERY)


async def test_a_failing_task_keeps_no_other_from_running(room, monkeypatch, caplog):
    ran = []

    async def break_down(_room, _now):
        raise RuntimeError

    async def run(_room, now):
        ran.append(now)

    for name in list(PERIODIC):
        monkeypatch.delitem(PERIODIC, name)
    monkeypatch.setitem(PERIODIC, "a", Periodic(EVERY, break_down))
    monkeypatch.setitem(PERIODIC, "b", Periodic(EVERY, run))
    assert await schedule.run_due(room) == 2
    assert await schedule.run_due(room) == 0
    assert ran == [room.clock.now()]


async def test_a_started_relay_does_what_is_promised_as_soon_as_it_is_called(settings, relay, room, monkeypatch):
    object.__setattr__(settings, "work", "inside")

    async def done(_room, _item, _now):
        return Done()

    monkeypatch.setitem(HANDLERS, "test", done)
    monkeypatch.setattr(inside, "POLL_SECONDS", 60)
    await relay.start()
    await asyncio.sleep(0.1)
    item_id = await put(room, "test")
    relay.wakeups.notify(OUTBOX_KEY)
    await eventually(lambda: is_done(room, item_id))


async def test_a_relay_whose_work_is_outside_does_none(settings, relay, room, monkeypatch):
    async def done(_room, _item, _now):
        return Done()

    monkeypatch.setitem(HANDLERS, "test", done)
    assert settings.work == "outside"
    await relay.start()
    item_id = await put(room, "test")
    relay.wakeups.notify(OUTBOX_KEY)
    await asyncio.sleep(0.3)
    async with room.sessions() as session:
        assert (await session.get(OutboxItem, item_id)).attempts == 0


async def test_a_database_that_fails_stops_work_for_a_moment_only(room, monkeypatch, caplog):
    async def done(_room, _item, _now):
        return Done()

    monkeypatch.setitem(HANDLERS, "test", done)
    monkeypatch.setattr(inside, "POLL_SECONDS", 0.05)
    due, failures = queue.due, list[int]()

    async def fail_twice(*arguments):
        if len(failures) < 2:
            failures.append(1)
            raise OSError("disk I/O error")
        return await due(*arguments)

    monkeypatch.setattr(queue, "due", fail_twice)
    item_id = await put(room, "test")
    runner = InsideRunner(room)
    runner.start()
    await eventually(lambda: is_done(room, item_id))
    await runner.stop()


async def test_stopping_lets_begun_work_end_and_cuts_off_what_does_not(room, monkeypatch):
    begun, ended = asyncio.Event(), []

    async def slowly(_room, _item, _now):
        begun.set()
        await asyncio.sleep(0.2)
        ended.append(1)
        return Done()

    async def never(_room, _item, _now):
        begun.set()
        await asyncio.sleep(3600)
        return Done()

    monkeypatch.setitem(HANDLERS, "slow", slowly)
    monkeypatch.setitem(HANDLERS, "never", never)
    item_id = await put(room, "slow")
    runner = InsideRunner(room)
    runner.start()
    await begun.wait()
    await runner.stop()
    assert ended == [1]
    assert await is_done(room, item_id)
    begun.clear()
    item_id = await put(room, "never")
    runner = InsideRunner(room)
    runner.start()
    await begun.wait()
    await runner.stop(0.05)
    assert not await is_done(room, item_id)
