"""Keys that replace others: the one before must agree, and what was replaced signs nothing new."""

import msgspec
import pytest

from zegel_keys.clients import read_clients
from zegel_keys.exhibit import read
from zegel_keys.hybrid import SealPrivateKey
from zegel_keys.signing import SigningKey
from zegel_keys.trust import Trust
from zegel_keys.verification import verify
from zegel_protocol import b64, dsse, encoding
from zegel_protocol.errors import SignatureError
from zegel_protocol.objects import ClientKey, DeviceList, Membership, Person, Root
from zegel_protocol.objects.client_key import Enrolment
from zegel_protocol.objects.devices import Device, possession
from zegel_protocol.objects.prekeys import SUITE
from zegel_protocol.objects.root import huis_id
from zegel_protocol.signed import Place, Signed

OLD_ROOT, NEW_ROOT = SigningKey(b"\x01" * 32), SigningKey(b"\x02" * 32)
PARTNER_OLD, PARTNER_NEW = SigningKey(b"\x03" * 32), SigningKey(b"\x04" * 32)
NURSE = SigningKey(b"\x05" * 32)
MINE, THEIRS = SigningKey(b"\x06" * 32), SigningKey(b"\x07" * 32)
HUIS = huis_id((OLD_ROOT.public,), 1)
NONCE = b64.encode(bytes(16))
PERSON, HOUSEHOLD, WORKER, DEVICE = "a" * 32, "b" * 32, "c" * 32, "d" * 32
DIGEST = b64.encode(bytes(32))


def envelope(payload, *keys):
    media_type, body = dsse.payload_type(payload.KIND), encoding.encode(payload)
    return dsse.seal_envelope(media_type, body, tuple(key.sign_object(media_type, body) for key in keys))


def root(version, key, place):
    prev = DIGEST if version > 1 else None
    payload = Root(v=1, huis=HUIS, nonce=NONCE, version=version, roots=(key.public,), threshold=1, prev=prev)
    return Signed(DIGEST, payload, frozenset(), Place(place, place))


def membership(version, key, place):
    payload = Membership(
        v=1, huis=HUIS, nonce=NONCE, partner="kind-en-gezin", version=version, name="Kind en Gezin",
        actor="professional", secrecy="penal", sector="opgroeien", root_key=key.public, not_before=0, not_after=9**9,
        prev=DIGEST if version > 1 else None,
    )  # fmt: skip
    return Signed(DIGEST, payload, frozenset(), Place(place, place))


def device_list():
    proof = b64.encode(NURSE.sign(possession(HUIS, "kind-en-gezin", DEVICE, WORKER, NURSE.public)))
    device = Device(
        device=DEVICE, worker=WORKER, service=False, function="nurse", alg="ed25519", sign_key=NURSE.public,
        inbox=True, not_before=0, not_after=9**9, proof=proof,
    )  # fmt: skip
    return DeviceList(
        v=1, huis=HUIS, nonce=NONCE, partner="kind-en-gezin", version=1, issued=0, expires=9**9, devices=(device,)
    )


TRUST = Trust(
    huis=HUIS,
    roots=(root(1, OLD_ROOT, 0), root(2, NEW_ROOT, 10)),
    members={"kind-en-gezin": (membership(1, PARTNER_OLD, 1), membership(2, PARTNER_NEW, 11))},
    lists={"kind-en-gezin": (Signed(DIGEST, device_list(), frozenset(), Place(2, 2)),)},
)


@pytest.mark.parametrize(
    ("key", "place", "counts"),
    [
        (OLD_ROOT, Place(5, 5), True),
        (OLD_ROOT, Place(15, 15), False),
        (OLD_ROOT, None, False),
        (NEW_ROOT, Place(15, 15), True),
        (NEW_ROOT, Place(5, 5), False),
        (NEW_ROOT, None, True),
    ],
)
def test_a_root_of_the_steward_counts_for_its_time(key, place, counts):
    signed = envelope(membership(1, PARTNER_OLD, 1).payload, key)
    check(signed, Membership, place, counts)


@pytest.mark.parametrize(
    ("key", "place", "counts"),
    [(PARTNER_OLD, Place(5, 5), True), (PARTNER_OLD, None, False), (PARTNER_NEW, None, True)],
)
def test_a_root_of_a_partner_counts_for_its_time(key, place, counts):
    check(envelope(device_list(), key), DeviceList, place, counts)


def check(signed, kind, place, counts):
    if counts:
        assert verify(signed, kind, TRUST, place).payload.KIND == kind.KIND
    else:
        with pytest.raises(SignatureError) as refused:
            verify(signed, kind, TRUST, place)
        assert refused.value.code == "signature.unknown"


def client_key(version, identity, prev=None):
    return ClientKey(
        v=1, huis=HUIS, nonce=NONCE, household=HOUSEHOLD, person=PERSON, partner="kind-en-gezin", version=version,
        passkeys=(), identity_key=identity.public, suite=SUITE, seal_key=SealPrivateKey(b"\x09" * 32).public.text,
        means="known", enrolment=Enrolment(opened=0, tag=DIGEST), prev=prev,
    )  # fmt: skip


def clients_with(second, *keys):
    person = Person(
        v=1, huis=HUIS, nonce=NONCE, household=HOUSEHOLD, person=PERSON, partner="kind-en-gezin", version=1,
        authority=(), conflict=False, silenced=(), attesting=(),
    )  # fmt: skip
    first = read(envelope(client_key(1, MINE), NURSE, MINE), place=Place(4, 4))
    shown = [
        read(envelope(person, NURSE), place=Place(3, 3)),
        first,
        read(envelope(msgspec.structs.replace(second, prev=first.d), *keys), place=Place(5, 5)),
    ]
    return read_clients(TRUST, shown, lambda _trust, exhibit: exhibit.place)


def test_a_new_key_needs_the_signature_of_the_one_before():
    with pytest.raises(SignatureError) as refused:
        clients_with(client_key(2, THEIRS, DIGEST), NURSE, THEIRS)
    assert refused.value.code == "signature.missing"


def test_a_new_key_that_the_one_before_signed_counts():
    known = clients_with(client_key(2, THEIRS, DIGEST), NURSE, THEIRS, MINE)
    assert known[PERSON].key_at(None).payload.identity_key == THEIRS.public
    assert known[PERSON].key_at(Place(4, 4)).payload.identity_key == MINE.public


def test_a_passkey_is_added_under_the_same_identity():
    known = clients_with(client_key(2, MINE, DIGEST), NURSE, MINE)
    assert known[PERSON].key_at(None).payload.version == 2


def test_a_partner_alone_replaces_nobodys_keys_not_even_with_a_date():
    takeover = msgspec.structs.replace(client_key(2, THEIRS, DIGEST), effective_at=5)
    with pytest.raises(SignatureError):
        clients_with(takeover, NURSE, THEIRS)
