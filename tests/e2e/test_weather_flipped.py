"""A disk that gives back other bytes than were written: nobody opens them, everyone can say so, and a repair counts."""

from typing import Any

import pytest

from e2e.documents import write_pdf
from e2e.mishaps import must_fail, port_of, stored
from e2e.world import OCMW
from zegel import ProtocolError, RelayUnreachable
from zegel.compose import INLINE_BYTES
from zegel.large_section import IN_MEMORY
from zegel_demo import rash

LINES = {"in memory": 1500, "in the spool": 30_000}


@pytest.fixture
async def sent(world, tmp_path, request):
    """A message with a file that the relay keeps as a file; `world.file` is that."""
    await world.consent()
    letter = write_pdf(tmp_path / "brief.pdf", "Geachte mevrouw,", LINES[request.param])
    assert (letter.stat().st_size > IN_MEMORY) == (request.param == "in the spool")
    assert letter.stat().st_size > INLINE_BYTES
    draft = world.draft(money="Drie deurwaarders.")
    draft.file("money", letter)
    sent = await world.nurse.send(draft)
    (world.file,) = (file for file in world.huis.relay.folder.glob("blobs/??/*") if file.is_file())
    world.letter = letter.read_bytes()
    return sent


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


async def opens(world, manifest):
    message = await world.ocmw.open(manifest)
    assert [section.data for section in message.sections if section.name] == [world.letter]
    return message


@pytest.mark.parametrize("sent", LINES, indirect=True)
async def test_a_flipped_bit_is_refused_said_and_mended(world, sent):
    flip(world.file)
    (waiting,) = await world.ocmw.inbox()
    for _ in range(2):
        await must_fail(ProtocolError, "section.digest", world.ocmw.open(waiting))
    # It was not dealt with, and nobody was told that it was opened.
    assert await world.ocmw.inbox() == [waiting]
    assert await world.nurse.events(sent.manifest) == []
    await world.ocmw.unopenable(waiting, ["section.digest"])
    assert await world.ocmw.inbox() == []
    (word,) = await world.nurse.events(sent.manifest)
    assert (word.event, word.codes, word.reader.partner) == ("unopenable", ("section.digest",), OCMW)
    # The operator puts the file back from a backup: it can be opened by its name, and that is said too.
    flip(world.file)
    await world.ocmw.acknowledge(await opens(world, waiting.manifest))
    assert [word.event for word in await world.nurse.events(sent.manifest)] == ["unopenable", "opened"]


@pytest.mark.parametrize("sent", ["in memory"], indirect=True)
async def test_a_file_that_is_shorter_or_gone_is_the_relays_own_fault_and_said_so(world, sent):
    whole = world.file.read_bytes()
    (waiting,) = await world.ocmw.inbox()
    for damage, code in (
        (lambda: world.file.write_bytes(whole[:-1]), "blob.damaged"),
        (world.file.unlink, "blob.missing"),
    ):
        damage()
        error = await must_fail(RelayUnreachable, "relay.unreachable", world.ocmw.open(waiting))
        assert f"({code})" in error.what
        assert await world.ocmw.inbox() == [waiting]
    world.file.write_bytes(whole)
    await world.ocmw.acknowledge(await opens(world, waiting.manifest))


OF_THE_READER = "section.digest", "object.malformed", "signature.invalid", "binary.malformed", "envelope.malformed"
TABLES = {
    "blobs": ("body", "body IS NOT NULL"),
    "entries": ("payload", "n = 1"),
    "wraps": ("envelope", f"reader = 'partner:{OCMW}'"),
    "receipts": ("envelope", f"audience = 'partner:{OCMW}'"),
    "objects": ("envelope", "kind = 'manifest'"),
}
"""Where a message stands in the database."""


def damaged(value, at):
    data = bytearray(value)
    data[at * (len(data) - 1) // 4] ^= 1
    return bytes(data)


@pytest.mark.parametrize("table", TABLES)
async def test_a_row_that_was_damaged_is_nobodys_mistake_and_opens_nothing(world, table):
    """The relay says that it is its own row, or the recipient that the bytes do not hold; never that all is well."""
    await world.consent()
    sent = await world.nurse.send(world.draft(money="Drie deurwaarders."))
    (waiting,) = await world.ocmw.inbox()
    column, which = TABLES[table]
    key = {"blobs": "ct", "receipts": "object_d"}.get(table, "d")
    whole = dict(stored(world, f"SELECT {key}, {column} FROM {table} WHERE {which}"))
    write = f"UPDATE {table} SET {column} = ? WHERE {key} = ? AND {which}"
    for at in range(5):
        for name, value in whole.items():
            stored(world, write, damaged(value, at), name)
        with pytest.raises((ProtocolError, RelayUnreachable)) as failed:
            await world.ocmw.open(waiting)
        error: Any = failed.value
        if isinstance(error, ProtocolError):
            assert error.code in OF_THE_READER
        else:
            assert isinstance(error, RelayUnreachable)
            assert "(database.damaged)" in error.what or "does not speak as a relay does" in error.what
        assert await world.ocmw.inbox() == [waiting]
    for name, value in whole.items():
        stored(world, write, value, name)
    await world.ocmw.acknowledge(await world.ocmw.open(waiting))
    assert [word.event for word in await world.nurse.events(sent.manifest)] == ["opened"]


async def test_a_damaged_setting_loses_no_message(world):
    """A relay that cannot read its own rules says so; what was sealed is kept, as it is for any other trouble."""
    await world.consent()
    port = port_of(world)
    which = "kind = 'rulebook'"
    ((d, whole),) = stored(world, f"SELECT d, envelope FROM objects WHERE {which}")
    draft = world.draft(money="Drie deurwaarders.")
    sealed = await rash.seal(world.nurse, draft, world.huis.clock())
    stored(world, "UPDATE objects SET envelope = ? WHERE d = ?", damaged(whole, 2), d)
    # What is in force is read when the relay starts, and whenever it changes.
    world.huis.relay.stop()
    world.huis.relay.start(port)
    await world.nurse._client.close()
    error = await must_fail(
        RelayUnreachable, "relay.unreachable", world.nurse._client.submit_message(sealed.submission)
    )
    assert "(database.damaged)" in error.what
    stored(world, "UPDATE objects SET envelope = ? WHERE d = ?", whole, d)
    assert await world.nurse._client.submit_message(sealed.submission)
