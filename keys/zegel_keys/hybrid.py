"""Seal keys: X-Wing, that is ML-KEM-768 and X25519 together (HPKE KEM 0x647A), public and private.

The classes of `cryptography` have no serialisation, so the byte form stands here: public is the ML-KEM-768
encapsulation key (1,184 bytes) then the X25519 key (32 bytes); private is a 32-byte seed, whose SHAKE256 gives 64 bytes
of ML-KEM-768 seed and 32 bytes of X25519 scalar (draft-connolly-cfrg-xwing-kem, "Key derivation"). Hybrid, so that what
is sealed today stays sealed when either half is broken. Wrapping and opening are not here.
"""

import hashlib
import os
from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey

from zegel_protocol import b64
from zegel_protocol.errors import SealError
from zegel_protocol.sealing import SEAL_KEY, SEAL_SEED

_MLKEM_PUBLIC: Final = 1184
_MLKEM_SEED: Final = 64
_PROBE: Final = X25519PrivateKey.from_private_bytes(bytes(32))
"""Clamping makes this scalar a multiple of the cofactor, as it makes every scalar: whatever point of small order it
meets becomes the neutral one, which the library refuses. It hides nothing, so it may be known."""


class SealPublicKey:
    """A public seal key. `text` is its base64url form (1,622 characters), `digest` the base64url SHA-256 of its bytes.

    `hpke` is the library's form, for wrapping.
    """

    def __init__(self, data: bytes) -> None:
        """Take 1,216 bytes. Raises `SealError` (`seal-key.malformed`)."""
        if len(data) != SEAL_KEY:
            raise SealError("seal-key.malformed", f"{len(data)} bytes where {SEAL_KEY} belong")
        try:
            # The library holds the ML-KEM key against its modulus (FIPS 203, section 7.2).
            mlkem = MLKEM768PublicKey.from_public_bytes(data[:_MLKEM_PUBLIC])
            x25519 = X25519PublicKey.from_public_bytes(data[_MLKEM_PUBLIC:])
            # A point of small order would leave ML-KEM alone to protect what is wrapped.
            _PROBE.exchange(x25519)
        except ValueError as error:
            raise SealError("seal-key.malformed", "not an ML-KEM-768 and X25519 public key") from error
        self.hpke = MLKEM768X25519PublicKey(mlkem, x25519)
        self.text = b64.encode(data)
        self.digest = b64.encode(hashlib.sha256(data).digest())

    @classmethod
    def from_text(cls, text: str) -> "SealPublicKey":
        """Return the key that base64url `text` stands for.

        Raises `MalformedError` (`binary.malformed`) or `SealError` (`seal-key.malformed`).
        """
        return _public_of(text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SealPublicKey) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"SealPublicKey(digest={self.digest!r})"


@lru_cache(maxsize=256)
def _public_of(text: str) -> SealPublicKey:
    """Return a public key; kept, because checking one takes as long as wrapping for it, with the same result."""
    return SealPublicKey(b64.decode(text))


class SealPrivateKey:
    """A private seal key, kept as its 32-byte seed. `public` is its public half; `hpke` the library's form."""

    def __init__(self, seed: bytes) -> None:
        """Take a seed of 32 bytes. Raises `SealError` (`seal-key.malformed`) for any other length."""
        if len(seed) != SEAL_SEED:
            raise SealError("seal-key.malformed", f"a seed has {SEAL_SEED} bytes")
        expanded = hashlib.shake_256(seed).digest(96)
        mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED])
        x25519 = X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED:])
        self._seed = bytes(seed)
        self.hpke = MLKEM768X25519PrivateKey(mlkem, x25519)
        self.public = SealPublicKey(mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw())

    @classmethod
    def generate(cls) -> "SealPrivateKey":
        """Return a new key from the operating system's randomness."""
        return cls(os.urandom(SEAL_SEED))

    @property
    def seed(self) -> bytes:
        """The 32 secret bytes, for a keystore only."""
        return self._seed

    def __repr__(self) -> str:
        return f"SealPrivateKey(public={self.public.digest!r})"
