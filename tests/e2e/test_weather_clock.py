"""The relay's clock steps back, as one does that ran ahead and is put right: order, receipts and waiting hold."""

import asyncio
import os
import time
from typing import Any

import pytest

from e2e.mishaps import must_fail, stored
from e2e.turned_clock import TurnedClock
from e2e.world import CHILD_AND_FAMILY, OCMW, World, open_huis
from zegel import ClockWrong
from zegel.relay_client import CLOCK_LEEWAY
from zegel_protocol.objects.manifest import Seen

STEP = CLOCK_LEEWAY - 20
"""Seconds that the relay's clock is off at most while everyone may still speak to it."""


@pytest.fixture
async def world(tmp_path):
    """A Huis whose relay goes by a clock that is turned (`world.relay_clock`); everyone else has the true time."""
    huis, clock = await open_huis(tmp_path), TurnedClock(tmp_path / "clock")
    clock.turn(STEP)
    clock.wind(huis.relay)
    nurse, ocmw = await huis.connect(CHILD_AND_FAMILY), await huis.connect(OCMW)
    household = os.urandom(16).hex()
    person = await nurse.families.add_person(household)
    phone = huis.phone(household, person)
    await huis.enrol(nurse, phone)
    opened: Any = World(huis, nurse, ocmw, phone, household, person)
    opened.relay_clock = clock
    yield opened
    await opened.close()


async def test_a_clock_that_steps_back_puts_nothing_out_of_order(world):
    """Minutes back between two messages: what comes later stands later, though its time is earlier."""
    await world.consent()
    clock = world.relay_clock
    ahead = await world.nurse.send(world.draft(ask="Voor."))
    seen = world.nurse._view.seen
    waiting = asyncio.create_task(world.ocmw.inbox(5))
    assert [item.manifest for item in await waiting] == [ahead.manifest]
    clock.turn(-STEP)
    behind = await world.nurse.send(world.draft(ask="Na."))
    assert behind.accepted_at < ahead.accepted_at
    accepted = stored(world, "SELECT d FROM messages ORDER BY log_index")
    assert accepted == [(ahead.manifest,), (behind.manifest,)]
    assert [item.manifest for item in await world.ocmw.inbox()] == [ahead.manifest, behind.manifest]
    # The log that everyone saw is the beginning of the one that they see now.
    now: Seen = world.nurse._view.seen
    assert now.size > seen.size
    for waiting in await world.ocmw.inbox():
        message = await world.ocmw.open(waiting)
        await world.ocmw.acknowledge(message)
    assert await world.ocmw.inbox() == []
    told = [item.copy.manifest.d for item in await world.phone.notices()]
    assert told == [ahead.manifest, behind.manifest]
    # The same bytes still have the same receipt.
    for sent in (ahead, behind):
        assert [word.event for word in await world.nurse.events(sent.manifest)] == ["opened"]


async def test_a_stop_counts_though_the_clock_stepped_back_before_it(world):
    forward, _ = await world.consent()
    sent = await world.nurse.send(world.draft(ask="Voor."))
    world.relay_clock.turn(-STEP)
    await world.phone.revoke([forward], "changed-mind")
    assert await world.ocmw.inbox() == []
    assert stored(
        world, "SELECT count(*) FROM deliveries WHERE message_d = ? AND withdrawn_at IS NOT NULL", sent.manifest
    )
    problem = await world.nurse.preflight(world.draft(ask="Na."))
    assert not problem.ok


async def test_who_waits_waits_as_long_as_was_said(world):
    """A long poll counts its own seconds: a step neither ends it early nor keeps it for longer."""
    await world.consent()
    begin = time.monotonic()
    waiting = asyncio.create_task(world.ocmw.inbox(3))
    await asyncio.sleep(0.5)
    world.relay_clock.turn(-STEP // 2)
    assert await waiting == []
    assert 2.5 < time.monotonic() - begin < 10
    waiting = asyncio.create_task(world.ocmw.inbox(20))
    await asyncio.sleep(0.5)
    world.relay_clock.turn(-STEP // 2)
    sent = await world.nurse.send(world.draft(ask="Nu."))
    begin = time.monotonic()
    assert [item.manifest for item in await waiting] == [sent.manifest]
    assert time.monotonic() - begin < 2


async def test_a_clock_too_far_back_is_told_to_everyone_and_loses_nothing(world):
    await world.consent()
    before = await world.nurse.send(world.draft(ask="Voor."))
    world.relay_clock.turn(-STEP - 3 * CLOCK_LEEWAY)
    for doing in (world.nurse.send(world.draft(ask="Tijdens.")), world.ocmw.inbox(), world.phone.notices()):
        await must_fail(ClockWrong, "clock.wrong", doing)
    assert world.nurse.unsent() == []
    world.relay_clock.turn(3 * CLOCK_LEEWAY)
    after = await world.nurse.send(world.draft(ask="Na."))
    assert [item.manifest for item in await world.ocmw.inbox()] == [before.manifest, after.manifest]
