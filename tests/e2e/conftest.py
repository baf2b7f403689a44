"""Fixtures of the end-to-end tests: a Huis for each test, or for the families of a module's tests, each its own."""

import pytest
import pytest_asyncio

from e2e.desk import Office
from e2e.stage import Stage
from e2e.world import open_huis, open_world

ONCE = (
    "portal", "scenarios", "test_alarm_expired", "test_attacks", "test_bad_input", "test_bad_line", "test_client_says",
    "test_commands", "test_drafts", "test_enrol_command", "test_own_rules", "test_notice_pages", "test_own_network",
    "test_readme", "test_removed_device", "test_silenced_for_one", "test_stories", "test_sync", "test_talk_commands",
    "test_weather_clock", "test_weather_flipped",
)  # fmt: skip
"""Files and folders, by how their names begin, that try people's software, its texts and whoever lies to it: what they
show rests on no database, and each way to write to one is tried on both by the files that are not named here."""


def pytest_collection_modifyitems(items):
    """Try once what is about no database."""
    for item in items:
        parts = item.path.parts
        if "e2e" in parts and parts[parts.index("e2e") + 1].startswith(ONCE):
            item.add_marker(pytest.mark.own_database)


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
