"""A partner that used up its minute at a real relay: told to wait, never refused; what it has to send still goes."""

import pytest

from e2e.world import open_world
from zegel import RelayUnreachable
from zegel_demo import rash

LIMIT = 3


@pytest.fixture
async def world(tmp_path):
    opened = await open_world(tmp_path)
    yield opened
    await opened.close()


async def ask_often(partner):
    """Ask so often that of the two minutes this may fall into, one is used up."""
    for _ in range(2 * LIMIT + 1):
        await partner._client.inbox(0)


async def test_who_asks_too_much_waits_and_what_is_sealed_still_goes(world):
    await world.consent()
    message = await rash.seal(world.nurse, world.draft(ask="Hulp."), world.huis.clock())
    relay = world.huis.relay
    port = int(relay.address.rpartition(":")[2])
    relay.stop()
    relay.settings["ZEGEL_REQUESTS_PER_MINUTE"] = str(LIMIT)
    relay.start(port)
    with pytest.raises(RelayUnreachable, match=r"relay\.too-many"):
        await ask_often(world.nurse)
    for _ in range(2 * LIMIT + 1):
        assert await world.nurse._client.submit_message(message.submission)
    # The one's minute is not the other's.
    assert [item.manifest for item in (await world.ocmw._client.inbox(0)).items] == [message.manifest]
