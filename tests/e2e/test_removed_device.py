"""A device that was taken off its list between asking for a message and its turn is handed nothing."""

import os

import pytest

from e2e.world import OCMW, World, open_world
from zegel.declaring import sign_reminded
from zegel_relay import settings
from zegel_relay.relay import Relay
from zegel_relay.services.deliver import deliver
from zegel_relay.services.errors import Unauthorised


@pytest.fixture
async def world(tmp_path):
    world = await open_world(tmp_path)
    await world.consent()
    yield world
    await world.close()


@pytest.fixture
async def relay(world: World):
    """A second relay on the same data, whose services the test calls past its server."""
    process = world.huis.relay
    given = {"folder": process.folder, "database_url": process.database_url or None}
    relay = Relay.open(settings.load(given))
    yield relay
    await relay.engine.dispose()


async def test_nothing_is_handed_to_a_device_that_is_on_no_list_by_then(world: World, relay: Relay):
    sent = await world.nurse.send(world.draft())
    reader, now = f"partner:{OCMW}", world.huis.clock()
    with pytest.raises(Unauthorised) as refused:
        await deliver(relay.office, reader, sent.manifest, now, os.urandom(16).hex())
    assert refused.value.code == "http.key"
    # It waits on, for the devices that are listed.
    assert [item.manifest for item in await world.ocmw.inbox()] == [sent.manifest]
    rulebook = (await world.ocmw.setting()).setting.rulebook.payload
    await world.huis.give(sign_reminded(world.ocmw.identity, rulebook, sent.manifest))
    handed = await deliver(relay.office, reader, sent.manifest, now, world.ocmw.identity.device)
    assert bytes(handed.manifest)
