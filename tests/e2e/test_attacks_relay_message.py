"""A relay that tells nobody, or hands out something else than was sent: attacks 10 and 13."""

from collections.abc import Callable
from typing import TypeVar

import msgspec
import pytest
import pytest_asyncio
from msgspec import Raw

from e2e.lied_to import LiedTo, code_of, huis_template, lied_to, lying_huis, opens_nothing, take_delivery
from e2e.lying_relay import Answer, answer_of, in_receipt
from e2e.world import OCMW
from zegel import RelayProblem
from zegel_keys.envelopes import sign_payload
from zegel_keys.exhibit import read
from zegel_keys.verification import read_payload
from zegel_protocol import dsse, encoding
from zegel_protocol.api import Accepted, Bundle, Delivery, Held, InboxPage, NoticePage, Problem
from zegel_protocol.objects import Acknowledgement, Notice, Receipt, Wraps
from zegel_protocol.positions import first_position

S = TypeVar("S", bound=msgspec.Struct)
EVENTS = "/v1/messages/"


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


async def two_messages(world: LiedTo) -> tuple[str, str]:
    """Have the nurse send two messages; return them."""
    await world.consent()
    first = await world.nurse.send(world.draft(money="Drie deurwaarders.", ask="Hulp bij schulden."))
    second = await world.nurse.send(world.draft(money="Nog een brief.", ask="Hulp bij de huur."))
    return first.manifest, second.manifest


def replaced(**fields: object) -> Callable[[S], S]:
    """Return a change of an answer: these fields are others."""
    return lambda answer: msgspec.structs.replace(answer, **fields)


# 10: a notice is dropped


async def test_attack_10_a_receipt_that_tells_nobody(world: LiedTo):
    await world.consent()
    world.relay.change("/v1/messages", Accepted, in_receipt(lambda it: world.pen.again(it, Receipt, notices=())))
    assert await code_of(world.nurse.send(world.draft())) == "receipt.notices"
    assert len(world.nurse.unsent()) == 1
    world.relay.behave()
    (sent,) = await world.nurse.flush()
    assert len(sent.notices) == 1
    assert await world.waiting() == [sent.manifest]


async def test_attack_10_an_entry_is_dropped_from_the_clients_copy(world: LiedTo):
    await two_messages(world)
    world.relay.change("/v1/deliveries/", Delivery, lambda it: replaced(entries=it.entries[1:])(it))
    assert await code_of(world.phone.notices()) == "notice.entry-missing"
    world.relay.behave()
    assert [len(notice.readable()) for notice in await world.phone.notices()] == [3, 3]


async def test_attack_10_an_entry_is_dropped_from_the_recipients_message(world: LiedTo):
    manifest, _ = await two_messages(world)
    world.relay.change("/v1/deliveries/", Delivery, lambda it: replaced(entries=it.entries[1:])(it))
    assert await opens_nothing(world, manifest) == "wraps.entries"
    world.relay.behave()
    assert len((await world.ocmw.open(manifest)).sections) == 3


async def test_attack_10_an_entry_is_dropped_from_a_notice_that_is_signed_anew(world: LiedTo):
    await two_messages(world)

    def shorter(notice: bytes) -> Raw:
        entries = read_payload(notice, Notice)[0].entries
        return Raw(world.pen.again(notice, Notice, entries=entries[1:]))

    def page(it: NoticePage) -> NoticePage:
        return replaced(items=tuple(replaced(notice=shorter(bytes(item.notice)))(item) for item in it.items))(it)

    world.relay.change("/v1/notices", NoticePage, page)
    world.relay.change(
        "/v1/deliveries/", Delivery, lambda it: replaced(notice=shorter(bytes(it.notice)), entries=it.entries[1:])(it)
    )
    assert await code_of(world.phone.notices()) == "notice.receipt"
    world.relay.behave()
    assert len(await world.phone.notices()) == 2


async def test_attack_10_a_message_is_withheld_from_the_client_who_is_told_of_it(world: LiedTo):
    first, second = await two_messages(world)
    unknown = Problem(type="about:blank", title="", status=404, detail="", code="message.unknown")
    world.relay.play(f"/v1/deliveries/{second}", Answer(404, encoding.encode(unknown)))
    with pytest.raises(RelayProblem) as withheld:
        await world.phone.notices()
    assert withheld.value.code == "message.unknown"
    world.relay.behave()
    assert [notice.copy.manifest.d for notice in await world.phone.notices()] == [first, second]


async def test_attack_10_a_notice_is_hidden_and_nobody_says_that_they_were_told(world: LiedTo):
    manifest, _ = await two_messages(world)
    message = await world.ocmw.open(manifest)
    await world.ocmw.acknowledge(message)
    world.relay.change("/v1/notices", NoticePage, lambda it: replaced(items=())(it))
    assert await world.phone.notices() == []
    assert [event.event for event in await world.nurse.events(manifest)] == ["opened"]
    world.relay.behave()
    for notice in await world.phone.notices():
        await world.phone.tell(notice)
    assert [event.event for event in await world.nurse.events(manifest)] == ["opened", "told"]


async def test_attack_10_the_word_of_being_told_is_taken_from_another_message(world: LiedTo):
    first, second = await two_messages(world)
    notices = await world.phone.notices()
    await world.phone.tell(notices[0])
    assert [event.event for event in await world.nurse.events(first)] == ["told"]
    world.relay.play(EVENTS, world.relay.last(f"{EVENTS}{first}"))
    assert await code_of(world.nurse.events(second)) == "event.foreign"
    assert await code_of(world.phone.notices()) == "event.foreign"
    world.relay.behave()
    assert await world.nurse.events(second) == []


async def test_attack_10_the_word_of_being_told_is_made_up(world: LiedTo):
    first, second = await two_messages(world)
    notices = await world.phone.notices()
    await world.phone.tell(notices[0])
    await world.nurse.events(first)

    def made_up(nothing: Bundle) -> Bundle:
        """Say of the second message what was said of the first, in the relay's own hand."""
        assert nothing.items == ()
        true = world.relay.last(f"{EVENTS}{first}").read(Bundle)
        items: list[Held] = []
        for held in true.items:
            envelope = bytes(held.object)
            if read(envelope).kind == Acknowledgement.KIND:
                said, _ = read_payload(envelope, Acknowledgement)
                forged = world.pen.sign(msgspec.structs.replace(said, manifest=second))
                log = world.pen.log_of([*world.pen.leaves(), read(forged).d])
                receipt = world.pen.receipt(read(forged).d, log, world.at)
                held = Held(object=Raw(forged), receipt=Raw(receipt))
                world.relay.serve("/v1/log/consistency", log.consistency)
            items.append(held)
        return Bundle(items=tuple(items))

    world.relay.change(f"{EVENTS}{second}", Bundle, made_up)
    assert await code_of(world.nurse.events(second)) == "signature.unknown"


async def test_attack_10_a_cursor_that_jumps_over_what_waits(world: LiedTo):
    manifest, later = await two_messages(world)
    world.relay.change("/v1/inbox", InboxPage, replaced(items=(), cursor=2**40), by=OCMW)
    world.relay.change("/v1/notices", NoticePage, lambda it: replaced(items=it.items[:1], cursor=2**40)(it))
    assert await world.waiting() == []
    assert [notice.copy.manifest.d for notice in await world.phone.notices()] == [manifest, later]
    assert world.phone.cursor < first_position(len(world.pen.leaves()))
    world.relay.behave()
    assert await world.waiting() == [manifest, later]


async def test_attack_10_an_index_that_jumps_over_what_waits(world: LiedTo):
    manifest, later = await two_messages(world)
    await world.ocmw.acknowledge(await world.ocmw.open(manifest))

    def far(page: InboxPage) -> InboxPage:
        items = tuple(replaced(index=2**40)(item) for item in page.items if item.manifest == manifest)
        return replaced(items=items, cursor=2**40 + 1)(page)

    world.relay.change("/v1/inbox", InboxPage, far, by=OCMW)
    assert await world.waiting() == []
    world.relay.behave()
    assert await world.waiting() == [later]


async def test_attack_10_the_same_notices_again_and_again(world: LiedTo):
    await two_messages(world)
    page = await world.phone._phone.relay.notices(0)
    world.relay.play("/v1/notices", answer_of(page))
    assert await code_of(world.phone.notices()) == "notice.cursor"
    world.relay.behave()
    assert len(await world.phone.notices()) == 2


# 13: wraps are moved to another manifest or device


async def handed_out(world: LiedTo, manifest: str) -> Delivery:
    return (await take_delivery(world, manifest)).read(Delivery)


def named(world: LiedTo, receipt: bytes, wraps: bytes) -> bytes:
    """Return a receipt that names these wraps, signed anew."""
    return world.pen.again(receipt, Receipt, wraps=(read(wraps).d,))


@pytest.mark.parametrize("owned", [False, True], ids=["by the old receipt", "by a receipt signed anew"])
async def test_attack_13_the_wraps_of_another_message(world: LiedTo, owned):
    first, second = await two_messages(world)
    wraps = (await handed_out(world, second)).wraps

    def moved(delivery: Delivery) -> Delivery:
        receipt = named(world, bytes(delivery.receipt), bytes(wraps)) if owned else bytes(delivery.receipt)
        return replaced(wraps=wraps, receipt=Raw(receipt))(delivery)

    world.relay.change(f"/v1/deliveries/{first}", Delivery, moved)
    assert await opens_nothing(world, first) == ("wraps.foreign" if owned else "wraps.receipt")
    world.relay.behave()
    assert (await world.ocmw.open(first)).d == first


@pytest.mark.parametrize("owned", [False, True], ids=["by the old receipt", "by a receipt signed anew"])
async def test_attack_13_the_wraps_of_another_reader(world: LiedTo, owned):
    first, _ = await two_messages(world)
    await world.phone.notices()
    clients = world.relay.last(f"/v1/deliveries/{first}", by="person:").read(Delivery).wraps
    partners = (await handed_out(world, first)).wraps

    def moved(delivery: Delivery) -> Delivery:
        wraps = partners if bytes(delivery.wraps) == bytes(clients) else clients
        receipt = named(world, bytes(delivery.receipt), bytes(wraps)) if owned else bytes(delivery.receipt)
        return replaced(wraps=wraps, receipt=Raw(receipt))(delivery)

    world.relay.change(f"/v1/deliveries/{first}", Delivery, moved)
    code = "wraps.foreign" if owned else "wraps.receipt"
    assert await opens_nothing(world, first) == code
    assert await code_of(world.phone.notices()) == code
    world.relay.behave()
    assert (await world.ocmw.open(first)).d == first
    assert len(await world.phone.notices()) == 2


async def test_attack_13_a_wrap_is_moved_to_another_device(own_huis: LiedTo):
    """The relay writes another device's key beside a box; it can only sign that itself."""
    world = own_huis
    await world.huis.add_device(world.huis.members[OCMW], "second", "social-worker")
    await world.huis.publish()
    async with await world.huis.connect(OCMW, "second", relay=world.relay.address) as second:
        first, _ = await two_messages(world)

        def crossed(wraps: bytes) -> Wraps:
            payload, _ = read_payload(wraps, Wraps)
            one, other = payload.wraps
            swapped = (replaced(box=other.box)(one), replaced(box=one.box)(other))
            return msgspec.structs.replace(payload, wraps=swapped)

        def by_the_relay(delivery: Delivery) -> Delivery:
            wraps = world.pen.sign(crossed(bytes(delivery.wraps)))
            return replaced(wraps=Raw(wraps), receipt=Raw(named(world, bytes(delivery.receipt), wraps)))(delivery)

        def under_the_old_signature(delivery: Delivery) -> Delivery:
            _, _, signatures = dsse.open_envelope(bytes(delivery.wraps))
            body = encoding.encode(crossed(bytes(delivery.wraps)))
            wraps = dsse.seal_envelope(dsse.payload_type(Wraps.KIND), body, signatures)
            return replaced(wraps=Raw(wraps), receipt=Raw(named(world, bytes(delivery.receipt), wraps)))(delivery)

        def by_the_sender(delivery: Delivery) -> Delivery:
            """Even with the sender's hand, a box opens for the device and the place that it was made for only."""
            wraps = sign_payload(crossed(bytes(delivery.wraps)), world.nurse.identity.signing_key)
            return replaced(wraps=Raw(wraps), receipt=Raw(named(world, bytes(delivery.receipt), wraps)))(delivery)

        lies = {
            by_the_relay: "signature.unknown",
            under_the_old_signature: "signature.invalid",
            by_the_sender: "wrap.unopenable",
        }
        for lie, code in lies.items():
            world.relay.behave()
            world.relay.change(f"/v1/deliveries/{first}", Delivery, lie)
            assert await opens_nothing(world, first) == code
            assert await code_of(second.open(first)) == code
        world.relay.behave()
        assert (await second.open(first)).d == first
        assert (await world.ocmw.open(first)).d == first


async def test_attack_13_another_message_than_was_asked_for(world: LiedTo):
    first, second = await two_messages(world)
    other = await handed_out(world, second)
    world.relay.play(f"/v1/deliveries/{first}", answer_of(other))
    assert await opens_nothing(world, first) == "log.receipt"
    world.relay.behave()
    world.relay.change(f"/v1/deliveries/{first}", Delivery, lambda it: replaced(receipt=it.receipt)(other))
    assert await opens_nothing(world, first) == "delivery.foreign"
    world.relay.behave()
    assert (await world.ocmw.open(first)).d == first


async def test_attack_13_the_ciphertext_of_another_section(world: LiedTo):
    first, second = await two_messages(world)
    await world.ocmw.open(second)
    blob = world.relay.last("/v1/blobs/", by=OCMW)
    world.relay.behave()
    world.relay.play("/v1/blobs/", blob)
    assert await code_of(world.ocmw.open(first)) == "section.digest"
    (*_, notice) = await world.phone.notices()
    assert set(notice.copy.problems) == {"section.digest"}
    world.relay.behave()
    assert len((await world.ocmw.open(first)).sections) == 3
