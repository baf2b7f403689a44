"""A relay that shows an old or a foreign setting: attacks 4, 5, 6 and 14."""

import os

import msgspec
import pytest
from msgspec import Raw

from e2e.lied_to import LiedTo, code_of, huis_template, lied_to, lying_huis, opens_nothing, sends_nothing
from e2e.lying_relay import answer_of, edited, in_delivery, of_kind, with_more, without
from e2e.world import OCMW, SCHOOL
from zegel import partner_setup
from zegel.steward.folder import StewardFolder
from zegel.steward.founding import found
from zegel.steward.rules import digest_of_code, sign_rulebook
from zegel_demo.huis import CODE, DAY, PASSPHRASE
from zegel_keys.casefile import CaseFile
from zegel_keys.envelopes import sign_payload
from zegel_keys.exhibit import read
from zegel_keys.keystore.key_file import KeyFile
from zegel_keys.keystore.prekeys import ensure_periods
from zegel_keys.verification import read_payload
from zegel_protocol import b64, dsse, encoding
from zegel_protocol.api import Bundle, Delivery, Held, NoticePage
from zegel_protocol.assertion import to_signature
from zegel_protocol.objects import (
    Consent,
    DeviceList,
    Directory,
    Manifest,
    Membership,
    Notice,
    Prekeys,
    Root,
    Rulebook,
)

FAR = 15 * DAY
"""Beyond the life of any directory."""
PREKEYS = f"/v1/partners/{OCMW}/prekeys"
SETTING = {kind.KIND for kind in (Root, Directory, Membership, DeviceList, Rulebook)}


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return huis_template(tmp_path_factory.getbasetemp())


@pytest.fixture
async def world(template, tmp_path):
    """A Huis of the test's own, for what is tried here changes it."""
    async with lying_huis(template, tmp_path / "huis") as street, lied_to(street, tmp_path / "world") as opened:
        yield opened


async def add_a_device(world: LiedTo) -> None:
    """Give the OCMW a second device, which publishes its sealing keys."""
    await world.huis.add_device(world.huis.members[OCMW], "lost", "social-worker")
    await world.huis.publish()
    async with await world.huis.connect(OCMW, "lost", relay=world.relay.address):
        pass


async def remove_it(world: LiedTo) -> str:
    """Take the second device out of the OCMW's list, and return the new list's `D`; no directory names it yet."""
    member = world.huis.members[OCMW]
    first, listed = (read_payload(member.lists[n], DeviceList)[0].devices for n in (0, -1))
    (gone,) = [item.device for item in listed if item not in first]
    kept = partner_setup.without_device(listed, gone)
    envelope = partner_setup.device_list(member.root, world.huis.id, OCMW, kept, world.at, before=member.lists[-1])
    member.lists.append(envelope)
    await world.huis.give(envelope)
    return read_payload(envelope, DeviceList)[1]


def devices_of(case: CaseFile) -> int:
    return len(case.trust.devices(OCMW, None))


def with_setting(bundle: Bundle, old: Bundle) -> Bundle:
    """Return a bundle whose setting is that of an old one."""
    others = edited(bundle, lambda item: None if item.kind in SETTING else item.envelope)
    return msgspec.structs.replace(bundle, items=(*old.items, *others.items))


async def test_attack_04_an_old_device_list_with_its_directory(world: LiedTo):
    await add_a_device(world)
    assert devices_of(await world.nurse.setting()) == 2
    old = world.relay.last("/v1/setting")
    await remove_it(world)
    await world.huis.publish()
    assert devices_of(await world.nurse.setting()) == 1
    world.relay.play("/v1/setting", old)
    assert await code_of(world.nurse.setting()) == "pin.rollback"
    world.relay.behave()
    assert devices_of(await world.nurse.setting()) == 1


async def test_attack_04_an_old_device_list_under_the_newest_directory(world: LiedTo):
    await add_a_device(world)
    newest = await remove_it(world)
    await world.huis.publish()
    world.relay.change("/v1/setting", Bundle, lambda bundle: without(bundle, newest))
    assert await code_of(world.nurse.setting()) == "directory.incomplete"
    world.relay.behave()
    assert devices_of(await world.nurse.setting()) == 1


async def test_attack_04_a_list_that_no_directory_names_yet_is_hidden_after_it_was_seen(world: LiedTo):
    await add_a_device(world)
    newest = await remove_it(world)
    assert devices_of(await world.nurse.setting()) == 1
    world.relay.change("/v1/setting", Bundle, lambda bundle: without(bundle, newest))
    assert await code_of(world.nurse.setting()) == "pin.rollback"
    world.relay.behave()
    assert devices_of(await world.nurse.setting()) == 1


async def test_attack_04_an_old_device_list_to_recipient_sender_and_client(world: LiedTo):
    await world.consent()
    sent = await world.nurse.send(world.draft())
    await add_a_device(world)
    old = world.relay.last("/v1/setting").read(Bundle)
    await remove_it(world)
    await world.huis.publish()
    for party in (world.nurse, world.ocmw):
        assert devices_of(await party.setting()) == 1
    await world.phone.requests()
    world.relay.change("/v1/deliveries/", Delivery, in_delivery(lambda bundle: with_setting(bundle, old)))
    for path in ("/v1/requests", "/v1/evidence"):
        world.relay.change(path, Bundle, lambda bundle: with_setting(bundle, old))
    assert await opens_nothing(world, sent.manifest) == "pin.rollback"
    assert await sends_nothing(world, world.draft()) == "pin.rollback"
    assert await code_of(world.phone.requests()) == "pin.rollback"
    world.relay.behave()
    assert (await world.ocmw.open(sent.manifest)).d == sent.manifest
    assert len(await world.phone.notices()) == 1


async def test_attack_04_sealing_keys_of_a_device_that_was_removed(world: LiedTo):
    await world.consent()
    await add_a_device(world)
    lost = of_kind(await world.nurse._client.prekeys(OCMW), Prekeys)
    assert len(lost) == 2
    await remove_it(world)
    await world.huis.publish()
    world.relay.change(PREKEYS, Bundle, lambda bundle: with_more(bundle, *(item.envelope for item in lost)))
    assert await sends_nothing(world, world.draft()) == "signature.unknown"
    world.relay.behave()
    await world.nurse.send(world.draft())


async def test_attack_04_sealing_keys_older_than_seen(world: LiedTo):
    await world.consent()
    await world.nurse.send(world.draft())
    old = world.relay.last(PREKEYS)
    ensure_periods(world.ocmw._keystore.state, world.at, ahead=5)
    await world.ocmw.refresh()
    await world.nurse.send(world.draft())
    world.relay.play(PREKEYS, old)
    assert await sends_nothing(world, world.draft()) == "pin.rollback"
    world.relay.behave()
    await world.nurse.send(world.draft())


async def test_attack_04_a_member_that_was_removed_comes_back_by_a_refresh_of_an_old_directory(world: LiedTo):
    old = await world.nurse._client.setting()
    await world.huis.publish(without=[SCHOOL])
    assert SCHOOL not in (await world.nurse.setting()).setting.memberships
    world.relay.play("/v1/setting", answer_of(await refreshed(world, old)))
    assert await code_of(world.nurse.setting()) == "pin.rollback"
    world.relay.behave()
    assert SCHOOL not in (await world.nurse.setting()).setting.memberships


async def refreshed(world: LiedTo, old: Bundle, version: int = 9) -> Bundle:
    """Return an old setting under a new directory, made from the old one by the freshness key that it names."""
    (exhibit,) = of_kind(old, Directory)
    base, d = read_payload(exhibit.envelope, Directory)
    key = KeyFile.open(StewardFolder(world.huis.folder / "steward").freshness_path, PASSPHRASE)
    assert key.public == base.freshness_key
    directory = msgspec.structs.replace(base, nonce=b64.encode(os.urandom(16)), version=version, base=d)
    return with_more(old, sign_payload(directory, key.signing_key))


async def test_attack_05_an_expired_directory_to_the_sender(world: LiedTo):
    await world.consent()
    later = world.at + FAR
    world.nurse._clock = lambda: later
    world.relay.change("/v1/evidence", Bundle, lambda bundle: world.pen.restated(bundle, as_of=later))
    assert await sends_nothing(world, world.draft()) == {"directory.expired"}
    world.nurse._clock = world.huis.clock
    world.relay.behave()
    await world.nurse.send(world.draft())


async def test_attack_05_an_expired_directory_to_the_recipient(world: LiedTo):
    await world.consent()
    sent = await world.nurse.send(world.draft())
    later = world.at + FAR
    world.ocmw._clock = lambda: later
    restated = in_delivery(lambda bundle: world.pen.restated(bundle, as_of=later))
    world.relay.change("/v1/deliveries/", Delivery, restated)
    assert await opens_nothing(world, sent.manifest) == {"directory.expired"}
    world.ocmw._clock = world.huis.clock
    world.relay.behave()
    assert (await world.ocmw.open(sent.manifest)).d == sent.manifest


async def test_attack_05_an_expired_directory_to_the_client(world: LiedTo):
    await world.nurse.families.ask_consent(world.draft())
    (asked,) = await world.phone.requests()
    world.phone._phone.clock = lambda: world.at + FAR
    for doing in (world.phone.requests(), world.phone.accept(asked), world.phone.given()):
        assert await code_of(doing) == "directory.expired"
    world.phone._phone.clock = world.huis.clock
    assert len(await world.phone.accept(asked)) == 2


async def test_attack_05_an_expired_directory_to_a_worker_who_asks(world: LiedTo):
    world.nurse._clock = world.nurse.families._clock = lambda: world.at + FAR
    world.relay.heard.clear()
    assert await code_of(world.nurse.families.ask_consent(world.draft())) == "directory.expired"
    assert not world.relay.was_asked("/v1/objects")


async def second_rulebook(world: LiedTo) -> None:
    """Put a second version of the rulebook in force."""
    huis = world.huis
    known, code = await huis.known(), digest_of_code(CODE)
    huis.rulebook = sign_rulebook(known, huis.keys, world.at, name="Huis", code_version="code-2", code_digest=code)
    await huis.give(huis.rulebook)
    await huis.publish()


async def test_attack_06_an_older_rulebook_with_its_directory(world: LiedTo):
    await world.consent()
    old = await world.nurse._client.setting()
    await second_rulebook(world)
    await world.nurse.setting()
    await world.phone.requests()
    for path in ("/v1/evidence", "/v1/requests"):
        world.relay.change(path, Bundle, lambda bundle: with_setting(bundle, old))
    assert await sends_nothing(world, world.draft()) == "pin.rollback"
    assert await code_of(world.phone.requests()) == "pin.rollback"
    world.relay.behave()
    assert (await world.nurse.setting()).setting.rulebook.payload.version == 2
    await world.phone.requests()


async def test_attack_06_an_older_rulebook_under_the_newest_directory(world: LiedTo):
    (old,) = of_kind(await world.nurse._client.setting(), Rulebook)
    await second_rulebook(world)
    swap = {Rulebook.KIND: old.envelope}
    world.relay.change(
        "/v1/setting", Bundle, lambda bundle: edited(bundle, lambda item: swap.get(item.kind, item.envelope))
    )
    assert await code_of(world.nurse.setting()) == "directory.incomplete"
    world.relay.behave()
    assert (await world.nurse.setting()).setting.rulebook.payload.version == 2


async def test_attack_06_an_older_rulebook_by_a_refresh_of_an_old_directory(world: LiedTo):
    old = await world.nurse._client.setting()
    await second_rulebook(world)
    await world.nurse.setting()
    world.relay.play("/v1/setting", answer_of(await refreshed(world, old)))
    assert await code_of(world.nurse.setting()) == "pin.rollback"
    world.relay.behave()
    assert (await world.nurse.setting()).setting.rulebook.payload.version == 2


OTHER_HUIS = b64.encode(bytes(range(32)))


def of_another_huis(world: LiedTo, held: Held) -> Held:
    """Return a consent as the same person would have signed it, with the same passkey, in another Huis; receipted."""
    envelope = bytes(held.object)
    if read(envelope).kind != Consent.KIND:
        return held
    payload = msgspec.structs.replace(read_payload(envelope, Consent)[0], huis=OTHER_HUIS)
    media_type, body = dsse.payload_type(Consent.KIND), encoding.encode(payload)
    d = dsse.digest(media_type, body)
    assertion = world.phone._phone.passkey.assertion(d)
    receipt = world.pen.receipt(d, world.pen.log_of([*world.pen.leaves(), d]), world.at)
    return Held(object=Raw(dsse.seal_envelope(media_type, body, (to_signature(assertion),))), receipt=Raw(receipt))


async def test_attack_14_a_consent_of_another_huis(world: LiedTo):
    await world.consent()
    sent = await world.nurse.send(world.draft())

    def foreign(bundle: Bundle) -> Bundle:
        return Bundle(items=tuple(of_another_huis(world, held) for held in bundle.items))

    for path in ("/v1/evidence", "/v1/consents"):
        world.relay.change(path, Bundle, foreign)
    world.relay.change("/v1/deliveries/", Delivery, in_delivery(foreign))
    assert await opens_nothing(world, sent.manifest) == "huis.foreign"
    assert await sends_nothing(world, world.draft()) == "huis.foreign"
    assert await code_of(world.phone.given()) == "huis.foreign"
    world.relay.behave()
    assert (await world.ocmw.open(sent.manifest)).d == sent.manifest
    assert len(await world.phone.given()) == 2


async def test_attack_14_a_manifest_of_another_huis(world: LiedTo):
    await world.consent()
    sent = await world.nurse.send(world.draft())

    def foreign(delivery: Delivery) -> Delivery:
        manifest, _ = read_payload(bytes(delivery.manifest), Manifest)
        other = sign_payload(msgspec.structs.replace(manifest, huis=OTHER_HUIS), world.nurse.identity.signing_key)
        return msgspec.structs.replace(delivery, manifest=Raw(other))

    world.relay.change("/v1/deliveries/", Delivery, foreign)
    assert await opens_nothing(world, sent.manifest) == "huis.foreign"
    assert await code_of(world.phone.notices()) == "huis.foreign"
    world.relay.behave()
    assert (await world.ocmw.open(sent.manifest)).d == sent.manifest
    assert len(await world.phone.notices()) == 1


async def test_attack_14_a_notice_of_another_huis_by_the_same_relay(world: LiedTo):
    await world.consent()
    await world.nurse.send(world.draft())

    def foreign(page: NoticePage) -> NoticePage:
        items = tuple(
            msgspec.structs.replace(item, notice=Raw(world.pen.again(bytes(item.notice), Notice, huis=OTHER_HUIS)))
            for item in page.items
        )
        return msgspec.structs.replace(page, items=items)

    world.relay.change("/v1/notices", NoticePage, foreign)
    assert await code_of(world.phone.notices()) == "huis.foreign"
    world.relay.behave()
    assert len(await world.phone.notices()) == 1


async def test_attack_14_the_setting_of_another_huis(world: LiedTo, tmp_path):
    other = found(tmp_path / "other", PASSPHRASE, "Een ander Huis", cost="interactive").root_envelope
    swap = {Root.KIND: other}
    world.relay.change(
        "/v1/setting", Bundle, lambda bundle: edited(bundle, lambda item: swap.get(item.kind, item.envelope))
    )
    assert await code_of(world.nurse.setting()) == "root.foreign"
    world.relay.behave()
    await world.nurse.setting()
