"""Postgres as it goes wrong: restarted, killed, stuck, migrated twice at once; and what sessions on it promise."""

import asyncio
import traceback

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from servers.databases import PostgresDatabases
from servers.postgres import PASSWORD
from unit.relay.test_writer import Put, stored
from zegel_protocol import b64
from zegel_relay import keys_file
from zegel_relay.api import errors
from zegel_relay.relay import Relay
from zegel_relay.settings import Settings
from zegel_relay.storage import postgres
from zegel_relay.storage.database import check_migrated, migrate, open_engine, open_sessions, writing
from zegel_relay.storage.errors import StorageError, Unavailable
from zegel_relay.storage.models import LogHead, RefusalCount
from zegel_relay.storage.postgres import hold_log

pytestmark = pytest.mark.own_database


@pytest.fixture
def own_server():
    """A server that the test may stop."""
    databases = PostgresDatabases()
    yield databases.server
    databases.close()


@pytest.fixture
async def engine(postgres_databases):
    engine = open_engine(postgres_databases.fresh())
    yield engine
    await engine.dispose()


def settings_of(folder, url):
    return Settings(
        folder=folder, database_url=url, blob_folder=folder / "blobs", keys_file=folder / "keys.json",
        contact_key_file=folder / "contact-key.json", work="outside",
    )  # fmt: skip


async def test_two_that_migrate_and_start_at_once_make_one_log(tmp_path, postgres_databases):
    url = postgres_databases.empty(tmp_path)
    await asyncio.gather(*(migrate(url) for _ in range(4)))
    settings = settings_of(tmp_path, url)
    keys_file.create(settings.keys_file, b64.encode(bytes(32)))
    relays = [Relay.open(settings) for _ in range(3)]
    await asyncio.gather(*(relay.start() for relay in relays))
    async with relays[0].sessions() as session:
        assert [head.size for head in await session.scalars(select(LogHead))] == [0]
    receipts = await asyncio.gather(*(relay.writer.submit(Put("one")) for relay in relays for _ in range(3)))
    assert len(set(receipts)) == 1
    names = [Put(f"{number}") for number in range(30)]
    await asyncio.gather(*(relays[n % 3].writer.submit(item) for n, item in enumerate(names)))
    assert sorted((await stored(relays[0])).values()) == list(range(31))
    for relay in relays:
        await relay.stop()


async def test_what_a_session_promises(engine):
    async with engine.connect() as connection:
        for name, value in (("synchronous_commit", "on"), ("lock_timeout", "10s"), ("statement_timeout", "30s")):
            assert (await connection.execute(text(f"SHOW {name}"))).scalar_one() == value
    sessions = open_sessions(engine)
    async with sessions() as reader:
        assert list(await reader.scalars(select(RefusalCount.day))) == []
        async with writing(sessions) as writer:
            writer.add(RefusalCount(day="a", code="x", count=1))
        # One state for a reader, and no way to write by mistake.
        assert list(await reader.scalars(select(RefusalCount.day))) == []
        with pytest.raises(DBAPIError):
            await reader.execute(text("DELETE FROM refusals"))


async def test_a_restarted_or_killed_server_is_found_again(tmp_path, own_server):
    url = own_server.fresh(migrate)
    settings = settings_of(tmp_path, url)
    keys_file.create(settings.keys_file, b64.encode(bytes(32)))
    relay = Relay.open(settings)
    await relay.start()
    await asyncio.gather(*(relay.writer.submit(Put(f"{number}")) for number in range(5)))
    await asyncio.to_thread(own_server.restart)
    # Every connection of the pool is dead, and nobody notices anything.
    await asyncio.gather(*(stored(relay) for _ in range(5)), relay.writer.submit(Put("after a restart")))
    await asyncio.to_thread(own_server.kill)
    for doing in (relay.writer.submit(Put("lost")), stored(relay)):
        with pytest.raises(Unavailable) as caught:
            await doing
        assert caught.value.code == "database.unreachable"
    own_server.start()
    await relay.writer.submit(Put("after a kill"))
    assert sorted((await stored(relay)).values()) == list(range(7))
    await relay.stop()


async def test_a_transaction_that_hangs_is_told_as_busy_and_loses_the_log(tmp_path, postgres_databases, monkeypatch):
    monkeypatch.setitem(postgres._SERVER_SETTINGS, "lock_timeout", "300")
    monkeypatch.setitem(postgres._SERVER_SETTINGS, "idle_in_transaction_session_timeout", "1500")
    settings = settings_of(tmp_path, postgres_databases.fresh())
    keys_file.create(settings.keys_file, b64.encode(bytes(32)))
    relay = Relay.open(settings)
    await relay.start()

    async def hang():
        async with writing(relay.sessions) as hanging:
            await hold_log(hanging, shared=True)
            with pytest.raises(Unavailable) as caught:
                await relay.writer.submit(Put("a"))
            assert caught.value.code == "relay.busy"
            await asyncio.sleep(2)
            # The server took the log back from whoever sat on it.
            await relay.writer.submit(Put("a"))

    with pytest.raises((DBAPIError, OSError)):
        await hang()
    assert await stored(relay) == {"a": 0}
    await relay.stop()


async def test_a_lost_table_is_told_as_the_relays_own_side(engine):
    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE refusals RENAME TO elsewhere"))
    with pytest.raises(DBAPIError) as caught:
        async with open_sessions(engine)() as session:
            await session.scalars(select(RefusalCount))
    answer = errors.answer(caught.value)
    assert isinstance(answer.body, bytes)
    assert (answer.status, b'"database.failed"' in answer.body) == (503, True)


@pytest.mark.parametrize("wrong", ["port", "password", "name"])
async def test_no_error_holds_the_address_or_its_password(postgres_databases, wrong, tmp_path):
    url = postgres_databases.fresh()
    name = url.rpartition("/")[2]
    url = {
        "port": url.replace(f":{postgres_databases.server.port}/", ":1/"),
        "password": url.replace("@127", "canary@127"),
        "name": url.replace(name, "canary"),
    }[wrong]
    engine = open_engine(url)
    for doing in (check_migrated(engine), migrate(url)):
        with pytest.raises(StorageError) as caught:
            await doing
        assert caught.value.code == "database.unreachable"
        said = "".join(traceback.format_exception(caught.value))
        assert "canary" not in said
        assert PASSWORD not in said
    assert "canary" not in f"{engine.url} {engine!r} {settings_of(tmp_path, url)!r}"
    await engine.dispose()
