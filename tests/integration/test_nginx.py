"""TLS through nginx, as it is deployed, to two relays on one Postgres: nothing is lost when one of them goes."""

import asyncio
import io
import re
import ssl
import subprocess
import warnings

import aiohttp
import pytest

from e2e.documents import write_pdf
from e2e.world import CHILD_AND_FAMILY, OCMW, open_world
from servers.databases import PostgresDatabases
from servers.nginx import Nginx
from zegel import RelayUnreachable
from zegel_demo.relay_process import RelayProcess
from zegel_relay.portal.headers import PUBLIC_POLICY

pytestmark = pytest.mark.own_database

IDS = re.compile(r"[0-9a-f]{32}|[A-Za-z0-9_-]{43}|/v1|127\.0\.0\.1|gent|gezin")


@pytest.fixture
def nginx():
    server = Nginx()
    yield server
    server.close()


@pytest.fixture
async def world(tmp_path, nginx, monkeypatch):
    """A Huis whose two relays stand behind nginx, and whose parties go through it."""
    databases = PostgresDatabases()
    monkeypatch.setattr(RelayProcess, "databases", databases)
    monkeypatch.setenv("SSL_CERT_FILE", str(nginx.authority))
    opened = await open_world(tmp_path)
    await opened.nurse.close()
    await opened.ocmw.close()
    opened.huis.relay.stop()
    second = opened.huis.relay.twin(tmp_path / "second")
    for relay in (opened.huis.relay, second):
        relay.start(public_url=nginx.url)
    nginx.start([address(opened.huis.relay), address(second)])
    opened.nurse = await opened.huis.connect(CHILD_AND_FAMILY, relay=nginx.url)
    opened.ocmw = await opened.huis.connect(OCMW, relay=nginx.url)
    await opened.phone.close()
    opened.phone._phone.relay._base = nginx.url
    yield opened
    await opened.close()
    second.stop()
    databases.close()


def address(relay):
    return relay.address.removeprefix("http://")


def large():
    return io.BytesIO(b"x" * (10 * 1024 * 1024))


def trusting(nginx):
    return aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=nginx.authority), force_close=True)


@pytest.mark.slow
async def test_a_message_goes_through_tls_and_on_when_a_relay_dies(world, nginx, tmp_path):
    await world.consent()
    draft = world.draft(ask="Door de voordeur.")
    draft.file("money", write_pdf(tmp_path / "brief.pdf", "Geachte mevrouw,", 20_000))
    waiting = asyncio.create_task(world.ocmw.inbox(20))
    first = await world.nurse.send(draft)
    assert [item.manifest for item in await waiting] == [first.manifest]
    message = await world.ocmw.open(first.manifest)
    assert message.sections[0].note.text == "Door de voordeur."
    await world.ocmw.acknowledge(message)
    assert [notice.copy.manifest.d for notice in await world.phone.notices()] == [first.manifest]

    world.huis.relay.kill()
    second = await world.nurse.send(world.draft(ask="Met een relay minder."))
    assert [item.manifest for item in await world.ocmw.inbox()] == [second.manifest]
    assert [event.event for event in await world.nurse.events(first.manifest)] == ["opened"]

    # What nginx wrote down names nobody and nothing.
    lines = nginx.log.read_text("utf-8").splitlines()
    assert len(lines) > 10
    assert [line for line in lines if " 127.0.0.1" in line or IDS.search(line)] == []


async def test_who_does_not_know_the_authority_does_not_connect(world, nginx, monkeypatch, tmp_path):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    other = await world.huis.connect(OCMW, relay=nginx.url)
    with pytest.raises(RelayUnreachable):
        await other.inbox()
    await other.close()
    # Whoever asks by another name gets no certificate to look at.
    known = ssl.create_default_context(cafile=nginx.authority)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientSSLError):
            await session.get(f"https://127.0.0.1:{nginx.port}/v1/health", ssl=known)
    with warnings.catch_warnings():
        # That it is old is why it is tried.
        warnings.simplefilter("ignore", DeprecationWarning)
        known.minimum_version, known.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(f"{nginx.url}/v1/health", ssl=known)


async def test_what_nginx_adds_and_what_it_keeps_to_itself(world, nginx):
    async with aiohttp.ClientSession(connector=trusting(nginx)) as session:
        async with session.get(f"{nginx.url}/v1/ready") as answer:
            assert (answer.status, answer.headers["Strict-Transport-Security"]) == (200, "max-age=63072000")
        for path in ("/metrics", "/v1", "/v1/nothing"):
            async with session.get(nginx.url + path) as answer:
                assert answer.status == 404, path
                assert "Content-Encoding" not in answer.headers
        async with session.get(f"{nginx.url}/help", headers={"Accept-Encoding": "gzip"}) as answer:
            assert answer.status == 200
            assert answer.headers.getall("Strict-Transport-Security") == ["max-age=63072000"]
            assert answer.headers.getall("Content-Security-Policy") == [PUBLIC_POLICY]
            assert "Set-Cookie" not in answer.headers
        async with session.post(f"{nginx.url}/v1/messages", data=large()) as answer:
            assert answer.status == 413
        # A ciphertext is not held back: the relay reads who asks before the first byte of it is all here.
        async with session.put(f"{nginx.url}/v1/blobs/{'A' * 43}", data=large()) as answer:
            assert answer.status in (400, 401, 415)


async def test_a_family_finds_words_where_no_relay_answers(nginx):
    nginx.start(["127.0.0.1:1"])
    async with aiohttp.ClientSession(connector=trusting(nginx)) as session:
        async with session.get(f"{nginx.url}/enrol") as answer:
            assert (answer.status, answer.content_type) == (503, "text/html")
            assert "script-src" not in answer.headers["Content-Security-Policy"]
            assert "Bel" in await answer.text()
        async with session.get(f"{nginx.url}/v1/health") as answer:
            assert answer.content_type == "application/problem+json"


def test_nginx_finds_nothing_wrong_with_the_configuration(nginx):
    nginx.configure(["127.0.0.1:1", "127.0.0.1:2"])
    done = subprocess.run([*nginx.command(), "-t"], capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr
