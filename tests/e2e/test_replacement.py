"""Somebody lost their phone: two partners, a week, and nobody takes over who did not lose anything."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from e2e.lied_to import code_of
from e2e.turned_clock import TurnedClock, turned_huis
from e2e.world import CHILD_AND_FAMILY, OCMW, REFERRAL_TYPES, World, complete
from servers.databases import rows
from zegel import RelayProblem
from zegel_demo.client_agent import ClientAgent
from zegel_protocol.six_words import words_of_record


@dataclass
class Lost(World):
    """A world where Elif got a second phone because she lost the first; `record` is of its keys."""

    clock: TurnedClock
    fresh: ClientAgent
    record: str = ""

    async def replace(self) -> None:
        """Have the nurse begin the replacement."""
        self.record = await self.huis.enrol(self.nurse, self.fresh, replaces=True)

    async def vouch(self) -> None:
        """Have the OCMW vouch, with the words of the record compared."""
        waiting = await self.ocmw.families.waiting(self.elif_id)
        assert waiting is not None
        assert waiting.words == words_of_record(self.record)
        await self.ocmw.families.vouch(waiting.client_key, "id-card")

    async def until_it_counts(self) -> None:
        """Let the days pass; the steward goes on publishing."""
        waiting = await self.nurse.families.waiting(self.elif_id)
        assert waiting is not None
        self.clock.turn(waiting.effective_at - self.clock())


@asynccontextmanager
async def lost(folder) -> AsyncIterator[Lost]:
    huis, clock = await turned_huis(folder)
    try:
        async with await huis.connect(CHILD_AND_FAMILY) as nurse, await huis.connect(OCMW) as ocmw:
            household = os.urandom(16).hex()
            person = await nurse.families.add_person(household)
            async with huis.phone(household, person) as phone, huis.phone(household, person) as fresh:
                await huis.enrol(nurse, phone)
                yield Lost(huis, nurse, ocmw, phone, household, person, clock, fresh)
    finally:
        huis.stop()


@pytest.fixture
async def world(tmp_path):
    async with lost(tmp_path) as world:
        yield world


async def refused(doing) -> str:
    with pytest.raises(RelayProblem) as no:
        await doing
    return no.value.code


async def say_yes(world: World, phone: ClientAgent) -> list[str]:
    pairs = [(kind, "whole") for kind in REFERRAL_TYPES]
    request = await world.nurse.families.ask_consent(world.draft(), types=pairs)
    asked = next(item for item in await phone.requests() if item.request.d == request)
    return [answer.d for answer in await phone.accept(asked)]


async def test_new_keys_count_after_a_week_and_two_partners(world):
    forward, _ = await say_yes(world, world.phone)
    before = await world.nurse.send(world.draft())
    await world.replace()
    await world.vouch()
    # Before the day the first phone is the one: it reads, and what is sent is sealed to it.
    assert (await world.phone.replacement()).vouched == (OCMW,)
    assert await refused(world.fresh.requests()) == "http.signature"
    during = await world.nurse.send(world.draft())
    assert [notice.readable() != [] for notice in await world.phone.notices()] == [True, True]
    await world.until_it_counts()
    # From then on it is the second.
    assert await refused(world.phone.requests()) == "http.signature"
    assert await world.fresh.replacement() is None
    after = await world.nurse.send(world.draft(money="Na het verlies van de telefoon."))
    await world.ocmw.open(after.manifest)
    notices = {notice.notice.payload.manifest: notice for notice in await world.fresh.notices()}
    assert notices[after.manifest].readable()[0] == ("money", "Na het verlies van de telefoon.")
    assert notices[after.manifest].copy.problems == ()
    # What was sealed to the lost keys stays shut, and is said to be there.
    for old in (before, during):
        assert notices[old.manifest].readable() == []
        assert "wraps.no-key" in notices[old.manifest].copy.problems
    # The yes of the lost passkey still counts, the new one takes it back, and says yes anew.
    assert next(given.consent.d for given in await world.fresh.given()) == forward
    await world.fresh.revoke([forward], "no-trust")
    await say_yes(world, world.fresh)
    assert (await world.nurse.preflight(world.draft())).refusals == ()


async def test_whoever_still_has_their_phone_stops_it(world):
    await say_yes(world, world.phone)
    await world.replace()
    await world.vouch()
    told = rows(world.huis.relay, "select subject from outbox where kind = 'ping' order by created_at")
    assert [row[0] for row in told][-2:] == [f"person:{world.elif_id}"] * 2
    begins = (await world.phone.replacement()).effective_at
    await world.phone.keep_keys()
    assert await world.phone.replacement() is None
    assert await world.nurse.families.waiting(world.elif_id) is None
    assert await code_of(world.phone.keep_keys()) == "client-key.nothing-waits"
    world.clock.turn(begins - world.clock() + 1)
    assert await refused(world.fresh.requests()) == "http.signature"
    # Nothing changed for her: her yes counts towards a recipient as before, and she reads what is sent.
    sent = await world.nurse.send(world.draft())
    await world.ocmw.open(sent.manifest)
    assert (await world.phone.notices())[-1].readable()


async def test_a_stopped_replacement_takes_no_vouch(world):
    await world.replace()
    await world.phone.keep_keys()
    assert await refused(world.ocmw.families.vouch(world.record, "known")) == "vouch.late"


async def test_a_vouch_comes_in_time_or_not_at_all(world):
    await world.replace()
    await world.until_it_counts()
    assert await refused(world.ocmw.families.vouch(world.record, "known")) == "vouch.late"
    assert await world.phone.requests() == []
    # Another one may be begun, and waits its own days.
    async with world.huis.phone(world.household, world.elif_id) as third:
        again = await world.huis.enrol(world.nurse, third, replaces=True)
    assert (await world.phone.replacement()).client_key == again


async def test_a_message_that_was_sealed_to_the_old_key_and_sent_after_is_sealed_anew(world):
    """The sender asked in the last second, and the relay accepts a second later: it says so, and the SDK knows why."""
    await say_yes(world, world.phone)
    await world.replace()
    await world.vouch()
    waiting = await world.nurse.families.waiting(world.elif_id)
    draft = complete(world.draft(), world.clock())
    world.clock.turn(waiting.effective_at - world.clock() - 1)
    clock, world.nurse._clock = world.nurse._clock, lambda: waiting.effective_at - 1
    world.clock.turn(2)
    assert await refused(world.nurse.send(draft)) == "wraps.key"
    world.nurse._clock = clock
