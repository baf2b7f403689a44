"""Wrapping section keys for one reader: single-shot HPKE in base mode (RFC 9180, section 6.1).

MLKEM768-X25519, HKDF-SHA256, AES-256-GCM. One box holds the keys of all sections that this reader may open, in the
order of the entries named in the `WrapContext`. Opening a box is `zegel_keys.opening`, which the relay never imports.
"""

from collections.abc import Sequence
from typing import Final

from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from zegel_keys.hybrid import SealPublicKey
from zegel_protocol import b64
from zegel_protocol.errors import SealError
from zegel_protocol.sealing import SECTION_KEY

SUITE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def wrap(keys: Sequence[bytes], public: SealPublicKey, info: bytes) -> str:
    """Return the box, as base64url text, that holds `keys` for the owner of `public`, bound to `info`.

    `keys` are section keys of 32 bytes each, one or more; `info` comes from `zegel_protocol.sealing.wrap_info`. Every
    call encapsulates afresh, so a box made twice differs and no nonce can repeat. Raises `SealError`
    (`wrap.malformed`) for a key of another length, or none.
    """
    if not keys or any(len(key) != SECTION_KEY for key in keys):
        raise SealError("wrap.malformed", f"one section key or more, of {SECTION_KEY} bytes each")
    return b64.encode(SUITE.encrypt(b"".join(keys), public.hpke, info=info))
