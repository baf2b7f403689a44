"""Fixtures of the end-to-end tests: a Huis for each test, or for the families of a module's tests, each its own."""

import pytest
import pytest_asyncio

from e2e.desk import Office
from e2e.stage import Stage
from e2e.world import open_huis, open_world


@pytest.fixture
async def huis(tmp_path):
    """A running Huis with three partners."""
    opened = await open_huis(tmp_path)
    yield opened
    opened.stop()


@pytest.fixture
async def world(tmp_path):
    """A running Huis with a nurse, an OCMW worker, and Elif."""
    opened = await open_world(tmp_path)
    yield opened
    await opened.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory):
    """A running Huis that the tests of a module share: each makes a family of its own in it (`Stage.family`)."""
    opened = await Stage.open(tmp_path_factory.mktemp("huis"))
    yield opened
    await opened.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory):
    """A running Huis with two workers at the OCMW's desk, which the tests of a module share."""
    opened = await Office.open(tmp_path_factory.mktemp("huis"))
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="module")
async def desk(office):
    """A couple of its own before that desk."""
    return await office.desk()
