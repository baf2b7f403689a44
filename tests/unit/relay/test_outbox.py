"""Promised work: done at least once, by one at a time, later when it fails, and in the end a dead letter."""

import asyncio

import pytest
from sqlalchemy import select

from zegel_relay.outbox import dead_letters, queue
from zegel_relay.outbox.handler import Done, Later, WorkError
from zegel_relay.outbox.handlers import HANDLERS
from zegel_relay.outbox.promise import DEAD, DONE, WAITING, promise
from zegel_relay.outbox.retry import MAX_ATTEMPTS, retry_delay
from zegel_relay.outbox.work import HANDLER_SECONDS, work
from zegel_relay.storage.database import writing
from zegel_relay.storage.models import OutboxItem

KIND = "test"
DAY = 86_400


@pytest.fixture
def room(relay):
    return relay.workroom()


@pytest.fixture
def handle(monkeypatch):
    """Let `KIND` be done by a function; return what it was called with."""

    def handle(function):
        monkeypatch.setitem(HANDLERS, KIND, function)

    return handle


async def put(room, number=1, due_at=None):
    now = room.clock.now()
    item = promise(KIND, f"person:{number}", "d", now if due_at is None else due_at, now)
    async with writing(room.sessions) as session:
        session.add(item)
    return item.id


async def row(room, item_id):
    async with room.sessions() as session:
        return await session.scalar(select(OutboxItem).where(OutboxItem.id == item_id))


async def due(room):
    async with room.sessions() as session:
        return await queue.due(session, room.clock.now(), 10)


async def test_done_only_after_the_handler_returned(room, handle):
    item_id = await put(room)
    seen = []

    async def look(room, item, now):
        seen.append((await row(room, item.id)).state)
        return Done()

    handle(look)
    assert await work(room, item_id)
    assert (seen, (await row(room, item_id)).state) == ([WAITING], DONE)
    assert not await work(room, item_id)


async def test_two_workers_on_one_row_do_it_once(room, handle):
    item_id = await put(room)
    calls = []

    async def slowly(_room, item, _now):
        calls.append(item.id)
        await asyncio.sleep(0.05)
        return Done()

    handle(slowly)
    tries = await asyncio.gather(*(work(room, item_id) for _ in range(6)))
    assert (sum(tries), calls) == (1, [item_id])


async def test_a_row_of_a_worker_that_died_is_done_by_another(room, clock, handle):
    item_id = await put(room)
    assert await queue.claim(room.sessions, item_id, clock.at)
    calls = []

    async def done(_room, item, _now):
        calls.append(item.attempts)
        return Done()

    handle(done)
    assert not await work(room, item_id)
    assert await due(room) == []
    clock.at += queue.CLAIM_SECONDS
    assert await due(room) == [item_id]
    assert await work(room, item_id)
    assert calls == [2]


async def test_failing_work_is_tried_later_each_time_then_dead_and_replayed(room, clock, handle):
    item_id = await put(room)
    began = clock.at

    async def refuse(_room, _item, _now):
        raise WorkError("mail.refused")

    handle(refuse)
    delays = []
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert await work(room, item_id)
        held = await row(room, item_id)
        assert (held.attempts, held.error) == (attempt, "mail.refused")
        if held.state == WAITING:
            delays.append(held.due_at - clock.at)
            assert not await work(room, item_id)
            clock.at = held.due_at
    assert held.state == DEAD
    assert all(later > delay for delay, later in zip(delays, delays[2:], strict=False))
    assert DAY / 3 < clock.at - began < 2 * DAY
    assert [item.id for item in await dead_letters.list_dead(room.sessions)] == [item_id]

    async def done(_room, _item, _now):
        return Done()

    handle(done)
    assert not await work(room, item_id)
    assert await dead_letters.replay(room.sessions, [item_id], clock.at) == 1
    assert await work(room, item_id)
    assert (await row(room, item_id)).state == DONE


async def test_a_dead_letter_is_dropped_and_others_are_not(room, clock):
    item_id, other = await put(room, 1), await put(room, 2)
    async with writing(room.sessions) as session:
        item = await session.get_one(OutboxItem, item_id)
        item.state = DEAD
    assert await dead_letters.drop(room.sessions, [item_id, other]) == 1
    assert (await row(room, item_id), (await row(room, other)).state) == (None, WAITING)


async def test_a_row_that_kills_each_worker_ends_dead(room, clock):
    item_id = await put(room)
    for _ in range(MAX_ATTEMPTS):
        assert await queue.claim(room.sessions, item_id, clock.at)
        clock.at += queue.CLAIM_SECONDS
    assert await queue.claim(room.sessions, item_id, clock.at) is None
    held = await row(room, item_id)
    assert (held.state, held.error) == (DEAD, queue.LOST)


@pytest.mark.parametrize(
    ("failure", "code"), [(ValueError("+32 470"), "work.failed"), (TimeoutError(), "work.timeout")]
)
async def test_what_a_handler_did_not_foresee_is_tried_again(room, handle, failure, code):
    item_id = await put(room)

    async def break_down(_room, _item, _now):
        raise failure

    handle(break_down)
    assert await work(room, item_id)
    held = await row(room, item_id)
    assert (held.state, held.error) == (WAITING, code)


async def test_a_kind_that_nobody_knows_waits(room):
    item_id = await put(room)
    assert await work(room, item_id)
    assert ((await row(room, item_id)).state, (await row(room, item_id)).error) == (WAITING, "work.unknown-kind")


async def test_later_is_no_failure(room, clock, handle):
    item_id = await put(room)

    async def later(_room, _item, now):
        return Later(now + 3600)

    handle(later)
    assert await work(room, item_id)
    held = await row(room, item_id)
    assert (held.state, held.due_at, held.attempts, held.claimed_until) == (WAITING, clock.at + 3600, 0, 0)


async def test_the_word_of_a_worker_whose_claim_ran_out_does_not_undo_anothers(room, clock):
    item_id = await put(room)
    late = await queue.claim(room.sessions, item_id, clock.at)
    assert late is not None
    clock.at += queue.CLAIM_SECONDS
    second = await queue.claim(room.sessions, item_id, clock.at)
    assert second is not None
    await queue.fail(room.sessions, late, "work.timeout", 60, clock.at)
    assert (await row(room, item_id)).claimed_until == second.until
    await queue.finish(room.sessions, second, clock.at)
    await queue.fail(room.sessions, late, "work.timeout", 60, clock.at)
    assert (await row(room, item_id)).state == DONE


async def test_a_clock_that_is_put_back_leaves_no_row_claimed_for_hours(room, clock):
    item_id = await put(room, due_at=0)
    clock.at += 7200
    assert await queue.claim(room.sessions, item_id, clock.at)
    clock.at -= 7200
    assert await due(room) == [item_id]


async def test_done_rows_are_removed_after_some_days_and_dead_ones_stay(room, clock):
    done, dead, waiting = [await put(room, number) for number in range(3)]
    async with writing(room.sessions) as session:
        for item_id, state in ((done, DONE), (dead, DEAD)):
            item = await session.get_one(OutboxItem, item_id)
            item.state, item.ended_at = state, clock.at
    assert await queue.clean(room.sessions, clock.at + queue.KEEP_DONE_SECONDS) == 0
    assert await queue.clean(room.sessions, clock.at + queue.KEEP_DONE_SECONDS + 1) == 1
    assert [(await row(room, item_id)) is None for item_id in (done, dead, waiting)] == [True, False, False]


def test_delays_grow_and_are_spread():
    assert [retry_delay(attempt, 0.0) for attempt in (1, 2, 3)] == [60, 180, 540]
    assert (retry_delay(1, -1.0), retry_delay(1, 1.0)) == (30, 90)
    assert len({retry_delay(7) for _ in range(20)}) > 1
    assert HANDLER_SECONDS < queue.CLAIM_SECONDS


@pytest.mark.parametrize("code", ["Mail refused", "x" * 49, "", "mail..x", "a@b.be"])
def test_an_error_code_is_no_text(code):
    with pytest.raises(ValueError, match="code"):
        WorkError(code)
