"""Ciphertexts: kept whole or not at all, bound to who uploaded them, read by whom they were delivered to."""

import asyncio
import hashlib
import os
import stat

import aiohttp
import msgspec
import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import insert, select, update

from zegel_keys.http_signature import sign_request
from zegel_protocol import b64
from zegel_protocol.errors import MalformedError
from zegel_relay.api.app import create_app
from zegel_relay.services import blobs
from zegel_relay.storage.blobs import ABANDONED_AFTER, INLINE_BYTES, BlobStore
from zegel_relay.storage.database import writing
from zegel_relay.storage.models import Blob, MessageDelivery, MessageEntry, StoredNotice

PUBLIC = "https://relay.example"
PERSON = "a" * 32
SMALL = b"small" * 100
LARGE = os.urandom(200_000)


def ct_of(body):
    return b64.encode(hashlib.sha256(body).digest())


async def chunks_of(body, size=50_000):
    for start in range(0, len(body), size):
        yield body[start : start + size]


def files_in(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def store(tmp_path, clock):
    store = BlobStore(tmp_path / "blobs")
    store.prepare(clock.at)
    return store


@pytest.fixture
async def http(relay):
    server = TestServer(create_app(relay))
    async with server, aiohttp.ClientSession(base_url=server.make_url("/"), auto_decompress=False) as session:
        yield session


@pytest.fixture
def ask(http, signers, clock):
    """Put or get a blob as a partner; return status, and the body or the problem's code."""

    async def ask(method, ct, partner="ocmw", body=None, **headers):
        keyid = next(name for name in signers if f":{partner}/" in name)
        path = f"/v1/blobs/{ct}"
        signed = sign_request(method, PUBLIC + path, signers[keyid], keyid, clock.at)
        if body is not None:
            signed["Content-Type"] = "application/octet-stream"
        async with http.request(method, path, data=body, headers=signed | headers) as response:
            content = await response.read()
            if response.content_type == "application/problem+json":
                return response.status, msgspec.json.decode(content)["code"]
            if method == "GET":
                assert response.headers["Content-Type"] == "application/octet-stream"
                assert response.headers["Content-Disposition"] == "attachment"
                assert response.headers["X-Content-Type-Options"] == "nosniff"
            return response.status, content

    return ask


@pytest.mark.parametrize("size", [0, 1, INLINE_BYTES, INLINE_BYTES + 1, 200_000])
async def test_a_body_is_kept_whole_in_its_row_or_in_a_file(store, tmp_path, size):
    body = os.urandom(size)
    received = await store.receive(ct_of(body), chunks_of(body), 300_000)
    assert received.size == size
    if size <= INLINE_BYTES:
        assert received.body == body
        assert files_in(tmp_path / "blobs") == []
    else:
        path = store.path(ct_of(body))
        assert (received.body, path.read_bytes()) == (None, body)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert files_in(tmp_path / "blobs") == [path.name]


@pytest.mark.parametrize("size", [10, 200_000])
async def test_bytes_that_are_not_those_of_the_name_leave_nothing(store, tmp_path, size):
    with pytest.raises(MalformedError) as caught:
        await store.receive(ct_of(b"other"), chunks_of(bytes(size)), 300_000)
    assert caught.value.code == "blob.digest"
    assert files_in(tmp_path / "blobs") == []


async def test_too_many_bytes_are_refused_as_they_come(store, tmp_path):
    read = 0

    async def endless():
        nonlocal read
        while True:
            read += 10_000
            yield bytes(10_000)

    with pytest.raises(MalformedError) as caught:
        await store.receive(ct_of(b""), endless(), 100_000)
    assert caught.value.code == "blob.too-large"
    assert read == 110_000
    assert files_in(tmp_path / "blobs") == []


async def test_an_upload_that_is_cut_off_leaves_nothing(store, tmp_path):
    async def broken():
        yield LARGE[:100_000]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await store.receive(ct_of(LARGE), broken(), 300_000)
    assert files_in(tmp_path / "blobs") == []


def test_what_a_crash_left_is_cleared_away_after_a_day(tmp_path, clock):
    store = BlobStore(tmp_path / "blobs")
    store.prepare(clock.at)
    old, new = (tmp_path / "blobs" / "partial" / name for name in ("old", "new"))
    for file, age in ((old, ABANDONED_AFTER + 1), (new, ABANDONED_AFTER - 1)):
        file.write_bytes(b"x")
        os.utime(file, (clock.at - age, clock.at - age))
    store.prepare(clock.at)
    assert files_in(tmp_path / "blobs") == ["new"]
    assert stat.S_IMODE((tmp_path / "blobs").stat().st_mode) == 0o700


@pytest.mark.parametrize("body", [SMALL, LARGE], ids=["small", "large"])
async def test_an_upload_comes_back_to_its_uploader_and_again_is_as_new(ask, relay, clock, body):
    ct = ct_of(body)
    assert await ask("PUT", ct, body=body) == (204, b"")
    clock.at += 60
    assert await ask("PUT", ct, body=body) == (204, b"")
    assert await ask("GET", ct) == (200, body)
    async with relay.sessions() as session:
        row = (await session.scalars(select(Blob))).one()
    assert (row.size, row.uploader, row.created_at, row.message_d) == (len(body), "partner:ocmw", clock.at, None)


async def test_the_same_upload_twice_at_once_is_one(ask):
    results = await asyncio.gather(*(ask("PUT", ct_of(LARGE), body=LARGE) for _ in range(4)))
    assert results == [(204, b"")] * 4
    assert await ask("GET", ct_of(LARGE)) == (200, LARGE)


async def test_another_partner_can_neither_claim_nor_read_it(ask):
    assert await ask("PUT", ct_of(SMALL), body=SMALL) == (204, b"")
    assert await ask("PUT", ct_of(SMALL), partner="clb", body=SMALL) == (409, "blob.bound")
    assert await ask("GET", ct_of(SMALL), partner="clb") == (404, "blob.unknown")
    assert await ask("GET", ct_of(b"nothing"), partner="clb") == (404, "blob.unknown")


async def test_the_address_must_name_the_bytes(ask, tmp_path):
    assert await ask("PUT", ct_of(b"other"), body=SMALL) == (400, "blob.digest")
    assert await ask("PUT", ct_of(b"other"), body=LARGE) == (400, "blob.digest")
    assert await ask("PUT", "short", body=SMALL) == (400, "request.malformed")
    assert await ask("PUT", ct_of(bytes(300_001)), body=bytes(300_001)) == (413, "blob.too-large")
    assert files_in(tmp_path / "blobs") == []


async def test_an_upload_without_signature_is_not_read(http, tmp_path):
    headers = {"Content-Type": "application/octet-stream"}
    async with http.put(f"/v1/blobs/{ct_of(LARGE)}", data=LARGE, headers=headers) as response:
        assert response.status == 401
    assert files_in(tmp_path / "blobs") == []


async def test_a_compressed_upload_is_refused(ask):
    assert await ask("PUT", ct_of(SMALL), body=SMALL, **{"Content-Encoding": "gzip"}) == (415, "http.media-type")


async def test_a_part_of_a_large_one_may_be_asked_for(ask):
    await ask("PUT", ct_of(LARGE), body=LARGE)
    assert await ask("GET", ct_of(LARGE), Range="bytes=100000-100009") == (206, LARGE[100_000:100_010])


async def test_a_large_one_that_was_lost_is_the_relays_fault(ask, relay):
    await ask("PUT", ct_of(LARGE), body=LARGE)
    relay.blobs.path(ct_of(LARGE)).unlink()
    assert await ask("GET", ct_of(LARGE)) == (503, "blob.missing")
    assert await ask("PUT", ct_of(LARGE), body=LARGE) == (204, b"")
    assert await ask("GET", ct_of(LARGE)) == (200, LARGE)


@pytest.fixture
async def entry(relay):
    """An entry that ocmw uploaded, for clb and a person to read, not delivered yet."""
    ct, message = ct_of(SMALL), ct_of(b"message")
    readers = blobs.join_readers(["partner:clb", f"person:{PERSON}"])
    async with writing(relay.sessions) as session:
        await session.execute(insert(Blob).values(ct=ct, size=1, uploader="partner:ocmw", created_at=1, body=SMALL))
        session.add(MessageEntry(d=ct_of(b"entry"), message_d=message, n=0, ct=ct, payload=b"{}", readers=readers))
        for reader in ("partner:clb", f"person:{PERSON}", "partner:caw"):
            session.add(MessageDelivery(message_d=message, reader=reader, log_index=0))
    return ct, message


async def may_read(relay, ct, party):
    async with relay.sessions() as session:
        return await blobs.may_read(session, ct, party)


async def deliver(relay, **values):
    async with writing(relay.sessions) as session:
        await session.execute(update(MessageDelivery).values(**values))


async def test_a_partner_reads_what_was_delivered_and_not_withdrawn(relay, entry):
    ct, _ = entry
    assert await may_read(relay, ct, "partner:ocmw")
    assert not await may_read(relay, ct, "partner:clb")
    await deliver(relay, delivered_at=5)
    assert await may_read(relay, ct, "partner:clb")
    # Delivered to, but no reader of this entry; and names that only begin alike.
    for party in ("partner:caw", "partner:cl", "partner:clb2", "person:" + "b" * 32):
        assert not await may_read(relay, ct, party)
    await deliver(relay, withdrawn_at=6)
    assert not await may_read(relay, ct, "partner:clb")
    assert await may_read(relay, ct, "partner:ocmw")


async def test_a_delivery_of_another_message_counts_for_nothing(relay, entry):
    ct, _ = entry
    await deliver(relay, delivered_at=5, message_d=ct_of(b"another"))
    assert not await may_read(relay, ct, "partner:clb")


async def test_a_person_reads_their_copy_but_not_before_the_notice(relay, entry):
    ct, message = entry
    assert await may_read(relay, ct, f"person:{PERSON}")
    async with writing(relay.sessions) as session:
        notice = StoredNotice(
            d=ct_of(b"n"), person=PERSON, message_d=message, envelope=b"{}", not_before=2000, log_index=0, due_at=2000
        )
        session.add(notice)
    assert not await may_read(relay, ct, f"person:{PERSON}")
    async with writing(relay.sessions) as session:
        await session.execute(update(StoredNotice).values(position=1))
    assert await may_read(relay, ct, f"person:{PERSON}")


async def test_what_was_delivered_comes_over_http(ask, relay, entry):
    ct, _ = entry
    assert await ask("GET", ct, partner="clb") == (404, "blob.unknown")
    await deliver(relay, delivered_at=5)
    assert await ask("GET", ct, partner="clb") == (200, SMALL)
