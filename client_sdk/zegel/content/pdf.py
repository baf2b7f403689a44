"""PDF files: what acts when they are opened, what hides from a look, and national numbers that can be read plainly.

A PDF is data that a program interprets, and some of what it can say is to run a script, start a program, send a form or
unpack a file. Nothing in help between partners needs that, so those are refused by name, also with hex escapes in the
name and in compressed object streams. A file that can't be looked into (encrypted, or object streams in another
compression) is refused too: fail closed.

The limit, honestly: this is a search for names, not an interpreter of PDF. A file made to deceive can pass it, and the
protection against such a file is the reader it is opened in. Text is not extracted: a national number is found only
where it stands in one plain string (titles, form fields, uncompressed pages), and never in a scan or in the usual
compressed page. ISO 32000-2 sections 7.3 to 7.5, 12.6.
"""

import re
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from zegel.content.errors import ContentCode, ContentError
from zegel.content.file_bytes import FileBytes, find, malformed, search
from zegel.content.folding import fold
from zegel.content.national_number import find_national_numbers

PDF_MAGIC: Final = b"%PDF-"
_HEADER = re.compile(rb"%PDF-[12]\.[0-9][\r\n \t]")
_EOF: Final = b"%%EOF"
_STARTXREF = re.compile(rb"startxref[\s\x00]+[0-9]+[\s\x00]+%%EOF")
_TAIL: Final = 2048
"""Bytes at the end in which the end marker stands."""

MAX_INFLATED: Final = 64 * 1024 * 1024
"""All object streams together, inflated, in bytes: far above any letter, and a bound for a bomb."""
MAX_STRING: Final = 4096
_LONGEST_STRING: Final = 2 * MAX_STRING + 2
_LONGEST_NAME: Final = 64
"""Bytes of the longest name that is searched for, each letter as its hex escape, and of what may follow it."""
_LONGEST_DICTIONARY: Final = 1024 * 1024
_PIECE: Final = 65_536


def _names(*names: bytes) -> re.Pattern[bytes]:
    """Return a pattern for PDF names, each letter as itself or as its hex escape."""
    spelled = [b"".join(b"(?:%c|#%x%s)" % (c, c >> 4, _hex_digit(c & 15)) for c in name) for name in names]
    return re.compile(rb"/(?:" + b"|".join(spelled) + rb")(?=[\s\x00()<>\[\]{}/%]|\Z)")


def _hex_digit(value: int) -> bytes:
    digit = b"%x" % value
    return b"[" + digit + digit.upper() + b"]" if value > 9 else digit


# Long names are searched in every byte, since what one reader takes for a stream another may not. Six letters or more
# do not turn up by chance in compressed data.
_ACTIVE = _names(
    b"JavaScript", b"Launch", b"EmbeddedFile", b"EmbeddedFiles", b"Filespec", b"RichMedia", b"SubmitForm",
    b"ImportData", b"GoToE", b"GoToR", b"Rendition",
)  # fmt: skip
# Short names would: these count outside streams only.
_ACTIVE_SHORT = _names(b"JS", b"XFA", b"EF")
_ENCRYPT = _names(b"Encrypt")
_OBJECT_STREAM = _names(b"ObjStm")
_FLATE = re.compile(rb"/Filter\s*(?:/(?:FlateDecode|Fl)(?![A-Za-z])|\[\s*/(?:FlateDecode|Fl)\s*\])")
_FILTER = _names(b"Filter", b"F")
_PREDICTOR = re.compile(rb"/Predictor\s+(?!1\b)")
_STREAM = re.compile(rb"(?<!end)stream(?:\r\n|\n|\r)")
_STRING = re.compile(rb"\(((?:[^()\\]|\\.){11,%d}+)\)|<([0-9A-Fa-f\s]{22,%d}+)>" % (MAX_STRING, MAX_STRING), re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_ESCAPED: Final = {
    b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b"",
}  # fmt: skip


class _Part(NamedTuple):
    """A piece of the file: the body of a stream with the dictionary before it, or (None) what lies between streams."""

    start: int
    end: int
    dictionary: bytes | None

    def search(self, pattern: re.Pattern[bytes], data: FileBytes) -> bool:
        return search(pattern, data, self.start, self.end, _LONGEST_NAME) is not None

    @property
    def packed(self) -> bool:
        """Whether it is a stream that holds objects."""
        return self.dictionary is not None and _OBJECT_STREAM.search(self.dictionary) is not None


def check_pdf(data: FileBytes) -> None:
    """Refuse a PDF that is broken, goes on behind its end, acts, or can't be looked into. `data` begins with the magic.

    Raises `ContentError`: `content.malformed`, `content.trailing`, `content.active`, `content.opaque`.
    """
    _check_frame(data)
    if search(_ACTIVE, data, 0, len(data), _LONGEST_NAME) is not None:
        raise _active()
    budget = MAX_INFLATED
    for part in _parts(data):
        if part.dictionary is None:
            if part.search(_ACTIVE_SHORT, data):
                raise _active()
            if part.search(_ENCRYPT, data):
                raise _opaque("is encrypted")
        elif part.packed:
            objects = _inflate(part, data, budget)
            budget -= len(objects)
            _check_plain(objects)


def find_in_pdf(data: FileBytes) -> Iterator[tuple[int, int]]:
    """Yield (start, end) in bytes of each plain string with a national number; for a string inside an object stream,
    of that stream. Best effort, see the module; reads a PDF that `check_pdf` let through.
    """
    budget = MAX_INFLATED
    for part in _parts(data):
        if part.packed:
            objects = _inflate(part, data, budget)
            budget -= len(objects)
            if any(_holds_number(match) for match in _STRING.finditer(objects)):
                yield part.start, part.end
        elif part.dictionary is None or not _FILTER.search(part.dictionary):
            position = part.start
            while match := search(_STRING, data, position, part.end, _LONGEST_STRING):
                position = match.end()
                if _holds_number(match):
                    yield match.start(), match.end()


def _check_frame(data: FileBytes) -> None:
    tail_start = max(0, len(data) - _TAIL)
    tail = data[tail_start : len(data)]
    last = tail.rfind(_EOF)
    if not _HEADER.match(data[:16]):
        raise malformed("the PDF has no header")
    if last < 0 or not _STARTXREF.search(tail, 0, last + len(_EOF)):
        raise malformed("the PDF is cut: it has no end")
    if tail[last + len(_EOF) :].strip(b"\r\n\t \x00"):
        raise ContentError(ContentCode.TRAILING, "the PDF goes on behind its end; print it to a new PDF and send that")


def _check_plain(piece: bytes) -> None:
    if _ACTIVE.search(piece) or _ACTIVE_SHORT.search(piece):
        raise _active()
    if _ENCRYPT.search(piece):
        raise _opaque("is encrypted")


def _parts(data: FileBytes) -> Iterator[_Part]:
    """Yield what lies between streams, and each stream with its dictionary, in order."""
    position = 0
    while match := search(_STREAM, data, position, len(data), _LONGEST_NAME):
        start = match.start()
        yield _Part(position, start, None)
        end = find(b"endstream", data, match.end(), len(data))
        if end < 0:
            raise malformed("the PDF ends inside a stream")
        opened = max(data.rfind(word, position, start) for word in (b" obj", b"\nobj"))
        opened = max(opened, position)
        if start - opened > _LONGEST_DICTIONARY:
            raise _opaque("describes a part of itself at great length")
        yield _Part(match.end(), end, data[opened:start])
        position = end + len(b"endstream")
    yield _Part(position, len(data), None)


def _inflate(part: _Part, data: FileBytes, budget: int) -> bytes:
    """Return the objects of an object stream. Raises `ContentError` (`content.opaque`, `content.malformed`)."""
    dictionary = part.dictionary or b""
    if not _FILTER.search(dictionary):
        if part.end - part.start > budget:
            raise _opaque("holds far more than a letter")
        return data[part.start : part.end]
    if not _FLATE.search(dictionary) or _PREDICTOR.search(dictionary):
        raise _opaque("is compressed in an unusual way")
    engine = zlib.decompressobj()
    objects = bytearray()
    try:
        for position in range(part.start, part.end, _PIECE):
            objects += engine.decompress(data[position : min(position + _PIECE, part.end)], budget + 1 - len(objects))
            if len(objects) > budget:
                raise _opaque("unpacks to far more than a letter")
            if engine.eof:
                break
    except zlib.error:
        raise malformed("a part of the PDF does not unpack") from None
    return bytes(objects)


def _holds_number(match: re.Match[bytes]) -> bool:
    literal, digits = match.groups()
    if literal is not None:
        raw = _ESCAPE.sub(_unescape, literal)
    else:
        compact = b"".join(digits.split())
        raw = bytes.fromhex((compact + b"0" * (len(compact) % 2)).decode("ascii"))
    text = raw[2:].decode("utf-16-be", "replace") if raw.startswith(b"\xfe\xff") else raw.decode("latin-1")
    return next(find_national_numbers(fold(text)), None) is not None


def _unescape(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes([int(code, 8) & 255]) if code.isdigit() and code < b"8" else _ESCAPED.get(code, code)


def _active() -> ContentError:
    return ContentError(
        ContentCode.ACTIVE,
        "the PDF holds a script, a program, a form that sends or another file; print it to a new PDF and send that",
    )


def _opaque(why: str) -> ContentError:
    return ContentError(
        ContentCode.OPAQUE, f"the PDF {why}, so it can't be looked into; print it to a new PDF and send that"
    )
