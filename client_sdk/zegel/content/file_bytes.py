"""The bytes of a file as the checks read them, and the search for a second format inside or behind the first.

A polyglot is one file that is two: an image that a browser also takes for a page, a PDF that is also an archive. The
portal never renders a file (attack 25: files leave as downloads only), and this is the other half: such a file is
refused before it is sealed, and again after it is opened.
"""

import mmap
import re
from typing import Final

from zegel.content.errors import ContentCode, ContentError

FileBytes = bytes | mmap.mmap
"""A file in memory, or mapped: the checks read a mapped file in pieces, never as a whole."""

HEAD: Final = 1024
"""Bytes at the start in which programs look for the magic of a format: browsers, and readers of PDF."""
_ZIP_TAIL: Final = 65_536 + 22
"""Bytes at the end in which an archive's directory is looked for: its longest comment and the record itself."""

_MARKUP = re.compile(rb"<(?:!doctype|html|head|body|script|iframe|svg|object|embed|\?php)(?=[\s/>])", re.IGNORECASE)
# An archive starts with an entry; its end record begins with the numbers of two disks, which are zero.
_ZIP_ENTRY: Final = b"PK\x03\x04"
_ZIP_END: Final = b"PK\x05\x06\x00\x00\x00\x00"
_PDF: Final = b"%PDF-"


WINDOW: Final = 4 * 1024 * 1024
"""Bytes that are searched at a time: between two windows other threads of the program get their turn."""


def search(pattern: re.Pattern[bytes], data: FileBytes, start: int, end: int, longest: int) -> re.Match[bytes] | None:
    """Return the first match in `data[start:end]`, as `pattern.search` does, in windows.

    `longest`: bytes of the longest match that `pattern` can make.
    """
    while start < end:
        stop = min(start + WINDOW, end)
        reach = min(stop + longest, end)
        found = pattern.search(data, start, reach)
        if found is None or found.start() >= stop:
            start = stop
        elif found.end() < reach or reach == end:
            return found
        else:
            # It touches the window's end, where a pattern may have taken the window's end for the file's.
            whole = pattern.match(data, found.start(), end)
            if whole is not None:
                return whole
            start = found.start() + 1
    return None


def find(needle: bytes, data: FileBytes, start: int, end: int) -> int:
    """Return where `needle` first stands in `data[start:end]`, or -1, searched in windows."""
    while start < end:
        stop = min(start + WINDOW, end)
        found = data.find(needle, start, min(stop + len(needle) - 1, end))
        if found >= 0:
            return found
        start = stop
    return -1


def malformed(detail: str) -> ContentError:
    """Return the error for a file that is cut or broken; `detail` says where."""
    return ContentError(ContentCode.MALFORMED, f"{detail}; open the file, and save or scan it again")


def require_one_format(data: FileBytes, own: bytes) -> None:
    """Refuse a second format at the start or at the end of a file whose magic is `own`.

    Raises `ContentError` (`content.polyglot`).
    """
    head = data[:HEAD]
    require_no_markup(head)
    tail = data[max(0, len(data) - _ZIP_TAIL) : len(data)]
    if _ZIP_ENTRY in head or _ZIP_END in tail:
        raise ContentError(ContentCode.POLYGLOT, "the file is also an archive; save it again as PDF, JPEG or PNG")
    if own != _PDF and _PDF in head:
        raise ContentError(ContentCode.POLYGLOT, "the picture is also a PDF; save it again as one of the two")


def require_no_markup(piece: bytes) -> None:
    """Refuse HTML, SVG or a script in a piece of a file that holds none. Raises `ContentError` (`content.polyglot`)."""
    if _MARKUP.search(piece):
        raise ContentError(
            ContentCode.POLYGLOT, "the file holds a web page or a script; save it again as PDF, JPEG or PNG"
        )


def require_end(data: FileBytes, end: int) -> None:
    """Refuse bytes behind the end of a picture.

    Phones put a film or a second picture there, which the worker does not see and did not mean to send. Raises
    `ContentError` (`content.trailing`); `files.picture_length` says where to cut.
    """
    if end != len(data):
        raise ContentError(
            ContentCode.TRAILING,
            f"{len(data) - end} bytes follow the picture's end; send it without them, or a screenshot of it",
        )
