"""Fixtures of the tests with several real parts: two relays, Postgres, Redis."""

import pytest
import pytest_asyncio

from integration.pair import running_pair
from servers.redis import Redis


@pytest.fixture(scope="module")
def pairs_redis():
    """The Redis of the module's pair; whoever stops it starts it again."""
    server = Redis()
    server.start()
    yield server
    server.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair(tmp_path_factory, postgres_databases, pairs_redis):
    """Two relays on one Postgres and one Redis, shared by the tests of a module."""
    async with running_pair(tmp_path_factory.mktemp("pair") / "huis", postgres_databases, pairs_redis) as running:
        yield running
