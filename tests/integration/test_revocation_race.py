"""A stop races submissions and deliveries on two relays: once it was answered, nothing that it forbids is handed out.

A revocation withdraws what waits itself. A narrower consent touches no delivery at all: that one depends wholly on each
delivery being judged while nothing is accepted.

What is held against it: as it is answered, whatever will have been delivered has been; whatever was asked after that
is refused, by both; and in the database each message is either delivered or withdrawn, for nothing may wait on that a
later request could still get.

On Postgres a trigger makes it slow to note a delivery. So there is time between judging and committing, in which a stop
that did not wait would be answered. SQLite has one write lock, taken before anything is read.
"""

import asyncio
import random
import time
from dataclasses import dataclass

import pytest

from integration.pair import running_pair
from servers.databases import SqliteDatabases, rows
from zegel import Refused, RelayProblem
from zegel_demo import rash

pytestmark = pytest.mark.own_database

ROUNDS, EACH = 8, 6
HELD_SECONDS = 0.1
"""How long each delivery takes to commit."""
HOLDING = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
OWN_SIDE = ("relay.", "http.", "database.")
"""Codes that say nothing of consent: a relay that failed would make this test pass."""


async def revoke(phone, consent):
    await phone.revoke([consent])


async def narrow(phone, consent):
    await phone.narrow(consent, {"money"})


STOPS = (narrow, revoke)


def hold_deliveries(relay, seconds):
    """Have Postgres take so long to note that a message was delivered."""
    rows(
        relay,
        "CREATE OR REPLACE FUNCTION held() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN PERFORM pg_sleep({seconds}); RETURN NEW; END $$",
    )
    rows(
        relay,
        "CREATE TRIGGER held BEFORE UPDATE OF delivered_at ON deliveries FOR EACH ROW"
        " WHEN (NEW.delivered_at IS NOT NULL) EXECUTE FUNCTION held()",
    )


def delivered(relay):
    """Return the messages that the OCMW's delivery of is committed."""
    found = rows(
        relay, "SELECT message_d FROM deliveries WHERE reader = 'partner:ocmw-gent' AND delivered_at IS NOT NULL"
    )
    return {manifest for (manifest,) in found}


@dataclass
class Attempt:
    """One request: what it was for, when it began, and the code that it was refused with."""

    manifest: str
    begun: float
    code: str | None


async def attempt(manifest, request):
    begun = time.monotonic()
    try:
        await request
    except Refused as refused:
        return Attempt(manifest, begun, refused.codes[0])
    except RelayProblem as problem:
        return Attempt(manifest, begun, problem.code)
    return Attempt(manifest, begun, None)


async def deliveries(reader, manifests, stop):
    """Ask for these messages again and again until `stop`, and once more after it."""
    made = []
    while True:
        last = stop.is_set()
        made += [await attempt(manifest, reader._reminding.hand_out(manifest)) for manifest in manifests]
        if last:
            return made


async def submissions(client, messages):
    return [await attempt(message.manifest, client.submit_message(message.submission)) for message in messages]


async def race(pair, chance, stop_it):
    """Run one round; return when the stop was answered, what was delivered by then, and all that was tried."""
    forward, _ = await pair.world.consent()
    world = pair.world
    drafts = [world.draft(ask=f"Vraag {number}.") for number in range(2 * EACH)]
    messages = [await rash.seal(world.nurse, draft, pair.huis.clock()) for draft in drafts]
    waiting, late = messages[:EACH], messages[EACH:]
    for message in waiting:
        await world.nurse._client.submit_message(message.submission)
    manifests = [message.manifest for message in messages]
    chance.shuffle(manifests)
    half = len(manifests) // 2
    stop = asyncio.Event()

    async def stopped():
        await asyncio.sleep(chance.uniform(0, 0.15))
        await stop_it(world.phone, forward)
        answered = time.monotonic()
        settled = await asyncio.to_thread(delivered, pair.huis.relay)
        stop.set()
        return answered, settled

    results = await asyncio.gather(
        stopped(),
        deliveries(pair.ocmw, manifests[:half], stop),
        deliveries(world.ocmw, manifests[half:], stop),
        submissions(world.nurse._client, late),
    )
    return *results[0], [item for made in results[1:3] for item in made], results[3]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_nothing_is_delivered_after_a_stop_was_answered(tmp_path, postgres_databases, redis, kind):
    chance = random.Random(20261124)
    databases = SqliteDatabases() if kind == "sqlite" else postgres_databases
    handed_out, refused = 0, 0
    async with running_pair(tmp_path / "huis", databases, redis) as pair:
        if kind == "postgres":
            hold_deliveries(pair.huis.relay, HELD_SECONDS)
        for number in range(ROUNDS):
            answered, settled, asked, sent = await race(pair, chance, STOPS[number % 2])
            after = [item for item in asked if item.begun > answered]
            assert after
            assert delivered(pair.huis.relay) == settled
            assert [item for item in [*asked, *sent] if item.begun > answered and item.code is None] == []
            assert [item for item in after if str(item.code).startswith(OWN_SIDE)] == []
            first = {item.manifest for item in asked if item.code is None}
            handed_out += len(first)
            refused += len({item.manifest for item in after})
            left = rows(
                pair.huis.relay,
                "SELECT count(*) FROM deliveries WHERE reader = 'partner:ocmw-gent'"
                " AND (delivered_at IS NULL) = (withdrawn_at IS NULL)",
            )
            assert left == [(0,)]
    # Both sides won some of it, so that there was a race.
    assert handed_out > ROUNDS
    assert refused > ROUNDS


@pytest.mark.slow
@pytest.mark.parametrize("stop_it", STOPS)
async def test_a_stop_is_answered_after_what_was_judged_before_it(tmp_path, postgres_databases, redis, stop_it):
    async with running_pair(tmp_path / "huis", postgres_databases, redis) as pair:
        relay = pair.huis.relay
        forward, _ = await pair.world.consent()
        message = await rash.seal(pair.world.nurse, pair.world.draft(ask="Hulp."), pair.huis.clock())
        await pair.world.nurse._client.submit_message(message.submission)
        hold_deliveries(relay, 3)
        delivering = asyncio.create_task(attempt(message.manifest, pair.ocmw._reminding.hand_out(message.manifest)))
        async with asyncio.timeout(10):
            while not await asyncio.to_thread(rows, relay, HOLDING):  # noqa: ASYNC110 - it is in the database
                await asyncio.sleep(0.02)
        assert delivered(relay) == set()
        await stop_it(pair.world.phone, forward)
        assert delivered(relay) == {message.manifest}
        assert (await delivering).code is None
        assert (await attempt(message.manifest, pair.world.ocmw._reminding.hand_out(message.manifest))).code is not None
