"""A passkey signature as it travels, and the challenges that a passkey may be asked to sign.

Here: the `Assertion` struct, its place in a DSSE envelope, and how a challenge follows from what is signed. Never here:
checking one, which needs elliptic curves and lives in `zegel_keys.webauthn`. Source: `docs/spec/envelope.md`;
Web Authentication Level 3, sections 5.8.1 (client data), 6.1 (authenticator data).

Three kinds of challenge, told apart by the first bytes of what is hashed, so that none can stand for another:
an object's `D` (`DSSEv1 <n> application/vnd.zegel.<kind>.v1+json ...`), a batch (`DSSEv1 30
application/vnd.zegel.batch.v1 ...`, which no object's media type equals) and a login (`zegel/login/1` and a zero byte).
"""

import hashlib
from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from zegel_protocol import b64, dsse, encoding
from zegel_protocol.errors import MalformedError, ProtocolError, SignatureError
from zegel_protocol.fields import Digest

KEYID_PREFIX = "passkey:"
"""An envelope signature whose `keyid` begins so carries an `Assertion`; any other is Ed25519. Nothing is sniffed."""
BATCH_TYPE = "application/vnd.zegel.batch.v1"
LOGIN_LABEL = b"zegel/login/1\0"
LOGIN_NONCE_BYTES = 32
MAX_BATCH = 32
MAX_ASSERTION_BYTES = 12 * 1024
"""Largest encoded assertion; the fields at their longest and a full batch stay below it, so that 40 signatures, once
more in base64, fit an envelope."""

_TEXT = r"^[A-Za-z0-9_-]+$(?!\n)"

Credential = Annotated[str, Meta(pattern=_TEXT, min_length=22, max_length=1364)]
"""A credential id: 16 to 1,023 bytes (Web Authentication Level 3, section 4), as base64url text."""


class Assertion(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel", tag_field="is", tag="passkey"
):
    """What a passkey gave for one challenge. All binary fields are base64url text of the bytes the browser returned.

    `batch` is empty when the challenge is the `D` of one object, else the `D` of each object that the one touch signed,
    in the order in which they were shown.
    """

    credential: Credential
    authenticator_data: Annotated[str, Meta(pattern=_TEXT, max_length=2732)]
    client_data_json: Annotated[str, Meta(pattern=_TEXT, max_length=4096)] = msgspec.field(name="clientDataJSON")
    signature: Annotated[str, Meta(pattern=_TEXT, max_length=128)]
    batch: tuple[Digest, ...]


def to_signature(assertion: Assertion) -> dsse.Signature:
    """Return the envelope signature that carries `assertion`."""
    return dsse.Signature(
        keyid=KEYID_PREFIX + assertion.credential, sig=dsse.encode_standard(encoding.encode(assertion))
    )


def from_signature(signature: dsse.Signature) -> Assertion | None:
    """Return the assertion that an envelope signature carries, or None where it is an Ed25519 signature.

    Nothing is verified here. Raises `MalformedError` (`assertion.malformed`) when the keyid promises an assertion and
    `sig` is not the one encoding of an assertion by that credential.
    """
    if signature.keyid is None or not signature.keyid.startswith(KEYID_PREFIX):
        return None
    try:
        assertion = encoding.decode(dsse.decode_standard(signature.sig), Assertion, MAX_ASSERTION_BYTES)
        # The patterns leave stray bits in a last character; two texts for one value would be two encodings.
        for text in (
            assertion.credential,
            assertion.authenticator_data,
            assertion.client_data_json,
            assertion.signature,
        ):
            b64.decode(text)
    except ProtocolError as error:
        raise MalformedError("assertion.malformed", str(error), error.path) from error
    if signature.keyid != KEYID_PREFIX + assertion.credential:
        raise MalformedError("assertion.malformed", "the keyid names another credential than the assertion", "$.keyid")
    return assertion


def batch_challenge(digests: Sequence[str]) -> bytes:
    """Return the 32-byte challenge for one touch over several objects: SHA-256(PAE(`BATCH_TYPE`, D1 ‖ … ‖ Dn)).

    `digests` are 1 to 32 different `D` as base64url text. Raises `SignatureError` (`assertion.batch`) for any other
    number or for a repeated one, `MalformedError` (`binary.malformed`) for text that is no digest.
    """
    if not 1 <= len(digests) <= MAX_BATCH:
        raise SignatureError("assertion.batch", f"{len(digests)} objects where 1 to {MAX_BATCH} may be signed at once")
    if len(set(digests)) != len(digests):
        raise SignatureError("assertion.batch", "an object stands twice in the batch")
    # Every element is exactly 32 bytes, so the concatenation has one reading.
    body = b"".join(b64.decode(digest, 32) for digest in digests)
    return hashlib.sha256(dsse.pae(BATCH_TYPE, body)).digest()


def challenge_for(digest: str, batch: Sequence[str]) -> bytes:
    """Return the 32-byte challenge that a signature over the object `digest` (its `D`) must answer.

    Raises `SignatureError` (`assertion.batch`) when `batch` is not empty and lacks the object, or is no valid batch;
    `MalformedError` (`binary.malformed`) for text that is no digest.
    """
    if not batch:
        return b64.decode(digest, 32)
    if digest not in tuple(batch):
        raise SignatureError("assertion.batch", "the object is not in the batch that was signed")
    return batch_challenge(batch)


def login_challenge(rp_id: str, server_nonce: bytes) -> bytes:
    """Return the 32-byte challenge of a login: SHA-256("zegel/login/1" ‖ 0 ‖ rp_id ‖ nonce of 32 bytes).

    The page computes it from the server's nonce and its own `rp_id`. A server that could choose the challenge itself
    would choose the `D` of a forged consent, and logging in would sign it. Raises `MalformedError` (`login.nonce`)
    unless the nonce has 32 bytes: with one length only, where `rp_id` ends is never in doubt.
    """
    if len(server_nonce) != LOGIN_NONCE_BYTES:
        raise MalformedError("login.nonce", f"{len(server_nonce)} bytes where {LOGIN_NONCE_BYTES} belong")
    return hashlib.sha256(LOGIN_LABEL + rp_id.encode("utf-8") + server_nonce).digest()
