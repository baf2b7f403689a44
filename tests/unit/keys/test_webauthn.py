"""Attack 30 and its relatives: which assertions of a real passkey are refused, and with which code."""

import hashlib
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zegel_demo.passkey import SoftwarePasskey
from zegel_keys import webauthn
from zegel_keys.webauthn import check_assertion
from zegel_protocol import b64, dsse
from zegel_protocol.assertion import Assertion, challenge_for, from_signature, login_challenge, to_signature
from zegel_protocol.errors import ProtocolError, SignatureError

RP_ID = "portaal.huis.example"
ORIGIN = "https://portaal.huis.example"
ORIGINS = (ORIGIN, "https://www.portaal.huis.example")
CONSENT = dsse.digest(dsse.payload_type("consent"), b'{"v":1}')
OTHER = dsse.digest(dsse.payload_type("consent"), b'{"v":2}')
P256 = SoftwarePasskey(RP_ID, ORIGIN)
ED25519 = SoftwarePasskey(RP_ID, ORIGIN, alg="eddsa")

both = pytest.mark.parametrize("passkey", [P256, ED25519], ids=["es256", "eddsa"])


def check(assertion: Assertion, passkey: SoftwarePasskey = P256, digest: str = CONSENT, **instead: Any) -> None:
    arguments = {
        "challenge": challenge_for(digest, assertion.batch),
        "alg": passkey.alg,
        "public_key": b64.decode(passkey.public_key),
        "rp_id": RP_ID,
        "origins": ORIGINS,
    } | instead
    check_assertion(assertion, **arguments)


def code_of(assertion: Assertion, passkey: SoftwarePasskey = P256, **instead: Any) -> str:
    with pytest.raises(SignatureError) as caught:
        check(assertion, passkey, **instead)
    return caught.value.code


def resigned(passkey: SoftwarePasskey, authenticator_data: bytes, client_data: bytes) -> Assertion:
    """Return an assertion over bytes of the test's choice with a signature that holds."""
    signature = passkey._raw_signature(authenticator_data + hashlib.sha256(client_data).digest())
    return Assertion(
        credential=passkey.credential,
        authenticator_data=b64.encode(authenticator_data),
        client_data_json=b64.encode(client_data),
        signature=b64.encode(signature),
        batch=(),
    )


def with_client_data(client_data: bytes) -> Assertion:
    return resigned(P256, b64.decode(P256.assertion(CONSENT).authenticator_data), client_data)


def with_authenticator_data(authenticator_data: bytes) -> Assertion:
    return resigned(P256, authenticator_data, b64.decode(P256.assertion(CONSENT).client_data_json))


def client_members(**members: object) -> bytes:
    known = {"type": "webauthn.get", "challenge": CONSENT, "origin": ORIGIN}
    return json.dumps(known | members).encode("utf-8")


def flagged(flags: int, rest: bytes = b"") -> Assertion:
    return with_authenticator_data(hashlib.sha256(RP_ID.encode()).digest() + bytes([flags, 0, 0, 0, 9]) + rest)


@both
def test_a_passkey_signs_an_object_through_its_envelope(passkey: SoftwarePasskey) -> None:
    carried = from_signature(to_signature(passkey.assertion(CONSENT)))
    assert carried is not None
    check(carried, passkey)


@both
def test_one_touch_signs_a_batch_and_nothing_outside_it(passkey: SoftwarePasskey) -> None:
    assertion = passkey.assertion(CONSENT, (CONSENT, OTHER))
    check(assertion, passkey, CONSENT)
    check(assertion, passkey, OTHER)
    outside = dsse.digest(dsse.payload_type("consent"), b"{}")
    with pytest.raises(SignatureError) as caught:
        check(assertion, passkey, outside)
    assert caught.value.code == "assertion.batch"


@both
def test_a_batch_can_be_neither_stretched_nor_dropped(passkey: SoftwarePasskey) -> None:
    assertion = passkey.assertion(CONSENT, (CONSENT, OTHER))
    for batch in ((), (CONSENT,), (OTHER, CONSENT), (CONSENT, OTHER, dsse.digest("x", b""))):
        assert code_of(msgspec.structs.replace(assertion, batch=batch), passkey) == "assertion.challenge"


@both
@pytest.mark.parametrize(
    ("lies", "code"),
    [
        ({"user_verified": False}, "assertion.user-verified"),
        ({"user_present": False}, "assertion.user-present"),
        ({"origin": "https://evil.example"}, "assertion.origin"),
        ({"origin": "https://sub.portaal.huis.example"}, "assertion.origin"),
        ({"origin": "https://huis.example"}, "assertion.origin"),
        ({"origin": "http://portaal.huis.example"}, "assertion.origin"),
        ({"origin": "https://portaal.huis.example:8443"}, "assertion.origin"),
        ({"origin": "https://portaal.huis.example/"}, "assertion.origin"),
        ({"origin": "https://PORTAAL.huis.example"}, "assertion.origin"),
        ({"origin": ""}, "assertion.origin"),
        ({"origin": "null"}, "assertion.origin"),
        ({"cross_origin": True}, "assertion.cross-origin"),
        ({"cross_origin": True, "top_origin": "https://evil.example"}, "assertion.cross-origin"),
        ({"top_origin": "https://evil.example"}, "assertion.cross-origin"),
        ({"top_origin": ORIGIN}, "assertion.cross-origin"),
        ({"type": "webauthn.create"}, "assertion.type"),
        ({"type": "payment.get"}, "assertion.type"),
        ({"rp_id": "huis.example"}, "assertion.rp"),
        ({"rp_id": "sub.portaal.huis.example"}, "assertion.rp"),
    ],
)
def test_attack_30(passkey: SoftwarePasskey, lies: dict[str, Any], code: str) -> None:
    assert code_of(passkey.assertion(CONSENT, **lies), passkey) == code


def test_every_origin_of_the_directory_is_accepted_and_no_part_of_one() -> None:
    check(P256.assertion(CONSENT, origin=ORIGINS[1]))
    assert code_of(P256.assertion(CONSENT), origins=()) == "assertion.origin"
    # One origin handed over as plain text is a caller's mistake; it must not make each part of it an origin.
    assert code_of(P256.assertion(CONSENT, origin="https://portaal"), origins=ORIGIN) == "assertion.origin"


def test_a_login_can_not_sign_a_consent_nor_a_consent_log_in() -> None:
    """Attack 1, with real signatures: the server picks the nonce it likes best, and gains nothing."""
    nonce = b64.decode(CONSENT, 32)
    login = P256.sign(login_challenge(RP_ID, nonce))
    check(login, challenge=login_challenge(RP_ID, nonce))
    assert code_of(login) == "assertion.challenge"
    assert code_of(P256.assertion(CONSENT), challenge=login_challenge(RP_ID, nonce)) == "assertion.challenge"


def test_the_assertion_for_another_object_is_refused() -> None:
    assert code_of(P256.assertion(OTHER)) == "assertion.challenge"


@both
def test_a_signature_by_another_passkey_is_refused(passkey: SoftwarePasskey) -> None:
    stranger = SoftwarePasskey(RP_ID, ORIGIN, alg=passkey.alg)
    assert code_of(stranger.assertion(CONSENT), passkey) == "assertion.signature"


@both
@pytest.mark.parametrize("field", ["authenticator_data", "client_data_json", "signature"])
def test_nothing_signed_may_change(passkey: SoftwarePasskey, field: str) -> None:
    assertion = passkey.assertion(CONSENT)
    data = bytearray(b64.decode(getattr(assertion, field)))
    if field == "client_data_json":
        data[-1:] = b',"extra":1}'
    else:
        data[-1] ^= 1  # the sign count, or the end of the signature
    assert code_of(msgspec.structs.replace(assertion, **{field: b64.encode(bytes(data))}), passkey) == (
        "assertion.signature"
    )


@both
@pytest.mark.parametrize("signature", [b"", b"\x30", bytes(64), bytes(72), b"\x30\x06\x02\x01\x00\x02\x01\x00"])
def test_a_signature_of_another_form_is_refused(passkey: SoftwarePasskey, signature: bytes) -> None:
    assertion = msgspec.structs.replace(passkey.assertion(CONSENT), signature=b64.encode(signature))
    assert code_of(assertion, passkey) == "assertion.signature"


_POINT = b64.decode(P256.public_key)


@pytest.mark.parametrize(
    ("alg", "public_key"),
    [
        ("rs256", _POINT),
        ("ES256", _POINT),
        ("", _POINT),
        ("eddsa", _POINT),
        ("es256", b64.decode(ED25519.public_key)),
        ("es256", b""),
        ("es256", bytes([2 + _POINT[64] % 2]) + _POINT[1:33]),  # the same key, compressed
        ("es256", bytes([6 + _POINT[64] % 2]) + _POINT[1:]),  # the same key, hybrid form
        ("es256", _POINT[:64] + bytes([_POINT[64] ^ 1])),  # not on the curve
        ("es256", b"\x04" + bytes(64)),
        ("es256", b"\x04" + b"\xff" * 64),
        ("es256", b"\x00"),  # the point at infinity
    ],
)
def test_a_key_that_is_none_of_its_algorithm_is_refused(alg: str, public_key: bytes) -> None:
    assert code_of(P256.assertion(CONSENT), alg=alg, public_key=public_key) == "assertion.algorithm"


def test_a_small_order_ed25519_key_signs_nothing() -> None:
    """With the neutral point as key and R, S = 0, a lax check accepts one signature for every message."""
    neutral = b"\x01" + bytes(31)
    forged = msgspec.structs.replace(ED25519.assertion(CONSENT), signature=b64.encode(neutral + bytes(32)))
    assert code_of(forged, ED25519, public_key=neutral) == "assertion.signature"


@pytest.mark.parametrize(
    "client_data",
    [
        client_members(),
        client_members(crossOrigin=False),
        client_members(crossOrigin=False, other_keys_can_be_added_here="do not compare clientDataJSON to a template"),
        client_members(tokenBinding={"status": "supported"}, clientExtensions={}, hashAlgorithm="SHA-256"),
        b" " + client_members().replace(b"https://", b"https:\\/\\/"),
    ],
)
def test_client_data_of_real_browsers_is_accepted(client_data: bytes) -> None:
    check(with_client_data(client_data))


@pytest.mark.parametrize(
    ("client_data", "code"),
    [
        (b"", "malformed"),
        (b"null", "malformed"),
        (b'["webauthn.get"]', "malformed"),
        (b'"webauthn.get"', "malformed"),
        (client_members() + b"x", "malformed"),
        (b"\xef\xbb\xbf" + client_members(), "malformed"),
        (client_members().decode().encode("utf-16"), "malformed"),
        (client_members(note="?").replace(b"?", b"\xff"), "malformed"),
        (client_members(note="?").replace(b"?", b"\x00"), "malformed"),
        (b'{"origin":"https://evil.example",' + client_members()[1:], "malformed"),
        (b'{"note":{"a":1,"a":2},' + client_members()[1:], "malformed"),
        (b'{"note":NaN,' + client_members()[1:], "malformed"),
        (b'{"note":' + b"9" * 5000 + b"," + client_members()[1:], "malformed"),
        (b'{"note":' + b"[" * 20000 + b"}", "malformed"),
        (b"{}", "type"),
        (client_members(type=["webauthn.get"]), "type"),
        (client_members(type="webauthn.get "), "type"),
        (client_members(challenge=CONSENT + "="), "challenge"),
        (client_members(challenge=None), "challenge"),
        (client_members(origin=[ORIGIN]), "origin"),
        (client_members(origin=None), "origin"),
        (client_members(crossOrigin=0), "cross-origin"),
        (client_members(crossOrigin=None), "cross-origin"),
        (client_members(crossOrigin="false"), "cross-origin"),
        (client_members(topOrigin=None), "cross-origin"),
    ],
)
def test_other_client_data_is_refused_although_its_signature_holds(client_data: bytes, code: str) -> None:
    assert code_of(with_client_data(client_data)) == f"assertion.{code}"


PRESENT_AND_VERIFIED = webauthn.USER_PRESENT | webauthn.USER_VERIFIED


@pytest.mark.parametrize(
    ("flags", "rest"),
    [
        (PRESENT_AND_VERIFIED, b""),
        (PRESENT_AND_VERIFIED | webauthn.BACKUP_ELIGIBLE, b""),
        (PRESENT_AND_VERIFIED | webauthn.EXTENSION_DATA, b"\xa1\x6bhmac-secret\x58\x20" + bytes(32)),
        (PRESENT_AND_VERIFIED | webauthn.EXTENSION_DATA, b"\xa0"),
    ],
)
def test_authenticator_data_of_real_authenticators_is_accepted(flags: int, rest: bytes) -> None:
    check(flagged(flags, rest))


@pytest.mark.parametrize(
    ("flags", "rest"),
    [
        (PRESENT_AND_VERIFIED, b"\xa0"),
        (PRESENT_AND_VERIFIED | webauthn.EXTENSION_DATA, b""),
        (PRESENT_AND_VERIFIED | webauthn.EXTENSION_DATA, b"\x80"),
        (PRESENT_AND_VERIFIED | webauthn.BACKED_UP, b""),
        (PRESENT_AND_VERIFIED | webauthn.ATTESTED_DATA, bytes(18) + b"\xa0"),
        (PRESENT_AND_VERIFIED | webauthn.ATTESTED_DATA | webauthn.EXTENSION_DATA, b"\xa0"),
    ],
)
def test_other_authenticator_data_is_refused_although_its_signature_holds(flags: int, rest: bytes) -> None:
    assert code_of(flagged(flags, rest)) == "assertion.malformed"


@pytest.mark.parametrize("size", [0, 31, 32, 36])
def test_short_authenticator_data_is_refused(size: int) -> None:
    whole = b64.decode(P256.assertion(CONSENT).authenticator_data)
    assert code_of(with_authenticator_data(whole[:size])) == "assertion.malformed"


@pytest.mark.parametrize("field", ["authenticator_data", "client_data_json", "signature"])
@pytest.mark.parametrize("text", ["e30=", "e31", "e 30", "é", "\ud800", "+/+/"])
def test_a_field_that_is_no_base64url_text_is_refused(field: str, text: str) -> None:
    assert code_of(msgspec.structs.replace(P256.assertion(CONSENT), **{field: text})) == "assertion.malformed"


@both
@given(authenticator_data=st.binary(max_size=80), client_data=st.binary(max_size=80), signature=st.binary(max_size=80))
def test_arbitrary_bytes_raise_only_protocol_errors(
    passkey: SoftwarePasskey, authenticator_data: bytes, client_data: bytes, signature: bytes
) -> None:
    assertion = Assertion(
        credential=passkey.credential,
        authenticator_data=b64.encode(authenticator_data),
        client_data_json=b64.encode(client_data),
        signature=b64.encode(signature),
        batch=(),
    )
    with pytest.raises(ProtocolError):
        check(assertion, passkey)


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
        max_leaves=9,
    )
)
def test_arbitrary_json_raises_only_protocol_errors(value: object) -> None:
    with pytest.raises(ProtocolError):
        check(with_client_data(json.dumps(value).encode("utf-8")))


@both
@given(public_key=st.binary(max_size=70), signature=st.binary(max_size=80))
def test_arbitrary_keys_and_signatures_raise_only_protocol_errors(
    passkey: SoftwarePasskey, public_key: bytes, signature: bytes
) -> None:
    assertion = msgspec.structs.replace(passkey.assertion(CONSENT), signature=b64.encode(signature))
    with pytest.raises(ProtocolError):
        check(assertion, passkey, public_key=public_key)


def test_the_software_passkey_gives_one_prf_result_per_credential_and_salt() -> None:
    assert P256.prf(b"salt") == P256.prf(b"salt")
    assert len({P256.prf(b"salt"), P256.prf(b"other"), ED25519.prf(b"salt")}) == 3
    assert len(P256.prf(b"")) == 32
