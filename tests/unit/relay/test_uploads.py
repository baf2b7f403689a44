"""Uploads in parts: continued from what is durable, thrown away when the bytes are others, never half a blob."""

import asyncio
import errno
import hashlib
import os
import stat

import aiohttp
import msgspec
import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from zegel_keys.http_signature import sign_request
from zegel_protocol import b64
from zegel_relay.api.app import create_app
from zegel_relay.services import uploads
from zegel_relay.services.blobs import RESERVE
from zegel_relay.storage.blobs import ABANDONED_AFTER
from zegel_relay.storage.models import Blob, Upload
from zegel_relay.storage.partial_file import PartialFile

PUBLIC = "https://relay.example"
BODY = os.urandom(200_000)
CUT, WHOLE = 80_000, 200_000


def ct_of(body):
    return b64.encode(hashlib.sha256(body).digest())


CT = ct_of(BODY)


@pytest.fixture
async def http(relay):
    server = TestServer(create_app(relay))
    async with server, aiohttp.ClientSession(base_url=server.make_url("/"), auto_decompress=False) as session:
        yield session


@pytest.fixture
def ask(http, signers, clock):
    """Begin or continue an upload as a partner, or get a blob; return status, and the answer or the problem's code."""

    async def ask(method, path, partner="ocmw", body=None):
        keyid = next(name for name in signers if f":{partner}/" in name)
        headers = sign_request(method, PUBLIC + path, signers[keyid], keyid, clock.at)
        if method == "PUT":
            headers["Content-Type"] = "application/octet-stream"
        async with http.request(method, path, data=body, headers=headers) as response:
            content = await response.read()
            if response.content_type == "application/problem+json":
                return response.status, msgspec.json.decode(content)["code"]
            if response.content_type == "application/json":
                state = msgspec.json.decode(content)
                return response.status, (state["received"], state["complete"])
            return response.status, content

    return ask


@pytest.fixture
def begin(ask):
    return lambda ct=CT, size=WHOLE, **more: ask("POST", f"/v1/uploads/{ct}?size={size}", **more)


@pytest.fixture
def send(ask):
    return lambda start, body, ct=CT, **more: ask("PUT", f"/v1/uploads/{ct}?from={start}", body=body, **more)


def folder_of(relay):
    return sorted(path.name for path in relay.settings.blob_folder.rglob("*") if path.is_file())


def size_of(path):
    return path.stat().st_size if path.exists() else 0


async def broken(body, arrived):
    """Send a body, and break off once it arrived, as a line does that is cut."""
    yield body
    for _ in range(1000):
        if arrived():
            break
        await asyncio.sleep(0.02)
    raise ConnectionResetError


def taken(path):
    file = PartialFile.take(path)
    assert file is not None
    return file


async def rows(relay, model):
    async with relay.sessions() as session:
        return list(await session.scalars(select(model)))


async def test_an_upload_in_two_parts_becomes_a_blob(ask, begin, send, relay, clock):
    assert await begin() == (200, (0, False))
    assert await send(0, BODY[:CUT]) == (200, (CUT, False))
    assert await ask("GET", f"/v1/blobs/{CT}") == (404, "blob.unknown")
    assert await begin() == (200, (CUT, False))
    assert await send(CUT, BODY[CUT:]) == (200, (len(BODY), True))
    assert await ask("GET", f"/v1/blobs/{CT}") == (200, BODY)
    assert await begin() == (200, (len(BODY), True))
    (blob,) = await rows(relay, Blob)
    assert (blob.size, blob.uploader, blob.created_at, blob.body) == (len(BODY), "partner:ocmw", clock.at, None)
    assert await rows(relay, Upload) == []
    assert folder_of(relay) == [CT]
    assert stat.S_IMODE(relay.blobs.path(CT).stat().st_mode) == 0o600


async def test_all_at_once_is_one_part(ask, begin, send):
    await begin()
    assert await send(0, BODY) == (200, (len(BODY), True))
    assert await ask("GET", f"/v1/blobs/{CT}") == (200, BODY)


async def test_what_came_before_a_cut_is_durable(http, signers, clock, begin, send, relay, monkeypatch):
    monkeypatch.setattr(uploads, "_PIECE", 1)
    await begin()
    (row,) = await rows(relay, Upload)
    partial = relay.blobs.partial(row.file)
    keyid = next(name for name in signers if ":ocmw/" in name)
    path = f"/v1/uploads/{CT}?from=0"
    headers = sign_request("PUT", PUBLIC + path, signers[keyid], keyid, clock.at)
    headers["Content-Type"] = "application/octet-stream"
    with pytest.raises((aiohttp.ClientError, ConnectionError)):
        await http.put(path, data=broken(BODY[:CUT], lambda: size_of(partial) == CUT), headers=headers)
    for _ in range(100):
        status, state = await begin()
        if state[0]:
            break
        await asyncio.sleep(0.05)
    assert (status, state) == (200, (CUT, False))
    assert await send(CUT, BODY[CUT:]) == (200, (len(BODY), True))


async def test_other_bytes_are_refused_and_thrown_away(ask, begin, send, relay):
    await begin()
    await send(0, BODY[:CUT])
    assert await send(CUT, bytes(len(BODY) - CUT)) == (400, "blob.digest")
    assert folder_of(relay) == []
    assert await rows(relay, Upload) == []
    assert await ask("GET", f"/v1/blobs/{CT}") == (404, "blob.unknown")
    # Nothing of the wrong bytes is taken for the right ones.
    assert await begin() == (200, (0, False))
    assert await send(0, BODY) == (200, (len(BODY), True))


async def test_another_size_is_refused_and_changes_nothing(begin, send):
    await begin()
    await send(0, BODY[:CUT])
    assert await begin(size=len(BODY) - 1) == (409, "upload.size")
    assert await send(CUT, BODY[CUT:] + b"more") == (409, "upload.size")
    assert await begin() == (200, (CUT, False))
    assert await send(CUT, BODY[CUT:]) == (200, (len(BODY), True))


@pytest.mark.parametrize("start", [0, CUT - 1, CUT + 1, 2**52])
async def test_bytes_for_another_place_are_refused(begin, send, start):
    await begin()
    await send(0, BODY[:CUT])
    assert await send(start, BODY[start:] or b"x") == (409, "upload.offset")
    assert await begin() == (200, (CUT, False))


async def test_what_was_written_and_not_promised_is_cut_off(begin, send, relay):
    await begin()
    await send(0, BODY[:CUT])
    (row,) = await rows(relay, Upload)
    with relay.blobs.partial(row.file).open("ab") as file:
        file.write(b"of a relay that was killed before it said so")
    assert await send(CUT, BODY[CUT:]) == (200, (len(BODY), True))


async def test_the_last_byte_was_there_when_the_relay_was_killed(ask, begin, send, relay):
    """Everything is durable, and nobody was told: an empty part ends it."""
    await begin()
    await send(0, BODY[:-1])
    (row,) = await rows(relay, Upload)
    file = taken(relay.blobs.partial(row.file))
    file.begin_at(len(BODY) - 1)
    file.write(BODY[-1:])
    file.close()
    await uploads._move(relay.sessions, row, len(BODY), 0)
    assert await begin() == (200, (len(BODY), False))
    assert await send(len(BODY), b"") == (200, (len(BODY), True))
    assert await ask("GET", f"/v1/blobs/{CT}") == (200, BODY)


async def test_kept_under_its_name_and_killed_before_the_row(ask, begin, send, relay):
    await begin()
    await send(0, BODY[:CUT])
    (row,) = await rows(relay, Upload)
    partial = relay.blobs.partial(row.file)
    partial.write_bytes(BODY)
    taken(partial).keep(relay.blobs.path(CT))
    assert await begin() == (200, (len(BODY), True))
    assert await ask("GET", f"/v1/blobs/{CT}") == (200, BODY)


async def test_a_file_that_was_lost_is_sent_from_the_start(begin, send, relay):
    await begin()
    await send(0, BODY[:CUT])
    (row,) = await rows(relay, Upload)
    relay.blobs.partial(row.file).unlink()
    assert await begin() == (200, (0, False))
    assert await send(0, BODY) == (200, (len(BODY), True))


async def test_two_connections_at_once_do_not_mix(ask, begin, send):
    await begin()
    results = await asyncio.gather(*(send(0, BODY) for _ in range(4)))
    codes = {code if isinstance(code, str) else "done" for _, code in results}
    assert "done" in codes
    assert codes <= {"done", "upload.busy", "upload.offset", "upload.unknown"}
    assert await ask("GET", f"/v1/blobs/{CT}") == (200, BODY)


async def test_while_one_connection_sends_another_is_told_so(begin, send, relay):
    await begin()
    (row,) = await rows(relay, Upload)
    file = taken(relay.blobs.partial(row.file))
    assert await send(0, BODY) == (503, "upload.busy")
    file.close()
    assert await send(0, BODY) == (200, (len(BODY), True))


async def test_the_first_to_end_has_it_and_another_partner_does_not(ask, begin, send, relay):
    await begin()
    await begin(partner="clb")
    await send(0, BODY[:CUT], partner="clb")
    assert await send(0, BODY) == (200, (len(BODY), True))
    assert await send(CUT, BODY[CUT:], partner="clb") == (409, "blob.bound")
    assert await begin(partner="clb") == (409, "blob.bound")
    assert await ask("GET", f"/v1/blobs/{CT}", partner="clb") == (404, "blob.unknown")
    assert await ask("GET", f"/v1/blobs/{CT}") == (200, BODY)
    assert await rows(relay, Upload) == []


async def test_too_large_too_many_unknown_and_unsigned(begin, send, http, monkeypatch):
    assert await begin(size=300_001) == (413, "blob.too-large")
    assert await begin(size=0) == (400, "request.malformed")
    assert await send(0, BODY) == (404, "upload.unknown")
    async with http.put(f"/v1/uploads/{CT}?from=0", data=BODY) as response:
        assert response.status in {401, 415}
    monkeypatch.setattr(uploads, "MOST_UNFINISHED", 2)
    for number in range(2):
        assert await begin(ct=ct_of(bytes([number]))) == (200, (0, False))
    assert await begin() == (409, "upload.too-many")
    # What was begun goes on, and another partner is not in the way of it.
    assert await begin(ct=ct_of(b"\0")) == (200, (0, False))
    assert await begin(partner="clb") == (200, (0, False))


async def test_a_full_disk_is_said_and_what_was_durable_stays(ask, begin, send, relay, monkeypatch):
    await begin()
    await send(0, BODY[:CUT])
    write = os.write

    def full(handle, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    assert await send(CUT, BODY[CUT:]) == (503, "relay.full")
    monkeypatch.setattr(os, "write", write)
    assert await begin() == (200, (CUT, False))
    monkeypatch.setattr(relay.blobs, "free", lambda: 1000)
    assert await begin() == (503, "relay.full")
    assert await begin(ct=ct_of(b"new")) == (503, "relay.full")
    monkeypatch.undo()
    assert await send(CUT, BODY[CUT:]) == (200, (len(BODY), True))
    assert await ask("GET", f"/v1/blobs/{CT}") == (200, BODY)


async def test_an_upload_that_nobody_continues_is_swept_after_a_day(begin, send, relay, clock):
    await begin()
    await send(0, BODY[:CUT])
    assert await uploads.sweep(relay.sessions, relay.blobs, clock.at + ABANDONED_AFTER) == 0
    assert await uploads.sweep(relay.sessions, relay.blobs, clock.at + ABANDONED_AFTER + 1) == 1
    assert (folder_of(relay), await rows(relay, Upload)) == ([], [])
    assert await begin() == (200, (0, False))


async def test_what_the_database_needs_is_left_to_it_by_uploads_that_began_while_there_was_room(
    ask, begin, send, relay, monkeypatch
):
    await begin()
    await send(0, BODY[:CUT])
    # Others, begun as well, have filled the disk since.
    monkeypatch.setattr(relay.blobs, "free", lambda: RESERVE)
    files = folder_of(relay)
    assert await send(CUT, BODY[CUT:]) == (503, "relay.full")
    assert await ask("PUT", f"/v1/blobs/{ct_of(BODY[1:])}", body=BODY[1:]) == (503, "relay.full")
    assert await ask("PUT", f"/v1/blobs/{ct_of(b'small')}", body=b"small") == (503, "relay.full")
    assert folder_of(relay) == files
    monkeypatch.undo()
    assert await begin() == (200, (CUT, False))
    assert await send(CUT, BODY[CUT:]) == (200, (len(BODY), True))
