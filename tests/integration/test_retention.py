"""Retention on what real parties sent: what they can still open, check and do while time goes by, and what is gone."""

import pytest

from e2e.world import open_world
from servers.databases import rows
from zegel import ZegelError
from zegel_demo.huis import DAY
from zegel_protocol.decision.age import month_start
from zegel_relay.outbox.workroom import open_room
from zegel_relay.retention.records import minors_until
from zegel_relay.retention.rules import in_force
from zegel_relay.retention.run import run_retention
from zegel_relay.retention.withdrawal import withdraw_ended
from zegel_relay.settings import load
from zegel_relay.storage.database import open_engine
from zegel_relay.wakeups import Wakeups

# Each founds a Huis of its own.
pytestmark = pytest.mark.slow


@pytest.fixture
async def world(tmp_path):
    world = await open_world(tmp_path)
    yield world
    await world.close()


@pytest.fixture
async def room(world):
    relay = world.huis.relay
    options = {"folder": relay.folder} | ({"database_url": relay.database_url} if relay.database_url else {})
    settings = load(options, {})
    engine = open_engine(settings.database_url)
    yield open_room(settings, engine, Wakeups())
    await engine.dispose()


def count(world, table):
    return rows(world.huis.relay, f"SELECT count(*) FROM {table}")[0][0]


async def later(room, world, days, dry=False):
    return await run_retention(room, world.huis.clock() + days * DAY, dry)


async def test_a_partner_has_its_month_and_the_family_its_copy(world, room):
    await world.consent()
    sent = await world.nurse.send(world.draft(money="Drie deurwaarders."))
    await world.ocmw.acknowledge(await world.ocmw.open(sent.manifest))
    assert (await later(room, world, 29)).deliveries == 0
    # One partner: what it opened today ends in thirty days.
    assert (await later(room, world, 31)).deliveries == 1
    with pytest.raises(ZegelError) as refused:
        await world.ocmw.open(sent.manifest)
    assert refused.value.code == "message.erased"
    assert await world.ocmw.inbox() == []
    [notice] = await world.phone.notices()
    assert notice.readable()[0] == ("money", "Drie deurwaarders.")
    ended = await later(room, world, 721)
    assert (ended.deliveries, ended.bodies) == (1, 2)
    # The family's page still says what was shared and checks it; the words themselves are gone.
    [notice] = await world.phone.notices()
    assert (notice.readable(), set(notice.copy.problems)) == ([], {"message.erased"})
    assert {section.entry.payload.type for section in notice.copy.sections} == {"money", "agreement"}
    assert rows(world.huis.relay, "SELECT count(*) FROM blobs WHERE body IS NOT NULL")[0][0] == 0
    # The record of it is still there: consents, notice, manifest, what the OCMW said.
    assert (count(world, "notices"), count(world, "consent_chains"), count(world, "messages")) == (1, 2, 1)


async def test_what_nobody_fetched_is_withdrawn(world, room):
    await world.consent()
    sent = await world.nurse.send(world.draft())
    assert (await later(room, world, 91)).deliveries == 1
    with pytest.raises(ZegelError) as refused:
        await world.ocmw.open(sent.manifest)
    assert refused.value.code == "message.withdrawn"


async def test_what_waits_after_its_consents_ended_is_withdrawn(world, room):
    await world.consent(days=30)
    sent = await world.nurse.send(world.draft())
    now = world.huis.clock()
    assert await withdraw_ended(room, now + 29 * DAY) == 0
    assert await withdraw_ended(room, now + 31 * DAY, dry=True) == 1
    assert await withdraw_ended(room, now + 31 * DAY) == 1
    assert await withdraw_ended(room, now + 31 * DAY) == 0
    with pytest.raises(ZegelError) as refused:
        await world.ocmw.open(sent.manifest)
    assert refused.value.code == "message.withdrawn"
    assert len(await world.phone.notices()) == 1


async def test_records_end_whole_and_what_is_held_still_verifies(world, room):
    """The record of an adult ends five years after; until then all of it verifies, and then none of it is left."""
    await world.consent()
    sent = await world.nurse.send(world.draft())
    await world.ocmw.acknowledge(await world.ocmw.open(sent.manifest))
    ended = await later(room, world, 1820)
    assert (ended.messages, ended.consents) == (0, 0)
    second = await world.nurse.send(world.draft(housing="Twee maanden achterstand."))
    await world.ocmw.open(second.manifest)
    assert len(await world.phone.notices()) == 2
    ended = await later(room, world, 1826)
    assert (ended.messages, ended.consents) == (2, 0)
    left = ("messages", "entries", "notices", "deliveries", "message_consents", "events", "blobs")
    assert [count(world, table) for table in left] == [0] * len(left)
    # A consent ends five years after its last day: with it its revocation, its request, and the whole chain.
    ended = await later(room, world, 1826 + 400)
    assert ended.consents == 3
    assert count(world, "consent_chains") == 0
    kinds = {kind for (kind,) in rows(world.huis.relay, "SELECT DISTINCT kind FROM objects")}
    assert not kinds & {"consent", "consent-request", "manifest", "acknowledgement"}
    receipts = "SELECT count(*) FROM receipts WHERE object_d NOT IN (SELECT d FROM objects)"
    assert rows(world.huis.relay, receipts)[0][0] == 0
    assert await world.nurse.inbox() == []
    assert await world.phone.notices() == []


async def test_records_of_a_child_are_kept_until_it_is_23(world, room):
    child = await world.nurse.families.add_person(
        world.household, turns12="2036-05", turns18="2042-05", authority=[world.elif_id]
    )
    async with room.sessions() as session:
        rules = await in_force(session)
        assert rules is not None
        assert await minors_until(session, {child, world.elif_id}, rules) == month_start("2047-05")
        assert await minors_until(session, {world.elif_id}, rules) == 0
