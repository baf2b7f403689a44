"""Making objects: fresh nonces, and the one way from a payload to its signed envelope and its identity."""

import os

from zegel_keys.signing import SigningKey
from zegel_protocol import b64, dsse, encoding
from zegel_protocol.objects.header import Payload


def new_nonce() -> str:
    """Return 16 fresh random bytes as text: what makes an object's `D` unguessable."""
    return b64.encode(os.urandom(16))


def sign_payload(payload: Payload, *keys: SigningKey) -> bytes:
    """Return the envelope of an object, signed by each of these keys over the one payload."""
    media_type, body = dsse.payload_type(payload.KIND), encoding.encode(payload)
    return dsse.seal_envelope(media_type, body, tuple(key.sign_object(media_type, body) for key in keys))


def digest_of(payload: Payload) -> str:
    """Return the `D` of an object."""
    return dsse.digest(dsse.payload_type(payload.KIND), encoding.encode(payload))


def digest_of_envelope(envelope: bytes) -> str:
    """Return the `D` of the object in an envelope. Raises `MalformedError`."""
    media_type, payload, _ = dsse.open_envelope(envelope)
    return dsse.digest(media_type, payload)
