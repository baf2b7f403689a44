"""A partner keeps its own character: it closes for itself what the Huis allows, and never what is of the floor."""

import os

import pytest

from e2e.typist import Typist
from e2e.world import CHILD_AND_FAMILY, OCMW, World, complete
from zegel import Refused, RelayProblem
from zegel.own_rules import next_rules
from zegel.steward.errors import SetupError
from zegel_demo.huis import PASSPHRASE
from zegel_keys.verification import read_payload
from zegel_protocol.objects import DeviceList
from zegel_protocol.objects.partner_rules import Closed
from zegel_protocol.refusal import Code

MONEY = Closed(way="receive", type="money")


async def publish(world: World) -> None:
    """Have the steward publish, and everyone look."""
    world.huis.members[OCMW].lists.append(await newest_list(world))
    await world.huis.publish()


async def newest_list(world: World) -> bytes:
    known = await world.huis.known()
    return known.envelope(known.lists[OCMW][-1].d)


async def refused(world: World, **notes: str) -> set[str]:
    with pytest.raises(Refused) as caught:
        await world.nurse.send(world.draft(**notes))
    return set(caught.value.codes)


async def test_what_a_partner_closes_is_not_sent_to_it_until_it_opens_again(world: World):
    await world.consent()
    root, at = world.huis.members[OCMW].root, world.huis.clock()
    assert await world.ocmw.own_rules.show() == ()
    await world.ocmw.own_rules.close(root, at, MONEY)
    assert await world.ocmw.own_rules.show() == (MONEY,)
    assert await refused(world, money="Drie deurwaarders.") == {Code.PARTNER_CLOSED}
    await publish(world)
    # What is not closed goes on, and a device that is listed later leaves the rules in force.
    await world.nurse.send(world.draft(housing="De huur loopt achter."))
    await world.huis.add_device(world.huis.members[OCMW], "tom", "social-worker")
    await world.huis.publish()
    assert await refused(world, money="Drie deurwaarders.") == {Code.PARTNER_CLOSED}
    await world.ocmw.own_rules.open(root, at, MONEY)
    assert await world.ocmw.own_rules.show() == ()
    await world.nurse.send(world.draft(money="Drie deurwaarders."))


async def test_what_it_closes_for_sending_binds_its_own_workers(world: World):
    root, at = world.huis.members[OCMW].root, world.huis.clock()
    await world.ocmw.own_rules.close(root, at, Closed(way="send", sector="opgroeien"))
    draft = complete(world.ocmw.referral(CHILD_AND_FAMILY, world.household, [world.elif_id]), at).note("plan", "Di.")
    checked = await world.ocmw.preflight(draft)
    assert Code.PARTNER_CLOSED in {item.code for item in checked.refusals}


FLOOR = (
    Closed(way="receive", kind="concern"),
    Closed(way="receive", kind="advice"),
    Closed(way="send", kind="improvement"),
    Closed(way="receive", kind="client-message"),
    Closed(way="receive", purpose="advice"),
)


async def test_the_floor_is_not_closed_and_a_misspelt_word_is_said(world: World):
    before = await newest_list(world)
    root, at = world.huis.members[OCMW].root, world.huis.clock()
    for closed in FLOOR:
        with pytest.raises(SetupError) as caught:
            await world.ocmw.own_rules.close(root, at, closed)
        assert (caught.value.code, closed) == ("rules.floor", closed)
    with pytest.raises(SetupError) as caught:
        await world.ocmw.own_rules.close(root, at, Closed(way="receive", type="mony"))
    assert caught.value.code == "rules.unknown"
    assert await newest_list(world) == before


async def test_nobody_closes_for_another(world: World):
    """Only the partner's root signs its rules, and a list that names them."""
    setting = (await world.nurse.setting()).setting
    known = await world.huis.known()
    held = known.lists[OCMW][-1]
    made = next_rules(
        world.huis.members[CHILD_AND_FAMILY].root, setting.rulebook.payload, OCMW, [MONEY], None,
        (known.envelope(held.d), held.payload.devices), world.huis.clock(),
    )  # fmt: skip
    for envelope in (made.rules, made.devices):
        with pytest.raises(RelayProblem) as caught:
            await world.huis.give(envelope)
        assert caught.value.code == "signature.unknown"
    assert read_payload(await newest_list(world), DeviceList)[0].rules is None


async def test_an_alarm_reaches_who_closed_everything_of_a_sector(world: World):
    """What is of the floor passes whatever a partner closed: `decide()` does not look at its rules for it."""
    huis = world.huis
    clb = await huis.admit("clb-gent", "CLB Gent", "clb", "penal", "counsellor")
    await huis.publish()
    counsellor = await huis.connect("clb-gent")
    try:
        await counsellor.own_rules.close(clb.root, huis.clock(), Closed(way="receive", sector="opgroeien"))
        await huis.publish()
        draft = world.nurse.alarms.draft("clb-gent", world.household, [world.elif_id])
        draft.note("motivation", "Zij zegt dat zij er niet meer wil zijn.")
        await world.nurse.alarms.send(draft)
        information = world.nurse.information("clb-gent", world.household, [world.elif_id]).note("plan", "Dinsdag.")
        checked = await world.nurse.preflight(information)
        assert Code.PARTNER_CLOSED in {item.code for item in checked.refusals}
    finally:
        await counsellor.close()


async def test_the_command_closes_and_shows(world: World, tmp_path):
    member = world.huis.members[OCMW]
    sara = Typist(member.devices["first"], tmp_path / "sara")
    root = ("--root", os.fspath(member.root.path), "--root-passphrase-file", sara.environment["ZEGEL_PASSPHRASE_FILE"])
    assert (tmp_path / "sara" / "passphrase").read_text("utf-8") == PASSPHRASE
    assert sara.json("partner", "rules", "show") == {"closed": []}
    sara.fail("rules.floor", "partner", "rules", "close", "receive", "--kind", "concern", *root)
    sara.fail("usage.wrong", "partner", "rules", "close", "receive", *root, exit_code=2)
    sara.json("partner", "rules", "close", "receive", "--type", "money", *root)
    (closed,) = sara.json("partner", "rules", "show")["closed"]
    assert (closed["way"], closed["type"]) == ("receive", "money")
    sara.json("partner", "rules", "open", "receive", "--type", "money", *root)
    assert sara.json("partner", "rules", "show") == {"closed": []}
    sara.fail("usage.wrong", "partner", "rules", "open", "receive", "--type", "money", *root, exit_code=2)
