"""A relay that shows an older rota, or an older table, than was seen, or keeps a rota back: nobody acts on it."""

import pytest

from e2e.lied_to import LiedTo, code_of, huis_template, lied_to, lying_huis
from e2e.lying_relay import edited
from e2e.world import CHILD_AND_FAMILY, OCMW
from zegel_protocol.api import Bundle
from zegel_protocol.objects import Rota
from zegel_protocol.objects.desk import Shift
from zegel_protocol.objects.parties import Party

HOUR = 3_600


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return huis_template(tmp_path_factory.getbasetemp())


@pytest.fixture
async def world(template, tmp_path):
    async with lying_huis(template, tmp_path / "huis") as street, lied_to(street, tmp_path / "mine") as world:
        yield world


async def on_call(world: LiedTo, opens: int, closes: int) -> None:
    """Have the OCMW's desk watched from then until then, in seconds from now."""
    shift = Shift(opens=world.at + opens, closes=world.at + closes, devices=(world.ocmw.identity.device,))
    await world.ocmw.alarms.set_rota([shift], "09 123 45 67", "Bel ons.")


async def test_an_older_rota_is_not_believed_and_nor_is_that_there_is_none(world: LiedTo):
    await on_call(world, -HOUR, HOUR)
    assert (await world.nurse.alarms.on_call(OCMW)).until is not None
    watched = world.relay.last("/v1/evidence", by=CHILD_AND_FAMILY)
    await on_call(world, 2 * HOUR, 3 * HOUR)
    assert (await world.nurse.alarms.on_call(OCMW)).off_call

    world.relay.play("/v1/evidence", watched, by=CHILD_AND_FAMILY)
    assert await code_of(world.nurse.alarms.on_call(OCMW)) == "pin.rollback"
    assert await code_of(world.nurse.preflight(world.draft())) == "pin.rollback"
    world.relay.behave()

    def unwatched(bundle: Bundle) -> Bundle:
        return edited(bundle, lambda item: None if item.kind == Rota.KIND else item.envelope)

    world.relay.change("/v1/evidence", Bundle, unwatched, by=CHILD_AND_FAMILY)
    assert await code_of(world.nurse.alarms.on_call(OCMW)) == "pin.rollback"
    assert await code_of(world.nurse.preflight(world.draft())) == "pin.rollback"
    # Who knows that nobody is there may send an alarm all the same: a lie about a rota holds no alarm up.
    alarm = world.nurse.alarms.draft(OCMW, world.household, [world.elif_id], off_call=True)
    refused = await world.nurse.preflight(alarm.note("motivation", "Ik vrees voor haar."))
    assert "desk.off-call" not in {item.code.value for item in refused.refusals}


async def test_a_table_is_not_shown_as_it_was_before_somebody_left(world: LiedTo):
    chair = world.nurse.conferences
    table = await chair.convene(world.household, [world.elif_id], [OCMW])
    assert Party(partner=OCMW) in (await chair.find(table.id)).invitees
    before = world.relay.last("/v1/evidence", by=CHILD_AND_FAMILY)
    await chair.change(table, invitees=["school-de-linde"])
    assert Party(partner=OCMW) not in (await chair.find(table.id)).invitees
    world.relay.play("/v1/evidence", before, by=CHILD_AND_FAMILY)
    assert await code_of(chair.find(table.id)) == "pin.rollback"
