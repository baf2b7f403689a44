"""An alarm comes to each level once, whoever looks and however often; an opening ends it."""

from typing import cast

import msgspec
import pytest
from sqlalchemy import select

from unit.relay.test_growing_up import Room
from vectors.making.huis import make_rules
from vectors.making.object_samples import samples
from zegel_protocol.objects import Directory
from zegel_relay.notify.escalate import escalate, escalate_all
from zegel_relay.outbox.handler import Done, Later
from zegel_relay.outbox.promise import promise
from zegel_relay.services.alarm_course import KINDS, levels, opened
from zegel_relay.storage.database import writing
from zegel_relay.storage.models import Deadline, Message, MessageDelivery

D, DESK, NURSE = "A" * 43, "partner:desk", "partner:nurse"
SENT = 1_790_000_000
AFTER = [level.after for level in levels(make_rules().safety)]
ITEM = promise("alarm", DESK, D, SENT + AFTER[0], SENT)


@pytest.fixture
async def room(relay):
    held = Room(relay.workroom())
    book = await held.put(make_rules(), "", 1)
    directory = cast(Directory, samples()[Directory.KIND])
    await held.put(msgspec.structs.replace(directory, rulebook=book, base=None), "", 1)
    async with writing(held.room.sessions) as session:
        session.add(Message(d=D, id="0" * 36, sender=NURSE, recipient=DESK, log_index=9, accepted_at=SENT))
        session.add(MessageDelivery(message_d=D, reader=DESK, log_index=9, position=9, called_at=SENT))
    return held.room


async def course(room):
    async with room.sessions() as session:
        found = await session.scalars(select(Deadline).where(Deadline.object_d == D).order_by(Deadline.due_at))
        return [(row.kind, row.due_at - SENT, row.state) for row in found]


async def called_at(room):
    async with room.sessions() as session:
        return await session.scalar(select(MessageDelivery.called_at).where(MessageDelivery.message_d == D))


async def test_each_level_at_its_second_and_then_the_next(room):
    for number, after in enumerate(AFTER):
        assert await escalate(room, ITEM, SENT + after - 1) == Later(SENT + after)
        assert len(await course(room)) == number
        coming = AFTER[number + 1 :]
        expected = Later(SENT + coming[0]) if coming else Done()
        with room.wakeups.watch(DESK) as desk, room.wakeups.watch(NURSE) as nurse:
            assert await escalate(room, ITEM, SENT + after) == expected
            assert desk.is_set()
            assert nurse.is_set()
        assert await called_at(room) == SENT + after
    assert [(kind, after) for kind, after, _ in await course(room)] == list(zip(KINDS, AFTER, strict=True))


async def test_twice_is_once_and_calls_nobody_again(room):
    now = SENT + AFTER[0]
    await escalate(room, ITEM, now)
    with room.wakeups.watch(DESK) as woken:
        await escalate(room, ITEM, now + 5)
        await escalate_all(room, now + 5)
        assert not woken.is_set()
    assert len(await course(room)) == 1
    assert await called_at(room) == now


async def test_whoever_looks_late_finds_all_that_came_meanwhile(room):
    await escalate_all(room, SENT + AFTER[-1] + 1)
    assert [kind for kind, _, _ in await course(room)] == list(KINDS)
    assert await escalate(room, ITEM, SENT + AFTER[-1] + 2) == Done()
    assert len(await course(room)) == len(KINDS)


async def test_opened_it_is_over_and_what_it_came_to_is_done(room):
    await escalate(room, ITEM, SENT + AFTER[1])
    async with writing(room.sessions) as session:
        for statement in opened(D, DESK, SENT + AFTER[1] + 1, "B" * 43):
            await session.execute(statement)
    assert {state for _, _, state in await course(room)} == {"done"}
    assert await escalate(room, ITEM, SENT + AFTER[-1]) == Done()
    await escalate_all(room, SENT + AFTER[-1])
    assert len(await course(room)) == 2
    assert await called_at(room) is None


@pytest.mark.parametrize("ended", ["withdrawn_at", "erased_at"])
async def test_what_is_not_there_any_more_goes_no_further(room, ended):
    async with writing(room.sessions) as session:
        row = await session.get(MessageDelivery, (D, DESK))
        setattr(row, ended, SENT + 1)
    assert await escalate(room, ITEM, SENT + AFTER[-1]) == Done()
    await escalate_all(room, SENT + AFTER[-1])
    assert await course(room) == []


async def test_one_that_is_unknown_is_done(room):
    gone = promise("alarm", DESK, "G" * 43, SENT, SENT)
    assert await escalate(room, gone, SENT + AFTER[-1]) == Done()
