"""Encryption at rest: XChaCha20-Poly1305 (PyNaCl) under a subkey of the store key, bound to its place.

Which place a ciphertext belongs to is given as associated data by the caller; what the store key is and where it comes
from is `keystore.vault`.
"""

import hashlib
import os
from typing import Final

import nacl.exceptions
import nacl.secret

KEY_SIZE: Final = 32


def new_key() -> bytes:
    """Return 32 bytes of the operating system's randomness."""
    return os.urandom(KEY_SIZE)


def subkey(key: bytes, label: bytes) -> bytes:
    """Return the 32-byte key for one use of `key` (32 bytes): keyed BLAKE2b over `label`.

    One key, one use: a ciphertext of one part of the keystore can't be passed off as one of another part.
    """
    return hashlib.blake2b(label, digest_size=KEY_SIZE, key=key).digest()


class ForgedError(Exception):
    """A ciphertext was not made under this key for this place. Caught inside the keystore, never seen outside."""


class Box:
    """Seals and opens bytes under `key` (32 bytes)."""

    def __init__(self, key: bytes) -> None:
        self._aead = nacl.secret.Aead(key)

    def seal(self, data: bytes, place: bytes) -> bytes:
        """Return nonce, ciphertext and tag (24 + len(data) + 16 bytes), bound to `place`.

        The nonce is random: at 192 bits, collisions stay out of reach for any number of writes.
        """
        return bytes(self._aead.encrypt(data, place))

    def open(self, data: bytes, place: bytes) -> bytes:
        """Return what `seal` was given. Raises `ForgedError` unless this key sealed it for this `place`."""
        try:
            return self._aead.decrypt(data, place)
        except (nacl.exceptions.CryptoError, ValueError, TypeError) as error:
            raise ForgedError from error
