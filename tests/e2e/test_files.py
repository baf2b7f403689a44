"""Files from nothing to 5 GiB: through killed senders and relays, offline, and in little memory."""

import asyncio
import hashlib
import multiprocessing
import os
import resource
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from e2e.big_files import (
    MIB,
    allow_large_files,
    at_part,
    digest_of,
    largest_size,
    open_file,
    send_file,
    sparse_pdf,
)
from e2e.documents import png, write_pdf
from e2e.mishaps import must_fail, port_of, stored
from e2e.world import CHILD_AND_FAMILY, OCMW, World
from servers.databases import rows
from zegel import ContentError, Progress, Refused, RelayProblem, RelayUnreachable, progress
from zegel.compose import Composer
from zegel.content.framing import file_prefix
from zegel.errors import DraftUnknown, TooLargeForMemory
from zegel_protocol import b64
from zegel_protocol.padme import ciphertext_size, padded_size

SPAWN = multiprocessing.get_context("spawn")
MEMORY = 512 * MIB
ROOMY = shutil.disk_usage(tempfile.gettempdir()).free > 40 * 1024 * MIB
LARGEST = int(os.environ.get("ZEGEL_LARGEST_FILE_GIB", "5" if ROOMY else "1"))
"""Gibibytes of the largest file: 5, the largest there can be, four times on the disk; 1 where there is little room."""


def spool_of(world: World, partner: str = CHILD_AND_FAMILY) -> list[str]:
    folder = world.huis.members[partner].devices["first"]
    return sorted(path.name for path in (Path(folder) / "spool").iterdir() if path.suffix != ".lock")


def partial_files(world: World) -> list[Path]:
    return list((world.huis.relay.folder / "blobs" / "partial").iterdir())


async def in_process(target, *arguments):
    """Run a program in a process of its own; return what it put on its queue, or its exit code."""
    results = SPAWN.Queue()
    program = SPAWN.Process(target=target, args=(*arguments, results), daemon=True)
    program.start()
    while program.is_alive():
        await asyncio.sleep(0.05)
        if not results.empty():
            break
    if not results.empty():
        found = results.get()
        program.join(30)
        return found
    program.join(30)
    return program.exitcode


def size_of(path: Path) -> int:
    return path.stat().st_size


def everything_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def device(world: World, partner: str = CHILD_AND_FAMILY):
    return world.huis.members[partner].devices["first"], world.huis.relay.address


async def arrived(world: World, letter: Path) -> None:
    """Return if the one message that waits holds this file and nothing of it stays in any spool."""
    (waiting,) = await world.ocmw.inbox()
    message = await world.ocmw.open(waiting)
    (section,) = [item for item in message.sections if item.name is not None]
    assert (section.name, section.size) == (letter.name, size_of(letter))
    target = letter.with_name("opened.pdf")
    assert section.save(target) == target
    assert digest_of(target) == digest_of(letter)
    assert target.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        section.save(target)
    section.save(target, overwrite=True)
    target.unlink()
    await world.ocmw.acknowledge(message)
    message.close()
    assert spool_of(world, OCMW) == []
    assert spool_of(world) == []
    assert world.nurse.unsent() == []


@pytest.fixture
async def letter(world, tmp_path):
    """A PDF of 96 MiB, and a Huis that allows it."""
    await allow_large_files(world)
    await world.consent()
    return sparse_pdf(tmp_path / "dossier.pdf", 96 * MIB)


async def killed_sender(world: World, letter: Path) -> str:
    """Have another program at the nurse's keystore send a file, and kill it at 40 %; return the message's id."""
    family = (world.household, world.elif_id)
    assert await in_process(send_file, *device(world), family, letter, 0, 0.4) == -9
    (kept,) = world.nurse.unsent()
    return kept


@pytest.mark.slow
async def test_an_upload_killed_at_40_percent_goes_on_where_it_was(world, letter):
    kept = await killed_sender(world, letter)
    (ciphertext,) = spool_of(world)
    folder = Path(device(world)[0]) / "spool"
    before = digest_of(folder / ciphertext)
    assert stored(world, "SELECT count(*) FROM messages") == [(0,)]
    seen: list[Progress] = []
    for _ in range(100):
        ((received, size, _),) = stored(world, "SELECT received, size, file FROM uploads")
        if received:
            break
        await asyncio.sleep(0.1)
    assert 0.2 * size < received < size
    assert digest_of(folder / ciphertext) == before
    (sent,) = await world.nurse.flush(seen.append)
    assert sent.id == kept
    assert (seen[0].stage, seen[0].done) == ("uploading", received)
    assert (seen[-1].done, seen[-1].total) == (size, size)
    assert stored(world, "SELECT count(*) FROM uploads") == [(0,)]
    assert partial_files(world) == []
    # What was sealed before the kill is what arrived: nothing was sealed anew.
    ((ct,),) = stored(world, "SELECT ct FROM blobs WHERE body IS NULL")
    assert ct == b64.encode(bytes.fromhex(before))
    await arrived(world, letter)


@pytest.mark.slow
async def test_the_same_upload_with_other_bytes_is_refused(world, letter):
    kept = await killed_sender(world, letter)
    (ciphertext,) = spool_of(world)
    path = Path(device(world)[0]) / "spool" / ciphertext
    ct = b64.encode(bytes.fromhex(digest_of(path)))
    other = letter.with_name("other.bin")
    with other.open("wb") as file:
        file.truncate(path.stat().st_size)
    client = world.nurse._client
    await must_fail(RelayProblem, "blob.digest", client.upload(ct, other))
    assert stored(world, "SELECT count(*) FROM uploads") == [(0,)]
    assert partial_files(world) == []
    assert stored(world, "SELECT count(*) FROM blobs WHERE ct = ?", ct) == [(0,)]
    # Begun anew, and offered with another size.
    with path.open("rb") as file:
        await client._send("POST", f"/v1/uploads/{ct}?size={path.stat().st_size}", b"", signed=True)
    with other.open("ab") as file:
        file.write(b"x")
    await must_fail(RelayProblem, "upload.size", client.upload(ct, other))
    (sent,) = await world.nurse.flush()
    assert sent.id == kept
    await arrived(world, letter)


@pytest.mark.slow
async def test_a_relay_killed_in_an_upload_and_in_a_download_goes_on(world, letter, monkeypatch):
    # A quick machine is done between two reports.
    monkeypatch.setattr(progress, "EVERY", 0.0)
    port = port_of(world)
    draft = world.draft(ask="Met het dossier.")
    draft.file("money", letter)
    killing = at_part(0.6, world.huis.relay.kill, "uploading")
    await must_fail(RelayUnreachable, "relay.unreachable", world.nurse.send(draft, killing))
    (kept,) = world.nurse.unsent()
    world.huis.relay.start(port)
    seen: list[Progress] = []
    (sent,) = await world.nurse.flush(seen.append)
    assert sent.id == kept
    assert (seen[0].stage, seen[0].done >= 32 * MIB) == ("uploading", True)

    (waiting,) = await world.ocmw.inbox()
    killing = at_part(0.4, world.huis.relay.kill, "downloading")
    await must_fail(RelayUnreachable, "relay.unreachable", world.ocmw.open(waiting, killing))
    (part,) = spool_of(world, OCMW)
    assert part.endswith(".part")
    world.huis.relay.start(port)
    # Another program of the recipient goes on with what the first one fetched.
    target = letter.with_name("gotten.pdf")
    done = await in_process(open_file, *device(world, OCMW), waiting.manifest, target, 0)
    assert done.began["downloading"] >= 0.2 * letter.stat().st_size
    assert done.result == digest_of(letter)
    assert spool_of(world, OCMW) == []


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.own_database
async def test_the_largest_section_in_little_memory(world, tmp_path):
    await allow_large_files(world)
    await world.consent()
    size = min(LARGEST * 1024 * MIB, largest_size("groot.pdf"))
    letter = sparse_pdf(tmp_path / "groot.pdf", size)
    target = tmp_path / "ontvangen.pdf"
    resource.prlimit(world.huis.relay.pid, resource.RLIMIT_DATA, (MEMORY, MEMORY))
    try:
        family = (world.household, world.elif_id)
        sent = await in_process(send_file, *device(world), family, letter, MEMORY, 2.0)
        opened = await in_process(open_file, *device(world, OCMW), sent.result, target, MEMORY)
        assert opened.result == digest_of(letter)
        ((stored_size,),) = stored(world, "SELECT size FROM blobs WHERE body IS NULL")
        content = size + len(file_prefix(letter.name, "application/pdf"))
        assert stored_size == ciphertext_size(padded_size(content))
        assert all(held <= MEMORY for held in (sent.memory, opened.memory))
        print({"bytes": size, **sent.stages, **opened.stages, "memory": (sent.memory, opened.memory)})
        assert spool_of(world) == spool_of(world, OCMW) == []
    finally:
        for path in (letter, target, *world.huis.relay.folder.glob("blobs/*/*")):
            path.unlink(missing_ok=True)


async def test_several_files_of_all_sizes_in_one_message(world, tmp_path):
    await world.consent()
    picture = tmp_path / "rekening.png"
    picture.write_bytes(png())
    letters = [write_pdf(tmp_path / f"brief-{lines}.pdf", "Geachte,", lines) for lines in (1, 1500, 30_000)]
    draft = world.draft()
    for path in (picture, *letters):
        draft.file("money", path)
    await world.nurse.send(draft)
    message = await world.ocmw.open((await world.ocmw.inbox())[0])
    files = {section.name: section for section in message.sections if section.name is not None}
    assert {name: section.data for name, section in files.items()} == {
        path.name: path.read_bytes() for path in (picture, *letters)
    }
    assert files["brief-30000.pdf"].file is not None
    assert files["rekening.png"].file is None
    (notice,) = await world.phone.notices()
    assert [size for name, size in notice.readable() if name == "brief-30000.pdf"] == [
        f"application/pdf, {letters[-1].stat().st_size} bytes"
    ]
    path = files["brief-30000.pdf"].file.path
    assert path.stat().st_mode & 0o777 == 0o600
    message.close()
    assert not path.exists()
    draft.file("money", picture).file("money", picture)
    await must_fail(Refused, "files.too-many", world.nurse.send(draft))
    large = sparse_pdf(tmp_path / "groot.pdf", 11 * MIB)
    await must_fail(ContentError, "content.too-large", world.nurse.send(world.draft().file("money", large)))
    empty = tmp_path / "leeg.pdf"
    empty.touch()
    await must_fail(ContentError, "content.magic", world.nurse.send(world.draft().file("money", empty)))
    assert spool_of(world) == []


async def test_a_file_that_changes_while_it_is_sent_is_not_sent(world, tmp_path):
    await world.consent()
    letter = write_pdf(tmp_path / "brief.pdf", "Geachte,", 1500)
    content = letter.read_bytes()

    def change(_progress: Progress) -> None:
        letter.write_bytes(content.replace(b"Geachte", b"Beminde"))

    draft = world.draft().file("money", letter)
    await must_fail(ContentError, "content.changed", world.nurse.send(draft, change))
    letter.unlink()
    await must_fail(ContentError, "content.changed", world.nurse.send(draft))
    assert world.nurse.unsent() == []
    assert spool_of(world) == []


# Drafts, kept while offline


async def test_a_draft_kept_offline_leaves_with_its_file_though_the_stick_is_gone(world, tmp_path):
    await world.consent()
    port, letter = port_of(world), write_pdf(tmp_path / "brief.pdf", "Geachte,", 30_000)
    content = letter.read_bytes()
    draft = world.draft(ask="Van onderweg.").file("money", letter)
    world.huis.relay.kill()
    await must_fail(RelayUnreachable, "relay.unreachable", world.nurse.send(draft))
    kept = await world.nurse.keep(draft)
    letter.unlink()
    (shown,) = world.nurse.drafts()
    assert (shown.id, shown.to, shown.purpose, shown.problem) == (kept, OCMW, "referral", "")
    await must_fail(RelayUnreachable, "relay.unreachable", world.nurse.flush())
    assert [item.id for item in world.nurse.drafts()] == [kept]
    # Nothing of it stands in the clear on this device.
    files = [path.read_bytes() for path in everything_in(device(world)[0])]
    assert any(len(data) > len(content) for data in files)
    assert not any(b"Van onderweg" in data or content[:2000] in data for data in files)
    world.huis.relay.start(port)
    (sent,) = await world.nurse.flush()
    assert world.nurse.drafts() == []
    assert spool_of(world) == []
    message = await world.ocmw.open(sent.manifest)
    assert [section.data for section in message.sections if section.name] == [content]
    assert message.sections[0].note.text == "Van onderweg."
    assert await world.nurse.flush() == []


async def test_a_kept_draft_that_is_refused_stays_with_its_reasons_until_it_is_mended(world):
    kept = await world.nurse.keep(world.draft(money="Schulden."))
    await must_fail(Refused, "consent.missing", world.nurse.flush())
    (shown,) = world.nurse.drafts()
    assert (shown.id, shown.problem, [item.code.value for item in shown.refusals]) == (
        kept, "consent.missing", ["consent.missing"],
    )  # fmt: skip
    draft = await world.nurse.draft(kept)
    assert [section.note.text for section in draft.sections if section.type == "money"] == ["Schulden."]
    await world.consent()
    (sent,) = await world.nurse.flush()
    assert [item.manifest for item in await world.ocmw.inbox()] == [sent.manifest]
    assert world.nurse.drafts() == []
    again = await world.nurse.keep(draft)
    world.nurse.discard(again)
    assert world.nurse.drafts() == []
    with pytest.raises(DraftUnknown):
        world.nurse.discard(again)
    assert await world.nurse.flush() == []


class Late(Composer):
    """Seals as two days ago."""

    def _manifest(self, draft, message, entries):
        made = super()._manifest(draft, message, entries)
        return msgspec.structs.replace(made, created=made.created - 2 * 86_400)


async def test_a_message_that_waited_for_days_is_sealed_anew(world, tmp_path, monkeypatch):
    await world.consent()
    letter = write_pdf(tmp_path / "brief.pdf", "Geachte,", 1500)
    draft = world.draft(ask="Van vorige week.").file("money", letter)
    nurse = world.nurse
    desk = nurse._dispatch._desk

    async def late(draft):
        composer = await desk.allowed(draft)
        composer.__class__ = Late
        return composer

    async def nothing(_submission):
        raise RelayUnreachable("The relay does not answer.", "Nothing was changed.", "Try again.")

    with monkeypatch.context() as patch:
        patch.setattr(nurse._dispatch, "_desk", replace(desk, allowed=late))
        patch.setattr(nurse._client, "submit_message", nothing)
        await must_fail(RelayUnreachable, "relay.unreachable", nurse.send(draft))
    (waited,) = nurse.unsent()
    content = letter.read_bytes()
    letter.unlink()
    (sent,) = await nurse.flush()
    assert sent.id != waited
    assert (nurse.unsent(), nurse.drafts(), spool_of(world)) == ([], [], [])
    (waiting,) = await world.ocmw.inbox()
    message = await world.ocmw.open(waiting)
    assert [section.data for section in message.sections if section.name] == [content]


async def test_a_large_file_is_saved_and_not_loaded(world, letter):
    draft = world.draft().file("money", letter)
    sent = await world.nurse.send(draft)
    message = await world.ocmw.open(sent.manifest)
    (section,) = [item for item in message.sections if item.name is not None]
    with pytest.raises(TooLargeForMemory):
        _ = section.data
    target = section.save(letter.with_name("saved.pdf"))
    message.close()
    assert hashlib.sha256(target.read_bytes()).hexdigest() == digest_of(letter)
    assert rows(world.huis.relay, "SELECT count(*) FROM uploads") == [(0,)]
