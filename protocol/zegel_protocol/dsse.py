"""DSSE envelopes (Dead Simple Signing Envelope 1.0) over the exact payload bytes, and the identity `D` of an object.

The envelope's own base64 is standard and padded, as DSSE says; everything inside our payloads is base64url. `D(o)` is
SHA-256 over the pre-authentication encoding, never over the envelope, whose signature list is malleable.
"""

import base64
import binascii
import hashlib

import msgspec

from zegel_protocol import b64, encoding
from zegel_protocol.errors import MalformedError

TYPE_PREFIX = "application/vnd.zegel."
TYPE_SUFFIX = ".v1+json"
MAX_SIGNATURES = 40
MAX_ENVELOPE_BYTES = 768 * 1024


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """One signature of an envelope: an Ed25519 `sig`, or a `passkey` assertion; `keyid` is a hint, never trusted."""

    keyid: str | None = None
    sig: str


class Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    """A signed payload. `payload` and every `sig` are standard base64 with padding."""

    payload_type: str
    payload: str
    signatures: tuple[Signature, ...]


def payload_type(kind: str) -> str:
    """Return the media type of an object kind, such as `consent-request`."""
    return f"{TYPE_PREFIX}{kind}{TYPE_SUFFIX}"


def pae(media_type: str, payload: bytes) -> bytes:
    """Return the pre-authentication encoding: what is signed and what `digest` hashes (DSSE protocol, PAE)."""
    name = media_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(name), name, len(payload), payload)


def digest(media_type: str, payload: bytes) -> str:
    """Return `D`, the identity of an object: base64url SHA-256 of its PAE, 43 characters."""
    return b64.encode(hashlib.sha256(pae(media_type, payload)).digest())


def seal_envelope(media_type: str, payload: bytes, signatures: tuple[Signature, ...]) -> bytes:
    """Return the envelope as JSON bytes."""
    body = base64.b64encode(payload).decode("ascii")
    return encoding.encode(Envelope(payload_type=media_type, payload=body, signatures=signatures))


def open_envelope(data: bytes) -> tuple[str, bytes, tuple[Signature, ...]]:
    """Return media type, payload bytes and signatures of an envelope. Nothing is verified here.

    Raises `MalformedError` (`envelope.malformed` or an encoding code). The envelope must itself be canonical JSON; it
    carries no identity, but one shape is easier to bound than many.
    """
    envelope = encoding.decode(data, Envelope, MAX_ENVELOPE_BYTES)
    if not 1 <= len(envelope.signatures) <= MAX_SIGNATURES:
        raise MalformedError("envelope.malformed", f"1 to {MAX_SIGNATURES} signatures belong here", "$.signatures")
    return envelope.payload_type, decode_standard(envelope.payload), envelope.signatures


def encode_standard(data: bytes) -> str:
    """Return standard, padded base64: the form of DSSE's own fields."""
    return base64.b64encode(data).decode("ascii")


def decode_standard(text: str) -> bytes:
    """Return the bytes of standard, padded base64; one encoding a value. Raises `MalformedError`."""
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise MalformedError("envelope.malformed", "not standard base64") from error
    if base64.b64encode(data).decode("ascii") != text:
        raise MalformedError("envelope.malformed", "not the canonical base64 of its bytes")
    return data
