"""A contact is the person's own: in order, sealed to the relay's worker, set by nobody else, shown to nobody else."""

import os

import msgspec
import pytest

from e2e.desk import colleague
from e2e.world import OCMW, World
from servers.databases import rows
from zegel import Choice, RelayProblem
from zegel.contacts import next_contact
from zegel_demo.huis import Huis
from zegel_keys.contact_box import ContactKeyPair, seal_address
from zegel_keys.envelopes import sign_payload
from zegel_keys.signing import SigningKey
from zegel_keys.verification import read_payload
from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects import Contact, ContactKey
from zegel_protocol.objects.parties import Sender


async def made(world: World, **changes: object) -> Contact:
    """Return Elif's next contact, as her phone makes it, with some fields changed."""
    phone = world.phone._phone
    case = await phone.believe(await phone.relay.setting())
    by = Sender(person=world.elif_id)
    contact = await next_contact(phone.relay, case.trust, world.elif_id, by, Choice("a@mail.example"), phone.clock())
    return msgspec.structs.replace(contact, **changes)


async def refused(world: World, contact: Contact, key: SigningKey | None = None) -> str:
    signer = key or world.phone._phone.seed.identity_key
    with pytest.raises(RelayProblem) as problem:
        await world.phone._phone.relay.submit_object(sign_payload(contact, signer))
    return problem.value.code


async def test_versions_follow_each_other_and_one_stands(world: World):
    await world.phone.choose_contact(Choice("a@mail.example"))
    second = await made(world)
    assert second.version == 2
    assert await refused(world, msgspec.structs.replace(second, version=3)) == "chain.gap"
    assert await refused(world, msgspec.structs.replace(second, prev="A" * 43)) == "chain.gap"
    await world.phone.choose_contact(Choice("b@mail.example"))
    assert await refused(world, second) == "chain.gap"
    stored = rows(world.huis.relay.folder, "select version from objects where kind = 'contact'")
    assert [row[0] for row in stored] == [2]


async def test_the_same_bytes_again_get_the_same_receipt_also_once_they_are_replaced(world: World):
    contact = sign_payload(await made(world), world.phone._phone.seed.identity_key)
    relay = world.phone._phone.relay
    first = await relay.submit_object(contact)
    await world.phone.choose_contact(Choice("b@mail.example"))
    assert await relay.submit_object(contact) == first


async def test_what_the_relay_does_not_take(world: World):
    contact = await made(world)
    other = ContactKeyPair.generate().public
    sealed = seal_address(other, world.elif_id, "a@mail.example")
    assert await refused(world, msgspec.structs.replace(contact, key=other, sealed=sealed)) == "contact.key"
    assert await refused(world, msgspec.structs.replace(contact, language="eo")) == "contact.language"
    assert await refused(world, contact, SigningKey.generate()) == "signature.unknown"
    stranger = os.urandom(16).hex()
    foreign = msgspec.structs.replace(contact, person=stranger, by=Sender(person=stranger))
    assert await refused(world, foreign) == "person.unknown"


async def test_no_service_sets_a_contact(world: World):
    person = await world.nurse.families.add_person(world.household)
    async with await colleague(world.huis, OCMW, "robot", service=True) as service:
        with pytest.raises(RelayProblem) as problem:
            await service.set_contact(person, Choice("robot@partner.example"))
    assert problem.value.code == "signature.service"


async def test_a_contact_is_shown_to_who_may_set_the_next(world: World):
    await world.phone.choose_contact(Choice("a@mail.example"))
    person = await world.nurse.families.add_person(world.household)
    await world.nurse.set_contact(person, Choice("b@mail.example"))
    own = world.phone._phone.relay
    assert bytes((await own.contact(world.elif_id)).object)
    assert bytes((await world.ocmw._client.contact(person)).object)
    for client, whom in ((world.nurse._client, world.elif_id), (own, person), (own, os.urandom(16).hex())):
        with pytest.raises(RelayProblem) as problem:
            await client.contact(whom)
        assert problem.value.code == "contact.unknown"


async def test_duties_are_read_by_a_partner(world: World):
    with pytest.raises(RelayProblem) as problem:
        await world.phone._phone.relay.duties()
    assert problem.value.code == "duties.partner"
    with pytest.raises(RelayProblem) as unknown:
        await world.ocmw._client.sent_notices("A" * 43)
    assert unknown.value.code == "message.unknown"


async def test_an_address_that_is_none_does_not_leave_the_phone(world: World):
    with pytest.raises(ProtocolError) as refused:
        await world.phone.choose_contact(Choice("no address"))
    assert refused.value.code == "contact.address"


async def test_a_key_that_the_relay_did_not_sign_gets_no_address(huis: Huis, monkeypatch):
    async with await huis.connect(OCMW) as ocmw:
        person = await ocmw.families.add_person(os.urandom(16).hex())
        true = await ocmw._client.contact_key()
        signed = sign_payload(read_payload(bytes(true.object), ContactKey)[0], SigningKey.generate())

        async def forged():
            return msgspec.structs.replace(true, object=msgspec.Raw(signed))

        monkeypatch.setattr(ocmw._client, "contact_key", forged)
        with pytest.raises(ProtocolError) as refused:
            await ocmw.set_contact(person, Choice("a@mail.example"))
    assert refused.value.code == "signature.unknown"
