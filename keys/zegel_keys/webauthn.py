"""The check of a passkey assertion: Web Authentication Level 3, section 7.2, with every choice at its strictest.

Here: one function over one assertion, one challenge and one public key. Never here: which credentials a person has,
whether they were in force, or what the challenge stands for (`zegel_protocol.assertion.challenge_for`). Our own code
because the usual library leaves cross-origin use unchecked and is heavy for an SDK. Steps 1 to 6 of section 7.2
are the page's and the caller's; steps 22 to 24 (sign count, extension results, updating a record) are left out on
purpose: a passkey that travels between devices keeps its count at zero, and nothing here depends on extensions.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from zegel_keys import signing
from zegel_protocol import b64
from zegel_protocol.assertion import Assertion
from zegel_protocol.errors import ProtocolError, SignatureError

ES256 = "es256"
"""ECDSA on P-256 with SHA-256, COSE -7; the public key is the uncompressed point, 0x04 ‖ x ‖ y, 65 bytes."""
EDDSA = "eddsa"
"""Ed25519, COSE -8; the public key is 32 bytes."""

USER_PRESENT = 0x01
USER_VERIFIED = 0x04
BACKUP_ELIGIBLE = 0x08
BACKED_UP = 0x10
ATTESTED_DATA = 0x40
EXTENSION_DATA = 0x80

_FIXED_BYTES = 37
"""rpIdHash (32), flags (1) and sign count (4): what every authenticator data has (section 6.1)."""
_CBOR_MAP = 5


def check_assertion(
    assertion: Assertion, challenge: bytes, alg: str, public_key: bytes, rp_id: str, origins: Sequence[str]
) -> None:
    """Return if the passkey with `public_key` answered `challenge` for one of `origins`, user present and verified.

    `challenge` is 32 raw bytes; `alg` is `es256` or `eddsa`; `rp_id` and the exact `origins` (scheme, host, optional
    port) come from the signed directory. Raises `SignatureError`: `assertion.malformed`, `assertion.type`,
    `assertion.challenge`, `assertion.origin`, `assertion.cross-origin`, `assertion.rp`, `assertion.user-present`,
    `assertion.user-verified`, `assertion.algorithm` (an unknown one, or a key that is none of it) or
    `assertion.signature`.
    """
    authenticator_data = _binary(assertion.authenticator_data)  # Step 7
    client_data = _binary(assertion.client_data_json)
    signature = _binary(assertion.signature)
    _check_client_data(_parse_client_data(client_data), challenge, origins)
    _check_authenticator_data(authenticator_data, rp_id)
    # Steps 20 and 21. The hash has a fixed length and comes last, so the two parts can't be divided another way.
    _check_signature(alg, public_key, authenticator_data + hashlib.sha256(client_data).digest(), signature)


def _refuse(code: str, detail: str, cause: Exception | None = None) -> NoReturn:
    raise SignatureError(f"assertion.{code}", detail) from cause


def _binary(text: str) -> bytes:
    try:
        return b64.decode(text)
    except ProtocolError as error:
        _refuse("malformed", "a field is not base64url text", error)


def _parse_client_data(data: bytes) -> dict[str, Any]:
    """Return the client data as a dict. Unknown members are kept: section 5.8.1 tells verifiers to expect them.

    Duplicate keys are refused, or two parsers could read two origins. No byte order mark is stripped (step 8): the
    serialisation of section 5.8.1.1 never writes one.
    """
    try:
        value = json.loads(
            data.decode("utf-8"), object_pairs_hook=_members, parse_constant=lambda name: _refuse("malformed", name)
        )
    except (ValueError, RecursionError) as error:
        _refuse("malformed", "the client data is not JSON in UTF-8", error)
    if not isinstance(value, dict):
        _refuse("malformed", "the client data is not a JSON object")
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        _refuse("malformed", "the client data has a duplicate key")
    return members


def _check_client_data(client: dict[str, Any], challenge: bytes, origins: Sequence[str]) -> None:
    if client.get("type") != "webauthn.get":  # Step 10
        _refuse("type", "the client data is not of an assertion")
    if client.get("challenge") != b64.encode(challenge):  # Step 11
        _refuse("challenge", "the passkey signed something else")
    # Step 12. Compared one by one: `in` would find a part of a text, should a caller pass one origin as plain text.
    # No subdomain counts: a page on another host of the site is another page.
    if not any(client.get("origin") == origin for origin in origins):
        _refuse("origin", "the passkey was used on a page that the directory does not name")
    # Steps 13 and 14. The portal never runs inside another page; there, what is shown is no longer ours to say.
    if client.get("crossOrigin", False) is not False or "topOrigin" in client:
        _refuse("cross-origin", "the passkey was used inside a page of another origin")


def _check_authenticator_data(data: bytes, rp_id: str) -> None:
    if len(data) < _FIXED_BYTES:
        _refuse("malformed", "the authenticator data is too short")
    if data[:32] != hashlib.sha256(rp_id.encode("utf-8")).digest():  # Step 15
        _refuse("rp", "the passkey belongs to another site")
    flags = data[32]
    if not flags & USER_PRESENT:  # Step 16
        _refuse("user-present", "nobody touched the passkey")
    if not flags & USER_VERIFIED:  # Step 17
        _refuse("user-verified", "the passkey did not check who touched it")
    if flags & BACKED_UP and not flags & BACKUP_ELIGIBLE:  # Step 18
        _refuse("malformed", "backed up, yet not eligible for it")
    if flags & ATTESTED_DATA:  # Section 6.1: never in an assertion
        _refuse("malformed", "attested credential data in an assertion")
    # Section 6.1: extension outputs are a CBOR map, and follow exactly when their flag is set. A security key that
    # gave a PRF result puts one here. They are covered by the signature and mean nothing to us, so are not parsed.
    rest = data[_FIXED_BYTES:]
    if bool(flags & EXTENSION_DATA) != bool(rest) or (rest and rest[0] >> 5 != _CBOR_MAP):
        _refuse("malformed", "the authenticator data has surplus bytes, or lacks its extensions")


def _check_signature(alg: str, public_key: bytes, message: bytes, signature: bytes) -> None:
    if alg == ES256:
        # Only the uncompressed form: one key, one encoding. The library refuses a point that is not on the curve.
        if len(public_key) != 65 or public_key[0] != 4:
            _refuse("algorithm", "not an uncompressed point")
        try:
            key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key)
        except ValueError as error:
            _refuse("algorithm", "not a point on P-256", error)
        try:
            key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        except (InvalidSignature, ValueError) as error:
            _refuse("signature", "the signature does not belong to this passkey", error)
    elif alg == EDDSA:
        if len(public_key) != 32:
            _refuse("algorithm", "not an Ed25519 public key")
        try:
            signing.check(b64.encode(public_key), message, signature)
        except SignatureError as error:
            _refuse("signature", "the signature does not belong to this passkey", error)
    else:
        _refuse("algorithm", "only es256 and eddsa are accepted")
