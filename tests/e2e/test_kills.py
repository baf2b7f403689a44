"""Under load, processes of the service are killed at random moments: what was receipted is never lost, nor done twice.

`ZEGEL_KILLS` is how many (40; `make soak` takes more), `ZEGEL_SEED` which moments.
"""

import asyncio
import os
import random
import time
from collections import Counter
from dataclasses import dataclass, field

import pytest

from e2e.service import PROCESSES, Service, run_service
from e2e.world import OCMW, complete
from servers.postgres import ask
from zegel import Draft, RelayUnreachable
from zegel.contacts import Choice
from zegel_demo.client_agent import ClientAgent
from zegel_protocol.objects.contact import Hours

pytestmark = pytest.mark.own_database

KILLS = int(os.environ.get("ZEGEL_KILLS", "40"))
SEED = int(os.environ.get("ZEGEL_SEED", "20261124"))
PEOPLE = 12
SETTLE_SECONDS = 240
AWAY = RelayUnreachable
"""What the SDK raises while something between it and the database is being killed."""


@dataclass
class Load:
    """A nurse who sends, and an OCMW whose application opens each message once and acknowledges it."""

    service: Service
    household: str
    phones: list[ClientAgent]
    opened: Counter[str] = field(default_factory=Counter)
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    def draft(self, person: str, text: str) -> Draft:
        draft = self.service.nurse.referral(OCMW, self.household, [person])
        return complete(draft.note("money", text), self.service.huis.clock())

    async def send(self) -> None:
        number = 0
        while not self.stopped.is_set():
            number += 1
            person = self.phones[number % len(self.phones)].person
            try:
                await self.service.nurse.send(self.draft(person, f"Aanmaning {number}."))
                await self.service.nurse.flush()
            except AWAY:
                await asyncio.sleep(0.05)

    async def receive(self) -> None:
        """Open what waits; a message is the application's once it is open, and acknowledged until that arrived."""
        ocmw = self.service.ocmw
        while True:
            try:
                for waiting in await ocmw.inbox(wait=1):
                    message = await ocmw.open(waiting)
                    self.opened[message.d] += 1
                    while True:
                        try:
                            await ocmw.acknowledge(message)
                            break
                        except AWAY:
                            await asyncio.sleep(0.05)
            except AWAY:
                await asyncio.sleep(0.05)

    @property
    def receipted(self) -> set[str]:
        """The messages that the nurse holds a checked receipt for."""
        return {name for name, _ in self.service.nurse._keystore.state.items("receipts")}


async def begin(service: Service) -> Load:
    """Enrol people whose phones choose to be pinged at any hour, and who say yes."""
    household, phones = os.urandom(16).hex(), []
    for number in range(PEOPLE):
        person = await service.nurse.families.add_person(household)
        phone = service.huis.phone(household, person, relay=service.address)
        await service.huis.enrol(service.nurse, phone)
        await phone.choose_contact(Choice(address(number), hours=Hours(opens=0, closes=24)))
        phones.append(phone)
    load = Load(service, household, phones)
    for phone in phones:
        request = await service.nurse.families.ask_consent(load.draft(phone.person, "Schulden."), back={})
        asked = next(item for item in await phone.requests() if item.request.d == request)
        await phone.accept(asked)
    return load


def address(number: int) -> str:
    return f"iemand{number}@mail.example"


async def kill_at_random(service: Service) -> Counter[str]:
    moments, killed = random.Random(SEED), Counter[str]()
    for _ in range(KILLS):
        await asyncio.sleep(moments.uniform(0.05, 1.2))
        name = moments.choice(PROCESSES)
        await asyncio.to_thread(service.kill, name)
        killed[name] += 1
        await asyncio.sleep(moments.uniform(0, 0.6))
        await asyncio.to_thread(service.revive, name)
    return killed


@pytest.mark.slow
async def test_what_was_receipted_survives_every_kill(tmp_path):
    async with run_service(tmp_path) as service:
        load = await begin(service)
        # What was told and not asked for is pinged too; from here on only the messages count.
        tasks = [asyncio.create_task(load.send()), asyncio.create_task(load.receive())]
        killed = await kill_at_random(service)
        load.stopped.set()
        await tasks[0]
        await settle(load)
        tasks[1].cancel()
        url = service.first.database_url
        accepted = {d for (d,) in ask(url, "SELECT d FROM messages")}
        print(f"killed {dict(killed)}; {len(accepted)} messages accepted")
        assert sum(killed.values()) == KILLS
        assert len(accepted) > KILLS

        # Receipted is accepted, and opened once by the application.
        assert load.receipted == accepted
        assert load.opened == Counter(accepted)
        # Nothing is half there: a message has its receipt and its notice, and a notice its message.
        assert {d for (d,) in ask(url, "SELECT message_d FROM notices")} == accepted
        assert accepted <= {d for (d,) in ask(url, "SELECT object_d FROM receipts WHERE audience = ''")}
        # Every person has theirs, and can read it.
        for phone in load.phones:
            notices = await phone.notices()
            own = "SELECT message_d FROM notices WHERE person = $1"
            assert {item.copy.manifest.d for item in notices} == {d for (d,) in ask(url, own, [phone.person])}
            assert notices
        # Every ping left at least once; what waits is for another day, because one left today.
        assert {mail.to[0] for mail in service.mail.mails} == {address(number) for number in range(PEOPLE)}
        waiting = {d for (d,) in ask(url, "SELECT subject FROM outbox WHERE kind = 'ping' AND state = 'waiting'")}
        pinged = {f"person:{person}" for (person,) in ask(url, "SELECT person FROM last_pings")}
        assert waiting <= pinged == {f"person:{phone.person}" for phone in load.phones}
        assert ask(url, "SELECT kind FROM outbox WHERE state = 'dead'") == []
        for phone in load.phones:
            await phone.close()


async def settle(load: Load) -> None:
    """Wait until all that is sealed is sent, all that was sent is opened, and everyone was pinged."""
    nurse, mail = load.service.nurse, load.service.mail
    deadline = time.monotonic() + SETTLE_SECONDS
    while nurse.unsent() or set(load.opened) != load.receipted or len({it.to[0] for it in mail.mails}) < PEOPLE:
        assert time.monotonic() < deadline, "what was begun does not come to an end"
        try:
            await nurse.flush()
        except AWAY:
            await asyncio.sleep(0.1)
        await asyncio.sleep(0.1)
