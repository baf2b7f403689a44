"""Passkey signatures: what a browser and an authenticator give, and what a lying page or authenticator might."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from vectors.making.case import Case, binary, raw
from vectors.making.huis import ORIGIN, PASSKEY, RP_ID, SECOND_PASSKEY
from vectors.making.seeds import P256_ORDER, FixedPasskey, digest, seed
from zegel_protocol import b64, encoding
from zegel_protocol.assertion import BATCH_TYPE, KEYID_PREFIX, Assertion, challenge_for, login_challenge

D, OTHER = digest("a consent"), digest("another consent")
BATCH = (digest("first of three"), D, digest("third of three"))


def given(assertion: Assertion | bytes, passkey: FixedPasskey = PASSKEY, **changes: Any) -> dict[str, Any]:
    """Return the input for an assertion over `D`."""
    data = assertion if isinstance(assertion, bytes) else encoding.encode(assertion)
    return {
        "keyid": KEYID_PREFIX + passkey.credential, "assertion": raw(data), "D": D, "alg": passkey.alg,
        "public_key": passkey.public_key, "rp_id": RP_ID, "origins": [ORIGIN], **changes,
    }  # fmt: skip


def made(name: str, description: str, put: dict[str, Any], expect: str = "ok") -> Case:
    """Return a case of this folder."""
    code = expect if expect == "ok" or "." in expect else f"assertion.{expect}"
    return Case(f"assertion/{name}.json", description, "assertion", put, code)


def cases() -> Iterator[Case]:
    """Yield the vectors of assertions."""
    yield from _good()
    yield from _client_data()
    yield from _authenticator()
    yield from _batches()
    yield from _keys()
    yield from _forms()
    yield from _logins()


def _good() -> Iterator[Case]:
    yield made("es256", "A touch of a P-256 passkey", given(PASSKEY.assertion(D)))
    yield made("eddsa", "A touch of an Ed25519 passkey", given(SECOND_PASSKEY.assertion(D), SECOND_PASSKEY))
    prf = PASSKEY.assertion(D, extensions=bytes.fromhex("a16370726640"))
    yield made("extensions", "With extension outputs, as a security key adds them", given(prf))
    yield made("second-origin", "From the second of two origins", given(PASSKEY.assertion(D), origins=[
        "https://elsewhere.example", ORIGIN]))  # fmt: skip
    data = _client_bytes(crossOrigin=None)
    yield made("no-cross-origin", "An older browser, which says nothing of cross-origin", given(_signed(data)))
    more = _client_bytes(other_keys_can_be_added_here="do not compare clientDataJSON against a template")
    yield made("unknown-member", "A member that a newer browser adds", given(_signed(more)))


def _client_bytes(**changes: Any) -> bytes:
    members = {"type": "webauthn.get", "challenge": D, "origin": ORIGIN, "crossOrigin": False, **changes}
    return json.dumps({name: value for name, value in members.items() if value is not None}).encode()


def _auth_data(flags: int = 0x1D, rest: bytes = b"") -> bytes:
    return hashlib.sha256(RP_ID.encode()).digest() + bytes([flags]) + bytes(4) + rest


def _signed(client_data: bytes, auth: bytes | None = None, passkey: FixedPasskey = PASSKEY) -> Assertion:
    """An assertion over client data and authenticator data of any shape."""
    authenticator = _auth_data() if auth is None else auth
    good = passkey.assertion(D)
    signature = passkey._raw_signature(authenticator + hashlib.sha256(client_data).digest())
    return msgspec.structs.replace(
        good, authenticator_data=b64.encode(authenticator), client_data_json=b64.encode(client_data),
        signature=b64.encode(signature),
    )  # fmt: skip


def _client_data() -> Iterator[Case]:
    lie = PASSKEY.assertion
    yield made("other-origin", "From another site", given(lie(D, origin="https://huis.example.evil.example")), "origin")
    yield made("subdomain", "From a subdomain", given(lie(D, origin="https://www.huis.example")), "origin")
    yield made("other-scheme", "Over plain HTTP", given(lie(D, origin="http://huis.example")), "origin")
    yield made("other-port", "From another port", given(lie(D, origin="https://huis.example:8443")), "origin")
    yield made("origin-slash", "The origin with a slash after it", given(lie(D, origin=ORIGIN + "/")), "origin")
    yield made("origin-part", "A part of the origin", given(lie(D, origin="https://huis.exampl")), "origin")
    yield made("no-origins", "A directory that names no origin", given(lie(D), origins=[]), "origin")
    yield made("cross-origin", "Inside a page of another origin", given(lie(D, cross_origin=True)), "cross-origin")
    yield made("top-origin", "Inside a page whose origin is named", given(lie(D, top_origin=ORIGIN)), "cross-origin")
    yield made("cross-origin-text", "crossOrigin as a text", given(_signed(_client_bytes(crossOrigin="false"))),
               "cross-origin")  # fmt: skip
    null = _client_bytes().replace(b"false", b"null")
    yield made("cross-origin-null", "crossOrigin as null", given(_signed(null)), "cross-origin")
    yield made("type-create", "The making of a passkey", given(lie(D, type="webauthn.create")), "type")
    yield made("type-payment", "A payment", given(lie(D, type="payment.get")), "type")
    yield made("other-challenge", "A touch for another object", given(lie(OTHER)), "challenge")
    padded = _client_bytes(challenge=D + "=")
    yield made("challenge-padded", "The challenge with padding", given(_signed(padded)), "challenge")
    yield made("challenge-missing", "No challenge", given(_signed(_client_bytes(challenge=None))), "challenge")
    twice = _client_bytes().replace(b'"origin"', b'"origin": "https://evil.example", "origin"')
    yield made("origin-twice", "Two origins: which of them does a parser read?", given(_signed(twice)), "malformed")
    yield made("client-data-array", "Client data that is no object", given(_signed(b"[]")), "malformed")
    yield made("client-data-null", "Client data that is null", given(_signed(b"null")), "malformed")
    yield made("client-data-number", "Client data that is a number", given(_signed(b"7")), "malformed")
    yield made("client-data-text", "Client data that is no JSON", given(_signed(b"webauthn.get")), "malformed")
    mark = b"\xef\xbb\xbf" + _client_bytes()
    yield made("client-data-mark", "Client data behind a byte order mark", given(_signed(mark)), "malformed")
    yield made("client-data-latin", "Client data that is no UTF-8", given(_signed(_client_bytes() + b"\xe9")),
               "malformed")  # fmt: skip
    changed = _signed(_client_bytes(note="x"))
    moved = msgspec.structs.replace(changed, client_data_json=b64.encode(_client_bytes(note="y")))
    yield made("client-data-changed", "Client data that was not signed", given(moved), "signature")


def _authenticator() -> Iterator[Case]:
    lie = PASSKEY.assertion
    yield made("no-user-present", "Nobody touched the passkey", given(lie(D, user_present=False)), "user-present")
    yield made("no-user-verified", "Without user verification", given(lie(D, user_verified=False)), "user-verified")
    yield made("other-rp", "A passkey of another site", given(lie(D, rp_id="evil.example")), "rp")
    good = _client_bytes()
    for name, description, flags, rest in (
        ("attested", "Attested credential data, which an assertion never has", 0x5D, b""),
        ("backed-up-not-eligible", "Backed up, and not eligible for it", 0x15, b""),
        ("surplus-bytes", "Bytes after the authenticator data", 0x1D, b"\xa0"),
        ("extensions-missing", "Extension outputs announced, and none there", 0x9D, b""),
        ("extensions-no-map", "Extension outputs that are no CBOR map", 0x9D, b"\x80"),
    ):
        yield made(name, description, given(_signed(good, _auth_data(flags, rest))), "malformed")
    yield made("authenticator-data-short", "Authenticator data without its sign count",
               given(_signed(good, _auth_data()[:36])), "malformed")  # fmt: skip
    count = _auth_data()[:33] + b"\xff\xff\xff\xff"
    yield made("sign-count", "A sign count, which means nothing here", given(_signed(good, count)))


def _batches() -> Iterator[Case]:
    yield made("batch", "One touch over three objects", given(PASSKEY.assertion(D, BATCH)))
    yield made("batch-of-one", "One touch over a batch of one", given(PASSKEY.assertion(D, (D,))))
    without = PASSKEY.assertion(OTHER, (OTHER, BATCH[0]))
    yield made("batch-without", "A batch that lacks the object", given(without), "batch")
    alone = PASSKEY.assertion(D)
    yield made("batch-added", "A touch for the object alone, offered as one for a batch",
               given(msgspec.structs.replace(alone, batch=BATCH)), "challenge")  # fmt: skip
    whole = PASSKEY.assertion(D, BATCH)
    yield made("batch-removed", "A touch for a batch, offered as one for the object alone",
               given(msgspec.structs.replace(whole, batch=())), "challenge")  # fmt: skip
    yield made("batch-order", "The batch in another order",
               given(msgspec.structs.replace(whole, batch=BATCH[::-1])), "challenge")  # fmt: skip
    yield made("batch-shorter", "One object left out of the batch",
               given(msgspec.structs.replace(whole, batch=BATCH[:2])), "challenge")  # fmt: skip
    yield made("batch-twice", "An object that stands twice",
               given(msgspec.structs.replace(whole, batch=(D, D))), "batch")  # fmt: skip
    many = tuple(digest(f"batch {n}") for n in range(32))
    yield made("batch-32", "The largest batch", given(PASSKEY.assertion(D, (*many[:31], D))))
    yield made("batch-33", "More than 32 objects",
               given(msgspec.structs.replace(whole, batch=(*many, D))), "batch")  # fmt: skip
    plain = b"".join(b64.decode(item) for item in BATCH)
    unlabelled = PASSKEY.sign(hashlib.sha256(plain).digest())
    yield made("batch-no-label", f"A challenge over the digests without {BATCH_TYPE}",
               given(msgspec.structs.replace(unlabelled, batch=BATCH)), "challenge")  # fmt: skip


def _keys() -> Iterator[Case]:
    good = PASSKEY.assertion(D)
    other = FixedPasskey("another", RP_ID, ORIGIN)
    yield made("other-key", "The signature of another passkey", given(good, public_key=other.public_key), "signature")
    yield made("algorithm-unknown", "An algorithm that is not on the list", given(good, alg="rs256"), "algorithm")
    yield made("algorithm-swapped", "A P-256 key offered as Ed25519", given(good, alg="eddsa"), "algorithm")
    point = b64.decode(PASSKEY.public_key)
    compressed = b64.encode(bytes([2 + (point[64] & 1)]) + point[1:33])
    yield made("point-compressed", "A compressed point: one key has one encoding", given(good, public_key=compressed),
               "algorithm")  # fmt: skip
    off = b64.encode(point[:64] + bytes([point[64] ^ 1]))
    yield made("point-off-curve", "A point that is not on the curve", given(good, public_key=off), "algorithm")
    yield made("point-hybrid", "A point in hybrid form", given(good, public_key=b64.encode(
        bytes([6 + (point[64] & 1)]) + point[1:])), "algorithm")  # fmt: skip
    yield made("key-none", "No key", given(good, public_key=""), "algorithm")
    der = b64.decode(good.signature)
    r, s = decode_dss_signature(der)
    raw_form = b64.encode(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    yield made("signature-raw", "r and s side by side, where DER belongs",
               given(msgspec.structs.replace(good, signature=raw_form)), "signature")  # fmt: skip
    yield made("signature-surplus", "A byte after the signature",
               given(msgspec.structs.replace(good, signature=b64.encode(der + b"\0"))), "signature")  # fmt: skip
    zero = b64.encode(encode_dss_signature(0, 0))
    yield made("signature-zero", "r and s of zero",
               given(msgspec.structs.replace(good, signature=zero)), "signature")  # fmt: skip
    high = b64.encode(encode_dss_signature(r, P256_ORDER - s))
    yield made("signature-other-s", "The same signature with the other s: valid, and why D is never over signatures",
               given(msgspec.structs.replace(good, signature=high)))  # fmt: skip
    yield made("signature-none", "No signature", given(msgspec.structs.replace(good, signature="AA")), "signature")
    eddsa = SECOND_PASSKEY.assertion(D)
    neutral = b64.encode(bytes([1]) + bytes(31))
    forged = msgspec.structs.replace(eddsa, signature=b64.encode(bytes([1]) + bytes(63)))
    yield made("eddsa-small-order", "An Ed25519 key of small order, under which one signature fits everything",
               given(forged, SECOND_PASSKEY, public_key=neutral), "signature")  # fmt: skip
    yield made("eddsa-short", "An Ed25519 signature of 63 bytes", given(
        msgspec.structs.replace(eddsa, signature=b64.encode(b64.decode(eddsa.signature)[:63])), SECOND_PASSKEY),
        "signature")  # fmt: skip
    scalar = ec.derive_private_key(5, ec.SECP256R1())
    message = _auth_data() + hashlib.sha256(_client_bytes()).digest()
    sha512 = scalar.sign(message, ec.ECDSA(hashes.SHA512(), deterministic_signing=True))
    numbers = scalar.public_key().public_numbers()
    key = b64.encode(b"\4" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big"))
    yield made("hash-other", "ECDSA over SHA-512", given(
        msgspec.structs.replace(_signed(_client_bytes()), signature=b64.encode(sha512)), public_key=key),
        "signature")  # fmt: skip


def _forms() -> Iterator[Case]:
    good = PASSKEY.assertion(D)
    data = encoding.encode(good)
    yield made("keyid-of-another", "A keyid that names another credential",
               given(good, keyid=KEYID_PREFIX + SECOND_PASSKEY.credential), "malformed")  # fmt: skip
    yield made("space", "White space in the assertion", given(data.replace(b":", b": ", 1)), "malformed")
    yield made("no-tag", "Without its tag", given(data.replace(b'"is":"passkey",', b"")), "malformed")
    yield made("other-tag", "Another tag", given(data.replace(b'"is":"passkey"', b'"is":"pin"')), "malformed")
    yield made("field-missing", "Without the batch list", given(data.replace(b',"batch":[]', b"")), "malformed")
    yield made("field-unknown", "A user handle, which would name a person",
               given(data[:-1] + b',"userHandle":"AA"}'), "malformed")  # fmt: skip
    stray = good.credential[:-1] + "B"
    yield made("credential-stray-bits", "A credential with bits that belong to no byte", given(
        data.replace(good.credential.encode(), stray.encode()), keyid=KEYID_PREFIX + stray), "malformed")  # fmt: skip
    yield made("standard-base64", "Client data in standard base64 with padding", given(data.replace(
        good.client_data_json.encode(), good.client_data_json.encode() + b"=")), "malformed")  # fmt: skip


def _logins() -> Iterator[Case]:
    def login(name: str, description: str, nonce: bytes, expect: str = "ok") -> Case:
        put = {"rp_id": RP_ID, "nonce": binary(nonce)}
        return Case(f"assertion/login-{name}.json", description, "login", put, expect)

    yield login("challenge", "The challenge that the page builds from the server's nonce", seed("login nonce"))
    yield login("short-nonce", "A nonce of 31 bytes", bytes(31), "login.nonce")
    yield login("long-nonce", "A nonce of 33 bytes", bytes(33), "login.nonce")
    confused = PASSKEY.sign(login_challenge(RP_ID, b64.decode(D)))
    yield made("login-as-consent", "A login for which the server gave D of a forged consent as its nonce",
               given(confused), "challenge")  # fmt: skip
    assert challenge_for(D, ()) == b64.decode(D)
