"""HPKE base mode with X-Wing, step by step from RFC 9180 and draft-connolly-cfrg-xwing-kem: a second implementation.

It opens what the library seals, so that the pins and the wraps rest on the specification and not on one library alone.
"""

import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_SUITE = b"HPKE" + (0x647A).to_bytes(2, "big") + (1).to_bytes(2, "big") + (2).to_bytes(2, "big")


def open_box(box: bytes, seed: bytes, info: bytes) -> bytes:
    """Return the plaintext of a box sealed to the X-Wing key of `seed`."""
    enc, ciphertext = box[:1120], box[1120:]
    secret = _decapsulate(enc, seed)
    context = b"\0" + _extract(b"", b"psk_id_hash", b"") + _extract(b"", b"info_hash", info)
    prk = _extract(secret, b"secret", b"")
    key = _expand(prk, b"key", context, 32)
    nonce = _expand(prk, b"base_nonce", context, 12)
    return AESGCM(key).decrypt(nonce, ciphertext, b"")


def _decapsulate(enc: bytes, seed: bytes) -> bytes:
    expanded = hashlib.shake_256(seed).digest(96)
    x25519 = X25519PrivateKey.from_private_bytes(expanded[64:])
    lattice = MLKEM768PrivateKey.from_seed_bytes(expanded[:64]).decapsulate(enc[:1088])
    curve = x25519.exchange(X25519PublicKey.from_public_bytes(enc[1088:]))
    public = x25519.public_key().public_bytes_raw()
    return hashlib.sha3_256(lattice + curve + enc[1088:] + public + b"\\.//^\\").digest()


def _extract(salt: bytes, label: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + _SUITE + label + ikm, "sha256")


def _expand(prk: bytes, label: bytes, info: bytes, length: int) -> bytes:
    # HKDF-Expand of at most one block of SHA-256, which is all that is asked here.
    labeled = length.to_bytes(2, "big") + b"HPKE-v1" + _SUITE + label + info
    return hmac.digest(prk, labeled + b"\1", "sha256")[:length]
