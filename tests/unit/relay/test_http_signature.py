"""The profile of HTTP Message Signatures: what holds, and every way in which a request is not what was signed."""

import base64
import hashlib
import re

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from zegel_keys.http_signature import WINDOW, claimed_keyid, content_digest, sign_request, verify_request
from zegel_keys.signing import SigningKey
from zegel_protocol import b64
from zegel_protocol.errors import SignatureError

NOW = 1_790_000_000
KEY = SigningKey(bytes(range(32)))
DEVICE = f"device:ocmw-gent/{'0123456789abcdef' * 2}"
PERSON = f"person:{'fedcba9876543210' * 2}"
URL = "https://relay.example/v1/inbox?after=12&wait=30"
KEYS = {DEVICE: KEY.public, PERSON: KEY.public}


def signed(method="GET", url=URL, keyid=DEVICE, now=NOW, body=b"", key=KEY):
    return sign_request(method, url, key, keyid, now, body)


def verify(headers, method="GET", url=URL, now=NOW, body=b"", keys=KEYS):
    return verify_request(method, url, headers, keys.get, now, body)


def code_of(headers, **instead):
    with pytest.raises(SignatureError) as caught:
        verify(headers, **instead)
    return caught.value.code


def raw(base_lines, parameters, key=KEY, label="zegel"):
    """Return headers signed over a base of the test's own making, as RFC 9421 section 2.5 writes it."""
    base = "".join(f"{line}\n" for line in base_lines) + f'"@signature-params": {parameters}'
    signature = base64.b64encode(key.sign(base.encode())).decode()
    return {"Signature-Input": f"{label}={parameters}", "Signature": f"{label}=:{signature}:"}


NONCE = b64.encode(bytes(16))
LINES = ('"@method": GET', f'"@target-uri": {URL}')
PARAMETERS = (
    f'("@method" "@target-uri");created={NOW};keyid="{DEVICE}";alg="ed25519";expires={NOW + WINDOW};'
    f'nonce="{NONCE}";tag="zegel-http-v1"'
)


@pytest.mark.parametrize("keyid", [DEVICE, PERSON])
def test_what_was_signed_is_verified(keyid):
    headers = signed(keyid=keyid)
    assert set(headers) == {"Signature-Input", "Signature"}
    assert verify(headers) == keyid == claimed_keyid(headers)


def test_a_body_is_bound_by_its_digest():
    headers = signed(method="POST", body=b"{}")
    digest = base64.b64encode(hashlib.sha256(b"{}").digest()).decode()
    assert headers["Content-Digest"] == f"sha-256=:{digest}:" == content_digest(b"{}")
    assert verify(headers, method="POST", body=b"{}") == DEVICE
    assert code_of(headers, method="POST", body=b"{} ") == "http.digest"
    assert code_of(headers, method="POST", body=b"") == "http.signature"
    assert code_of(headers | {"Content-Digest": content_digest(b"x")}, method="POST", body=b"x") == "http.signature"
    assert code_of(signed(method="POST"), method="POST", body=b"{}") == "http.signature"


def test_a_body_that_the_url_names_needs_no_digest():
    assert verify(signed(method="PUT"), method="PUT", body=None) == DEVICE


def test_signatures_agree_with_rfc_9421_as_written_by_hand():
    assert verify(raw(LINES, PARAMETERS)) == DEVICE
    headers = signed()
    parameters = headers["Signature-Input"].removeprefix("zegel=")
    base = "\n".join([*LINES, f'"@signature-params": {parameters}']).encode()
    signature = base64.b64decode(headers["Signature"].removeprefix("zegel=:").removesuffix(":"))
    Ed25519PublicKey.from_public_bytes(b64.decode(KEY.public)).verify(signature, base)


def test_another_librarys_signature_is_accepted():
    pyca = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))

    class Signer:
        sign = staticmethod(pyca.sign)

    assert verify(raw(LINES, PARAMETERS, key=Signer)) == DEVICE


@pytest.mark.parametrize(
    "instead",
    [
        {"method": "DELETE"},
        {"url": URL.replace("12", "13")},
        {"url": URL.replace("relay.example", "relay2.example")},
        {"url": URL.replace("https", "http")},
        {"url": URL.replace("/v1", "//v1")},
        {"url": URL + "&x=1"},
        {"keys": {DEVICE: SigningKey(bytes(32)).public}},
        {"keys": {DEVICE: "not a key"}},
    ],
)
def test_another_request_or_key_is_refused(instead):
    assert code_of(signed(), **instead) == "http.signature"


def test_an_unknown_key_and_no_signature_are_told_apart():
    assert code_of(signed(), keys={}) == "http.key"
    assert code_of({}) == "http.unsigned"
    assert code_of({"Signature": signed()["Signature"]}) == "http.signature"


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (NOW - WINDOW, None),
        (NOW + WINDOW, None),
        (NOW - WINDOW - 1, "http.time"),
        (NOW + WINDOW + 1, "http.time"),
    ],
)
def test_a_signature_lives_for_five_minutes_around_its_making(now, code):
    if code is None:
        assert verify(signed(), now=now) == DEVICE
    else:
        assert code_of(signed(), now=now) == code


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (f"expires={NOW + WINDOW}", f"expires={NOW + WINDOW + 1}", "http.time"),
        (f"expires={NOW + WINDOW}", f"expires={NOW}", "http.time"),
        (f"created={NOW};", f"created={NOW - 299};", "http.time"),
        (f"created={NOW};", "", "http.signature"),
        (f"created={NOW};", f"created={NOW}.5;", "http.signature"),
        (f"expires={NOW + WINDOW};", "", "http.signature"),
        (f'nonce="{NONCE}";', "", "http.signature"),
        (f'nonce="{NONCE}"', 'nonce="short"', "http.signature"),
        (';tag="zegel-http-v1"', "", "http.signature"),
        ("zegel-http-v1", "other", "http.signature"),
        ('alg="ed25519"', 'alg="hmac-sha256"', "http.signature"),
        ('alg="ed25519";', "", "http.signature"),
        ("device:ocmw-gent", "device:OCMW", "http.key"),
        ('tag="zegel-http-v1"', 'tag="zegel-http-v1";more=1', "http.signature"),
    ],
)
def test_parameters_outside_the_profile_are_refused_although_signed(old, new, code):
    assert old in PARAMETERS
    assert code_of(raw(LINES, PARAMETERS.replace(old, new))) == code


@pytest.mark.parametrize(
    ("lines", "components"),
    [
        (LINES[:1], '("@method")'),
        (LINES[1:], '("@target-uri")'),
        (LINES[::-1], '("@target-uri" "@method")'),
        ((*LINES, '"@authority": relay.example'), '("@method" "@target-uri" "@authority")'),
        ((), "()"),
    ],
)
def test_a_signature_over_less_more_or_another_order_is_refused(lines, components):
    parameters = PARAMETERS.replace('("@method" "@target-uri")', components)
    assert code_of(raw(lines, parameters)) == "http.signature"


def test_a_second_signature_and_another_label_are_refused():
    one, two = signed(), raw(LINES, PARAMETERS, label="other")
    assert code_of({name: f"{one[name]}, {two[name]}" for name in one}) == "http.signature"
    assert code_of(two) == "http.signature"


def test_a_header_twice_or_too_long_is_refused():
    headers = signed()
    assert code_of(headers | {"signature": headers["Signature"]}) == "http.signature"
    assert code_of(headers | {"Signature-Input": headers["Signature-Input"] + " " * 1024}) == "http.signature"
    assert max(len(value) for value in signed(keyid=f"device:{'a' * 64}/{'0' * 32}", body=b"x").values()) < 500


def test_each_request_has_a_nonce_of_its_own():
    nonces = {re.sub('.*nonce="([^"]+)".*', r"\1", signed()["Signature-Input"]) for _ in range(20)}
    assert len(nonces) == 20


@pytest.mark.parametrize("keyid", ["", "device:x", "person:x", "ocmw", 'person:"', f"{PERSON}\n"])
def test_what_is_no_keyid_is_neither_signed_nor_claimed(keyid):
    with pytest.raises(SignatureError) as caught:
        signed(keyid=keyid)
    assert caught.value.code == "http.signature"
    assert claimed_keyid({"Signature-Input": f'zegel=();keyid="{keyid}"'}) is None


@pytest.mark.parametrize("url", ["/v1/inbox", "https://relay.example/é", "https://relay.example/a b", "x"])
def test_a_url_that_cannot_be_sent_as_it_is_is_not_signed(url):
    with pytest.raises(SignatureError) as caught:
        signed(url=url)
    assert caught.value.code == "http.signature"


@given(st.text(max_size=200), st.text(max_size=200))
def test_whatever_stands_in_the_headers_only_signature_errors_come_out(first, second):
    assert code_of({"Signature-Input": first, "Signature": second}).startswith("http.")
    assert code_of(signed() | {"Signature-Input": first}).startswith("http.")
    assert code_of(signed() | {"Signature": f"zegel=:{second}:"}).startswith("http.")
