"""Fixtures of the end-to-end tests: each test has a Huis of its own, so none leans on another."""

import pytest

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
