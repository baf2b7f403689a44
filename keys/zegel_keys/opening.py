"""Opening: unwrapping section keys, and the strict reader of a sealed section. The relay never imports this module.

A section passes four gates, and the first that fails names the error (`docs/spec/sealing.md`):
1. the key belongs to the entry: `section.key-commitment`;
2. the blob is the one that the entry names: `section.digest`;
3. the blob has the size that `padded` asks for: `section.malformed`. libsodium reports neither a truncated stream nor
   data after its last chunk, so they are caught here;
4. chunk by chunk: a first chunk that does not authenticate is `section.unopenable` (sealed under another key or as
   another section); a later one is `section.malformed`, because the first shows that key and context fit, so the stream
   is not cut into chunks as it must be, or is spliced. A tag out of place, a length that does not pad to `padded`, and
   padding that is not zero are `section.malformed`.

No plaintext leaves before the last gate: what a caller sees partially, a caller uses partially.
"""

import hashlib
import io
import os
from collections.abc import Callable
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from nacl import bindings
from nacl.exceptions import RuntimeError as SodiumError

from zegel_keys.hybrid import SealPrivateKey
from zegel_keys.sections import TAG_FINAL, TAG_MESSAGE
from zegel_keys.wrapping import SUITE
from zegel_protocol import b64
from zegel_protocol.errors import SealError
from zegel_protocol.padme import (
    CHUNK,
    CHUNK_OVERHEAD,
    HEADER,
    LARGEST_CONTENT,
    LENGTH_PREFIX,
    chunk_count,
    ciphertext_size,
    padded_size,
)
from zegel_protocol.sealing import SECTION_KEY, SectionContext, associated_data, box_size, key_commitment

_ZEROS: Final = bytes(CHUNK)


class Source(Protocol):
    """What a blob is read from: a file open for reading, or what counts as one."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a place and return it."""


class Sink(Protocol):
    """What content is written to: a file open for writing, or what takes one's place."""

    def write(self, piece: memoryview, /) -> object:
        """Take a piece whole."""

    def tell(self) -> int:
        """Return the place that comes next."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a place and return it."""

    def truncate(self) -> object:
        """Cut off what stands behind this place."""


def unwrap(box: str, private: SealPrivateKey, info: bytes, n_keys: int) -> list[bytes]:
    """Return the `n_keys` section keys of 32 bytes in a base64url `box`, in the order of its entries.

    `info` comes from `zegel_protocol.sealing.wrap_info`. What is returned is only what the sealer put in: hold every
    key against its entry with `check_key`. Raises `MalformedError` (`binary.malformed`) or `SealError`:
    `wrap.malformed` (not the size for `n_keys`), `wrap.unopenable` (for another key, or moved here from another
    manifest, sealer, reader or entries).
    """
    data = b64.decode(box)
    if n_keys < 1 or len(data) != box_size(n_keys):
        raise SealError("wrap.malformed", f"{len(data)} bytes are no box of {n_keys} section keys")
    try:
        joined = SUITE.decrypt(data, private.hpke, info=info)
    except (InvalidTag, ValueError) as error:
        raise SealError("wrap.unopenable", "the keys were not wrapped for this key and this message") from error
    return [joined[start : start + SECTION_KEY] for start in range(0, len(joined), SECTION_KEY)]


def check_key(context: SectionContext, key: bytes, kc: str) -> None:
    """Return if `key` is the one that the entry commits to with `kc`; no blob is needed.

    Raises `MalformedError` (the context) or `SealError` (`section.key-commitment`).
    """
    _committed(context, key, kc)


def open_section(context: SectionContext, key: bytes, blob: bytes, ct: str, kc: str, padded: int) -> bytes:
    """Return the content of a section held in memory.

    `ct`, `kc` and `padded` are the entry's. Raises `MalformedError` (the context) or `SealError` with the code of the
    first gate that fails, see the module.
    """
    pieces: list[memoryview] = []
    _read(_committed(context, key, kc), key, io.BytesIO(blob), ct, padded, pieces.append)
    return b"".join(pieces)


def open_file(context: SectionContext, key: bytes, source: Source, ct: str, kc: str, padded: int, sink: Sink) -> int:
    """Write the content of the section in `source` to `sink`, and return its length in bytes. Constant memory.

    `source` is a file of the whole blob, read from its start, and read twice: the first pass only checks, the second
    releases. So `sink` gets nothing of a section that is not whole, and no plaintext has to be wiped from a disk. The
    second pass checks all again; should the file have changed in between, or writing fail, `sink` is cut back to where
    it was. `sink` is seekable, and buffered or taking all it is given. Raises as `open_section`, and what the files
    raise.
    """
    ad = _committed(context, key, kc)
    _read(ad, key, source, ct, padded, _discard)
    start = sink.tell()
    try:
        return _read(ad, key, source, ct, padded, sink.write)
    except BaseException:
        sink.seek(start)
        sink.truncate()
        raise


def _committed(context: SectionContext, key: bytes, kc: str) -> bytes:
    """Return the associated data once `key` is seen to be the committed one."""
    ad = associated_data(context)
    if key_commitment(ad, key) != kc:
        raise SealError("section.key-commitment", "not the key that the entry commits to")
    return ad


def _discard(piece: memoryview) -> None:
    """Take a piece of plaintext and let go of it."""


class _Blob:
    """A source of ciphertext that keeps the digest of all that was read from it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._digest = hashlib.sha256()
        self.size = source.seek(0, os.SEEK_END)
        source.seek(0)

    def read(self, size: int) -> bytes:
        """Return exactly `size` bytes. Raises `SealError` (`section.malformed`) when the source ends before."""
        parts: list[bytes] = []
        while size and (part := self._source.read(size)):
            self._digest.update(part)
            parts.append(part)
            size -= len(part)
        if size:
            raise SealError("section.malformed", "the section ends too early")
        return b"".join(parts)

    def digest_of_all(self) -> str:
        """Read to the end and return the digest of the whole blob, base64url."""
        while part := self._source.read(CHUNK):
            self._digest.update(part)
        return b64.encode(self._digest.digest())


def _read(ad: bytes, key: bytes, source: Source, ct: str, padded: int, release: Callable[[memoryview], object]) -> int:
    """Give the content to `release` in pieces, none of which may be used before this returns its length.

    The digest is taken along the way, so that each pass reads the blob once; still a wrong digest outranks what the
    chunks say, because it tells a blob damaged on its way from one that its sender made wrong.
    """
    blob = _Blob(source)
    failure: SealError | None = None
    length = 0
    try:
        length = _decrypt(ad, key, blob, padded, release)
    except SealError as error:
        failure = error
    if blob.digest_of_all() != ct:
        raise SealError("section.digest", "not the blob that the entry names")
    if failure is not None:
        raise failure
    return length


def _decrypt(ad: bytes, key: bytes, blob: _Blob, padded: int, release: Callable[[memoryview], object]) -> int:
    """Decrypt and check every chunk; return the length of the content."""
    # No bytes would mean no chunk, and so nothing that authenticates.
    if padded < 1 or blob.size != ciphertext_size(padded):
        raise SealError("section.malformed", f"{blob.size} bytes are no section of {padded} bytes")
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, blob.read(HEADER), key)
    chunks = chunk_count(padded)
    length = missing = 0
    for number in range(chunks):
        size = min(CHUNK, padded - number * CHUNK)
        try:
            plaintext, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(
                state, blob.read(size + CHUNK_OVERHEAD), ad
            )
        except SodiumError as error:
            code = "section.malformed" if number else "section.unopenable"
            raise SealError(code, "a chunk does not authenticate") from error
        if tag != (TAG_FINAL if number == chunks - 1 else TAG_MESSAGE):
            raise SealError("section.malformed", "a chunk carries a tag that does not belong there")
        body = memoryview(plaintext)
        if number == 0:
            length = missing = _length(body, padded)
            body = body[LENGTH_PREFIX:]
        content, padding = body[:missing], body[missing:]
        if padding != memoryview(_ZEROS)[: len(padding)]:
            raise SealError("section.malformed", "the padding is not zero")
        missing -= len(content)
        release(content)
    return length


def _length(plaintext: memoryview, padded: int) -> int:
    """Return the length that the first chunk states, if `padded` is what it pads to: one length, one size."""
    length = int.from_bytes(plaintext[:LENGTH_PREFIX], "big")
    if length > LARGEST_CONTENT or padded_size(length) != padded:
        raise SealError("section.malformed", "the stated length does not pad to the stated size")
    return length
