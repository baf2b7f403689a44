"""A disk that is full, or that may only be read: at the relay's files, at its database, at the keystores of both ends.

Each time whoever asks is told which, nothing is there by half, and what was sealed leaves once when there is room.
"""

import asyncio
import os
import shutil
from typing import Any

import aiohttp
import pytest

from e2e.documents import write_pdf
from e2e.families import send_and_open
from e2e.mishaps import must_fail, stored
from e2e.small_disk import MIB, OnDisk, small_disk
from e2e.world import CHILD_AND_FAMILY, OCMW, open_world
from unit.keys.sealing_cases import digest_of
from zegel import KeystoreError, RelayUnreachable
from zegel.compose import INLINE_BYTES
from zegel_demo.relay_process import RelayProcess

UNREACHABLE = "relay.unreachable"
NO_ROOM = "relay.full", "relay.not-stored"
"""A database says that it is full before it commits, or fails to; then nobody can say what became of it."""
ALL_TABLES = "objects", "messages", "entries", "wraps", "deliveries", "notices", "receipts", "blobs", "log_nodes"


async def ready(world):
    """Return the status and the code of what a proxy asks."""
    async with aiohttp.ClientSession() as session, session.get(f"{world.huis.relay.address}/v1/ready") as answer:
        return answer.status, (await answer.json()).get("code")


async def told(doing, *codes):
    """The relay's own word reaches whoever waits for the answer, and what to do stands beside it."""
    error = await must_fail(RelayUnreachable, UNREACHABLE, doing)
    assert any(f"({code})" in error.what for code in codes)


def counts(world):
    return {table: stored(world, f"SELECT count(*) FROM {table}")[0][0] for table in ALL_TABLES}


async def arrived_once(world, sent, letter=None):
    """What left late is there once: for the recipient, with its file, and for the family."""
    (waiting,) = await world.ocmw.inbox()
    assert waiting.manifest == sent.manifest
    message = await world.ocmw.open(waiting)
    if letter is not None:
        assert [section.data for section in message.sections if section.name] == [letter.read_bytes()]
    await world.ocmw.acknowledge(message)
    assert await world.ocmw.inbox() == []
    assert stored(world, "SELECT count(*) FROM messages WHERE d = ?", sent.manifest) == [(1,)]
    assert [item.copy.manifest.d for item in await world.phone.notices()].count(sent.manifest) == 1
    assert world.nurse.unsent() == []


def letter_in(folder, lines=1500):
    letter = write_pdf(folder / "brief.pdf", "Geachte mevrouw,", lines)
    assert letter.stat().st_size > INLINE_BYTES
    return letter


# The relay's files


@pytest.fixture
async def with_files(tmp_path):
    """A Huis whose relay keeps its files on a small disk."""
    with small_disk(tmp_path / "disk", 100 * MIB) as disk:
        more = {"ZEGEL_BLOB_FOLDER": os.fspath(disk.folder / "blobs"), "ZEGEL_MIN_FREE_BYTES": str(MIB)}
        world: Any = await open_world(tmp_path / "huis", **more)
        world.disk = disk
        await world.consent()
        yield world
        await world.close()


async def test_a_file_waits_until_the_relay_has_room_and_a_note_does_not(with_files, tmp_path):
    world, letter = with_files, letter_in(tmp_path)
    assert await ready(world) == (200, None)
    world.disk.fill()
    draft = world.draft(money="Drie deurwaarders.")
    draft.file("money", letter)
    await told(world.nurse.send(draft), "relay.full")
    assert await ready(world) == (503, "relay.full")
    (kept,) = world.nurse.unsent()
    assert (counts(world)["messages"], counts(world)["blobs"]) == (0, 0)
    # What needs no file goes on: the database has a disk of its own.
    _, notes = await send_and_open(world.nurse, world.ocmw, world.draft(ask="Hulp bij schulden."))
    assert notes["ask"] == "Hulp bij schulden."
    world.disk.make_room()
    (sent,) = await world.nurse.flush()
    assert sent.id == kept
    await arrived_once(world, sent, letter)
    assert await ready(world) == (200, None)


async def test_a_disk_that_fills_up_in_an_upload_keeps_what_was_durable_and_nothing_else(with_files):
    world, client = with_files, with_files.nurse._client
    whole, parts = os.urandom(300_000), os.urandom(4 * MIB)
    path = world.huis.folder / "parts"
    path.write_bytes(parts)
    _ = await client._send("POST", f"/v1/uploads/{digest_of(parts)}?size={len(parts)}", b"", signed=True)
    world.disk.fill()
    await told(client.upload(digest_of(whole), whole), "relay.full")
    sending = client._send(
        "PUT", f"/v1/uploads/{digest_of(parts)}?from=0", parts, signed=True, bind_body=False
    )  # fmt: skip
    await told(sending, "relay.full")
    # Nothing of the one is left, and of the other no more than the database says.
    (received,) = stored(world, "SELECT received FROM uploads")[0]
    left = [file.stat().st_size for file in world.disk.folder.glob("blobs/**/*") if file.is_file()]
    assert sum(left) < len(parts)
    assert received <= sum(left)
    assert counts(world)["blobs"] == 0
    world.disk.make_room()
    await client.upload(digest_of(whole), whole)
    await client.upload(digest_of(parts), path)
    assert await client.download(digest_of(whole)) == whole
    assert await client.download(digest_of(parts)) == parts


async def test_a_disk_that_may_only_be_read_is_read(with_files, tmp_path):
    world, letter = with_files, letter_in(tmp_path)
    draft = world.draft(ask="Daarvoor.")
    draft.file("money", letter)
    before = await world.nurse.send(draft)
    world.disk.only_read(True)
    other = write_pdf(tmp_path / "ander.pdf", "Een andere brief,", 1600)
    draft = world.draft(ask="Tijdens.")
    draft.file("money", other)
    await told(world.nurse.send(draft), "relay.disk")
    assert await ready(world) == (503, "relay.disk")
    await arrived_before(world, before, letter)
    world.disk.only_read(False)
    (sent,) = await world.nurse.flush()
    await arrived_once(world, sent, other)
    assert await ready(world) == (200, None)


async def arrived_before(world, sent, letter):
    (waiting,) = await world.ocmw.inbox()
    message = await world.ocmw.open(waiting)
    assert message.d == sent.manifest
    assert [section.data for section in message.sections if section.name] == [letter.read_bytes()]
    await world.ocmw.acknowledge(message)


# The relay's database


async def test_a_database_without_room_accepts_nothing_by_half(tmp_path, monkeypatch):
    with small_disk(tmp_path / "disk", 16 * MIB) as disk:
        monkeypatch.setattr(RelayProcess, "databases", OnDisk(disk))
        world = await open_world(tmp_path / "huis", ZEGEL_MIN_FREE_BYTES=str(MIB))
        try:
            forward, _ = await world.consent()
            letter = letter_in(tmp_path)
            first = await world.nurse.send(world.draft(ask="Daarvoor."))
            disk.fill()
            before = counts(world)
            draft = world.draft(ask="Tijdens.")
            draft.file("money", letter)
            await told(world.nurse.send(draft), "relay.full")
            await told(world.nurse.send(world.draft(ask="Ook tijdens.")), *NO_ROOM)
            await told(world.phone.revoke([forward], "changed-mind"), *NO_ROOM)
            assert await ready(world) == (503, "relay.full")
            assert counts(world) == before
            # Who asks what waits is answered.
            assert [item.manifest for item in await world.ocmw.inbox()] == [first.manifest]
            kept = world.nurse.unsent()
            assert len(kept) == 2
            disk.make_room()
            sent = await world.nurse.flush()
            assert {item.id for item in sent} == set(kept)
            waiting = await world.ocmw.inbox()
            assert {item.manifest for item in waiting} == {first.manifest, *(item.manifest for item in sent)}
            told_of = [item.copy.manifest.d for item in await world.phone.notices()]
            assert sorted(told_of) == sorted(item.manifest for item in waiting)
            assert await ready(world) == (200, None)
            # And the stop is one, as soon as it can be written down.
            await world.phone.revoke([forward], "changed-mind")
            assert await world.ocmw.inbox() == []
        finally:
            await world.close()


# The keystores


@pytest.fixture
async def world(tmp_path):
    opened = await open_world(tmp_path / "huis")
    await opened.consent()
    yield opened
    await opened.close()


async def moved(world, partner, disk):
    """Move a worker's keystore to a small disk; return their software there."""
    devices = world.huis.members[partner].devices
    folder = disk.folder / "keystore"
    await asyncio.to_thread(shutil.move, devices["first"], folder)
    devices["first"] = folder
    return await world.huis.connect(partner)


async def test_a_sender_whose_disk_is_full_is_told_and_has_what_they_wrote(world, tmp_path):
    with small_disk(tmp_path / "disk", 16 * MIB) as disk:
        await world.nurse.close()
        world.nurse = nurse = await moved(world, CHILD_AND_FAMILY, disk)
        letter, draft = letter_in(tmp_path), world.draft(money="Drie deurwaarders.")
        draft.file("money", letter)
        disk.fill()
        for doing in (nurse.send(draft), nurse.keep(draft)):
            await must_fail(KeystoreError, "keystore.storage", doing)
        assert (nurse.unsent(), nurse.drafts(), counts(world)["messages"]) == ([], [], 0)
        disk.make_room()
        # The disk fills up between the relay's yes and its being noted: the message is there, and stays kept here.
        submit = nurse._client.submit_message

        async def submit_then_fill(submission):
            receipt = await submit(submission)
            disk.fill()
            return receipt

        nurse._client.submit_message = submit_then_fill
        await must_fail(KeystoreError, "keystore.storage", nurse.send(draft))
        nurse._client.submit_message = submit
        (kept,) = nurse.unsent()
        assert counts(world)["messages"] == 1
        disk.make_room()
        await nurse.close()
        world.nurse = await world.huis.connect(CHILD_AND_FAMILY)
        assert world.nurse.unsent() == [kept]
        (sent,) = await world.nurse.flush()
        await arrived_once(world, sent, letter)
        await world.nurse.close()


async def test_a_recipient_whose_disk_is_full_opens_it_when_there_is_room(world, tmp_path):
    letter, draft = letter_in(tmp_path), world.draft(money="Drie deurwaarders.")
    draft.file("money", letter)
    sent = await world.nurse.send(draft)
    with small_disk(tmp_path / "disk", 16 * MIB) as disk:
        await world.ocmw.close()
        world.ocmw = await moved(world, OCMW, disk)
        (waiting,) = await world.ocmw.inbox()
        disk.fill()
        await must_fail(KeystoreError, "keystore.storage", world.ocmw.open(waiting))
        assert await world.nurse.events(sent.manifest) == []
        disk.make_room()
        await arrived_once(world, sent, letter)
        await world.ocmw.close()
