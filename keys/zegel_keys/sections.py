"""Sealing a section: padding, XChaCha20-Poly1305 secretstream, and the digests that its entry publishes.

One code path for ten bytes and five gigabytes, in constant memory. Every section has its own random key, made here and
never given: that is what makes the stream safe from a repeated key and nonce. Opening is `zegel_keys.opening`. Rule:
`docs/spec/sealing.md`.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from nacl import bindings

from zegel_protocol import b64
from zegel_protocol.errors import SealError
from zegel_protocol.padme import CHUNK, LENGTH_PREFIX, padded_size
from zegel_protocol.sealing import SECTION_KEY, SectionContext, associated_data, key_commitment

TAG_MESSAGE: Final = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
TAG_FINAL: Final = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL


@dataclass(frozen=True, kw_only=True)
class SectionSeal:
    """What sealing gives beside the blob: `ct`, `kc` and `padded` for the entry, `key` (32 bytes) to be wrapped."""

    ct: str
    kc: str
    padded: int
    key: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class SealedSection(SectionSeal):
    """A section sealed in memory; `blob` is its ciphertext, header first."""

    blob: bytes = field(repr=False)


class SectionSealer:
    """Seals one section, once, under a fresh key. A retry is a new sealer, and so a new key.

    `padded`, `kc` and `key` are known at once; `ct` when `seal` has run to its end.
    """

    def __init__(self, context: SectionContext, length: int) -> None:
        """Prepare for `length` bytes of content.

        Raises `MalformedError` (the context) or `SealError` (`section.length`: more than a section may hold).
        """
        self.padded = padded_size(length)
        self.key = os.urandom(SECTION_KEY)
        self._length = length
        self._ad = associated_data(context)
        self.kc = key_commitment(self._ad, self.key)
        self._ct: str | None = None
        self._started = False

    @property
    def ct(self) -> str:
        """The digest of the blob. Raises `RuntimeError` before the last chunk was yielded."""
        if self._ct is None:
            raise RuntimeError("the section is not sealed to its end")
        return self._ct

    def result(self) -> SectionSeal:
        """Return what the entry and the wraps need. Raises `RuntimeError` before the last chunk was yielded."""
        return SectionSeal(ct=self.ct, kc=self.kc, padded=self.padded, key=self.key)

    def seal(self, content: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the blob, header first, then each chunk, from pieces of content of any size.

        The chunk that closes the stream leaves only after the content has ended at the length that was promised; so
        what came out before an error never opens. Raises `SealError` (`section.length`) when the content is not of that
        length, and `RuntimeError` on a second call, which would seal other content under the same key.
        """
        if self._started:
            raise RuntimeError("a sealer seals once")
        self._started = True
        state = bindings.crypto_secretstream_xchacha20poly1305_state()
        # The header is a nonce of 192 random bits, made by libsodium.
        header = bindings.crypto_secretstream_xchacha20poly1305_init_push(state, self.key)
        digest = hashlib.sha256(header)
        yield header
        for chunk, last in _chunks(_padded_plaintext(content, self._length, self.padded)):
            tag = TAG_FINAL if last else TAG_MESSAGE
            sealed = bindings.crypto_secretstream_xchacha20poly1305_push(state, chunk, self._ad, tag)
            digest.update(sealed)
            if last:
                self._ct = b64.encode(digest.digest())
            yield sealed


def seal_section(context: SectionContext, content: bytes) -> SealedSection:
    """Return `content` sealed in memory. Raises as `SectionSealer`."""
    sealer = SectionSealer(context, len(content))
    blob = b"".join(sealer.seal([content]))
    return SealedSection(blob=blob, ct=sealer.ct, kc=sealer.kc, padded=sealer.padded, key=sealer.key)


def seal_file(context: SectionContext, source: BinaryIO, length: int, sink: BinaryIO) -> SectionSeal:
    """Seal `length` bytes, which are all that `source` still holds, into `sink`; both are used in constant memory.

    `sink` is buffered, or takes all it is given. Meant to be a spool file: seal once, then upload it as often as the
    network asks, so that every attempt sends the same bytes. After an error `sink` holds ciphertext that nobody can
    open: throw it away. Raises as `SectionSealer.seal`, and what `source` and `sink` raise.
    """
    return seal_pieces(context, iter(lambda: source.read(CHUNK), b""), length, sink)


def seal_pieces(context: SectionContext, content: Iterable[bytes], length: int, sink: BinaryIO) -> SectionSeal:
    """Seal content that comes in pieces, `length` bytes in all, into `sink`; else as `seal_file`."""
    sealer = SectionSealer(context, length)
    for piece in sealer.seal(content):
        sink.write(piece)
    return sealer.result()


def _padded_plaintext(content: Iterable[bytes], length: int, padded: int) -> Iterator[memoryview]:
    """Yield length prefix, content and zeros, in pieces of at most a chunk."""
    yield memoryview(length.to_bytes(LENGTH_PREFIX, "big"))
    given = 0
    for piece in content:
        given += len(piece)
        if given > length:
            break
        yield from _slices(memoryview(piece))
    if given != length:
        raise SealError("section.length", f"the content is not of the {length} bytes that were promised")
    zeros = memoryview(bytes(CHUNK))
    missing = padded - LENGTH_PREFIX - length
    while missing:
        part = zeros[:missing]
        missing -= len(part)
        yield part


def _slices(piece: memoryview) -> Iterator[memoryview]:
    for start in range(0, len(piece), CHUNK):
        yield piece[start : start + CHUNK]


def _chunks(pieces: Iterator[memoryview]) -> Iterator[tuple[bytes, bool]]:
    """Yield (plaintext of a chunk, whether it is the last).

    A full chunk is held back until a byte follows it, so the last one is known as such only when the pieces have ended.
    """
    pending = bytearray()
    for piece in pieces:
        pending += piece
        if len(pending) > CHUNK:
            yield bytes(pending[:CHUNK]), False
            del pending[:CHUNK]
    yield bytes(pending), True
