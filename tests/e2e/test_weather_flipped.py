"""A disk that gives back other bytes than were written: nobody opens them, everyone can say so, and a repair counts."""

import sqlite3
from contextlib import closing

import pytest

from e2e.documents import write_pdf
from e2e.mishaps import must_fail, stored
from e2e.world import CHILD_AND_FAMILY, OCMW
from zegel import ProtocolError, RelayUnreachable
from zegel.compose import INLINE_BYTES
from zegel.large_section import IN_MEMORY

LINES = {"in memory": 1500, "in the spool": 20_000}


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
    assert [section.path.read_bytes() if section.path else section.data for section in message.sections if section.name] == [
        world.letter
    ]
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
