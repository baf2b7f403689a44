"""Making envelopes: a payload is read back as a stranger would read it, and only then signed.

A struct's constructor checks no pattern, so whatever a person typed is checked by decoding the very bytes to sign.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from zegel.steward.errors import SetupError
from zegel_keys.envelopes import sign_payload
from zegel_keys.keystore.key_file import KeyFile
from zegel_keys.signing import SigningKey
from zegel_protocol import encoding
from zegel_protocol.errors import MalformedError
from zegel_protocol.objects import Payload, Root


@contextmanager
def building() -> Iterator[None]:
    """Turn what a struct's constructor finds wrong into a `MalformedError`, as decoding would."""
    try:
        yield
    except ValueError as error:
        raise MalformedError("object.malformed", str(error)) from error


def sign(payload: Payload, keys: Iterable[SigningKey]) -> bytes:
    """Return the envelope of `payload`, signed by each key.

    Raises `MalformedError` (`object.malformed`, `object.too-large`, ...; `path` names the field).
    """
    encoding.decode(encoding.encode(payload), type(payload))
    return sign_payload(payload, *keys)


def sign_as_steward(payload: Payload, root: Root, keys: Sequence[KeyFile]) -> bytes:
    """Return the envelope of `payload`, signed by the steward's keys.

    Raises `SetupError` (`steward.key`: a key is none of this root's; `steward.threshold`: too few), and as `sign`.
    """
    distinct = {key.public: key for key in keys}
    for public, key in distinct.items():
        if public not in root.roots:
            raise SetupError(
                "steward.key", f"{key.path} is no root key of this Huis's steward.", "Give the key files of this Huis."
            )
    if len(distinct) < root.threshold:
        raise SetupError(
            "steward.threshold",
            f"{len(distinct)} of the steward's keys would sign, where {root.threshold} must.",
            "Give the other key files too.",
        )
    return sign(payload, [key.signing_key for key in distinct.values()])
