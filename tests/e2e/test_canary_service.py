"""The canary over the whole service: Postgres, Redis, every log, the mails and the metrics; and each process's memory.

Also looked for: a family's e-mail address. It is where it has to be, on the mail's way out, and nowhere else.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
import redis

from e2e import traces
from e2e.documents import write_pdf
from e2e.service import Service, run_service
from e2e.test_canary import new_canary, word
from e2e.world import OCMW, complete
from servers.postgres import ask
from servers.redis import Redis
from zegel import Sent, compose
from zegel.contacts import Choice
from zegel_keys.sections import SectionSeal
from zegel_protocol.objects.contact import Hours

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow, pytest.mark.own_database]


@dataclass
class Journey:
    """A message that went all the way over the service, with what must not be found, and what must be."""

    service: Service
    canary: str
    address: str
    sent: Sent
    keys: dict[str, bytes]
    places: dict[str, bytes]


class Monitor:
    """Everything that is said to Redis from here on, as it shows it."""

    def __init__(self, server: Redis) -> None:
        command = [shutil.which("redis-cli") or "redis-cli", "-p", str(server.port), "MONITOR"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)

    def stop(self) -> bytes:
        """Return what was said."""
        self._process.terminate()
        said, _ = self._process.communicate(timeout=10)
        return said


def files_under(folder: Path) -> dict[str, bytes]:
    """Return every file under a folder, and their names."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    found = {str(path.relative_to(folder.parent)): path.read_bytes() for path in paths}
    return found | {f"names in {folder.name}": "\n".join(found).encode()}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def journey(tmp_path_factory):
    folder = tmp_path_factory.mktemp("canary")
    canary, address, sealed = new_canary(), f"{word()}@mail.example", list[SectionSeal]()

    def kept(seal, *given):
        sealed.append(seal(*given))
        return sealed[-1]

    with pytest.MonkeyPatch.context() as patch:
        for name in ("seal_section", "seal_pieces"):
            patch.setattr(compose, name, partial(kept, getattr(compose, name)))
        async with run_service(folder, ZEGEL_TRACE="true") as service:
            monitor = Monitor(service.redis)
            sent = await travel(service, canary, address, folder)
            await service.mail.wait(1)
            keys = {k: v for n, item in enumerate(sealed) for k, v in named(n, traces.wrapped(item.key)).items()}
            yield Journey(service, canary, address, sent, keys, await places_of(service, monitor))


def named(number: int, spelt: dict[str, bytes]) -> dict[str, bytes]:
    return {f"key {number}{how}": data for how, data in spelt.items()}


async def travel(service: Service, canary: str, address: str, folder) -> Sent:
    """Send the canary as notes, as a large file and as its name; have it opened, read by the person, and told."""
    nurse, ocmw, household = service.nurse, service.ocmw, os.urandom(16).hex()
    person = await nurse.families.add_person(household)
    phone = service.huis.phone(household, person, relay=service.address)
    await service.huis.enrol(nurse, phone)
    await phone.choose_contact(Choice(address, hours=Hours(opens=0, closes=24)))
    draft = nurse.referral(OCMW, household, [person]).note("ask", canary).note("money", canary)
    draft.file("money", write_pdf(folder / f"brief {canary.partition(' ')[2]}.pdf", canary, 3000))
    complete(draft, service.huis.clock())
    request = await nurse.families.ask_consent(draft)
    await phone.accept(next(item for item in await phone.requests() if item.request.d == request))
    sent = await nurse.send(draft)
    message = await ocmw.open(next(iter(await ocmw.inbox(wait=5))))
    assert [getattr(section.note, "text", "") for section in message.sections[:2]] == [canary, canary]
    await ocmw.acknowledge(message)
    for notice in await phone.notices():
        assert any(canary in text for _, text in notice.readable())
        await phone.tell(notice)
    await phone.close()
    return sent


async def places_of(service: Service, monitor: Monitor) -> dict[str, bytes]:
    """Return everything that the processes of the service keep, said to each other, or wrote down."""
    url = service.first.database_url
    rows = {}
    for (table,) in ask(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        # Value by value, because large ones are compressed on the disk.
        rows[f"table {table}"] = b"\n".join(
            value if isinstance(value, bytes) else str(value).encode()
            for row in ask(url, f'SELECT * FROM "{table}"')
            for value in row
        )
    ask(url, "CHECKPOINT")
    found = rows | files_under(service.postgres.data)
    found |= traces.files_of(service.first) | files_under(service.second.folder)
    found |= {name: path.read_bytes() for name, path in {
        "nginx log": service.nginx.log, "postgres log": service.postgres.log, "redis log": service.redis.log,
    }.items()}  # fmt: skip
    found["redis commands"] = monitor.stop()
    with redis.Redis.from_url(service.redis.url()) as client:
        found["redis keys"] = b"\n".join(key + (client.dump(key) or b"") for key in client.scan_iter())
    for name, thing in (("first", service.first), ("second", service.second), ("worker", service.worker)):
        async with aiohttp.ClientSession() as session:
            port = thing.settings["ZEGEL_METRICS_PORT"]
            async with session.get(f"http://127.0.0.1:{port}/metrics") as answer:
                found[f"metrics of {name}"] = await answer.read()
    return found | {"mails": b"\n".join(mail.raw for mail in service.mail.mails)}


async def test_neither_text_nor_key_is_anywhere(journey):
    needles = traces.spellings(journey.canary) | journey.keys
    assert len(journey.keys) > 20
    assert traces.found_in(needles, journey.places) == []


async def test_an_address_is_in_its_mail_and_nowhere_else(journey):
    address = journey.address.partition("@")[0]
    assert {found.partition(": ")[0] for found in traces.found_in(traces.spellings(address), journey.places)} == {
        "mails"
    }


async def test_the_search_can_find(journey):
    """What is public, or must be there, is found in the places that were searched."""
    places, service = journey.places, journey.service
    assert traces.found_in(traces.wrapped(journey.sent.id.encode()), {"rows": places["table messages"]})
    data = {name: body for name, body in places.items() if name.startswith("data/")}
    assert len(data) > 500
    assert traces.found_in(traces.wrapped(journey.sent.id.encode()), data)
    # Over Redis go wake-ups and the ids of rows.
    said = places["redis commands"]
    assert b"PUBLISH" in said.upper()
    assert b"zegel" in said
    assert b'"event": "worker begins"' in places["worker.log"]
    for log in ("relay.log", "second/relay.log"):
        assert b'"route": "/v1/' in places[log]
    for name in ("first", "second", "worker"):
        assert b"zegel_" in places[f"metrics of {name}"]
    assert b"POST" in places["nginx log"]
    assert service.mail.mails[0].to == (journey.address,)
    # No log and no mail names the message, the person or a partner.
    told = {name: body for name, body in places.items() if name == "mails" or "metrics" in name or name.endswith("log")}
    names = traces.wrapped(journey.sent.id.encode())
    assert traces.found_in(names | traces.wrapped(OCMW.encode()), told) == []


async def test_no_process_has_it_in_memory(journey):
    service = journey.service
    # As it is, and as it was sent: five memories are large, and each spelling is looked for in all of them.
    spelt = traces.spellings(journey.canary) | journey.keys
    needles = {name: needle for name, needle in spelt.items() if " " not in name.partition("utf-8")[2].strip()}
    processes = {"first": service.first.pid, "second": service.second.pid, "worker": service.worker.pid,
                 "redis": service.redis.pid, "postgres": service.postgres.pid}  # fmt: skip
    for name, process in processes.items():
        memory = {name: traces.read_from_proc(process)}
        assert traces.found_in(needles, memory) == []
        if name != "worker":
            assert traces.found_in(traces.wrapped(journey.address.partition("@")[0].encode()), memory) == []
    relays = b"".join(traces.read_from_proc(processes[name]) for name in ("first", "second"))
    assert traces.found_in(traces.wrapped(journey.sent.id.encode()), {"relays": relays})
