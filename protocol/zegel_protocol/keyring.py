"""The names of keyring entries: how a wrapped seed is found without saying whose it is.

Here: the name of a passkey's entry. Never here: wrapping, which needs the seed (`zegel_keys.client_seed`, with the name
of a printed code's entry). Source: `docs/spec/keyring.md`.
"""

import hashlib
from typing import Final

from zegel_protocol import b64
from zegel_protocol.fields import Digest

PASSKEY_LABEL: Final = b"zegel/keyring/passkey/1\0"


def passkey_name(credential: str) -> Digest:
    """Return the name of a passkey's entry: SHA-256(label ‖ credential id), as base64url text.

    `credential` is the id as base64url text. Raises `MalformedError` (`binary.malformed`).
    """
    return b64.encode(hashlib.sha256(PASSKEY_LABEL + b64.decode(credential)).digest())
