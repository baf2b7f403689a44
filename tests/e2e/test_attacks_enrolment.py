"""Attacks on how a client's keys become known: a relay that swaps or replays, and partners who enrol themselves."""

import os

import msgspec
import pytest

from e2e.lied_to import code_of, huis_template, lied_to, lying_huis
from e2e.turned_clock import turned_huis
from e2e.world import CHILD_AND_FAMILY, SCHOOL
from servers.databases import rows
from zegel import RelayProblem
from zegel.enrolments import EnrolmentError
from zegel_keys.hybrid import SealPrivateKey
from zegel_keys.signing import SigningKey
from zegel_protocol import b64, encoding
from zegel_protocol.api import EnrolmentNote
from zegel_protocol.enrolment import ShownKeys
from zegel_protocol.enrolment_code import read_address
from zegel_protocol.objects import ClientKey
from zegel_protocol.objects.client_key import Passkey

THEIR_SEAL_KEY = SealPrivateKey(os.urandom(32)).public.text
THEIR_KEY = SigningKey.generate().public
THEIR_PASSKEY = Passkey(credential=b64.encode(os.urandom(32)), alg="eddsa", public_key=THEIR_KEY)
SWAPPED = {
    "seal_key": THEIR_SEAL_KEY,
    "identity_key": THEIR_KEY,
    "passkeys": (THEIR_PASSKEY,),
}


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return huis_template(tmp_path_factory.mktemp("enrolment"))


@pytest.fixture
async def world(template, tmp_path):
    async with lying_huis(template, tmp_path / "street") as street, lied_to(street, tmp_path) as world:
        yield world


async def table(world):
    """A new person, the worker's open enrolment, and their phone."""
    person = await world.nurse.families.add_person(world.household)
    opened = await world.nurse.families.open_enrolment(world.household, person)
    phone = world.huis.phone(world.household, person, relay=world.relay.address)
    return opened, phone, f"/v1/enrolments/{read_address(opened.address)[1].mailbox}"


def in_note(kind, **changes):
    """Return a change of what a note holds."""

    def change(note: EnrolmentNote) -> EnrolmentNote:
        held = msgspec.structs.replace(encoding.decode(b64.decode(note.content), kind), **changes)
        return EnrolmentNote(content=b64.encode(encoding.encode(held)))

    return change


async def has_keys(world, person) -> bool:
    known = await world.nurse.families.look_up([person], world.nurse.families._own(), world.nurse.families._own())
    return bool(known.clients[person].keys)


@pytest.mark.parametrize("field", SWAPPED)
async def test_attack_02_keys_are_swapped_on_the_way_to_the_worker(world, field):
    opened, phone, notes = await table(world)
    async with phone:
        world.relay.change(f"{notes}/keys", EnrolmentNote, in_note(ShownKeys, **{field: SWAPPED[field]}))
        await phone.answer_enrolment(opened.address)
        assert await code_of(opened.words()) == "enrolment.tag"
        # No record can be made of what did not hold, and none was.
        assert await code_of(opened.finish("id-card")) == "enrolment.payload"
        assert not await has_keys(world, phone.person)


@pytest.mark.parametrize("field", [*SWAPPED, "person"])
async def test_attack_02_the_record_is_swapped_on_the_way_to_the_phone(world, field):
    opened, phone, notes = await table(world)
    changes = {"person": "f" * 32} if field == "person" else {field: SWAPPED[field]}
    async with phone:
        world.relay.change(f"{notes}/record", EnrolmentNote, in_note(ClientKey, **changes))
        assert await phone.answer_enrolment(opened.address) == await opened.words()
        payload = world.nurse.families.prepare_client_key(
            world.household, phone.person, opened._keys, opened._code.secret, opened._code.opened, "id-card"
        )
        await world.nurse._client.leave_note(opened._code.mailbox, "record", payload)
        assert await code_of(phone.finish_enrolment()) == "enrolment.payload"
        assert not world.relay.was_asked(f"{notes}/signature")
        assert not await has_keys(world, phone.person)


async def test_attack_02_a_signature_of_other_keys_is_not_handed_in(world):
    opened, phone, notes = await table(world)
    async with phone:
        stranger = SigningKey.generate()
        forged = encoding.encode(stranger.sign_object("application/vnd.zegel.client-key.v1+json", b"{}"))
        note = EnrolmentNote(content=b64.encode(forged))
        world.relay.serve(f"{notes}/signature", lambda _: note)
        assert await phone.answer_enrolment(opened.address) == await opened.words()
        assert await code_of(opened.finish("id-card")) == "signature.invalid"
        assert not await has_keys(world, phone.person)


async def test_attack_02_who_saw_the_screen_shows_other_words(world):
    """A bystander photographed the code, and works with the relay: their tag holds, and two people see other words."""
    opened, phone, notes = await table(world)
    bystander = world.huis.phone(world.household, phone.person, relay=world.huis.relay.address)
    async with phone, bystander:
        theirs = await bystander.answer_enrolment(opened.address)
        # Whoever comes second is told so.
        with pytest.raises(RelayProblem) as taken:
            await phone.answer_enrolment(opened.address)
        assert taken.value.code == "enrolment.taken"
        # A relay that hides this from the phone, too, cannot make it show the bystander's words.
        note = await world.nurse._client.fetch_note(opened._code.mailbox, "keys")
        world.relay.serve(f"{notes}/keys", lambda _: EnrolmentNote(content=b64.encode(note)))
        own = await phone.answer_enrolment(opened.address)
        assert await opened.words() == theirs
        assert own != theirs


async def test_attack_03_a_tag_is_replayed_for_another_client(world):
    opened, phone, notes = await table(world)
    async with phone:
        await phone.answer_enrolment(opened.address)
        await opened.words()
        overheard = world.relay.last(f"{notes}/keys").read(EnrolmentNote)
        other, other_phone, other_notes = await table(world)
        async with other_phone:
            await other_phone.answer_enrolment(other.address)
            world.relay.change(f"{other_notes}/keys", EnrolmentNote, lambda _: overheard)
            assert await code_of(other.words()) == "enrolment.tag"
            assert not await has_keys(world, other_phone.person)


async def test_attack_03_a_tag_is_used_after_ten_minutes(tmp_path):
    huis, clock = await turned_huis(tmp_path)
    try:
        async with await huis.connect(CHILD_AND_FAMILY) as nurse:
            household = os.urandom(16).hex()
            person = await nurse.families.add_person(household)
            opened = await nurse.families.open_enrolment(household, person)
            late = await nurse.families.open_enrolment(household, person)
            async with huis.phone(household, person) as phone, huis.phone(household, person) as slow:
                shown = await phone.answer_enrolment(opened.address)
                assert await opened.words() == shown
                clock.turn(601)
                # The phone does not begin, the worker does not make the record, whatever was shown in time.
                assert await code_of(slow.answer_enrolment(late.address)) == "enrolment.expired"
                assert await code_of(late.words()) == "enrolment.expired"
                assert await code_of(opened.finish("id-card")) == "enrolment.expired"
                assert await code_of(phone.finish_enrolment()) == "enrolment.expired"
                clock.turn(300)
                with pytest.raises(RelayProblem) as gone:
                    await slow._phone.relay.leave_note(late._code.mailbox, "keys", b"{}")
                assert gone.value.code == "enrolment.unknown"
    finally:
        huis.stop()


async def refused(doing) -> str:
    with pytest.raises((RelayProblem, EnrolmentError)) as no:
        await doing
    return no.value.code


async def test_attack_26_a_partner_enrols_its_own_passkey_as_an_existing_person(tmp_path):
    huis, clock = await turned_huis(tmp_path)
    household = os.urandom(16).hex()
    try:
        async with await huis.connect(CHILD_AND_FAMILY) as nurse, await huis.connect(SCHOOL) as school:
            person = await nurse.families.add_person(household)
            async with huis.phone(household, person) as phone, huis.phone(household, person) as theirs:
                await huis.enrol(nurse, phone)
                assert await refused(school.families.open_enrolment(household, person)) == "enrolment.has-keys"
                assert await refused(_first_again(school, theirs)) == "chain.gap"
                assert await refused(_next(school, theirs, phone, None)) == "signature.missing"
                assert await refused(_next(school, theirs, phone, clock() + 60)) == "client-key.delay"
                assert await phone.replacement() is None
                # What is left is a replacement, which the old key is told of.
                record = await huis.enrol(school, theirs, replaces=True)
                waiting = await phone.replacement()
                assert waiting is not None
                assert (waiting.client_key, waiting.partner, waiting.vouched) == (record, SCHOOL, ())
                told = rows(huis.relay, "select subject, object_d from outbox where kind = 'ping'")
                assert [tuple(row) for row in told] == [(f"person:{person}", record)]
                assert await refused(school.families.vouch(record, "known")) == "vouch.partner"
                # Alone it comes to nothing, also if nobody looks.
                clock.turn(waiting.effective_at - clock() + 1)
                assert await still_count(nurse, person, phone)
                assert await refused(theirs.requests()) == "http.signature"
                assert await phone.requests() == []
    finally:
        huis.stop()


async def still_count(worker, person, phone):
    """Whether the keys in force for a person are still this phone's."""
    own = worker.families._own()
    client = (await worker.families.look_up([person], own, own)).clients[person]
    return client.key_now(worker._clock()).payload.identity_key == phone._phone.seed.identity_key.public


async def _first_again(worker, phone):
    """Hand in a first record for a person who has one."""
    secret, opened = os.urandom(32), worker._clock()
    keys = phone.enrol(secret, opened)
    payload = worker.families.prepare_client_key(phone.household, phone.person, keys, secret, opened, "known")
    await worker.families.enrol(payload, phone.sign_client_key(payload))


async def _next(worker, theirs, phone, effective_at):
    """Hand in the next record, of a phone that is not the person's, to count at a time."""
    own = worker.families._own()
    before = (await worker.families.look_up([phone.person], own, own)).clients[phone.person].keys[-1]
    secret, opened = os.urandom(32), worker._clock()
    keys = theirs.enrol(secret, opened)
    payload = worker.families.prepare_client_key(phone.household, phone.person, keys, secret, opened, "known", before)
    record = msgspec.structs.replace(encoding.decode(payload, ClientKey), effective_at=effective_at)
    payload = encoding.encode(record)
    await worker.families.enrol(payload, theirs.sign_client_key(payload))
