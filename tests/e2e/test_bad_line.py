"""The relay gone, another in its place, its directory expired, two programs at one keystore: no message is lost.

What was sealed stays on the device until its receipt is in hand, and leaves once; what was accepted waits.
"""

import asyncio
import multiprocessing
import time

import pytest
import pytest_asyncio

from e2e.documents import write_pdf
from e2e.families import send_and_open
from e2e.line import Line
from e2e.mishaps import must_fail, nothing_is_lost, port_of, stored
from e2e.programs import PASSED, deal_with_all
from e2e.world import CHILD_AND_FAMILY, World, open_world
from zegel import (
    Carried,
    MessageTaken,
    Partner,
    Refused,
    RelayUnreachable,
    Waiting,
)
from zegel.compose import INLINE_BYTES
from zegel_demo import rash
from zegel_demo.huis import PASSPHRASE
from zegel_protocol.errors import ChainError

pytestmark = pytest.mark.asyncio(loop_scope="module")

SPAWN = multiprocessing.get_context("spawn")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory):
    opened = await open_world(tmp_path_factory.mktemp("desk"))
    try:
        await opened.consent()
        yield opened
    finally:
        await opened.close()


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def as_before(world):
    yield
    await nothing_is_lost(world)


# The directory


@pytest.mark.slow
async def test_an_expired_directory_stops_everything_and_loses_nothing(world):
    await world.huis.publish(life=8)
    expires = time.time() + 8
    async with Line() as line:
        waiting = await world.nurse.send(world.draft(ask="Nog op tijd."))
        try:
            await line.carry(world.nurse)
            line.lose("/v1/messages", answer=False)
            await must_fail(RelayUnreachable, "relay.unreachable", world.nurse.send(world.draft(money="Te laat.")))
            (kept,) = world.nurse.unsent()
            await asyncio.sleep(max(0, expires + 1 - time.time()))
            draft = world.draft()
            await must_fail(Refused, "directory.expired", world.nurse.send(draft))
            await must_fail(Refused, "directory.expired", rash.send(world.nurse, draft, world.huis.clock()))
            # What was sealed before it expired is refused too, and kept: what is wrong is not the message.
            await must_fail(Refused, "directory.expired", world.nurse.flush())
            assert world.nurse.unsent() == [kept]
            # What was accepted before waits for the recipient, and so does what the family may read.
            await must_fail(Refused, "directory.expired", world.ocmw.open(waiting.manifest))
            await must_fail(ChainError, "directory.expired", world.phone.notices())
        finally:
            await world.huis.publish()
        (sent,) = await world.nurse.flush()
        assert sent.id == kept
        opened = [await world.ocmw.open(item) for item in await world.ocmw.inbox()]
        assert {message.sections[0].note.text for message in opened} == {"Nog op tijd.", "Te laat."}
        for message in opened:
            await world.ocmw.acknowledge(message)
        assert sent.manifest in {item.copy.manifest.d for item in await world.phone.notices()}
        assert (await world.nurse.preflight(draft)).ok
    await back_to_the_relay(world)


async def back_to_the_relay(world: World) -> None:
    """Have the nurse's software speak to the relay directly again."""
    await world.nurse._client.close()


# The relay, or the line to it


async def test_a_relay_that_does_not_answer_is_told_before_anything_is_sealed(world):
    port = port_of(world)
    world.huis.relay.kill()
    try:
        for doing in (world.nurse.send(world.draft()), world.nurse.preflight(world.draft()), world.ocmw.inbox()):
            await must_fail(RelayUnreachable, "relay.unreachable", doing)
        assert world.nurse.unsent() == []
        assert await world.nurse.flush() == []
        # Offline is no reason not to open.
        folder = world.huis.members[CHILD_AND_FAMILY].devices["first"]
        async with await Partner.connect(folder, PASSPHRASE, relay=world.huis.relay.address) as offline:
            assert offline.unsent() == []
    finally:
        world.huis.relay.start(port)


@pytest.mark.parametrize("answer", [False, True], ids=["before it arrived", "after it was accepted"])
async def test_a_relay_that_dies_in_mid_send_gets_it_once(world, answer, tmp_path):
    """Killed between sealing and the answer: the message stays, and leaves once more, with the same receipt."""
    port, letter = port_of(world), write_pdf(tmp_path / "brief.pdf", "Geachte mevrouw,", 1500)
    assert letter.stat().st_size > INLINE_BYTES
    notices = len(await world.phone.notices())
    async with Line() as line:
        await line.carry(world.nurse)
        line.lose("/v1/messages", answer=answer, then=world.huis.relay.kill)
        draft = world.draft(money="Drie deurwaarders.", ask="Rust.")
        draft.file("money", letter)
        error = await must_fail(RelayUnreachable, "relay.unreachable", world.nurse.send(draft))
        assert "nobody gets it twice" in str(error)
        (kept,) = world.nurse.unsent()
        # Also for a program that was started meanwhile, without a relay, and for each further try.
        folder = world.huis.members[CHILD_AND_FAMILY].devices["first"]
        async with await Partner.connect(folder, PASSPHRASE, relay=world.huis.relay.address) as another:
            assert another.unsent() == [kept]
            await must_fail(RelayUnreachable, "relay.unreachable", another.flush())
            assert another.unsent() == [kept]
        world.huis.relay.start(port)
        given = "SELECT envelope FROM receipts JOIN messages ON object_d = messages.d WHERE audience = '' AND id = ?"
        before = stored(world, given, kept)
        assert len(before) == (1 if answer else 0)
        (sent,) = await world.nurse.flush()
        assert (sent.id, world.nurse.unsent()) == (kept, [])
        assert await world.nurse.flush() == []
        receipt = await world.nurse._client.receipt(sent.manifest)
        assert not answer or (receipt,) == before[0]
        (waiting,) = await world.ocmw.inbox()
        message = await world.ocmw.open(waiting)
        assert [section.data for section in message.sections if section.name] == [letter.read_bytes()]
        await world.ocmw.acknowledge(message)
        assert len(await world.phone.notices()) == notices + 1
        assert stored(world, "SELECT count(*) FROM messages WHERE id = ?", kept) == [(1,)]
    await back_to_the_relay(world)


@pytest.mark.parametrize("status", [200, 302, 403, 502])
async def test_what_answers_in_the_relay_s_place_takes_no_message_away(world, status):
    """A proxy whose relay is down, or the page of a guest network: the message stays, and leaves later."""
    async with Line() as line:
        await line.carry(world.nurse)
        line.instead("/v1/messages", status, b"<html><body>Welkom op het gastnetwerk</body></html>")
        await must_fail(RelayUnreachable, "relay.unreachable", world.nurse.send(world.draft()))
        (kept,) = world.nurse.unsent()
        (sent,) = await world.nurse.flush()
        assert sent.id == kept
        await world.ocmw.acknowledge(await world.ocmw.open((await world.ocmw.inbox())[0]))
    await back_to_the_relay(world)


# Two programs at one keystore


@pytest.mark.slow
async def test_two_programs_at_one_keystore_lose_nothing_and_do_nothing_twice(world, tmp_path):
    """Each sends five messages, and both deal with one inbox of ten, at the same time."""
    sent, _ = await send_and_open(world.nurse, world.ocmw, world.draft(ask="Begin."))
    began = await world.ocmw.open(sent.manifest)
    coming = []
    for number in range(10):
        answer = world.ocmw.report_back(began)
        answer.carried = Carried(how="with-client")
        answer.note("follow", f"Gesprek {number}.")
        coming.append((await world.ocmw.send(answer)).manifest)
    folder = world.huis.members[CHILD_AND_FAMILY].devices["first"]
    go, results = SPAWN.Barrier(2), SPAWN.Queue()
    programs = [
        SPAWN.Process(
            target=deal_with_all,
            args=(folder, world.huis.relay.address, (world.household, world.elif_id), name, go, results),
            daemon=True,
        )
        for name in ("eerste", "tweede")
    ]
    for program in programs:
        program.start()
    done = [await asyncio.to_thread(results.get, True, 240) for _ in programs]
    for program in programs:
        await asyncio.to_thread(program.join, 30)
    assert [program.exitcode for program in programs] == [0, 0]
    dealt = [manifest for result in done for manifest in result.dealt]
    assert sorted(dealt) == sorted(coming)
    assert all(result.failed == [] for result in done)
    by_nurse = "SELECT message_d, count(*) FROM events WHERE reader = ? GROUP BY message_d"
    events = dict(stored(world, by_nurse, f"partner:{CHILD_AND_FAMILY}"))
    assert {d: events[d] for d in coming} == dict.fromkeys(coming, 1)
    left = [manifest for result in done for manifest in result.sent]
    assert len(left) == len(set(left)) == 2 * PASSED
    waiting = await world.ocmw.inbox()
    assert sorted(item.manifest for item in waiting) == sorted(left)
    texts = set()
    for item in waiting:
        message = await world.ocmw.open(item)
        texts.add(message.sections[0].note.text)
        await world.ocmw.acknowledge(message)
    assert texts == {f"Bericht {number} van {name}." for name in ("eerste", "tweede") for number in range(PASSED)}
    assert await world.nurse.inbox() == []
    # Whoever saw one of them in the inbox before it was dealt with does not deal with it again.
    await must_fail(MessageTaken, "message.taken", world.nurse.open(Waiting(0, coming[0])))
