"""Retention on rows made by hand: what ends at which second, and what stays. Whole messages: `integration/`."""

import hashlib
import itertools

import pytest
from sqlalchemy import func, select

from zegel_protocol import b64
from zegel_protocol.durations import DAY
from zegel_protocol.objects.rulebook import RetentionRules
from zegel_relay.retention import ciphertexts, counts, deliveries, rules
from zegel_relay.retention.run import run_retention
from zegel_relay.storage.database import writing
from zegel_relay.storage.models import (
    Blob,
    Message,
    MessageDelivery,
    MessageEntry,
    MessageEvent,
    MessageWraps,
    RefusalCount,
    StoredObject,
    Upload,
)

INDEXES = itertools.count(1000)
OCMW, ELIF = "partner:ocmw", "person:" + "1" * 32
RULES = RetentionRules(
    ciphertext_days=30, ciphertext_unopened_days=90, client_copy_days=720, record_days=1825, record_minor_until_age=23,
    refusal_days=90, refusal_least_count=5, advice_days=90, feedback_days=365,
)  # fmt: skip


def digest(name):
    return b64.encode(hashlib.sha256(str(name).encode()).digest())


@pytest.fixture
def room(relay, settings, clock):
    relay.blobs.prepare(clock.at)
    return relay.workroom()


async def add(room, *rows):
    async with writing(room.sessions) as session:
        session.add_all(rows)


async def count(room, table, *which):
    async with room.sessions() as session:
        return await session.scalar(select(func.count()).select_from(table).where(*which))


async def send(room, number, at, readers=(OCMW, ELIF), delivered=None, body=b"ciphertext"):
    """Put a message with one section, accepted at a time, with wraps for each reader."""
    d, ct = digest(f"message{number}"), digest(f"ct{number}")
    await add(
        room,
        Message(
            d=d, id=f"id{number}", sender="partner:nurse", recipient=OCMW, household="2" * 32, thread=None,
            log_index=number, accepted_at=at,
        ),
        MessageEntry(d=digest(f"entry{number}"), message_d=d, n=0, ct=ct, payload=b"{}", readers=" ".join(readers)),
        Blob(ct=ct, size=10, uploader="partner:nurse", created_at=at, message_d=d, body=body),
        *(
            MessageWraps(d=digest(f"wraps{number}{reader}"), message_d=d, reader=reader, envelope=b"{}")
            for reader in readers
        ),
        *(
            MessageDelivery(message_d=d, reader=reader, log_index=number, delivered_at=delivered) for reader in readers
        ),
    )  # fmt: skip
    return d, ct


async def opened(room, number, reader, at, event="opened"):
    d = digest(f"event{number}{at}{event}")
    await add(
        room,
        MessageEvent(d=d, message_d=digest(f"message{number}"), reader=reader, event=event, at=at + 10**9),
        StoredObject(
            d=d,
            kind="acknowledgement",
            subject="",
            version=0,
            envelope=b"{}",
            log_index=next(INDEXES),
            accepted_at=at,
        ),
    )


async def delivery(room, d, reader):
    async with room.sessions() as session:
        return await session.get(MessageDelivery, (d, reader))


async def test_a_partners_wraps_go_thirty_days_after_its_last_opening(room, clock):
    began = clock.at
    d, _ = await send(room, 1, began, delivered=began)
    await opened(room, 1, OCMW, began + 100)
    await opened(room, 1, OCMW, began + 5 * DAY)
    # What a colleague wrapped for one device goes with them.
    await add(room, MessageWraps(d=digest("again"), message_d=d, reader=f"rewrap:{'3' * 32}", envelope=b"{}"))
    last = began + 5 * DAY + 30 * DAY
    assert await deliveries.end_deliveries(room, RULES, last - 1, dry=False) == 0
    assert await deliveries.end_deliveries(room, RULES, last, dry=True) == 1
    assert await count(room, MessageWraps) == 3
    assert await deliveries.end_deliveries(room, RULES, last, dry=False) == 1
    assert (await delivery(room, d, OCMW)).erased_at == last
    assert (await delivery(room, d, OCMW)).withdrawn_at is None
    assert (await delivery(room, d, ELIF)).erased_at is None
    assert await count(room, MessageWraps, MessageWraps.reader != ELIF) == 0
    assert await deliveries.end_deliveries(room, RULES, last, dry=False) == 0


async def test_what_is_opened_again_and_again_ends_after_ninety_days_all_the_same(room, clock):
    await send(room, 1, clock.at, delivered=clock.at)
    await opened(room, 1, OCMW, clock.at + 89 * DAY)
    assert await deliveries.end_deliveries(room, RULES, clock.at + 90 * DAY - 1, dry=False) == 0
    assert await deliveries.end_deliveries(room, RULES, clock.at + 90 * DAY, dry=False) == 1


async def test_another_readers_opening_and_another_event_are_not_the_recipients(room, clock):
    await send(room, 1, clock.at, readers=(OCMW, "partner:clb"), delivered=clock.at)
    await opened(room, 1, "partner:clb", clock.at)
    await opened(room, 1, OCMW, clock.at, event="received")
    assert await deliveries.end_deliveries(room, RULES, clock.at + 30 * DAY, dry=False) == 1
    assert (await delivery(room, digest("message1"), OCMW)).erased_at is None


async def test_what_was_never_handed_out_is_withdrawn_at_the_end(room, clock):
    d, _ = await send(room, 1, clock.at)
    end = clock.at + 90 * DAY
    assert await deliveries.end_deliveries(room, RULES, end, dry=False) == 1
    held = await delivery(room, d, OCMW)
    assert (held.withdrawn_at, held.erased_at) == (end, end)
    assert (await delivery(room, d, ELIF)).withdrawn_at is None


async def test_withdrawn_wraps_go_at_once(room, clock):
    d, _ = await send(room, 1, clock.at)
    async with writing(room.sessions) as session:
        held = await session.get_one(MessageDelivery, (d, OCMW))
        held.withdrawn_at = clock.at
    assert await deliveries.end_deliveries(room, RULES, clock.at + 1, dry=False) == 1
    assert (await delivery(room, d, OCMW)).withdrawn_at == clock.at


async def test_many_batches_end_in_one_run(room, clock, monkeypatch):
    monkeypatch.setattr(deliveries, "BATCH", 3)
    monkeypatch.setattr(ciphertexts, "BATCH", 3)
    for number in range(10):
        await send(room, number, clock.at, readers=(OCMW,))
    assert await deliveries.end_deliveries(room, RULES, clock.at + 90 * DAY, dry=True) == 10
    assert await deliveries.end_deliveries(room, RULES, clock.at + 90 * DAY, dry=False) == 10
    assert await ciphertexts.erase_bodies(room, clock.at, dry=True) == 10
    assert await ciphertexts.erase_bodies(room, clock.at, dry=False) == 10
    assert await count(room, Blob, Blob.body.is_not(None)) == 0


async def test_bytes_go_when_the_last_readers_period_is_over(room, clock):
    _, ct = await send(room, 1, clock.at, delivered=clock.at, body=None)
    path = room.blobs.path(ct)
    path.parent.mkdir()
    path.write_bytes(b"x" * 70_000)
    assert await deliveries.end_deliveries(room, RULES, clock.at + 90 * DAY, dry=False) == 1
    assert await ciphertexts.erase_bodies(room, clock.at + 90 * DAY, dry=False) == 0
    end = clock.at + 720 * DAY
    assert await deliveries.end_deliveries(room, RULES, end, dry=False) == 1
    assert await ciphertexts.erase_bodies(room, end, dry=True) == 1
    assert path.exists()
    assert await ciphertexts.erase_bodies(room, end, dry=False) == 1
    assert not path.exists()
    assert await count(room, Blob, Blob.erased_at == end) == 1
    assert await ciphertexts.erase_bodies(room, end, dry=False) == 0
    # A person's wraps open nothing any more, and stay: the page of what was shared is checked by them.
    assert await count(room, MessageWraps) == 1


async def test_a_run_that_was_cut_off_between_file_and_row_is_mended(room, clock):
    """The file is gone and its row does not say so yet."""
    await send(room, 1, clock.at, body=None)
    await deliveries.end_deliveries(room, RULES, clock.at + 720 * DAY, dry=False)
    assert await ciphertexts.erase_bodies(room, clock.at, dry=False) == 1


async def test_ciphertexts_that_no_message_names_go_after_a_day(room, clock):
    await send(room, 1, clock.at)
    old, new = digest("old"), digest("new")
    for ct, at in ((old, clock.at), (new, clock.at + 10)):
        await add(room, Blob(ct=ct, size=70_000, uploader=OCMW, created_at=at, message_d=None, body=None))
        room.blobs.path(ct).parent.mkdir(exist_ok=True)
        room.blobs.path(ct).write_bytes(b"x" * 70_000)
    now = clock.at + DAY + 1
    assert await ciphertexts.sweep_unnamed(room, now, dry=True) == 1
    assert await ciphertexts.sweep_unnamed(room, now, dry=False) == 1
    assert [room.blobs.path(ct).exists() for ct in (old, new)] == [False, True]
    assert await count(room, Blob) == 2


async def test_abandoned_uploads_go_after_a_day(room, clock):
    await add(room, Upload(ct=digest("u"), uploader=OCMW, size=10**6, received=5, file="a" * 32, changed_at=clock.at))
    room.blobs.partial("a" * 32).write_bytes(b"x" * 5)
    assert await ciphertexts.sweep_uploads(room, clock.at + DAY, dry=False) == 0
    assert await ciphertexts.sweep_uploads(room, clock.at + DAY + 1, dry=True) == 1
    assert await ciphertexts.sweep_uploads(room, clock.at + DAY + 1, dry=False) == 1
    assert not room.blobs.partial("a" * 32).exists()
    assert await count(room, Upload) == 0


async def test_small_counts_go_after_their_days_and_large_ones_stay(room, clock):
    day = 1_790_000_000 // DAY * DAY
    rows = {("2026-06-23", 4), ("2026-06-23", 5), ("2026-06-24", 1)}
    await add(room, *(RefusalCount(day=day, code=f"code-{n}", count=n) for day, n in rows))
    now = day + DAY
    assert await counts.drop_small_counts(room, RULES, now, dry=True) == 1
    assert await counts.drop_small_counts(room, RULES, now, dry=False) == 1
    async with room.sessions() as session:
        left = {(row.day, row.count) for row in await session.scalars(select(RefusalCount))}
    assert left == {("2026-06-23", 5), ("2026-06-24", 1)}


async def test_without_a_rulebook_nothing_of_a_message_ends(room, clock):
    await send(room, 1, clock.at)
    ended = await run_retention(room, clock.at + 10_000 * DAY)
    assert set(vars(ended).values()) == {0}
    assert await count(room, MessageWraps) == 2


async def test_a_look_ahead_changes_nothing(room, clock, monkeypatch):
    async def in_force(_session):
        return RULES

    monkeypatch.setattr(rules, "in_force", in_force)
    await send(room, 1, clock.at)
    await add(room, Blob(ct=digest("x"), size=1, uploader=OCMW, created_at=0, message_d=None, body=b"x"))
    ended = await run_retention(room, clock.at + 720 * DAY, dry=True)
    assert (ended.deliveries, ended.unnamed) == (2, 1)
    assert (await count(room, MessageWraps), await count(room, Blob)) == (2, 2)
