"""A disk that is full and a database that may only be read: everyone is told what is so, and nothing is lost."""

import asyncio
import resource

import aiohttp
import pytest

from e2e.world import open_world
from servers.databases import PostgresDatabases, SqliteDatabases, rows
from servers.postgres import Postgres
from zegel import RelayUnreachable
from zegel_demo.relay_process import RelayProcess

pytestmark = pytest.mark.own_database

UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


async def asked(world, path):
    async with aiohttp.ClientSession() as session, session.get(world.huis.relay.address + path) as answer:
        return answer.status, (await answer.json()).get("code")


async def stored(world):
    return rows(world.huis.relay, "SELECT count(*) FROM messages")[0][0]


@pytest.fixture
async def on_sqlite(tmp_path, monkeypatch):
    monkeypatch.setattr(RelayProcess, "databases", SqliteDatabases())
    opened = await open_world(tmp_path)
    yield opened
    await opened.close()


@pytest.fixture
async def on_postgres(tmp_path, monkeypatch):
    databases = PostgresDatabases()
    monkeypatch.setattr(RelayProcess, "databases", databases)
    opened = await open_world(tmp_path)
    yield opened, databases.server
    await opened.close()
    databases.close()


async def test_nothing_is_acknowledged_while_the_disk_takes_no_more(on_sqlite):
    world = on_sqlite
    await world.consent()
    # No file of this process may grow: what the system says then is what it says of a full disk.
    resource.prlimit(world.huis.relay.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    with pytest.raises(RelayUnreachable, match=r"relay\.not-stored|database\.failed|relay\.full"):
        await world.nurse.send(world.draft(ask="Er is geen plaats."))
    assert (await asked(world, "/v1/health"))[0] == 200
    assert (len(world.nurse.unsent()), await stored(world)) == (1, 0)
    resource.prlimit(world.huis.relay.pid, resource.RLIMIT_FSIZE, UNLIMITED)
    (sent,) = await world.nurse.flush()
    assert [item.manifest for item in await world.ocmw.inbox()] == [sent.manifest]
    assert [notice.copy.manifest.d for notice in await world.phone.notices()] == [sent.manifest]


async def test_a_disk_that_is_almost_full_is_no_reason_to_restart_but_to_ask_elsewhere(on_sqlite):
    world = on_sqlite
    port = int(world.huis.relay.address.rpartition(":")[2])
    assert await asked(world, "/v1/ready") == (200, None)
    world.huis.relay.stop()
    world.huis.relay.settings["ZEGEL_MIN_FREE_BYTES"] = str(2**43)
    world.huis.relay.start(port)
    assert await asked(world, "/v1/ready") == (503, "relay.full")
    assert await asked(world, "/v1/health") == (200, None)
    # What comes all the same is taken.
    await world.consent()
    await world.nurse.send(world.draft())


async def test_a_database_that_may_only_be_read_is_read_and_takes_over_again_by_itself(on_postgres):
    world, server = on_postgres
    await world.consent()
    first = await world.nurse.send(world.draft(ask="Daarvoor."))
    await set_for_all(server, "ALTER SYSTEM SET default_transaction_read_only = on")
    with pytest.raises(RelayUnreachable, match=r"relay\.not-stored|database\.failed"):
        await world.nurse.send(world.draft(ask="Tijdens."))
    assert [item.manifest for item in await world.ocmw.inbox()] == [first.manifest]
    assert (len(world.nurse.unsent()), await stored(world)) == (1, 1)
    await set_for_all(server, "ALTER SYSTEM RESET default_transaction_read_only")
    (second,) = await world.nurse.flush()
    assert [item.manifest for item in await world.ocmw.inbox()] == [first.manifest, second.manifest]


async def set_for_all(server: Postgres, statement: str) -> None:
    """Change a parameter, and give the server a moment: it tells connections that are open already one by one."""
    server.ask("postgres", statement)
    server.ask("postgres", "SELECT pg_reload_conf()")
    await asyncio.sleep(1)
