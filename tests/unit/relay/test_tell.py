"""The duty to tell is reminded each working day, until somebody was told."""

import pytest

from zegel_protocol.texts.civil_time import belgian_seconds
from zegel_relay.notify.tell import tell
from zegel_relay.outbox.handler import Done, Later
from zegel_relay.outbox.promise import promise
from zegel_relay.storage.database import writing
from zegel_relay.storage.models import MessageEvent, StoredNotice

PERSON, NOTICE, MESSAGE = "ab" * 16, "N" * 43, "M" * 43
FRIDAY = belgian_seconds(2026, 11, 27, 23, 59, 59)
ITEM = promise("tell", "partner:ocmw", NOTICE, FRIDAY, 1)


async def add(room, *rows):
    async with writing(room.sessions) as session:
        session.add_all(rows)


@pytest.fixture
async def room(relay):
    room = relay.workroom()
    notice = StoredNotice(d=NOTICE, person=PERSON, message_d=MESSAGE, envelope=b"", not_before=1, log_index=1)
    await add(room, notice)
    return room


def event(**changes: object) -> MessageEvent:
    told = {"d": "E" * 43, "message_d": MESSAGE, "reader": f"person:{PERSON}", "event": "told", "at": 1}
    return MessageEvent(**told | changes)


async def test_it_comes_again_at_the_end_of_the_next_working_day_and_wakes_the_partner(room):
    with room.wakeups.watch("partner:ocmw") as woken:
        assert await tell(room, ITEM, FRIDAY) == Later(belgian_seconds(2026, 11, 30, 23, 59, 59))
        assert woken.is_set()


async def test_once_somebody_was_told_it_is_done(room):
    await add(room, event())
    assert await tell(room, ITEM, FRIDAY) == Done()


@pytest.mark.parametrize(
    "other", [{"event": "opened"}, {"reader": "person:" + "cd" * 16}, {"message_d": "O" * 43}], ids=list("abc")
)
async def test_another_word_does_not_end_it(room, other):
    await add(room, event(**other))
    assert isinstance(await tell(room, ITEM, FRIDAY), Later)


async def test_a_notice_that_is_there_no_more_is_owed_no_more(room):
    gone = promise("tell", "partner:ocmw", "G" * 43, FRIDAY, 1)
    assert await tell(room, gone, FRIDAY) == Done()
