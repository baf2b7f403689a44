"""The enrolment tag: what ties a client's new keys to the worker who stands before them.

Here: what the tag is over, making it on the phone, checking it on the worker's device. The secret is passed in by
either side and kept by neither; it travels on the worker's screen only (a QR code, `enrolment_code`) and never through
the relay. Rule: `docs/spec/enrolment.md`; attacks 2 and 3.
"""

import hashlib
import hmac

import msgspec

from zegel_protocol import b64, encoding
from zegel_protocol.errors import MalformedError, ProtocolError
from zegel_protocol.fields import Digest, Key32, Random128, SealKey, Time
from zegel_protocol.objects.client_key import Passkey

ENROLMENT_LABEL = b"zegel/enrol/1\0"
SECRET_BYTES = 32
LIFE_SECONDS = 600
"""From the second at which the worker opened the enrolment: a code that was photographed is soon worthless."""


class EnrolmentContext(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything that must not be swapped between phone and worker.

    `opened` is when the worker's device made the secret, in UTC seconds. `passkeys` are sorted by credential.
    """

    huis: Digest
    household: Random128
    person: Random128
    opened: Time
    passkeys: tuple[Passkey, ...]
    identity_key: Key32
    seal_key: SealKey


class ShownKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The public keys that a client's phone shows, and the tag that ties them to the worker's secret."""

    passkeys: tuple[Passkey, ...]
    identity_key: Key32
    seal_key: SealKey
    tag: Digest


def enrolment_tag(secret: bytes, context: EnrolmentContext) -> str:
    """Return the tag as base64url text: HMAC-SHA256(secret, label ‖ SHA-256(encode(context))).

    The label begins what is hashed, so that the secret serves for nothing else. Raises `MalformedError`
    (`enrolment.secret`: not 32 bytes; `object.malformed`, `object.not-canonical`: a field that the wire does not allow,
    or passkeys that are not sorted without doubles).
    """
    if len(secret) != SECRET_BYTES:
        raise MalformedError("enrolment.secret", f"{len(secret)} bytes where {SECRET_BYTES} belong")
    digest = hashlib.sha256(read_context(context)).digest()
    return b64.encode(hmac.digest(secret, ENROLMENT_LABEL + digest, "sha256"))


def read_context(context: EnrolmentContext) -> bytes:
    """Return the canonical bytes of a context. Raises `MalformedError` where the wire would not allow it."""
    payload = encoding.encode(context)
    # Constructing a struct checks no pattern; reading its bytes does. What came from the other side may be anything.
    encoding.decode(payload, EnrolmentContext)
    credentials = [passkey.credential for passkey in context.passkeys]
    if credentials != sorted(set(credentials)):
        raise MalformedError("object.not-canonical", "passkeys are sorted and stand there once", "$.passkeys")
    return payload


def check_tag(secret: bytes, context: EnrolmentContext, tag: str, now: int) -> None:
    """Return if `tag` shows that the phone that saw `secret` has just these keys, for just this person.

    `now` is the worker's own time in UTC seconds, by the clock that gave `opened`. The caller throws the secret away
    after one success. Raises `ProtocolError` (`enrolment.tag`: not the tag of this; `enrolment.expired`: ten minutes
    are over, or `opened` lies ahead) or what `enrolment_tag` raises.
    """
    expected = enrolment_tag(secret, context)
    # In constant time: whoever sends tags would otherwise learn from the time a refusal takes how much was right.
    if not hmac.compare_digest(expected.encode("ascii"), tag.encode("utf-8", "replace")):
        raise ProtocolError("enrolment.tag", "these keys are not those of the phone that saw the code")
    if not context.opened <= now <= context.opened + LIFE_SECONDS:
        raise ProtocolError("enrolment.expired", "the code was for ten minutes; show a new one")
