"""A relay that drops a notice, or shortens it, after it gave its receipt (attack 10): the sender's side raises it."""

import msgspec
import pytest
from msgspec import Raw

from e2e.lied_to import LiedTo, huis_template, lied_to, lying_huis
from servers.databases import rows
from zegel_demo.client_words import word_of
from zegel_demo.huis import DAY
from zegel_keys.exhibit import read
from zegel_keys.verification import read_payload
from zegel_protocol import dsse, encoding
from zegel_protocol.api import Accepted, Bundle, Held, NoticePage
from zegel_protocol.objects import Acknowledgement, Notice, Receipt


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return huis_template(tmp_path_factory.getbasetemp())


@pytest.fixture
async def world(template, tmp_path):
    async with lying_huis(template, tmp_path / "huis") as street, lied_to(street, tmp_path / "mine") as world:
        await world.consent()
        yield world


async def why(world: LiedTo) -> list[str]:
    return [item.why for item in await world.nurse.untold(world.at + 30 * DAY)]


def short_of(world: LiedTo, page: NoticePage) -> bytes:
    """Return the one notice of a page, without its first line, signed anew by the relay."""
    envelope = bytes(page.items[0].notice)
    entries = read_payload(envelope, Notice)[0].entries
    return world.pen.again(envelope, Notice, entries=entries[1:])


async def test_attack_10_a_notice_is_dropped_after_the_receipt(world: LiedTo):
    await world.nurse.send(world.draft())
    world.relay.change("/v1/notices", NoticePage, lambda page: msgspec.structs.replace(page, items=()))
    assert await world.phone.notices() == []
    assert await why(world) == ["not-told"]
    world.relay.behave()
    for notice in await world.phone.notices():
        await world.phone.tell(notice)
    assert await why(world) == []


async def test_attack_10_the_sender_is_shown_no_notice_either(world: LiedTo):
    sent = await world.nurse.send(world.draft())
    path = f"/v1/messages/{sent.manifest}/notices"
    world.relay.change(path, NoticePage, lambda page: msgspec.structs.replace(page, items=()))
    assert await why(world) == ["no-notice"]


async def test_attack_10_the_client_says_told_of_a_shorter_notice(world: LiedTo):
    sent = await world.nurse.send(world.draft())
    (notice,) = await world.phone.notices()
    short = short_of(world, await world.phone._phone.relay.notices(0))
    event = word_of(world.phone._phone, notice, "told")
    event = msgspec.structs.replace(event, notice=read(short).d)
    signature = world.phone._phone.seed.identity_key.sign_object(
        dsse.payload_type(Acknowledgement.KIND), encoding.encode(event)
    )
    said = dsse.seal_envelope(dsse.payload_type(Acknowledgement.KIND), encoding.encode(event), (signature,))
    log = world.pen.log_of([*world.pen.leaves(), read(said).d])
    receipt = world.pen.receipt(read(said).d, log, world.at)
    requests = await world.phone._phone.relay.requests()
    shown = Bundle(items=(*requests.items, Held(object=Raw(said), receipt=Raw(receipt))))
    world.relay.serve(f"/v1/messages/{sent.manifest}/events", lambda _: shown)
    world.relay.serve("/v1/log/consistency", log.consistency)
    assert [event.notice for event in await world.nurse.events(sent.manifest)] == [read(short).d]
    assert await why(world) == ["not-told"]


async def test_attack_10_the_receipt_itself_names_a_shorter_notice(world: LiedTo):
    shorter: list[bytes] = []

    def named(accepted: Accepted) -> Accepted:
        """Name, in the sender's receipt, a notice with a line less than the message has for the client."""
        receipt, _ = read_payload(bytes(accepted.receipt), Receipt)
        notice = Notice(
            v=1, huis=world.huis.id, nonce="A" * 22, person=world.elif_id, manifest=receipt.object, entries=(),
            codes=(), not_before=world.at,
        )  # fmt: skip
        shorter.append(world.pen.sign(notice))
        return Accepted(receipt=Raw(world.pen.again(bytes(accepted.receipt), Receipt, notices=(read(shorter[0]).d,))))

    world.relay.change("/v1/messages", Accepted, named)
    sent = await world.nurse.send(world.draft())
    world.relay.behave()

    def page(true: NoticePage) -> NoticePage:
        items = (msgspec.structs.replace(true.items[0], notice=Raw(shorter[0])),)
        return msgspec.structs.replace(true, items=items)

    world.relay.change(f"/v1/messages/{sent.manifest}/notices", NoticePage, page)
    assert await why(world) == ["short-notice"]


async def test_attack_10_a_notice_that_is_to_wait_for_years(world: LiedTo):
    late: list[bytes] = []

    def named(accepted: Accepted) -> Accepted:
        """Name, in the sender's receipt, a true notice that may not reach the client before ten years."""
        receipt, _ = read_payload(bytes(accepted.receipt), Receipt)
        query = "SELECT envelope FROM notices WHERE message_d = ?"
        ((envelope,),) = rows(world.pen.folder, query, [receipt.object])
        late.append(world.pen.again(envelope, Notice, not_before=world.at + 3_650 * DAY))
        return Accepted(receipt=Raw(world.pen.again(bytes(accepted.receipt), Receipt, notices=(read(late[0]).d,))))

    world.relay.change("/v1/messages", Accepted, named)
    sent = await world.nurse.send(world.draft())
    world.relay.behave()

    def page(true: NoticePage) -> NoticePage:
        return msgspec.structs.replace(true, items=(msgspec.structs.replace(true.items[0], notice=Raw(late[0])),))

    world.relay.change(f"/v1/messages/{sent.manifest}/notices", NoticePage, page)
    assert await why(world) == ["not-told"]


async def test_attack_10_a_receipt_of_a_day_that_is_years_ahead(world: LiedTo):
    def dated(accepted: Accepted) -> Accepted:
        at = world.at + 3_650 * DAY
        return Accepted(receipt=Raw(world.pen.again(bytes(accepted.receipt), Receipt, accepted_at=at)))

    world.relay.change("/v1/messages", Accepted, dated)
    await world.nurse.send(world.draft())
    world.relay.behave()
    assert await why(world) == ["not-told"]
