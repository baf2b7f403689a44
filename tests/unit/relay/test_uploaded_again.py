"""Bytes that come once more while retention removes them, or after it did: kept for certain, or said not to be."""

import asyncio
import hashlib
import os

import pytest
from sqlalchemy import delete, select, update

from zegel_protocol import b64
from zegel_protocol.durations import DAY
from zegel_relay.retention import ciphertexts
from zegel_relay.services import blobs, uploads
from zegel_relay.services.errors import Conflict
from zegel_relay.storage.database import writing
from zegel_relay.storage.errors import Unavailable
from zegel_relay.storage.models import Blob
from zegel_relay.storage.partial_file import PartialFile

OCMW, LIMIT = "partner:ocmw", 300_000
SMALL, LARGE = b"small" * 100, os.urandom(200_000)


def ct_of(body):
    return b64.encode(hashlib.sha256(body).digest())


async def chunks_of(body):
    yield body


@pytest.fixture
def room(relay, clock):
    relay.blobs.prepare(clock.at)
    return relay.workroom()


@pytest.fixture
def upload(room, clock):
    async def upload(body, uploader=OCMW):
        await blobs.upload(room.sessions, room.blobs, uploader, ct_of(body), chunks_of(body), LIMIT, clock.at)

    return upload


@pytest.fixture
def upload_in_parts(room, clock):
    async def upload_in_parts(body, uploader=OCMW):
        stands = room.sessions, room.blobs, uploader, ct_of(body)
        state = await uploads.begin(*stands, len(body), LIMIT, clock.at)
        if not state.complete:
            state = await uploads.append(*stands, state.received, chunks_of(body[state.received :]), lambda: clock.at)
        return state.complete

    return upload_in_parts


async def stored(room):
    async with room.sessions() as session:
        return [(row.ct, row.erased_at) for row in await session.scalars(select(Blob))]


async def found(room, body, clock):
    async with room.sessions() as session:
        place = await blobs.find(session, room.blobs, ct_of(body), OCMW)
    return place if isinstance(place, bytes) else place.read_bytes()


@pytest.mark.parametrize("body", [SMALL, LARGE], ids=["small", "large"])
async def test_what_was_erased_and_comes_again_is_there_and_is_erased_again(room, upload, clock, body):
    await upload(body)
    async with writing(room.sessions) as session:
        await session.execute(update(Blob).values(message_d="m" * 43))
    assert await ciphertexts.erase_bodies(room, clock.at, dry=False) == 1
    with pytest.raises(Conflict) as caught:
        await found(room, body, clock)
    assert caught.value.code == "message.erased"
    await upload(body)
    assert await stored(room) == [(ct_of(body), None)]
    assert await found(room, body, clock) == body
    assert await ciphertexts.erase_bodies(room, clock.at + 1, dry=False) == 1
    assert await stored(room) == [(ct_of(body), clock.at + 1)]
    assert not room.blobs.path(ct_of(body)).exists()


async def test_an_erased_one_that_comes_in_parts_is_there_too(room, upload, upload_in_parts, clock):
    await upload(LARGE)
    async with writing(room.sessions) as session:
        await session.execute(update(Blob).values(message_d="m" * 43))
    await ciphertexts.erase_bodies(room, clock.at, dry=False)
    assert await upload_in_parts(LARGE)
    assert await found(room, LARGE, clock) == LARGE


async def test_what_comes_again_has_its_day_again(room, upload, clock):
    await upload(LARGE)
    clock.at += DAY + 1
    await upload(LARGE)
    assert await ciphertexts.sweep_unnamed(room, clock.at, dry=False) == 0
    assert await found(room, LARGE, clock) == LARGE
    assert await ciphertexts.sweep_unnamed(room, clock.at + DAY + 1, dry=False) == 1
    assert await stored(room) == []


async def sweep_around(room, path, upload):
    """Sweep a ciphertext, and have `upload` put its file in place before it is removed, and its row after."""
    before = path.stat().st_ino
    async with writing(room.sessions) as session:
        await session.execute(select(Blob.ct).with_for_update())
        uploading = asyncio.create_task(upload(LARGE))
        async with asyncio.timeout(10):
            while path.stat().st_ino == before:  # noqa: ASYNC110 - what is waited for is a file
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        assert not uploading.done()
        ciphertexts.remove_files([path])
        await session.execute(delete(Blob))
    await uploading


async def test_bytes_that_a_sweep_took_as_they_came_are_not_said_to_be_kept(room, upload, clock):
    await upload(LARGE)
    with pytest.raises(Unavailable) as caught:
        await sweep_around(room, room.blobs.path(ct_of(LARGE)), upload)
    assert caught.value.code == "relay.not-stored"
    assert await stored(room) == []
    await upload(LARGE)
    assert await found(room, LARGE, clock) == LARGE


async def test_an_upload_in_parts_whose_bytes_were_taken_begins_anew(room, upload, upload_in_parts, clock, monkeypatch):
    keep = PartialFile.keep

    def lose(file, path):
        keep(file, path)
        ciphertexts.remove_files([path])

    with monkeypatch.context() as patch:
        patch.setattr(PartialFile, "keep", lose)
        with pytest.raises(Unavailable) as caught:
            await upload_in_parts(LARGE)
    assert caught.value.code == "relay.not-stored"
    assert await stored(room) == []
    assert await upload_in_parts(LARGE)
    assert await found(room, LARGE, clock) == LARGE
