"""A relay that shows an old or a foreign setting: WIRE, attacks 4, 5, 6 and 14."""

import asyncio
import os

import msgspec
import pytest
from e2e.lying_relay import (
    Answer,
    answer_of,
    edited,
    in_delivery,
    lied_to,
    make_template,
    of_kind,
    opens_nothing,
    refuses,
    with_more,
    without,
)
from e2e.world import CHILD_AND_FAMILY, OCMW, SCHOOL
from zegel import RelayUnreachable, partner_setup
from zegel.compose import sign_payload
from zegel.steward.folder import StewardFolder
from zegel.steward.founding import found
from zegel.steward.rules import digest_of_code, sign_rulebook
from zegel_demo.huis import CODE, DAY, PASSPHRASE

from zegel_keys.keystore.key_file import KeyFile
from zegel_keys.verification import read_payload
from zegel_protocol import dsse, encoding
from zegel_protocol.api import Bundle, Delivery, NoticePage
from zegel_protocol.assertion import to_signature
from zegel_protocol.objects import (
    Consent,
    DeviceList,
    Directory,
    Manifest,
    Membership,
    Notice,
    Payload,
    Prekeys,
    Receipt,
    Root,
    Rulebook,
)

FAR = 15 * DAY
"""Beyond the life of any directory."""


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return asyncio.run(make_template(tmp_path_factory.mktemp("template")))


@pytest.fixture
async def world(template, tmp_path):
    async with lied_to(template, tmp_path / "world") as opened:
        yield opened


async def lose_a_device(world) -> Answer:
    """Give the OCMW a second device and take it out again; return the setting as it was while the device counted."""
    huis, member = world.huis, world.huis.members[OCMW]
    await huis.add_device(member, "lost", "social-worker")
    await huis.publish()
    await world.nurse.setting()
    before = world.relay.last("/v1/setting")
    listed, _ = read_payload(member.lists[-1], DeviceList)
    (gone,) = [item.device for item in listed.devices if item.device not in await devices_before(world)]
    kept = partner_setup.without_device(listed.devices, gone)
    member.lists.append(
        partner_setup.device_list(member.root, huis.id, OCMW, kept, huis.clock(), before=member.lists[-1])
    )
    await huis.give(member.lists[-1])
    return before


async def devices_before(world) -> set[str]:
    first, _ = read_payload(world.huis.members[OCMW].lists[0], DeviceList)
    return {item.device for item in first.devices}


async def test_attack_04_an_old_device_list_with_its_directory(world):
    old = await lose_a_device(world)
    await world.huis.publish()
    await world.nurse.setting()
    world.relay.play("/v1/setting", old)
    assert await refuses(world.nurse.setting()) == "pin.rollback"
    world.relay.behave()
    listed = (await world.nurse.setting()).trust.devices(OCMW, None)
    assert {device.device for device in listed} == await devices_before(world)


async def test_attack_04_an_old_device_list_under_the_newest_directory(world):
    await lose_a_device(world)
    newest = world.huis.members[OCMW].lists[-1]
    await world.huis.publish()
    gone = read_payload(newest, DeviceList)[1]
    world.relay.change("/v1/setting", Bundle, lambda bundle: without(bundle, gone))
    assert await refuses(world.nurse.setting()) == "directory.incomplete"
    world.relay.behave()
    assert gone in {held.d for held in (await world.nurse.setting()).setting.devices[OCMW]}


async def test_attack_04_a_list_that_no_directory_names_yet_is_seen_and_then_hidden(world):
    await lose_a_device(world)
    newest = read_payload(world.huis.members[OCMW].lists[-1], DeviceList)[1]
    assert newest in {held.d for held in (await world.nurse.setting()).setting.devices[OCMW]}
    world.relay.change("/v1/setting", Bundle, lambda bundle: without(bundle, newest))
    assert await refuses(world.nurse.setting()) == "pin.rollback"
    world.relay.behave()
    await world.nurse.setting()


async def test_attack_04_an_old_device_list_to_a_recipient_and_to_a_client(world):
    await world.consent()
    sent = await world.nurse.send(world.draft())
    await world.ocmw.inbox()
    await world.ocmw.setting()
    old = world.relay.last("/v1/setting").read(Bundle)
    await lose_a_device(world)
    await world.huis.publish()
    await world.ocmw.setting()
    await world.phone.requests()

    def aged(bundle: Bundle) -> Bundle:
        """The bundle, with everything of the setting as it was."""
        kinds = {kind.KIND for kind in (Root, Directory, Membership, DeviceList, Rulebook)}
        others = edited(bundle, lambda item: None if item.kind in kinds else item.envelope)
        return msgspec.structs.replace(bundle, items=(*old.items, *others.items))

    world.relay.change("/v1/deliveries/", Delivery, in_delivery(aged))
    world.relay.change("/v1/requests", Bundle, aged)
    assert await opens_nothing(world, sent.manifest) == "pin.rollback"
    assert await refuses(world.phone.requests()) == "pin.rollback"
    world.relay.behave()
    assert (await world.ocmw.open(sent.manifest)).d == sent.manifest
    assert len(await world.phone.notices()) == 1


async def test_attack_04_sealing_keys_of_a_device_that_was_removed(world):
    await world.consent()
    await lose_a_device(world)
    lost = world.huis.members[OCMW].devices["lost"]
    async with await world.huis.connect(OCMW, "lost", relay=world.relay.target) as thief:
        assert thief.identity.device != world.ocmw.identity.device
    raise NotImplementedError(lost)


async def test_attack_04_sealing_keys_that_are_older_than_seen(world):
    await world.consent()
    await world.nurse.send(world.draft())
    old = world.relay.last(f"/v1/partners/{OCMW}/prekeys").read(Bundle)
    world.ocmw._clock = lambda: world.at + 40 * DAY
    await world.ocmw.refresh()
    await world.nurse._prekeys(OCMW)
    (prekeys,) = of_kind(old, Prekeys)

    def aged(bundle: Bundle) -> Bundle:
        return edited(bundle, lambda item: prekeys.envelope if item.kind == Prekeys.KIND else item.envelope)

    world.relay.change(f"/v1/partners/{OCMW}/prekeys", Bundle, lambda _: old)
    world.relay.heard.clear()
    assert await refuses(world.nurse.send(world.draft())) == "pin.rollback"
    assert not world.relay.was_asked("/v1/messages")
    world.relay.behave()
    await world.nurse.send(world.draft())
    assert aged
