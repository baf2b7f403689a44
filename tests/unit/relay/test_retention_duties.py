"""How long conferences, objections, deadlines and what stands beside a message are kept."""

import itertools
from typing import cast

import msgspec
import pytest
from sqlalchemy import select

from vectors.making.object_samples import samples
from zegel_keys.envelopes import sign_payload
from zegel_keys.exhibit import read
from zegel_keys.signing import SigningKey
from zegel_protocol.durations import DAY
from zegel_protocol.objects import Conference, Finding, Objection
from zegel_protocol.objects.rulebook import RetentionRules
from zegel_relay.outbox.promise import REMIND, promise
from zegel_relay.retention.household_records import remove_records
from zegel_relay.retention.leftovers import drop_leftovers
from zegel_relay.retention.records import remove_messages
from zegel_relay.services.deadlines import open_deadline
from zegel_relay.storage.database import writing
from zegel_relay.storage.models import Deadline, Message, OutboxItem, StoredObject

RULES = RetentionRules(
    ciphertext_days=30, ciphertext_unopened_days=90, client_copy_days=720, record_days=1825, record_minor_until_age=23,
    refusal_days=90, refusal_least_count=5, advice_days=90, feedback_days=365,
)  # fmt: skip
BEGAN = 1_000
OVER = BEGAN + 1825 * DAY
INDEXES = itertools.count(1)
KEY = SigningKey.generate()
NURSE, OCMW = "partner:nurse", "partner:ocmw"


@pytest.fixture
def room(relay):
    return relay.workroom()


async def add(room, *rows):
    async with writing(room.sessions) as session:
        session.add_all(rows)


async def put(room, payload, at=BEGAN):
    """Store a record as if it had been accepted then; return its `D`."""
    envelope = sign_payload(payload, KEY)
    d = read(envelope).d
    stored = StoredObject(
        d=d, kind=payload.KIND, subject=payload.subject, household=None, version=0, envelope=envelope,
        log_index=next(INDEXES), accepted_at=at,
    )  # fmt: skip
    await add(room, stored)
    return d


async def left(room, model=StoredObject):
    async with room.sessions() as session:
        return set(await session.scalars(select(model.d)))


def message(thread, d="M" * 43):
    return Message(
        d=d, id=f"m-{d[0]}", sender=NURSE, recipient=OCMW, household="h", thread=thread, log_index=next(INDEXES),
        accepted_at=BEGAN,
    )  # fmt: skip


TABLE = cast(Conference, samples()[Conference.KIND])
OBJECTION = msgspec.structs.replace(cast(Objection, samples()[Objection.KIND]), withdraws=None)


async def test_a_conference_goes_whole_when_its_last_version_is_over(room):
    first = await put(room, TABLE)
    await put(room, msgspec.structs.replace(TABLE, version=2, prev=first, ended=True), BEGAN + DAY)
    assert await remove_records(room, RULES, OVER, dry=False) == 0
    assert await remove_records(room, RULES, OVER + DAY, dry=True) == 2
    assert len(await left(room)) == 2
    assert await remove_records(room, RULES, OVER + DAY, dry=False) == 2
    assert await left(room) == set()


async def test_a_conference_stays_while_a_message_of_it_is_there(room):
    d = await put(room, TABLE)
    await add(room, message(TABLE.id))
    assert await remove_records(room, RULES, OVER, dry=False) == 0
    assert await left(room) == {d}


async def test_an_objection_that_stands_is_never_over(room):
    stands = await put(room, OBJECTION)
    ended = await put(room, msgspec.structs.replace(OBJECTION, at=OBJECTION.at + 1))
    taken = await put(room, msgspec.structs.replace(OBJECTION, withdraws=ended), BEGAN + DAY)
    assert await remove_records(room, RULES, OVER, dry=False) == 0
    assert await remove_records(room, RULES, OVER + DAY, dry=False) == 2
    assert await left(room) == {stands}
    assert taken not in await left(room)


async def test_what_was_owed_about_no_message_is_kept_a_year_after_it_ended(room):
    open_one, done = open_deadline("accept-code", OCMW, "C" * 43, 1, 1), open_deadline("invite", OCMW, "C" * 43, 1, 1)
    of_message = open_deadline("reply", OCMW, "M" * 43, 1, 1, message_d="M" * 43)
    done.state, done.closed_at = "done", BEGAN
    of_message.state, of_message.closed_at = "done", BEGAN
    await add(room, open_one, done, of_message)
    assert await drop_leftovers(room, BEGAN + 365 * DAY, dry=False) == 0
    assert await drop_leftovers(room, BEGAN + 365 * DAY + 1, dry=False) == 1
    assert await left(room, Deadline) == {open_one.d, of_message.d}


async def test_with_a_message_goes_all_that_stands_beside_it(room):
    gone, stays = message(None), message(None, "N" * 43)
    stays.accepted_at = BEGAN + DAY
    finding = cast(Finding, samples()[Finding.KIND])
    await put(room, msgspec.structs.replace(finding, manifest=gone.d))
    other = await put(room, msgspec.structs.replace(finding, manifest=stays.d))
    owed = [open_deadline("reply", OCMW, row.d, 1, 1, message_d=row.d) for row in (gone, stays)]
    reminders = [promise(REMIND, OCMW, row.d, 1, 1) for row in owed]
    kept, last = owed[1].d, reminders[1].id
    await add(room, gone, stays, *owed, *reminders)
    assert await remove_messages(room, RULES, OVER, dry=False) == 1
    assert await left(room) == {other}
    assert await left(room, Deadline) == {kept}
    async with room.sessions() as session:
        assert set(await session.scalars(select(OutboxItem.id))) == {last}
