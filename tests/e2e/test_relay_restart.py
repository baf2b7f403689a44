"""A relay that is killed: whatever it gave a receipt for is there when it comes back, once, and its log goes on."""

import asyncio
from collections.abc import Sequence

import pytest

from e2e.documents import write_pdf
from e2e.world import World
from servers.databases import rows
from zegel import RelayUnreachable
from zegel.compose import INLINE_BYTES, Composed
from zegel_demo import rash
from zegel_keys import signing
from zegel_keys.receipts import check_receipt
from zegel_protocol import b64, merkle, tlog
from zegel_protocol.objects.manifest import Seen

ROUNDS, EACH, ENOUGH = 3, 12, 4
"""Kills, messages on their way at each, and how many have their receipt by then."""


def port_of(world: World) -> int:
    return int(world.huis.relay.address.rpartition(":")[2])


def asked(world: World, statement: str) -> list[tuple[object, ...]]:
    return rows(world.huis.relay, statement)


async def submit_until_killed(world: World, messages: Sequence[Composed]) -> dict[str, bytes]:
    """Submit messages at once, and kill the relay as soon as some have their receipt; return those receipts."""
    receipts: dict[str, bytes] = {}
    enough = asyncio.Event()

    async def submit(message: Composed) -> None:
        try:
            for ct, body in message.uploads.items():
                await world.nurse._client.upload(ct, body)
            receipts[message.manifest] = await world.nurse._client.submit_message(message.submission)
        except RelayUnreachable:
            return
        if len(receipts) >= ENOUGH:
            enough.set()

    async def kill() -> None:
        await enough.wait()
        world.huis.relay.kill()

    await asyncio.gather(kill(), *(submit(message) for message in messages))
    return receipts


async def check_one_log(world: World, states: Sequence[Seen]) -> Seen:
    """Return the newest state of the log, once the relay has proven that each earlier one is its beginning."""
    case = await world.nurse.setting()
    newest = await world.nurse._client.log_state()
    log_key = case.setting.directory.payload.log_key
    checkpoint = tlog.verify_checkpoint(newest.checkpoint, tlog.log_origin(world.huis.id), log_key, signing.check)
    for state in states:
        proof = await world.nurse._client.log_consistency(state.size, checkpoint.size)
        hashes = [b64.decode(item, 32) for item in proof.hashes]
        merkle.verify_consistency(state.size, b64.decode(state.root, 32), checkpoint.size, checkpoint.root, hashes)
    return Seen(size=checkpoint.size, root=b64.encode(checkpoint.root))


@pytest.mark.slow
async def test_what_has_a_receipt_survives_each_kill_once_and_the_log_goes_on(world, tmp_path):
    await world.consent()
    port, letter = port_of(world), write_pdf(tmp_path / "brief.pdf", "Geachte mevrouw,", 1500)
    assert letter.stat().st_size > INLINE_BYTES
    sealed: list[Composed] = []
    given: dict[str, bytes] = {}
    seen: list[Seen] = []
    for number in range(ROUNDS):
        drafts = [world.draft(ask=f"Vraag {number}.{each}") for each in range(EACH)]
        drafts[0].file("money", letter)
        messages = [await rash.seal(world.nurse, draft, world.huis.clock()) for draft in drafts]
        case = await world.nurse.setting()
        receipts = await submit_until_killed(world, messages)
        assert len(receipts) >= ENOUGH
        world.huis.relay.start(port)

        log_key = case.setting.directory.payload.log_key
        seen += [check_receipt(receipt, d, case.trust, log_key)[2] for d, receipt in receipts.items()]
        seen.append(await check_one_log(world, seen))
        waiting = {item.manifest for item in await world.ocmw.inbox()}
        assert set(receipts) | set(given) <= waiting
        for message in messages:
            # The same bytes again: those that had a receipt get that very one, the others arrive now.
            for ct, body in message.uploads.items():
                await world.nurse._client.upload(ct, body)
            again = await world.nurse._client.submit_message(message.submission)
            assert receipts.get(message.manifest, again) == again
            given[message.manifest] = again
        sealed += messages
        for d, receipt in given.items():
            assert await world.nurse._client.receipt(d) == receipt

    waiting = await world.ocmw.inbox()
    assert [item.index for item in waiting] == sorted({item.index for item in waiting})
    assert sorted(item.manifest for item in waiting) == sorted(given)
    assert len(given) == ROUNDS * EACH
    read = set()
    for item in waiting:
        message = await world.ocmw.open(item)
        read.add(message.sections[0].note.text)
        files = [section.data for section in message.sections if section.name is not None]
        assert files == ([letter.read_bytes()] if message.sections[0].note.text.endswith(".0") else [])
        await world.ocmw.acknowledge(message)
    assert read == {f"Vraag {number}.{each}" for number in range(ROUNDS) for each in range(EACH)}
    told = [notice.copy.manifest.d for notice in await world.phone.notices()]
    assert sorted(told) == sorted(given)

    # Every object has a leaf, every leaf an object, each once, and nothing of it was rewritten on the way.
    newest = await check_one_log(world, seen)
    indexes = [index for (index,) in asked(world, "SELECT log_index FROM objects ORDER BY log_index")]
    assert indexes == list(range(newest.size))
    assert asked(world, "SELECT count(*), count(DISTINCT id) FROM messages") == [(len(given), len(given))]
    assert asked(world, "SELECT count(*), count(DISTINCT message_d) FROM notices") == [(len(given), len(given))]
    assert asked(world, "SELECT count(*) FROM blobs WHERE message_d IS NULL") == [(0,)]


async def test_everyone_s_software_goes_on_where_it_was(world):
    """Pins, cursors and phones outlive a kill: nothing that they saw looks older or other than before."""
    forward, _ = await world.consent()
    first = await world.nurse.send(world.draft(ask="Voor de stroom uitviel."))
    assert len(await world.phone.notices()) == 1
    world.huis.relay.kill()
    world.huis.relay.start(port_of(world))
    (waiting,) = await world.ocmw.inbox()
    message = await world.ocmw.open(waiting)
    assert message.d == first.manifest
    await world.ocmw.acknowledge(message)
    world.huis.relay.kill()
    world.huis.relay.start(port_of(world))
    assert [event.event for event in await world.nurse.events(first.manifest)] == ["opened"]
    second = await world.nurse.send(world.draft(ask="Daarna."))
    assert [item.manifest for item in await world.ocmw.inbox()] == [second.manifest]
    notices = await world.phone.notices(after=world.phone.cursor)
    assert [notice.copy.manifest.d for notice in notices] == [second.manifest]
    await world.phone.revoke([forward], "changed-mind")
    world.huis.relay.kill()
    world.huis.relay.start(port_of(world))
    # A revocation, too, is still there: what it withdrew does not come back.
    assert await world.ocmw.inbox() == []
