"""The content of a section: bytes from a form or a file, and back. Nothing here decides what may be sent.

A text section is the canonical JSON of a form struct. A file section is a 32-bit big-endian header length, a canonical
JSON header with the file's name, and the file's bytes: the name is content, so the relay never sees it. Both are what
`zegel_keys.sections` seals. Rule: `docs/spec/content.md`.
"""

import io
from typing import Annotated, BinaryIO, Final, NamedTuple, TypeVar

import msgspec
from msgspec import Meta

from zegel.content.errors import ContentCode, ContentError
from zegel.content.file_names import MAX_CHARACTERS, check_file_name
from zegel.content.notes import Note, normalised
from zegel_protocol import encoding
from zegel_protocol.errors import MalformedError

N = TypeVar("N", bound=msgspec.Struct)

NOTE_MEDIA: Final = "application/vnd.zegel.note.v1+json"
"""Media type of a text section, as in `zegel_protocol.decision.sections`; a test holds the two together."""
MAX_NOTE_BYTES: Final = 64 * 1024
"""Largest text section. The longest text of the default rulebook has 3,000 characters, of 4 bytes at most."""
LENGTH_BYTES: Final = 4
MAX_HEADER_BYTES: Final = 512
"""Largest header of a file section: a name of 240 bytes and room. Bounds what is read before anything is checked."""


class _Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=MAX_CHARACTERS)]


class FilePrefix(NamedTuple):
    """What precedes the bytes of a file: its name, its media type as the name says, and the prefix's size in bytes."""

    name: str
    media: str
    size: int


def pack_note(note: Note) -> bytes:
    """Return the content of a text section. Text is put into NFC and line feeds first.

    Raises `ContentError` (`content.schema`) when a field is not what its form allows, `content.malformed` when it
    can't be written at all (half a surrogate pair).
    """
    note = normalised(note)
    try:
        content = encoding.encode(note)
    except (TypeError, ValueError):
        raise ContentError(ContentCode.MALFORMED, "the text can't be written as UTF-8; type it again") from None
    unpack_note(type(note), content)
    return content


def unpack_note(form: type[N], content: bytes) -> N:
    """Return the form struct that `content` stands for; `form` is the struct type (`schemas.schema_of`).

    Raises `ContentError`: `content.schema` for JSON of another shape (`path` says where), `content.malformed` for
    everything that is not the one canonical encoding.
    """
    try:
        return encoding.decode(content, form, MAX_NOTE_BYTES)
    except MalformedError as error:
        # The library's message may quote the content (an unknown field's name), so only the path goes on.
        wrong_shape = error.code == "object.malformed" and isinstance(error.__cause__, msgspec.ValidationError)
        code = ContentCode.SCHEMA if wrong_shape else ContentCode.MALFORMED
        path = error.path
    shape = "a field is missing, unknown, empty or not of its kind"
    raise ContentError(code, shape if wrong_shape else "not the one encoding of a note", path)


def file_prefix(name: str, media: str) -> bytes:
    """Return the bytes to put before a file's own: header length and header.

    Raises `ContentError`: `content.name`, `content.media`; see `file_names.check_file_name`.
    """
    check_file_name(name, media)
    header = encoding.encode(_Header(name=name))
    return len(header).to_bytes(LENGTH_BYTES, "big") + header


def read_prefix(source: BinaryIO, media: str | None = None) -> FilePrefix:
    """Read the prefix of a file section and leave `source` at the file's first byte; `media` is the entry's.

    Raises `ContentError`: `content.malformed` (truncated, too long, not canonical), `content.schema`, `content.name`.
    """
    length = int.from_bytes(_read(source, LENGTH_BYTES), "big")
    if not 0 < length <= MAX_HEADER_BYTES:
        raise ContentError(ContentCode.MALFORMED, f"a file's header has 1 to {MAX_HEADER_BYTES} bytes")
    header = unpack_note(_Header, _read(source, length))
    return FilePrefix(header.name, check_file_name(header.name, media), LENGTH_BYTES + length)


def pack_file(name: str, data: bytes) -> bytes:
    """Return the content of a file section. The media type follows from the name's ending.

    Raises `ContentError` (`content.name`). Looks at the name only; `files.check_file` looks at the bytes.
    """
    return file_prefix(name, check_file_name(name)) + data


def unpack_file(content: bytes, media: str | None = None) -> tuple[str, bytes]:
    """Return (name, bytes) of a file section; `media` is the entry's. Raises as `read_prefix`."""
    length = int.from_bytes(content[:LENGTH_BYTES], "big")
    end = LENGTH_BYTES + length
    if len(content) < LENGTH_BYTES or not 0 < length <= MAX_HEADER_BYTES or end > len(content):
        raise ContentError(ContentCode.MALFORMED, f"a file's header has 1 to {MAX_HEADER_BYTES} bytes")
    header = unpack_note(_Header, content[LENGTH_BYTES:end])
    check_file_name(header.name, media)
    return header.name, content[end:]


class FileSink:
    """Takes the content of a file section piece by piece and writes the file alone to `sink`, which begins empty.

    It is what `zegel_keys.opening.open_file` writes to; `prefix` is there once all of it came.
    """

    def __init__(self, sink: BinaryIO, media: str) -> None:
        self._sink, self._media = sink, media
        self._head = bytearray()
        self._prefix: FilePrefix | None = None

    @property
    def prefix(self) -> FilePrefix:
        """What preceded the file. Raises `ContentError` (`content.malformed`) when the content ended before."""
        if self._prefix is None:
            raise ContentError(ContentCode.MALFORMED, "the section ends inside a file's header")
        return self._prefix

    def write(self, piece: bytes | memoryview, /) -> int:
        """Take the next piece. Raises as `read_prefix`."""
        if self._prefix is not None:
            return self._sink.write(piece)
        self._head += piece
        length = int.from_bytes(self._head[:LENGTH_BYTES], "big")
        if len(self._head) >= LENGTH_BYTES and (
            len(self._head) >= LENGTH_BYTES + length or not 0 < length <= MAX_HEADER_BYTES
        ):
            self._prefix = read_prefix(io.BytesIO(self._head), self._media)
            self._sink.write(self._head[self._prefix.size :])
        return len(piece)

    def tell(self) -> int:
        """Return where the next byte goes."""
        return self._sink.tell() if self._prefix is not None else 0

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go back to the start, which is all that a reader that failed asks for."""
        self._head.clear()
        self._prefix = None
        return self._sink.seek(offset, whence)

    def truncate(self) -> int:
        """Cut off what stands behind this place."""
        return self._sink.truncate()


def _read(source: BinaryIO, size: int) -> bytes:
    """Return exactly `size` bytes: a raw stream may give fewer at a time."""
    parts = bytearray()
    while len(parts) < size:
        part = source.read(size - len(parts))
        if not part:
            raise ContentError(ContentCode.MALFORMED, "the section ends inside a file's header")
        parts += part
    return bytes(parts)
