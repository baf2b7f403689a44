"""Sealing a contact address to the relay's worker: libsodium's sealed box (X25519, XSalsa20-Poly1305), of one size.

Who it is for stands inside, so that a box moved to another person's contact does not open. The format:
`docs/spec/contact.md`. Not hybrid: an address is worth years and not decades, and what is replaced is erased.
"""

import re
from typing import Final

import nacl.exceptions
from nacl.public import PrivateKey, PublicKey, SealedBox

from zegel_protocol import b64
from zegel_protocol.errors import SealError

MAX_ADDRESS: Final = 254
"""Bytes of an address at most (RFC 5321, 4.5.3.1.3, without the angle brackets)."""
_PERSON: Final = 16
PLAIN_BYTES: Final = _PERSON + 2 + MAX_ADDRESS
_ADDRESS: Final = re.compile(
    r"(?!.*=\?)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*"
)
"""What SMTP takes without an extension: no quotes, no spaces, nothing that could end a header's line; and no `=?`,
which begins an encoded word, so that a header would hold other characters than the address."""


def check_address(address: str) -> None:
    """Return if `address` is an e-mail address that a ping can go to. Raises `SealError` (`contact.address`)."""
    if len(address) > MAX_ADDRESS or _ADDRESS.fullmatch(address) is None:
        raise SealError("contact.address", "not an e-mail address such as name@example.org")


def seal_address(key: str, person: str, address: str) -> str:
    """Return `address` of a `person` (32 hex digits), sealed to the public key `key` (base64url), as base64url text.

    The result has 320 bytes whatever the address. Raises `SealError` (`contact.address`) or `MalformedError`.
    """
    check_address(address)
    text = address.encode("ascii")
    plain = bytes.fromhex(person) + len(text).to_bytes(2, "big") + text + bytes(MAX_ADDRESS - len(text))
    return b64.encode(SealedBox(PublicKey(b64.decode(key, 32))).encrypt(plain))


class ContactKeyPair:
    """The worker's private key, kept as its 32 bytes. `public` is the base64url public key (43 characters)."""

    def __init__(self, private: bytes) -> None:
        self._key = PrivateKey(private)
        self.public = b64.encode(bytes(self._key.public_key))

    @classmethod
    def generate(cls) -> "ContactKeyPair":
        """Return a new key pair from the operating system's randomness."""
        return cls(bytes(PrivateKey.generate()))

    @property
    def private(self) -> bytes:
        """The 32 secret bytes, for the worker's file only."""
        return bytes(self._key)

    def open_address(self, person: str, sealed: str) -> str:
        """Return the address of `person` in a sealed box.

        Raises `SealError` (`contact.unopenable`): sealed to another key, for another person, or not as it should be.
        """
        try:
            plain = SealedBox(self._key).decrypt(b64.decode(sealed))
        except (nacl.exceptions.CryptoError, ValueError, TypeError) as error:
            raise SealError("contact.unopenable", "sealed to another key, or altered") from error
        length = int.from_bytes(plain[_PERSON : _PERSON + 2], "big")
        text, rest = plain[_PERSON + 2 :][:length], plain[_PERSON + 2 + length :]
        sound = len(plain) == PLAIN_BYTES and plain[:_PERSON] == bytes.fromhex(person) and not any(rest)
        address = text.decode("ascii", "replace")
        if not sound or length > MAX_ADDRESS or _ADDRESS.fullmatch(address) is None:
            raise SealError("contact.unopenable", "not the address of this person")
        return address

    def __repr__(self) -> str:
        return f"ContactKeyPair(public={self.public!r})"
