"""Attacks on the login: a touch that is to sign something else, one from elsewhere, and one in another's place."""

from typing import Any

import msgspec
import pytest

from e2e.lied_to import huis_template, lied_to, lying_huis
from e2e.lying_client import give, touched, yes_of
from zegel import RelayProblem
from zegel_demo import ways_in
from zegel_demo.huis import ORIGIN, RP_ID
from zegel_demo.passkey import SoftwarePasskey
from zegel_keys.envelopes import digest_of
from zegel_protocol import b64, dsse, encoding
from zegel_protocol.api import KeyringEntry, Login, LoginNonce
from zegel_protocol.assertion import batch_challenge, to_signature
from zegel_protocol.keyring import passkey_name


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return huis_template(tmp_path_factory.mktemp("login"))


@pytest.fixture
async def world(template, tmp_path):
    async with lying_huis(template, tmp_path / "street") as street, lied_to(street, tmp_path) as world:
        phone = world.phone._phone
        await ways_in.keep_under_prf(phone, phone.passkey)
        yield world


async def problem(doing) -> str:
    with pytest.raises(RelayProblem) as no:
        await doing
    return no.value.code


def stranger(world):
    return ways_in.stranger(world.relay.address, world.huis.clock)


async def asked(world):
    """A consent that the nurse asked for, as the phone would sign it."""
    request = await world.nurse.families.ask_consent(world.draft(), types=[("money", "whole")], back={})
    return await yes_of(world.phone, request)


def with_login(consent, assertion, **changes: Any) -> bytes:
    signature = to_signature(msgspec.structs.replace(assertion, **changes))
    return dsse.seal_envelope(dsse.payload_type(consent.KIND), encoding.encode(consent), (signature,))


async def test_attack_01_a_relay_that_chooses_the_nonce_gets_no_consent_signed(world):
    """The relay has a consent ready, and gives as nonce just what would sign it, if a page signed what it is given."""
    consent = await asked(world)
    d = digest_of(consent)
    for chosen in (d, b64.encode(batch_challenge([d]))):
        world.relay.behave()
        world.relay.serve("/v1/login", lambda _, chosen=chosen: LoginNonce(nonce=chosen))
        async with stranger(world) as relay:
            login = ways_in.answer(world.phone._phone.passkey, (await relay.login_nonce()).nonce)
        world.relay.behave()
        for envelope in (with_login(consent, login.assertion), with_login(consent, login.assertion, batch=(d,))):
            assert await problem(give(world.phone, envelope)) == "assertion.challenge"
    assert await world.phone.given() == ()


async def test_attack_01_a_yes_does_not_log_in(world):
    consent = await asked(world)
    passkey, d = world.phone._phone.passkey, digest_of(consent)
    async with stranger(world) as relay:
        nonce = (await relay.login_nonce()).nonce
        for assertion in (passkey.assertion(d), passkey.assertion(d, (d,)), passkey.sign(b64.decode(nonce))):
            assert await problem(relay.log_in(Login(nonce=nonce, assertion=assertion))) == "login.refused"
        # A login's own touch is no batch.
        honest = ways_in.answer(passkey, nonce)
        batched = msgspec.structs.replace(honest.assertion, batch=(d,))
        assert await problem(relay.log_in(Login(nonce=nonce, assertion=batched))) == "login.refused"
        assert (await relay.log_in(honest)).person == world.elif_id
    # And the touch of the yes is one.
    await give(world.phone, touched(world.phone, consent))


async def test_attack_01_a_nonce_of_nobody_or_of_another_relay(world):
    passkey = world.phone._phone.passkey
    async with stranger(world) as relay:
        nonce = b64.decode((await relay.login_nonce()).nonce)
        # Later, earlier, other randomness, another seal.
        for place in (0, 7, 8, 15, 16, 31):
            other = bytearray(nonce)
            other[place] ^= 1
            assert await problem(relay.log_in(ways_in.answer(passkey, b64.encode(bytes(other))))) == "login.nonce"
        assert await problem(relay.log_in(ways_in.answer(passkey, b64.encode(bytes(32))))) == "login.nonce"
        # A good nonce, and a touch that answers another one.
        moved = ways_in.answer(passkey, (await relay.login_nonce()).nonce).assertion
        assert await problem(relay.log_in(Login(nonce=b64.encode(nonce), assertion=moved))) == "login.refused"


async def test_attack_30_a_login_that_claims_less_or_comes_from_elsewhere(world):
    passkey = world.phone._phone.passkey
    lies: tuple[dict[str, Any], ...] = (
        {"user_verified": False},
        {"user_present": False},
        {"cross_origin": True},
        {"top_origin": "https://evil.example"},
        {"type": "webauthn.create"},
        {"rp_id": "evil.example"},
        {"origin": "https://evil.example"},
        {"origin": "http://a.localhost"},
        {"origin": "https://localhost"},
        {"origin": "http://localhost:8080"},
        {"origin": "http://localhost/"},
        {"origin": "null"},
    )
    async with stranger(world) as relay:
        for lie in lies:
            nonce = (await relay.login_nonce()).nonce
            assert await problem(relay.log_in(ways_in.answer(passkey, nonce, **lie))) == "login.refused", lie
        assert (await ways_in.log_in(relay, passkey)).person == world.elif_id


async def test_attack_30_nobody_learns_who_is_enrolled(world):
    """A stranger's passkey, and one that claims a credential which is listed: answered alike, to the byte."""
    claimed, unknown = SoftwarePasskey(RP_ID, ORIGIN), SoftwarePasskey(RP_ID, ORIGIN)
    claimed.credential = world.phone._phone.passkey.credential
    async with stranger(world) as relay:
        for passkey in (claimed, unknown):
            nonce = (await relay.login_nonce()).nonce
            assert await problem(relay.log_in(ways_in.answer(passkey, nonce))) == "login.refused"
    answers = [asked.answer for asked in world.relay.heard if asked.method == "POST" and asked.path == "/v1/login"]
    assert answers[-2] == answers[-1]


async def test_attack_26_a_copy_of_a_passkey_in_anothers_record_takes_nobodys_place(world):
    """Whoever saw her record lists her passkey as their own, and keeps a wrap of their own under its name."""
    other = await world.nurse.families.add_person(world.household)
    async with world.huis.phone(world.household, other, relay=world.relay.address) as thief, stranger(world) as relay:
        await world.huis.enrol(world.nurse, thief)
        hers = world.phone._phone.passkey
        await thief.add_passkey(hers)
        wrap = b64.encode(bytes(60))
        entry = KeyringEntry(kind="prf", credential=hers.credential, wrap=wrap)
        await thief._phone.relay.put_way_in(passkey_name(hers.credential), entry)
        came = await ways_in.log_in(relay, hers)
        assert (came.person, came.seed.identity_key.public) == (
            world.elif_id, world.phone._phone.seed.identity_key.public,
        )  # fmt: skip
