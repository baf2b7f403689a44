"""A relay that keeps two logs, or gives receipts that prove nothing: attacks 11 and 12."""

import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from msgspec import Raw

from e2e.lied_to import LiedTo, code_of, huis_template, lied_to, lying_huis, opens_nothing
from e2e.lying_relay import answer_of, in_delivery, in_receipt
from e2e.relay_pen import ForkedLog
from e2e.world import OCMW
from zegel.partner_setup import device_list
from zegel_keys.envelopes import new_nonce, sign_payload
from zegel_keys.exhibit import read
from zegel_keys.keystore.prekeys import ensure_periods
from zegel_keys.signing import SigningKey
from zegel_keys.verification import read_payload
from zegel_protocol import b64
from zegel_protocol.api import Accepted, Bundle, Delivery, Held
from zegel_protocol.objects import Acknowledgement, Consent, DeviceList, Receipt
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.signed import Signed

CONSISTENCY = "/v1/log/consistency"


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return huis_template(tmp_path_factory.getbasetemp())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def street(template, tmp_path_factory):
    """One Huis for all tests here: each has parties and a family of its own, who have seen nothing of the others."""
    async with lying_huis(template, tmp_path_factory.mktemp("street") / "huis") as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def world(street, tmp_path):
    async with lied_to(street, tmp_path / "world") as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def own_huis(template, tmp_path):
    """A world in a Huis of the test's own, for one that changes it."""
    async with lying_huis(template, tmp_path / "huis") as opened, lied_to(opened, tmp_path / "world") as world:
        yield world


def nothing() -> str:
    """Return a `D` of nothing at all."""
    return b64.encode(os.urandom(32))


async def sent_message(world: LiedTo) -> str:
    """Have the nurse send a message; return it, with everybody having seen a log that goes on behind it."""
    await world.consent()
    sent = await world.nurse.send(world.draft())
    member = world.huis.members[OCMW]
    devices = read_payload(member.lists[-1], DeviceList)[0].devices
    member.lists.append(device_list(member.root, world.huis.id, OCMW, devices, world.at, before=member.lists[-1]))
    await world.huis.give(member.lists[-1])
    for party in (world.nurse, world.ocmw):
        await party.setting()
    await world.phone.requests()
    assert world.ocmw._view.seen.size == len(world.pen.leaves())
    return sent.manifest


# 11: two views of the log


@pytest.mark.parametrize("proves", ["this log", "that log"])
@pytest.mark.parametrize("size", ["smaller", "same", "larger"])
async def test_attack_11_a_message_stands_in_another_log(world: LiedTo, size, proves):
    manifest = await sent_message(world)
    leaves = world.pen.leaves()
    before = leaves.index(manifest)
    filler = {"smaller": 1, "same": 2, "larger": 4}[size]
    log = world.pen.log_of([*leaves[: before - 1], *(nothing() for _ in range(filler)), manifest])
    assert (log.size > len(leaves)) - (log.size < len(leaves)) == {"smaller": -1, "same": 0, "larger": 1}[size]
    receipts = in_receipt(lambda receipt: world.pen.again(receipt, Receipt, proof=proof))
    proof = log.proof(log.size - 1)
    world.relay.change("/v1/deliveries/", Delivery, receipts)
    if proves == "that log":
        for _ in leaves:
            log.append(nothing())
        world.relay.serve(CONSISTENCY, log.consistency)
    assert await opens_nothing(world, manifest) == "log.split"
    assert await code_of(world.phone.notices()) == "log.split"
    world.relay.behave()
    assert (await world.ocmw.open(manifest)).d == manifest
    assert len(await world.phone.notices()) == 1


async def test_attack_11_one_object_of_the_evidence_stands_in_another_log(world: LiedTo):
    manifest = await sent_message(world)
    leaves = world.pen.leaves()
    consent, _ = (item.d for item in await given(world))
    elsewhere = world.pen.log_of([*leaves[: leaves.index(consent) - 1], consent])
    world.relay.change(
        "/v1/deliveries/", Delivery, in_delivery(lambda bundle: world.pen.all_moved(bundle, elsewhere, consent))
    )
    assert await opens_nothing(world, manifest) == "log.split"
    world.relay.behave()
    assert (await world.ocmw.open(manifest)).d == manifest


async def given(world: LiedTo) -> list[Signed[Consent]]:
    return [item.consent for item in await world.phone.given()]


@pytest.mark.parametrize("filler", [0, 3])
async def test_attack_11_sender_and_recipient_are_shown_two_logs_each_sound_by_itself(world: LiedTo, filler):
    await world.consent()
    hidden = await world.nurse.send(world.draft())
    sent = await world.nurse.send(world.draft())
    leaves = [d for d in world.pen.leaves() if d != hidden.manifest]
    log = world.pen.log_of([*leaves, *(nothing() for _ in range(filler))])

    def moved(delivery: Delivery) -> Delivery:
        """The delivery as the second log has it, in which one message never was."""
        evidence = world.pen.all_moved(delivery.evidence, log)
        return msgspec.structs.replace(in_receipt(lambda it: world.pen.moved(it, log))(delivery), evidence=evidence)

    world.relay.change("/v1/deliveries/", Delivery, moved)
    world.relay.serve(CONSISTENCY, log.consistency)
    # Nothing in it contradicts itself: it is the sender's `seen` that does.
    assert await opens_nothing(world, sent.manifest) == "log.split"
    world.relay.behave()
    # This relay has signed two logs, and that can't be taken back.
    assert await opens_nothing(world, sent.manifest) == "log.split"


async def test_attack_11_sender_and_client_hear_from_a_reader_who_was_shown_another_log(world: LiedTo):
    manifest = await sent_message(world)
    message = await world.ocmw.open(manifest)
    other = world.pen.log_of([*world.pen.leaves()[:-1], nothing(), nothing()])
    identity = world.ocmw.identity
    said = Acknowledgement(
        v=1, huis=identity.huis, nonce=new_nonce(), manifest=manifest, wraps=message.wraps, receipt=message.receipt,
        reader=Party(partner=identity.partner), by=Sender(partner=identity.partner, device=identity.device),
        event="opened", codes=(), seen=other.state, at=world.at,
    )  # fmt: skip
    envelope = sign_payload(said, identity.signing_key)
    log = world.pen.log_of([*world.pen.leaves(), read(envelope).d])
    receipt = world.pen.receipt(read(envelope).d, log, world.at)
    told = Bundle(items=(Held(object=Raw(envelope), receipt=Raw(receipt)),))
    world.relay.play("/v1/messages/", answer_of(told))
    world.relay.serve(CONSISTENCY, log.consistency)
    assert await code_of(world.nurse.events(manifest)) == "log.split"
    assert await code_of(world.phone.notices()) == "log.split"


# 12: a receipt that proves nothing


Forge = Callable[[LiedTo, bytes], bytes]


def log_of_all(world: LiedTo, **changes: Any) -> ForkedLog:
    return world.pen.log_of(world.pen.leaves(), **changes)


def of_another_object(world: LiedTo, receipt: bytes) -> bytes:
    return world.pen.again(receipt, Receipt, object=nothing())


def another_place(world: LiedTo, receipt: bytes) -> bytes:
    log, payload = log_of_all(world), read_payload(receipt, Receipt)[0]
    return world.pen.again(receipt, Receipt, proof=log.proof(log.leaves.index(payload.object) - 1))


def another_log_key(world: LiedTo, receipt: bytes) -> bytes:
    return world.pen.moved(receipt, log_of_all(world, keys=replace(world.pen.keys, log=SigningKey.generate())))


def log_of_another_huis(world: LiedTo, receipt: bytes) -> bytes:
    return world.pen.moved(receipt, log_of_all(world, origin=f"zegel/{nothing()}"))


def another_relay(world: LiedTo, receipt: bytes) -> bytes:
    return replace(world.pen, keys=replace(world.pen.keys, relay=SigningKey.generate())).again(receipt, Receipt)


def another_huis(world: LiedTo, receipt: bytes) -> bytes:
    return world.pen.again(receipt, Receipt, huis=nothing())


def no_proof(world: LiedTo, receipt: bytes) -> bytes:
    return world.pen.again(receipt, Receipt, proof="It was logged.")


FORGERIES: dict[Forge, str] = {
    of_another_object: "log.receipt",
    another_place: "log.inclusion",
    another_log_key: "log.signature",
    log_of_another_huis: "log.foreign",
    another_relay: "signature.unknown",
    another_huis: "huis.foreign",
    no_proof: "log.malformed",
}


async def codes(world: LiedTo, path: str, kind: type, doing: Callable[[], Awaitable[object]]) -> dict[Forge, str]:
    """Return the code with which `doing` fails, for each way to forge the receipts that come from `path`."""
    found = {}
    for forge in FORGERIES:
        world.relay.behave()
        world.relay.change(path, kind, in_receipt(partial(forge, world)))
        found[forge] = await code_of(doing())
    world.relay.behave()
    return found


async def test_attack_12_a_false_receipt_to_the_sender(world: LiedTo):
    await world.consent()
    world.relay.change("/v1/messages", Accepted, in_receipt(lambda receipt: no_proof(world, receipt)))
    assert await code_of(world.nurse.send(world.draft())) == "log.malformed"
    assert await codes(world, "/v1/messages", Accepted, world.nurse.flush) == FORGERIES
    assert len(world.nurse.unsent()) == 1
    (sent,) = await world.nurse.flush()
    assert world.nurse.unsent() == []
    assert await world.waiting() == [sent.manifest]


async def test_attack_12_a_receipt_for_other_keys_than_were_sent(world: LiedTo):
    await world.consent()
    other = in_receipt(lambda receipt: world.pen.again(receipt, Receipt, wraps=(nothing(),)))
    world.relay.change("/v1/messages", Accepted, other)
    assert await code_of(world.nurse.send(world.draft())) == "receipt.wraps"
    world.relay.behave()
    assert len(await world.nurse.flush()) == 1


async def test_attack_12_a_false_receipt_to_the_recipient(world: LiedTo):
    manifest = await sent_message(world)
    found = await codes(world, "/v1/deliveries/", Delivery, lambda: world.ocmw.open(manifest))
    assert found == FORGERIES
    assert (await world.ocmw.open(manifest)).d == manifest


async def test_attack_12_a_false_receipt_for_one_object_of_the_evidence(world: LiedTo):
    manifest = await sent_message(world)
    consent = (await given(world))[0].d

    def forged(forge: Forge, delivery: Delivery) -> Delivery:
        items = [
            in_receipt(partial(forge, world))(held) if read(bytes(held.object)).d == consent else held
            for held in delivery.evidence.items
        ]
        return msgspec.structs.replace(
            delivery, evidence=msgspec.structs.replace(delivery.evidence, items=tuple(items))
        )

    for forge, code in FORGERIES.items():
        world.relay.behave()
        world.relay.change("/v1/deliveries/", Delivery, partial(forged, forge))
        assert await opens_nothing(world, manifest) == code
    world.relay.behave()
    assert (await world.ocmw.open(manifest)).d == manifest


async def test_attack_12_a_false_receipt_to_the_client_for_what_they_are_handed(world: LiedTo):
    manifest = await sent_message(world)
    assert await codes(world, "/v1/deliveries/", Delivery, world.phone.notices) == FORGERIES
    (notice,) = await world.phone.notices()
    assert notice.copy.manifest.d == manifest
    assert await codes(world, "/v1/objects", Accepted, lambda: world.phone.tell(notice)) == FORGERIES
    await world.phone.tell(notice)


async def test_attack_12_a_false_receipt_to_the_client_for_a_yes(world: LiedTo):
    await world.nurse.families.ask_consent(world.draft())
    (asked,) = await world.phone.requests()
    world.relay.change("/v1/objects", Accepted, in_receipt(lambda receipt: another_place(world, receipt)))
    assert await code_of(world.phone.accept(asked)) == "log.inclusion"
    assert world.phone.receipts == {}
    world.relay.behave()
    assert len(await world.phone.given()) == 1


async def test_attack_12_a_false_receipt_to_a_worker(world: LiedTo):
    families, message = world.nurse.families, await world.ocmw.open(await sent_message(world))
    assert await codes(world, "/v1/objects", Accepted, lambda: families.add_person(world.household)) == FORGERIES
    assert await codes(world, "/v1/objects", Accepted, lambda: world.ocmw.acknowledge(message)) == FORGERIES
    await families.add_person(world.household)
    await world.ocmw.acknowledge(message)
    assert await world.waiting() == []


async def test_attack_12_a_false_receipt_for_sealing_keys(own_huis: LiedTo):
    world = own_huis
    ensure_periods(world.ocmw._keystore.state, world.at, ahead=5)
    assert await codes(world, "/v1/objects", Accepted, world.ocmw.refresh) == FORGERIES
    await world.ocmw.refresh()
    world.relay.behave()
    await world.ocmw.refresh()
    assert not world.relay.was_asked("/v1/objects")
