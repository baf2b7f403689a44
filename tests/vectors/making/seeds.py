"""Everything in the vectors that would be random in life, grown from labels: public values that protect nothing."""

import hashlib
from typing import Any, Literal

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from nacl import bindings

from zegel_demo.passkey import SoftwarePasskey
from zegel_keys import webauthn
from zegel_keys.hybrid import SealPrivateKey
from zegel_keys.signing import SigningKey
from zegel_protocol import b64

DAY = 86_400
NOW = 1_795_521_600
"""Tuesday 24 November 2026, 12:00 UTC."""
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def seed(label: str) -> bytes:
    """Return 32 bytes for a label."""
    return hashlib.sha256(b"zegel vectors\0" + label.encode()).digest()


def digest(label: str) -> str:
    """Return a digest that stands for something which no vector shows."""
    return b64.encode(seed(f"digest {label}"))


def nonce(label: str) -> str:
    """Return the nonce of the object called so."""
    return b64.encode(seed(f"nonce {label}")[:16])


def hex_id(label: str) -> str:
    """Return the 128-bit id of who or what is called so."""
    return seed(f"id {label}").hex()[:32]


def uuid7(label: str, made: int) -> str:
    """Return the id of the message called so, made at a time in seconds."""
    text = f"{made * 1000:012x}{hex_id(label)[12:]}"
    return f"{text[:8]}-{text[8:12]}-7{text[13:16]}-8{text[17:20]}-{text[20:32]}"


def signing_key(label: str) -> SigningKey:
    """Return the Ed25519 key called so."""
    return SigningKey(seed(f"ed25519 {label}"))


def seal_key(label: str) -> SealPrivateKey:
    """Return the seal key called so."""
    return SealPrivateKey(seed(f"x-wing {label}"))


class FixedPasskey(SoftwarePasskey):
    """A passkey whose keys and signatures are the same each time (RFC 6979 for P-256)."""

    def __init__(self, label: str, rp_id: str, origin: str, alg: Literal["es256", "eddsa"] = "es256") -> None:
        super().__init__(rp_id, origin, alg)
        self.credential = b64.encode(seed(f"credential {label}"))
        self._fixed = signing_key(f"passkey {label}")
        scalar = int.from_bytes(self._fixed.seed, "big") % (P256_ORDER - 1) + 1
        self._curve = ec.derive_private_key(scalar, ec.SECP256R1())
        point = self._curve.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.public_key = b64.encode(point) if alg == webauthn.ES256 else self._fixed.public

    def _raw_signature(self, message: bytes) -> bytes:
        if self.alg == webauthn.EDDSA:
            return self._fixed.sign(message)
        return self._curve.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


class Stream:
    """A secretstream with a header of our choice, cut and tagged as a vector needs it.

    libsodium draws the header when it begins to push; beginning to *pull* leaves the very same state, with a header
    that is given.
    """

    def __init__(self, key: bytes, header: bytes) -> None:
        self._state: Any = bindings.crypto_secretstream_xchacha20poly1305_state()
        bindings.crypto_secretstream_xchacha20poly1305_init_pull(self._state, header, key)

    def push(self, chunk: bytes, ad: bytes, tag: int) -> bytes:
        """Return the next chunk's ciphertext."""
        return bindings.crypto_secretstream_xchacha20poly1305_push(self._state, chunk, ad, tag)
