"""libsodium's XChaCha20-Poly1305 secretstream, step by step from its documentation: a second implementation.

It shows that what we seal is the published construction, and it exposes the one-time Poly1305 keys, from which an
attacker can make a chunk that authenticates under two keys.
"""

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20

P = 2**130 - 5
_MASK = 0xFFFFFFFF
_CLAMP = 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF


class Stream:
    """The state of a stream under one key, at its next chunk. No re-keying: 2^32 chunks are far away."""

    def __init__(self, key: bytes, header: bytes) -> None:
        self._subkey = hchacha20(key, header[:16])
        self._counter, self._nonce = 1, header[16:]

    def keystream(self, size: int) -> bytes:
        """Return the keystream of the chunk, from block 0."""
        nonce = bytes(4) + self._counter.to_bytes(4, "little") + self._nonce
        return Cipher(ChaCha20(self._subkey, nonce), mode=None).encryptor().update(bytes(size))

    def one_time_key(self) -> tuple[int, int]:
        """Return Poly1305's r and s of the chunk."""
        block = self.keystream(32)
        return int.from_bytes(block[:16], "little") & _CLAMP, int.from_bytes(block[16:], "little")

    def authenticated(self, ad: bytes, body: bytes) -> bytes:
        """Return what Poly1305 runs over; `body` is the encrypted tag byte and the ciphertext."""
        tag_block = body[:1] + self.keystream(128)[65:]
        size = len(body) - 1
        # The padding after the ciphertext is libsodium's own: as many zeros as its length is past a block.
        lengths = len(ad).to_bytes(8, "little") + (64 + size).to_bytes(8, "little")
        return ad + bytes(-len(ad) % 16) + tag_block + body[1:] + bytes(size % 16) + lengths

    def mac(self, ad: bytes, body: bytes) -> bytes:
        """Return the 16-byte authenticator of the chunk."""
        r, s = self.one_time_key()
        return ((polynomial(r, self.authenticated(ad, body)) + s) % 2**128).to_bytes(16, "little")

    def open(self, ad: bytes, chunk: bytes) -> tuple[int, bytes] | None:
        """Return tag and plaintext of the chunk and go to the next, or None when it does not authenticate."""
        body = chunk[:-16]
        if self.mac(ad, body) != chunk[-16:]:
            return None
        stream = self.keystream(128 + len(body))
        self._counter, self._nonce = self._counter + 1, xor(self._nonce, chunk[-16:])
        return body[0] ^ stream[64], xor(body[1:], stream[128:])


def polynomial(r: int, message: bytes) -> int:
    """Return Poly1305's polynomial of the message at `r`, before `s` is added."""
    total = 0
    for start in range(0, len(message), 16):
        total = (total + int.from_bytes(message[start : start + 16] + b"\1", "little")) * r % P
    return total


def xor(left: bytes, right: bytes) -> bytes:
    """Return the bytes of `left` combined with as many of `right`."""
    return bytes(a ^ b for a, b in zip(left, right, strict=False))


def hchacha20(key: bytes, nonce: bytes) -> bytes:
    """Return the subkey of 32 bytes (draft-irtf-cfrg-xchacha, section 2.2)."""
    start = b"expand 32-byte k" + key + nonce
    state = [int.from_bytes(start[i : i + 4], "little") for i in range(0, 64, 4)]
    for _ in range(10):
        for a, b, c, d in (
            (0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
            (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14),
        ):  # fmt: skip
            for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                state[x] = (state[x] + state[y]) & _MASK
                state[z] ^= state[x]
                state[z] = (state[z] << turn | state[z] >> (32 - turn)) & _MASK
    return b"".join(word.to_bytes(4, "little") for word in state[:4] + state[12:])
