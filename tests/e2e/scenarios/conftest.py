"""The one running town of all scenarios: each has a family of its own in it, and the clock only goes forward."""

import pytest_asyncio

from e2e.scenarios import (
    acts_alarm,
    acts_buddy,
    acts_family,
    acts_parents,
    acts_sharing,
    acts_table,
    acts_without_phone,
)
from e2e.scenarios.town import open_town

KNOWN = (acts_alarm, acts_buddy, acts_family, acts_parents, acts_sharing, acts_table, acts_without_phone)
"""The acts that tables may name: what is imported here is known to the player."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def town(tmp_path_factory):
    async with open_town(tmp_path_factory.mktemp("town")) as opened:
        yield opened
