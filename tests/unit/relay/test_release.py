"""A notice that waited gets its place when it falls due, once, behind all that was accepted before."""

import pytest
from sqlalchemy import select, update

from unit.relay.test_writer import Put
from zegel_protocol.positions import first_position, positions_due
from zegel_relay.notify.release import CROWDED_SECONDS, release, release_due
from zegel_relay.outbox.handler import Done, Later
from zegel_relay.outbox.promise import promise
from zegel_relay.services.held_back import own_position
from zegel_relay.storage.database import writing
from zegel_relay.storage.models import MessageDelivery, StoredNotice

PERSON, OTHER = "ab" * 16, "cd" * 16
DUE = 1_790_003_600


@pytest.fixture
async def room(relay):
    """A workroom on a log of three entries. What a release promises besides is tried end to end."""
    await relay.start()
    for number in range(3):
        await relay.writer.submit(Put(f"{number}"))
    return relay.workroom()


async def put(room, number=0, person=PERSON, index=0, due_at=DUE, position=None):
    d = f"{number:043}"
    async with writing(room.sessions) as session:
        session.add(
            StoredNotice(
                d=d,
                person=person,
                message_d=d,
                envelope=b"",
                not_before=DUE,
                log_index=index,
                due_at=due_at,
                position=position,
            )
        )
        session.add(MessageDelivery(message_d=d, reader=f"person:{person}", log_index=index, position=position))
    return promise("release", f"person:{person}", d, due_at, 1)


async def places(room):
    async with room.sessions() as session:
        notices = dict(list(await session.execute(select(StoredNotice.d, StoredNotice.position))))
        copies = await session.execute(select(MessageDelivery.message_d, MessageDelivery.position))
        assert dict(list(copies)) == notices
    return {int(d): position for d, position in notices.items()}


async def test_before_its_time_it_has_no_place(room):
    item = await put(room)
    assert await release(room, item, DUE - 1) == Later(DUE)
    assert await release_due(room, DUE - 1) == 0
    assert await places(room) == {0: None}


async def test_at_its_time_it_stands_behind_the_last_entry_and_wakes_its_person(room):
    item = await put(room)
    with room.wakeups.watch(f"person:{PERSON}") as woken:
        assert await release(room, item, DUE) == Done()
        assert woken.is_set()
    assert await places(room) == {0: first_position(2) + 1}


async def test_twice_is_once(room):
    item = await put(room)
    await release(room, item, DUE)
    assert await release(room, item, DUE + 100) == Done()
    assert await release_due(room, DUE + 100) == 0
    assert await places(room) == {0: first_position(2) + 1}


async def test_a_review_may_have_moved_it_either_way(room):
    item = await put(room)
    async with writing(room.sessions) as session:
        await session.execute(update(StoredNotice).values(due_at=DUE + 500))
    assert await release(room, item, DUE) == Later(DUE + 500)
    async with writing(room.sessions) as session:
        await session.execute(update(StoredNotice).values(due_at=DUE - 500))
    # The promise may lie in the future still: the look at all that is due finds it.
    assert await release_due(room, DUE - 500) == 1


async def test_each_persons_places_are_counted_by_themselves(room):
    await put(room, 0, position=own_position(f"person:{PERSON}", 2))
    for number in (1, 2):
        await put(room, number, index=1)
    await put(room, 3, person=OTHER, index=1)
    assert await release_due(room, DUE) == 3
    found = await places(room)
    assert {found[1], found[2]} == {first_position(2) + 1, first_position(2) + 2}
    assert found[3] == first_position(2) + 1


async def test_when_every_place_is_taken_it_waits_for_the_log_to_grow(relay, room):
    await put(room, 0, position=positions_due(3)[-1])
    item = await put(room, 1)
    assert await release(room, item, DUE) == Later(DUE + CROWDED_SECONDS)
    await relay.writer.submit(Put("one more"))
    assert await release(room, item, DUE + CROWDED_SECONDS) == Done()
    assert (await places(room))[1] == first_position(3) + 1


async def test_one_that_is_there_no_more_is_released_no_more(room):
    gone = promise("release", f"person:{PERSON}", "G" * 43, DUE, 1)
    assert await release(room, gone, DUE) == Done()
