"""A notice that may not reach its person yet: for them neither it nor its message is there, by any way of asking."""

import pytest

from e2e.world import World, open_world
from servers.databases import rows
from zegel import RelayProblem
from zegel_demo.huis import DAY


@pytest.fixture
async def world(tmp_path):
    world = await open_world(tmp_path)
    await world.consent()
    yield world
    await world.close()


async def test_nothing_betrays_a_message_whose_notice_waits(world: World):
    sent, phone = await world.nurse.send(world.draft()), world.phone._phone.relay
    assert [item.manifest for item in (await phone.inbox(0)).items] == [sent.manifest]
    until = world.huis.clock() + DAY
    rows(world.huis.relay, "UPDATE notices SET not_before = ? WHERE message_d = ?", [until, sent.manifest])
    assert (await phone.notices(0)).items == ()
    assert (await phone.inbox(0)).items == ()
    for asking in (phone.deliver(sent.manifest), phone.events(sent.manifest), phone.receipt(sent.manifest)):
        with pytest.raises(RelayProblem) as refused:
            await asking
        assert refused.value.status == 404
    # Everyone else goes on.
    (waiting,) = await world.ocmw.inbox()
    await world.ocmw.acknowledge(await world.ocmw.open(waiting))
    assert {event.event for event in await world.nurse.events(sent.manifest)} >= {"opened"}
    rows(world.huis.relay, "UPDATE notices SET not_before = 0 WHERE message_d = ?", [sent.manifest])
    assert bytes((await phone.deliver(sent.manifest)).manifest)
