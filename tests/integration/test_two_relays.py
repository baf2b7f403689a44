"""Two relays on one Postgres: one log, one receipt, and each wakes who waits at the other, also without Redis."""

import asyncio
import time

import pytest

from e2e.mishaps import must_fail
from integration.pair import running_pair
from servers.databases import rows
from unit.keys.sealing_cases import digest_of
from zegel import RelayProblem
from zegel.relay_client import RelayClient
from zegel_demo import rash
from zegel_relay.storage.database import open_engine, open_sessions, writing
from zegel_relay.storage.postgres import hold_log
from zegel_relay.wakeups import LOOK_AGAIN_SECONDS

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.own_database]

AT_ONCE = LOOK_AGAIN_SECONDS / 2
"""Seconds in which no fallback could have found it."""
EACH = 5


def client_at(partner, address):
    """Return a client of this partner's at another relay's address."""
    own = partner._client
    return RelayClient(address, own._keyid, own._signer, own._clock)


async def sealed(pair, text):
    return await rash.seal(pair.world.nurse, pair.world.draft(ask=text), pair.huis.clock())


async def seconds_to_wake(pair):
    """Send at the first relay while the OCMW waits at the second; return after how many seconds it woke."""
    message = await sealed(pair, "Hulp bij schulden.")
    after = (await pair.ocmw._client.log_state()).checkpoint.split("\n")[1]
    waiting = asyncio.create_task(pair.ocmw._client.inbox(int(after), 20))
    await asyncio.sleep(0.5)
    await pair.world.nurse._client.submit_message(message.submission)
    begin = time.monotonic()
    page = await asyncio.wait_for(waiting, 15)
    assert [item.manifest for item in page.items] == [message.manifest]
    return time.monotonic() - begin


async def test_what_one_refuses_the_other_refuses_and_both_count_it(pair):
    message = await sealed(pair, "Zonder toestemming.")
    async with client_at(pair.world.nurse, pair.second.address) as at_second:
        clients = (pair.world.nurse._client, at_second) * EACH
        submitting = (client.submit_message(message.submission) for client in clients)
        results = await asyncio.gather(*submitting, return_exceptions=True)
    assert {getattr(result, "codes", ()) for result in results} == {("consent.missing",)}
    assert rows(pair.huis.relay, "SELECT code, count FROM refusals") == [("consent.missing", 2 * EACH)]


async def test_the_same_bytes_at_both_at_once_count_once(pair):
    await pair.world.consent()
    messages = [await sealed(pair, f"Vraag {number}.") for number in range(EACH)]
    async with client_at(pair.world.nurse, pair.second.address) as at_second:
        for message in messages:
            clients = (pair.world.nurse._client, at_second) * 3
            answers = await asyncio.gather(*(client.submit_message(message.submission) for client in clients))
            assert len(set(answers)) == 1
    assert {item.manifest for item in await pair.world.ocmw.inbox()} == {message.manifest for message in messages}
    indexes = [index for (index,) in rows(pair.huis.relay, "SELECT log_index FROM objects ORDER BY log_index")]
    assert indexes == list(range(len(indexes)))
    assert rows(pair.huis.relay, "SELECT count(*), count(DISTINCT message_d) FROM notices") == [(EACH, EACH)]


async def test_what_one_accepts_wakes_who_waits_at_the_other(pair):
    assert await seconds_to_wake(pair) < AT_ONCE


async def test_a_blob_that_one_took_is_bound_at_the_other(pair):
    body = b"\x17" * 70_000
    await pair.world.nurse._client.upload(digest_of(body), body)
    await must_fail(RelayProblem, "blob.bound", pair.ocmw._client.upload(digest_of(body), body))


async def test_a_delivery_waits_while_anything_is_accepted_elsewhere(pair):
    message = await sealed(pair, "Om op te wachten.")
    await pair.world.nurse._client.submit_message(message.submission)
    engine = open_engine(pair.huis.relay.database_url)
    async with writing(open_sessions(engine)) as session:
        await hold_log(session, shared=False)
        delivering = asyncio.create_task(pair.ocmw._reminding.hand_out(message.manifest))
        await asyncio.sleep(0.7)
        assert not delivering.done()
    assert (await delivering).receipt
    async with writing(open_sessions(engine)) as session:
        # Deliveries do not wait for each other.
        await hold_log(session, shared=True)
        assert (await pair.ocmw._reminding.hand_out(message.manifest)).receipt
    await engine.dispose()


async def test_a_lost_redis_refuses_nobody_and_wake_ups_come_back_with_it(pair, pairs_redis):
    pairs_redis.kill()
    for _ in range(2):
        assert await seconds_to_wake(pair) < LOOK_AGAIN_SECONDS + 1
    pairs_redis.start()
    await asyncio.sleep(4)
    assert max([await seconds_to_wake(pair) for _ in range(3)]) < AT_ONCE


@pytest.mark.slow
async def test_without_redis_the_other_relay_looks_every_few_seconds(tmp_path, postgres_databases):
    async with running_pair(tmp_path / "huis", postgres_databases, None) as alone:
        await alone.world.consent()
        assert await seconds_to_wake(alone) < LOOK_AGAIN_SECONDS + 1
