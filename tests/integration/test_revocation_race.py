"""A stop races submissions and deliveries on two relays: once it was answered, nothing that it forbids is handed out.

A revocation withdraws what waits itself. A narrower consent touches no delivery at all: that one depends wholly on each
delivery being judged while nothing is accepted.

What is held against it: whatever was asked after the answer is refused, by both; and in the database each message is
either delivered or withdrawn, for nothing may wait on that a later request could still get.
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

ROUNDS, EACH = 8, 6
OWN_SIDE = ("relay.", "http.", "database.")
"""Codes that say nothing of consent: a relay that failed would make this test pass."""


async def revoke(phone, consent):
    await phone.revoke([consent])


async def narrow(phone, consent):
    await phone.narrow(consent, {"money"})


STOPS = (narrow, revoke)


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


async def deliveries(client, manifests, stop):
    """Ask for these messages again and again until `stop`, and once more after it."""
    made = []
    while True:
        last = stop.is_set()
        made += [await attempt(manifest, client.deliver(manifest)) for manifest in manifests]
        if last:
            return made


async def submissions(client, messages):
    return [await attempt(message.manifest, client.submit_message(message.submission)) for message in messages]


async def race(pair, chance, stop_it):
    """Run one round; return when the stop was answered, and all that was tried."""
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
        stop.set()
        return answered

    results = await asyncio.gather(
        stopped(),
        deliveries(pair.ocmw._client, manifests[:half], stop),
        deliveries(world.ocmw._client, manifests[half:], stop),
        submissions(world.nurse._client, late),
    )
    return results[0], [item for made in results[1:3] for item in made], results[3]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_nothing_is_delivered_after_a_stop_was_answered(tmp_path, postgres_databases, redis, kind):
    chance = random.Random(20261124)
    databases = SqliteDatabases() if kind == "sqlite" else postgres_databases
    delivered, refused = 0, 0
    async with running_pair(tmp_path / "huis", databases, redis) as pair:
        for number in range(ROUNDS):
            answered, asked, sent = await race(pair, chance, STOPS[number % 2])
            after = [item for item in asked if item.begun > answered]
            assert after
            assert [item for item in [*asked, *sent] if item.begun > answered and item.code is None] == []
            assert [item for item in after if str(item.code).startswith(OWN_SIDE)] == []
            first = {item.manifest for item in asked if item.code is None}
            delivered += len(first)
            refused += len({item.manifest for item in after})
            left = rows(
                pair.huis.relay,
                "SELECT count(*) FROM deliveries WHERE reader = 'partner:ocmw-gent'"
                " AND (delivered_at IS NULL) = (withdrawn_at IS NULL)",
            )
            assert left == [(0,)]
    # Both sides won some of it, so that there was a race.
    assert delivered > ROUNDS
    assert refused > ROUNDS
