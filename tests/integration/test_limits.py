"""Request counts: shared by relays while Redis is there, each for itself without it, and never for what is accepted."""

import asyncio

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from servers.redis import Redis
from zegel_keys.http_signature import sign_request
from zegel_keys.signing import SigningKey
from zegel_protocol import b64
from zegel_relay import keys_file, redis_line
from zegel_relay.api.app import create_app
from zegel_relay.limits import Limits
from zegel_relay.redis_line import RedisLine
from zegel_relay.relay import Relay
from zegel_relay.services.errors import TooMany
from zegel_relay.settings import Settings
from zegel_relay.storage.database import migrate
from zegel_relay.wakeups import Wakeups

DEVICE = f"device:ocmw/{'1' * 32}"
OTHER = f"device:clb/{'2' * 32}"
NOW = 1_790_000_000
PUBLIC_URL = "https://relay.example"


async def taken(limits, asker=DEVICE, budget="reading", now=NOW):
    """Return after how many seconds to ask again, or 0 where it may."""
    try:
        await limits.take(asker, budget, now)
    except TooMany as error:
        return error.seconds
    return 0


async def becomes(line, up):
    for _ in range(1000):
        if line.up == up:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(up)


async def test_each_asker_and_each_budget_counts_apart_and_the_next_minute_begins_anew():
    limits = Limits(2)
    minute_left = 60 - NOW % 60
    assert [await taken(limits) for _ in range(3)] == [0, 0, minute_left]
    assert await taken(limits, asker=OTHER) == 0
    assert await taken(limits, budget="sending") == 0
    assert await taken(limits, now=NOW + minute_left) == 0


async def test_no_limit_counts_nothing():
    limits = Limits(0)
    assert [await taken(limits) for _ in range(50)] == [0] * 50


async def test_relays_count_together_and_each_for_itself_while_redis_is_gone(monkeypatch):
    # The machine may be busy, and a count that comes late would not be one.
    monkeypatch.setattr(redis_line, "COUNT_SECONDS", 10)
    server = Redis()
    server.start()
    lines = [RedisLine(server.url(), Wakeups()) for _ in range(2)]
    try:
        for line in lines:
            await line.start()
            await becomes(line, True)
        one, two = (Limits(3, line) for line in lines)
        assert [await taken(one), await taken(two), await taken(one)] == [0, 0, 0]
        assert await taken(two) > 0
        server.kill()
        # What was counted elsewhere is forgotten, and nobody is refused for want of Redis.
        assert [await taken(two), await taken(one)] == [0, 0]
        assert await taken(one) > 0
        for line in lines:
            await becomes(line, False)
        server.start()
        for line in lines:
            await becomes(line, True)
        assert await taken(two, asker=OTHER) == 0
        assert [await taken(one, asker=OTHER) for _ in range(2)] == [0, 0]
        assert await taken(one, asker=OTHER) > 0
    finally:
        for line in lines:
            await line.stop()
        server.close()


@pytest.fixture
async def served(tmp_path, database_url):
    """A relay that takes two signed requests a minute of each asker, and DEVICE's key."""
    key = SigningKey.generate()

    class Clock:
        def now(self):
            return NOW

    async def find_key(_session, keyid, _now):
        return key.public if keyid == DEVICE else None

    settings = Settings(
        folder=tmp_path, database_url=database_url, blob_folder=tmp_path / "blobs", keys_file=tmp_path / "keys.json",
        contact_key_file=tmp_path / "contact-key.json", public_url=PUBLIC_URL, requests_per_minute=2, work="outside",
    )  # fmt: skip
    keys_file.create(settings.keys_file, b64.encode(bytes(32)))
    await migrate(database_url)
    async with (
        TestServer(create_app(Relay.open(settings, Clock(), find_key))) as server,
        aiohttp.ClientSession() as session,
    ):

        async def ask(method, path, body=b"", signed_by=key):
            headers = {"Content-Type": "application/json"} if body else {}
            if signed_by is not None:
                headers |= sign_request(method, PUBLIC_URL + path, signed_by, DEVICE, NOW, body)
            async with session.request(method, server.make_url(path), headers=headers, data=body) as response:
                problem = await response.json(content_type=None) if response.status >= 400 else {}
                return response.status, problem.get("code"), response.headers.get("Retry-After")

        yield ask


async def test_one_too_many_is_told_when_to_come_back_and_may_still_send(served):
    ask = served
    wrong = SigningKey.generate()
    for _ in range(5):
        # Who cannot sign as the device uses up nothing of its minute.
        assert (await ask("GET", "/v1/inbox", signed_by=wrong))[0] == 401
    assert [(await ask("GET", "/v1/inbox"))[0] for _ in range(2)] == [200, 200]
    assert await ask("GET", "/v1/inbox") == (429, "relay.too-many", str(60 - NOW % 60))
    # What sending needs is counted apart, and what is accepted not at all.
    assert (await ask("GET", "/v1/partners/clb/prekeys"))[0] != 429
    for path in ("/v1/objects", "/v1/messages"):
        answers = [await ask("POST", path, b"{}", signed_by=None) for _ in range(5)]
        assert {status for status, _, _ in answers} == {400}
    assert (await ask("GET", "/v1/health", signed_by=None))[0] == 200


async def test_a_line_that_is_stopped_as_redis_goes_ends(redis):
    line = RedisLine(redis.url(), Wakeups())
    await line.start()
    await becomes(line, True)
    redis.kill()
    await asyncio.wait_for(line.stop(), 10)
    assert not line.up
