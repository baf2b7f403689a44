"""A relay that is told to stop: it says so first, ends what was begun, loses nothing, and then goes."""

import asyncio
import os
import signal

import aiohttp
import msgspec
import pytest

from e2e.world import open_world
from servers.databases import rows
from zegel_demo import rash

MESSAGES, ENOUGH = 40, 5


@pytest.fixture
async def world(tmp_path):
    opened = await open_world(tmp_path, ZEGEL_UNREADY_SECONDS="1")
    yield opened
    await opened.close()


class Proxy:
    """Sends to a relay as long as it says that it is ready, each request over a connection of its own."""

    def __init__(self, origin):
        self.origin = origin
        self.ready = True
        self.begun = 0
        self.answers = []
        self.enough = asyncio.Event()
        self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True, limit=0))

    async def watch(self):
        while self.ready:
            async with self.session.get(f"{self.origin}/v1/ready") as answer:
                self.ready = answer.status == 200
                code = None if self.ready else (await answer.json())["code"]
            await asyncio.sleep(0.02)
        return code

    async def post(self, body):
        if not self.ready:
            return
        self.begun += 1
        headers = {"Content-Type": "application/json"}
        async with self.session.post(f"{self.origin}/v1/messages", data=body, headers=headers) as answer:
            self.answers.append((answer.status, await answer.json()))
        if len(self.answers) >= ENOUGH:
            self.enough.set()


@pytest.mark.slow
async def test_what_was_begun_is_answered_and_kept_when_a_relay_is_stopped(world):
    await world.consent()
    drafts = [world.draft(ask=f"Vraag {number}.") for number in range(MESSAGES)]
    sealed = [await rash.seal(world.nurse, draft, world.huis.clock()) for draft in drafts]
    bodies = [msgspec.json.encode(message.submission) for message in sealed]
    relay = world.huis.relay
    proxy, process = Proxy(relay.address), relay._process
    waiting = asyncio.create_task(world.ocmw._client.inbox(10**6, 30))

    async def send_all():
        for body in bodies:
            sent.append(asyncio.create_task(proxy.post(body)))
            await asyncio.sleep(0.03)

    async def stop():
        await proxy.enough.wait()
        os.kill(relay.pid, signal.SIGTERM)
        # Impatience changes nothing.
        await asyncio.sleep(0.2)
        os.kill(relay.pid, signal.SIGTERM)

    sent: list[asyncio.Task[None]] = []
    code, *_ = await asyncio.gather(proxy.watch(), send_all(), stop())
    await asyncio.gather(*sent)
    await proxy.session.close()
    assert code == "relay.stopping"
    assert ENOUGH <= proxy.begun < MESSAGES
    assert [status for status, _ in proxy.answers] == [200] * proxy.begun
    # A long poll does not hold it up, and is answered.
    assert (await waiting).items == ()
    assert await asyncio.to_thread(process.wait, 30) == 0
    relay.stop()
    assert rows(relay, "SELECT count(*) FROM messages") == [(proxy.begun,)]
    relay.start(int(relay.address.rpartition(":")[2]))
    assert len(await world.ocmw.inbox()) == proxy.begun
