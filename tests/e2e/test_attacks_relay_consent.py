"""A relay that shows less of what a client said than there is: attacks 7, 8 and 9."""

import msgspec
import pytest
import pytest_asyncio
from msgspec import Raw

from e2e.lied_to import (
    LiedTo,
    code_of,
    huis_template,
    lied_to,
    lying_huis,
    opens_nothing,
    refusals_of,
    sends_nothing,
    take_delivery,
)
from e2e.lying_relay import answer_of, in_delivery, of_kind, without
from e2e.world import CHILD_AND_FAMILY, OCMW
from zegel import Partner
from zegel_demo import rash
from zegel_keys.envelopes import new_nonce
from zegel_keys.exhibit import read
from zegel_keys.verification import read_payload
from zegel_protocol import b64
from zegel_protocol.api import Bundle, Delivery, NoticeItem, NoticePage
from zegel_protocol.objects import ClientKey, Manifest, Notice, Person, Status, Wraps
from zegel_protocol.objects.parties import Party

THERE = (CHILD_AND_FAMILY, OCMW)
"""From whom to whom the referral goes."""


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


async def look(party: Partner, world: LiedTo) -> Bundle:
    """Have a partner fetch, and believe, what there is of consents from the nurse to the OCMW; return it."""
    sender, to = (Party(partner=name) for name in THERE)
    await party.families.look_up([world.elif_id], sender, to)
    return world.relay.last("/v1/evidence").read(Bundle)


def hiding(world: LiedTo, *gone: str, head: tuple[int, str | None]):
    """Return a change of a bundle: without these links, and with the relay's word of now that the chain ends there."""
    return lambda bundle: world.pen.stated(without(bundle, *gone), {THERE: head}, world.at)


def hide_from_all(world: LiedTo, *gone: str, head: tuple[int, str | None]) -> None:
    for path in ("/v1/evidence", "/v1/consents"):
        world.relay.change(path, Bundle, hiding(world, *gone, head=head))
    world.relay.change("/v1/deliveries/", Delivery, in_delivery(hiding(world, *gone, head=head)))


# 7: a consent is served after its revocation


async def revoked(world: LiedTo) -> tuple[Delivery, str, str, str]:
    """Return a delivery that its reader never saw; the message, its consent, and the revocation that came since."""
    forward, _ = await world.consent()
    sent = await world.nurse.send(world.draft())
    taken = await take_delivery(world, sent.manifest)
    (stop,) = await world.phone.revoke([forward])
    return taken.read(Delivery), sent.manifest, forward, stop.d


def deliver(world: LiedTo, delivery: Delivery, how=lambda bundle: bundle) -> None:
    """From now on, hand this delivery out, with its evidence changed."""
    world.relay.play("/v1/deliveries/", answer_of(in_delivery(how)(delivery)), by=OCMW)


async def tells_the_truth(world: LiedTo, manifest: str) -> None:
    """Behave, and see that everybody is told of the revocation as if there had been no lie."""
    world.relay.behave()
    assert await refusals_of(world.ocmw.open(manifest)) == {"consent.revoked"}
    assert await sends_nothing(world, world.draft()) == {"consent.revoked"}
    assert [item.counts_for for item in await world.phone.given()] == [(), (world.elif_id,)]


async def test_attack_07_without_the_status(world: LiedTo):
    delivery, manifest, _, _ = await revoked(world)
    deliver(world, delivery, lambda bundle: without(bundle, *(item.d for item in of_kind(bundle, Status))))
    assert await opens_nothing(world, manifest) == {"status.missing"}
    await tells_the_truth(world, manifest)


async def test_attack_07_with_a_status_of_before(world: LiedTo):
    delivery, manifest, forward, _ = await revoked(world)
    deliver(world, delivery, lambda bundle: world.pen.stated(bundle, {THERE: (1, forward)}, world.at - 1000))
    assert await opens_nothing(world, manifest) == {"status.stale"}
    await tells_the_truth(world, manifest)


async def test_attack_07_with_a_status_that_names_the_revocation_which_is_hidden(world: LiedTo):
    delivery, manifest, _, stop = await revoked(world)
    deliver(world, delivery, lambda bundle: world.pen.stated(bundle, {THERE: (2, stop)}, world.at))
    assert await opens_nothing(world, manifest) == {"status.head"}
    await tells_the_truth(world, manifest)


async def test_attack_07_with_a_false_status_signed_now_to_a_recipient_that_saw_the_revocation(world: LiedTo):
    delivery, manifest, forward, _ = await revoked(world)
    await look(world.ocmw, world)
    deliver(world, delivery, lambda bundle: world.pen.stated(bundle, {THERE: (1, forward)}, world.at))
    assert await opens_nothing(world, manifest) == "pin.status-rollback"
    await tells_the_truth(world, manifest)


async def test_attack_07_with_a_false_status_that_contradicts_a_receipt(world: LiedTo):
    delivery, manifest, forward, stop = await revoked(world)
    shown = await look(world.nurse, world)
    (receipted,) = (held for held in shown.items if read(bytes(held.object)).d == stop)

    def contradicted(bundle: Bundle) -> Bundle:
        more = msgspec.structs.replace(bundle, items=(*bundle.items, receipted))
        return world.pen.stated(more, {THERE: (1, forward)}, world.at)

    deliver(world, delivery, contradicted)
    assert await opens_nothing(world, manifest) == "pin.status-rollback"
    await tells_the_truth(world, manifest)


async def test_attack_07_with_a_false_status_signed_now_to_a_sender_that_saw_the_revocation(world: LiedTo):
    _, manifest, forward, stop = await revoked(world)
    await look(world.nurse, world)
    hide_from_all(world, stop, head=(1, forward))
    assert await sends_nothing(world, world.draft()) == "pin.status-rollback"
    await tells_the_truth(world, manifest)


async def test_attack_07_with_a_false_status_signed_now_to_the_client_who_revoked(world: LiedTo):
    _, manifest, forward, stop = await revoked(world)
    hide_from_all(world, stop, head=(1, forward))
    for doing in (world.phone.given(), world.phone.revoke([forward]), world.phone.notices()):
        assert await code_of(doing) == "pin.status-rollback"
    await tells_the_truth(world, manifest)


async def test_attack_07_the_whole_chain_is_hidden_from_the_client_who_signed_into_it(world: LiedTo):
    _, manifest, forward, stop = await revoked(world)

    def nothing(bundle: Bundle) -> Bundle:
        statuses = [item.d for item in of_kind(bundle, Status)]
        return without(bundle, forward, stop, *statuses)

    world.relay.change("/v1/consents", Bundle, nothing)
    assert await code_of(world.phone.given()) == "status.missing"
    world.relay.behave()
    world.relay.change("/v1/consents", Bundle, lambda bundle: without(bundle, forward, stop))
    assert await code_of(world.phone.given()) == "status.head"
    await tells_the_truth(world, manifest)


async def test_attack_07_the_client_sees_what_went_after_they_stopped_it(world: LiedTo):
    """Sender and recipient never saw the revocation, and the relay accepts: only the client can know, and does."""
    forward, _ = await world.consent()
    before = await world.nurse.send(world.draft())
    sealed = await rash.seal(world.nurse, world.draft(money="Nog een brief."), world.at)
    await world.phone.revoke([forward])
    wraps = next(
        bytes(item) for item in sealed.submission.wraps
        if read_payload(bytes(item), Wraps)[0].reader.person == world.elif_id
    )  # fmt: skip
    manifest, _ = read_payload(bytes(sealed.submission.manifest), Manifest)
    notice = world.pen.sign(
        Notice(
            v=1, huis=world.huis.id, nonce=new_nonce(), person=world.elif_id, manifest=sealed.manifest,
            entries=manifest.entries, codes=(), not_before=world.at,
        )
    )  # fmt: skip
    log = world.pen.log_of([*world.pen.leaves(), sealed.manifest])
    receipt = world.pen.receipt(sealed.manifest, log, world.at, wraps=(read(wraps).d,), notices=(read(notice).d,))
    handed = Delivery(
        manifest=sealed.submission.manifest, entries=sealed.submission.entries, wraps=Raw(wraps), receipt=Raw(receipt),
        evidence=await world.nurse._client.setting(), notice=Raw(notice),
    )  # fmt: skip
    more = NoticeItem(manifest=sealed.manifest, notice=Raw(notice))
    world.relay.change(
        "/v1/notices", NoticePage,
        lambda page: msgspec.structs.replace(page, items=(*page.items, more)) if page.items else page,
    )  # fmt: skip
    world.relay.play(f"/v1/deliveries/{sealed.manifest}", answer_of(handed))
    world.relay.play(f"/v1/messages/{sealed.manifest}", answer_of(Bundle(items=())))
    for section in sealed.submission.sections:
        world.relay.play(f"/v1/blobs/{section.ct}", answer_of(b64.decode(section.body)))
    world.relay.serve("/v1/log/consistency", log.consistency)
    true, false = await world.phone.notices()
    assert (true.copy.manifest.d, true.unconsented) == (before.manifest, ())
    assert false.unconsented == manifest.entries
    assert false.readable()[0] == ("money", "Nog een brief.")


async def test_attack_07_a_false_status_is_not_remembered_as_true(world: LiedTo):
    forward, _ = await world.consent()
    sent = await world.nurse.send(world.draft())
    hide_from_all(world, head=(9, forward))
    assert await opens_nothing(world, sent.manifest) == {"status.head"}
    assert await sends_nothing(world, world.draft()) == {"status.head"}
    assert await code_of(world.phone.given()) == "status.head"
    world.relay.behave()
    assert (await world.ocmw.open(sent.manifest)).d == sent.manifest
    await world.nurse.send(world.draft())
    assert len(await world.phone.given()) == 2


# 8: a link in the middle of a chain is dropped


async def narrowed_twice(world: LiedTo) -> list[str]:
    """Return the three consents of one chain, of which each replaced the one before."""
    chain = [(await world.consent(["ask", "housing", "money"]))[0]]
    for types in ({"housing", "money"}, {"money"}):
        (answer,) = await world.phone.narrow(chain[-1], types)
        chain.append(answer.d)
    return chain


@pytest.mark.parametrize("place", [0, 1])
async def test_attack_08_a_link_before_the_last_is_dropped(world: LiedTo, place):
    chain = await narrowed_twice(world)
    sent = await world.nurse.send(world.draft())
    for path in ("/v1/evidence", "/v1/consents"):
        world.relay.change(path, Bundle, lambda bundle: without(bundle, chain[place]))
    world.relay.change("/v1/deliveries/", Delivery, in_delivery(lambda bundle: without(bundle, chain[place])))
    assert await opens_nothing(world, sent.manifest) == "chain.gap"
    assert await sends_nothing(world, world.draft()) == "chain.gap"
    assert await code_of(world.phone.given()) == "chain.gap"
    world.relay.behave()
    assert (await world.ocmw.open(sent.manifest)).d == sent.manifest
    await world.nurse.send(world.draft())
    assert [item.counts_for for item in await world.phone.given()][-1] == (world.elif_id,)


async def test_attack_08_a_version_of_a_person_is_dropped(world: LiedTo):
    await world.consent()
    await world.nurse.families.change_person(world.elif_id, conflict=True)
    await world.nurse.families.change_person(world.elif_id)
    versions = of_kind(await look(world.nurse, world), Person)
    assert len(versions) == 3
    world.relay.change("/v1/evidence", Bundle, lambda bundle: without(bundle, versions[1].d))
    assert await sends_nothing(world, world.draft()) == "chain.gap"
    world.relay.behave()
    world.relay.change("/v1/evidence", Bundle, lambda bundle: without(bundle, versions[2].d))
    assert await sends_nothing(world, world.draft()) == "pin.rollback"
    world.relay.behave()
    await world.nurse.send(world.draft())


async def test_attack_08_a_clients_keys_are_dropped_so_that_nothing_is_sealed_for_them(world: LiedTo):
    keys = of_kind(await look(world.nurse, world), ClientKey)
    world.relay.change("/v1/evidence", Bundle, lambda bundle: without(bundle, *(item.d for item in keys)))
    assert len(keys) == 1
    assert await sends_nothing(world, world.draft()) == "pin.rollback"
    world.relay.behave()
    await world.consent()
    await world.nurse.send(world.draft())


# 9: a wider consent is served after it was narrowed


async def narrowed(world: LiedTo) -> tuple[Delivery, str, str, str]:
    """Return a delivery that its reader never saw; the message, its consent, and the narrower one that replaced it."""
    wide, _ = await world.consent(["housing", "money"])
    sent = await world.nurse.send(world.draft(housing="Vier maanden huur achter."))
    taken = await take_delivery(world, sent.manifest)
    (narrow,) = await world.phone.narrow(wide, {"money"})
    return taken.read(Delivery), sent.manifest, wide, narrow.d


async def only_the_narrow_one_counts(world: LiedTo) -> None:
    world.relay.behave()
    assert await sends_nothing(world, world.draft(housing="Vier maanden huur achter.")) == {"category.not-covered"}
    sent = await world.nurse.send(world.draft(money="Drie deurwaarders."))
    assert (await world.ocmw.open(sent.manifest)).d == sent.manifest
    given = await world.phone.given()
    assert [item.counts_for for item in given if item.consent.payload.to.partner == OCMW] == [(), (world.elif_id,)]


async def test_attack_09_the_wider_consent_to_a_recipient_that_saw_the_narrower(world: LiedTo):
    delivery, manifest, wide, _ = await narrowed(world)
    await look(world.ocmw, world)
    deliver(world, delivery, lambda bundle: world.pen.stated(bundle, {THERE: (1, wide)}, world.at))
    assert await opens_nothing(world, manifest) == "pin.status-rollback"
    await only_the_narrow_one_counts(world)


async def test_attack_09_the_wider_consent_under_an_honest_status(world: LiedTo):
    delivery, manifest, _, narrow = await narrowed(world)
    deliver(world, delivery, lambda bundle: world.pen.stated(bundle, {THERE: (2, narrow)}, world.at))
    assert await opens_nothing(world, manifest) == {"status.head"}
    await only_the_narrow_one_counts(world)


async def test_attack_09_a_message_on_the_wider_consent_is_handed_out_after_all(world: LiedTo):
    delivery, manifest, _, narrow = await narrowed(world)
    shown = await look(world.nurse, world)
    deliver(world, delivery, lambda _: shown)
    assert await opens_nothing(world, manifest) == {"consent.replaced"}
    assert narrow
    await only_the_narrow_one_counts(world)


async def test_attack_09_the_wider_consent_to_a_sender_and_a_client_who_saw_the_narrower(world: LiedTo):
    _, _, wide, narrow = await narrowed(world)
    await look(world.nurse, world)
    hide_from_all(world, narrow, head=(1, wide))
    draft = world.draft(housing="Vier maanden huur achter.")
    assert await sends_nothing(world, draft) == "pin.status-rollback"
    assert await code_of(world.phone.given()) == "pin.status-rollback"
    await only_the_narrow_one_counts(world)
