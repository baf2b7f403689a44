"""Postgres gone for ten seconds and Redis for a minute, under traffic: told, kept, and all of it goes on by itself."""

import asyncio
import os
import ssl
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from e2e.families import send_and_open
from e2e.service import Service, run_service
from e2e.world import OCMW, complete
from servers.postgres import ask
from zegel import RelayUnreachable
from zegel.contacts import Choice
from zegel_demo.client_agent import ClientAgent
from zegel_protocol.objects.contact import Hours
from zegel_relay.wakeups import LOOK_AGAIN_SECONDS

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow, pytest.mark.own_database]

POSTGRES_AWAY, REDIS_AWAY = 10, 60
SETTLE_SECONDS = 60
RECONNECT_SECONDS = 3.0
"""The longest that one request may take because something that it uses has just gone."""
TELLS = {"database.unreachable", "database.failed", "relay.not-stored", "relay.busy", "relay.away"}
ADDRESS = "iemand@mail.example"


@dataclass
class Family:
    """A running service, and one person whose phone said yes to all."""

    service: Service
    household: str
    person: str
    phone: ClientAgent

    def __getattr__(self, name: str) -> Any:
        return getattr(self.service, name)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory):
    async with run_service(tmp_path_factory.mktemp("service")) as running:
        nurse, household = running.nurse, os.urandom(16).hex()
        person = await nurse.families.add_person(household)
        family = Family(running, household, person, running.huis.phone(household, person, relay=running.address))
        await running.huis.enrol(nurse, family.phone)
        request = await nurse.families.ask_consent(draft(family, "Schulden."), back={})
        asked = next(item for item in await family.phone.requests() if item.request.d == request)
        await family.phone.accept(asked)
        yield family
        await family.phone.close()


def draft(service, text):
    begun = service.nurse.referral(OCMW, service.household, [service.person])
    return complete(begun.note("money", text), service.huis.clock())


async def next_waiting(service):
    """Wait for what comes; what was dealt with just before may end one wait early."""
    while not (waiting := await service.ocmw.inbox(20)):
        pass
    return [item.manifest for item in waiting]


async def empty_inbox(service):
    """Open and acknowledge all that waits; return whose turn it was."""
    opened = []
    for waiting in await service.ocmw.inbox():
        message = await service.ocmw.open(waiting)
        await service.ocmw.acknowledge(message)
        opened.append(message.d)
    return opened


async def test_postgres_gone_for_ten_seconds(service):
    await send_and_open(service.nurse, service.ocmw, draft(service, "Daarvoor."))
    answers: list[tuple[int, str, str | None]] = []
    failures: list[RelayUnreachable] = []
    sent: list[str] = []
    away = asyncio.Event()

    trusted = ssl.create_default_context(cafile=str(service.nginx.authority))

    async def ask_plainly():
        async with aiohttp.ClientSession() as session:
            while away.is_set():
                async with session.get(f"{service.address}/v1/setting", ssl=trusted) as answer:
                    body = await answer.json()
                    answers.append((answer.status, body.get("code", ""), answer.headers.get("Retry-After")))
                await asyncio.sleep(0.3)

    async def send():
        number = 0
        while away.is_set():
            number += 1
            try:
                sent.append((await service.nurse.send(draft(service, f"Tijdens {number}."))).manifest)
            except RelayUnreachable as error:
                failures.append(error)
            await asyncio.sleep(0.3)

    away.set()
    tasks = [asyncio.create_task(ask_plainly()), asyncio.create_task(send())]
    await asyncio.sleep(1)
    await asyncio.to_thread(service.kill, "postgres")
    await asyncio.sleep(POSTGRES_AWAY)
    await asyncio.to_thread(service.revive, "postgres")
    await asyncio.sleep(1)
    away.clear()
    await asyncio.gather(*tasks)

    told = [item for item in answers if item[0] != 200]
    assert len(told) > 3
    assert {status for status, _, _ in told} == {503}
    assert {code for _, code, _ in told} <= TELLS
    assert all(retry is not None and int(retry) > 0 for _, _, retry in told)
    assert failures
    assert all(any(f"({code})" in error.what for code in TELLS) for error in failures)

    kept = service.nurse.unsent()
    arrived = await service.nurse.flush()
    assert {item.id for item in arrived} == set(kept)
    assert service.nurse.unsent() == []
    expected = Counter([*sent, *(item.manifest for item in arrived)])
    assert Counter(await empty_inbox(service)) == expected
    url = service.first.database_url
    assert ask(url, "SELECT count(*), count(DISTINCT id) FROM messages") == [(len(expected) + 1, len(expected) + 1)]


async def test_redis_gone_for_a_minute(service):
    await empty_inbox(service)
    await send_and_open(service.nurse, service.ocmw, draft(service, "Daarvoor."))
    await service.phone.choose_contact(Choice(ADDRESS, hours=Hours(opens=0, closes=24)))
    slowest = 0.0
    late: list[float] = []
    sent: list[str] = []
    await asyncio.to_thread(service.kill, "redis")
    service.mail.mails.clear()
    until_then = time.monotonic() + REDIS_AWAY
    while time.monotonic() < until_then:
        waiting = asyncio.create_task(next_waiting(service))
        await asyncio.sleep(0.3)
        begin = time.monotonic()
        sent.append((await service.nurse.send(draft(service, f"Tijdens {len(sent)}."))).manifest)
        accepted = time.monotonic()
        slowest = max(slowest, accepted - begin)
        assert await asyncio.wait_for(waiting, 20) == [sent[-1]]
        late.append(time.monotonic() - accepted)
        assert await empty_inbox(service) == [sent[-1]]
    assert len(sent) > 10
    print(f"{len(sent)} sent, slowest {slowest:.2f} s, woken after {max(late):.2f} s at most")
    assert slowest < RECONNECT_SECONDS
    assert max(late) < LOOK_AGAIN_SECONDS + RECONNECT_SECONDS
    # What is promised waits for the workers, who are called over Redis.
    assert service.worker.running
    await asyncio.to_thread(service.revive, "redis")
    await service.mail.wait(1, SETTLE_SECONDS)
    assert {recipient for mail in service.mail.mails for recipient in mail.to} == {ADDRESS}
    assert ask(service.first.database_url, "SELECT kind FROM outbox WHERE state = 'dead'") == []
    assert service.worker.running
