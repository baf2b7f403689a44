"""Ed25519 signing and checking, through PyNaCl (libsodium refuses small-order keys; pyca accepts them).

Signatures are always made over a domain-separated message: the PAE of a payload, or a label that ends in a zero byte.
"""

import os

import nacl.exceptions
import nacl.signing

from zegel_protocol import b64, dsse
from zegel_protocol.errors import SignatureError


class SigningKey:
    """An Ed25519 private key, kept as its 32-byte seed. `public` is the base64url public key (43 characters)."""

    def __init__(self, seed: bytes) -> None:
        self._key = nacl.signing.SigningKey(seed)
        self.public = b64.encode(bytes(self._key.verify_key))

    @classmethod
    def generate(cls) -> "SigningKey":
        """Return a new key from the operating system's randomness."""
        return cls(os.urandom(32))

    @property
    def seed(self) -> bytes:
        """The 32 secret bytes, for a keystore only."""
        return bytes(self._key)

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of `message`."""
        return self._key.sign(message).signature

    def sign_object(self, media_type: str, payload: bytes) -> dsse.Signature:
        """Return the DSSE signature of an object's payload; `keyid` is the public key, as a hint."""
        signature = self.sign(dsse.pae(media_type, payload))
        return dsse.Signature(keyid=self.public, sig=dsse.encode_standard(signature))

    def __repr__(self) -> str:
        return f"SigningKey(public={self.public!r})"


def check(public: str, message: bytes, signature: bytes) -> None:
    """Return if `signature` (64 bytes) over `message` is by `public` (base64url).

    Raises `SignatureError` (`signature.invalid`).
    """
    try:
        nacl.signing.VerifyKey(b64.decode(public, 32)).verify(message, signature)
    except (nacl.exceptions.CryptoError, ValueError, TypeError) as error:
        raise SignatureError("signature.invalid", "the signature does not belong to this key and message") from error
