"""How many bytes a section is padded to, and how many its ciphertext then has.

Only arithmetic; making and checking the padding belongs to `zegel_keys`. A section's plaintext is a 64-bit big-endian
length, the content, and zeros up to the Padmé size (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and
Communication with PURBs", section 4) with a floor of 4 KiB. Padmé lets a size be told apart only in its first bits, at
a cost of at most 12 %; below the floor all sections look alike. Rule: `docs/spec/sealing.md`.
"""

from typing import Final

from zegel_protocol.errors import SealError

LENGTH_PREFIX: Final = 8
"""Bytes of the length that precedes the content; it is padded along, so that nothing tells a full section apart."""

SMALLEST_PADDED: Final = 4 * 1024
LARGEST_CONTENT: Final = 5 * 1024**3
"""Largest content of one section, in bytes; bounds what a length may claim and what a reader agrees to spool."""

CHUNK: Final = 65_536
"""Plaintext bytes of every chunk but the last."""
CHUNK_OVERHEAD: Final = 17
"""Bytes that a chunk's ciphertext is longer than its plaintext: the encrypted tag byte and the authenticator."""
HEADER: Final = 24
"""Bytes of the stream header: the XChaCha20 nonce."""


def padded_size(length: int) -> int:
    """Return the size in bytes of the whole padded plaintext, length prefix included, of `length` bytes of content.

    Raises `SealError` (`section.length`) unless `length` is 0 to `LARGEST_CONTENT`.
    """
    if not 0 <= length <= LARGEST_CONTENT:
        raise SealError("section.length", f"a section holds 0 to {LARGEST_CONTENT} bytes")
    return max(SMALLEST_PADDED, _padme(LENGTH_PREFIX + length))


def is_padded_size(padded: int) -> bool:
    """Return whether some content pads to `padded` bytes: what can be held against a manifest without any key."""
    return SMALLEST_PADDED <= padded <= padded_size(LARGEST_CONTENT) and _padme(padded) == padded


def chunk_count(padded: int) -> int:
    """Return the number of chunks that `padded` bytes of plaintext (1 or more) fall into."""
    return -(-padded // CHUNK)


def ciphertext_size(padded: int) -> int:
    """Return the size in bytes of the blob: header, and every chunk with its overhead."""
    return HEADER + padded + CHUNK_OVERHEAD * chunk_count(padded)


def _padme(size: int) -> int:
    """Round `size` (2 or more) up so that of its binary digits only the first log2(log2(size)) or so are not zero."""
    exponent = size.bit_length() - 1
    kept = exponent.bit_length()
    mask = (1 << (exponent - kept)) - 1
    return (size + mask) & ~mask
