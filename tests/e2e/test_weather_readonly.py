"""A database that may only be read: who asks is answered, who sends is told and keeps it, a proxy goes elsewhere."""

import asyncio
import os

import aiohttp
import pytest

from e2e.mishaps import must_fail, port_of, stored
from e2e.small_disk import MIB, OnDisk, small_disk
from e2e.world import open_world
from servers.databases import PostgresDatabases
from zegel import RelayUnreachable
from zegel_demo.relay_process import RelayProcess, RelayStartError

pytestmark = pytest.mark.own_database

UNREACHABLE = "relay.unreachable"


async def ready(world):
    """Return the status and the code of what a proxy asks, and when it is to ask again."""
    async with aiohttp.ClientSession() as session, session.get(f"{world.huis.relay.address}/v1/ready") as answer:
        return answer.status, (await answer.json()).get("code"), answer.headers.get("Retry-After")


async def goes_on(world, before):
    """What was sealed leaves once, and everyone has all of it."""
    after = await leaves(world)
    both = [before.manifest, after.manifest]
    assert [item.manifest for item in await world.ocmw.inbox()] == both
    assert [item.copy.manifest.d for item in await world.phone.notices()] == both
    assert stored(world, "SELECT count(*) FROM messages") == [(2,)]


async def leaves(world):
    """Send what was kept; a try may meet a connection of the relay's that was cut, and then it is still kept."""
    async with asyncio.timeout(10):
        while True:
            try:
                (after,) = await world.nurse.flush()
            except RelayUnreachable:
                await asyncio.sleep(0.2)
            else:
                return after


@pytest.mark.slow
async def test_a_postgres_that_may_only_be_read(tmp_path, monkeypatch):
    databases = PostgresDatabases()
    monkeypatch.setattr(RelayProcess, "databases", databases)
    try:
        world = await open_world(tmp_path)
        try:
            await world.consent()
            before = await world.nurse.send(world.draft(ask="Daarvoor."))
            assert await ready(world) == (200, None, None)
            name = world.huis.relay.database_url.rpartition("/")[2]

            def only_read(value):
                databases.server.ask("postgres", f'ALTER DATABASE "{name}" SET default_transaction_read_only = {value}')
                ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"
                databases.server.ask("postgres", ends, [name])

            only_read("on")
            # Its connections were cut for this; what is read first may find one of those.
            await until_read(world)
            error = await must_fail(RelayUnreachable, UNREACHABLE, world.nurse.send(world.draft(ask="Tijdens.")))
            assert "(relay.not-stored)" in error.what or "(database.failed)" in error.what
            status, code, again = await ready(world)
            assert (status, code) == (503, "database.failed")
            assert int(again) > 0
            assert [item.manifest for item in await world.ocmw.inbox()] == [before.manifest]
            assert (await world.nurse.preflight(world.draft(ask="Mag dit?"))).ok
            assert len(world.nurse.unsent()) == 1
            only_read("off")
            await goes_on(world, before)
            assert await ready(world) == (200, None, None)
        finally:
            await world.close()
    finally:
        databases.close()


async def test_an_sqlite_file_that_may_only_be_read_is_not_served(tmp_path, monkeypatch):
    """A relay that could accept nothing does not begin; on a disk that takes writing again it goes on."""
    with small_disk(tmp_path / "disk", 16 * MIB) as disk:
        monkeypatch.setattr(RelayProcess, "databases", OnDisk(disk))
        world = await open_world(tmp_path / "huis", ZEGEL_MIN_FREE_BYTES=str(MIB))
        try:
            await world.consent()
            before = await world.nurse.send(world.draft(ask="Daarvoor."))
            port = port_of(world)
            with monkeypatch.context() as cut:
                cut.setattr(world.nurse._client, "submit_message", _unreachable)
                await must_fail(RelayUnreachable, UNREACHABLE, world.nurse.send(world.draft(ask="Tijdens.")))
            world.huis.relay.stop()
            disk.only_read(True)
            with pytest.raises(RelayStartError) as refused:
                world.huis.relay.start(port)
            assert "database.failed" in str(refused.value)
            assert os.fspath(disk.folder) not in str(refused.value)
            disk.only_read(False)
            world.huis.relay.start(port)
            for client in (world.nurse._client, world.ocmw._client):
                await client.close()
            await goes_on(world, before)
        finally:
            await world.close()


async def until_read(world):
    async with asyncio.timeout(10):
        while True:
            try:
                await world.nurse.preflight(world.draft(ask="Mag dit?"))
                return
            except RelayUnreachable:
                await asyncio.sleep(0.2)


async def _unreachable(_submission):
    raise RelayUnreachable("The line is cut.", "Nothing was sent.", "Try again.")
