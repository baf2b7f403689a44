"""JPEG and PNG files by their structure: from the magic to the end marker, part by part. Pixels are never decoded.

Walking the parts is what tells the real end from an end marker inside a thumbnail. Parts that hold text or metadata are
searched for web pages and scripts. ITU-T T.81 annex B (JPEG), PNG third edition section 5.
"""

import re
import zlib
from typing import Final

from zegel.content.file_bytes import FileBytes, malformed, require_no_markup

JPEG_MAGIC: Final = b"\xff\xd8\xff"
PNG_MAGIC: Final = b"\x89PNG\r\n\x1a\n"

_SOS, _EOI, _SOI, _DHT, _JPG, _DAC, _COM = 0xDA, 0xD9, 0xD8, 0xC4, 0xC8, 0xCC, 0xFE
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {_DHT, _JPG, _DAC}
_STANDALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
# In coded data 0xFF is followed by zero or a restart marker; anything else ends it. Fill bytes may precede a marker.
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")

_PIECE: Final = 65_536
_PIXELS: Final = frozenset({b"IDAT", b"fdAT"})
_CHUNK_TYPE = re.compile(rb"[A-Za-z]{4}")
_LONGEST_CHUNK: Final = 2**31 - 1


def jpeg_length(data: FileBytes) -> int:
    """Return how many bytes of `data`, which begins with the magic, are the picture.

    Raises `ContentError`: `content.malformed` when a part is cut or missing, `content.polyglot` for markup in metadata.
    """
    position, frame, scan = len(JPEG_MAGIC) - 1, False, False
    while True:
        marker, position = _jpeg_marker(data, position)
        if marker == _EOI:
            if not (frame and scan):
                raise malformed("the JPEG holds no picture")
            return position
        if marker in _STANDALONE:
            continue
        length = int.from_bytes(data[position : position + 2], "big")
        if marker in (_SOI, 0) or length < 2 or position + length > len(data):
            raise malformed("a part of the JPEG is cut or wrong")
        if 0xE0 <= marker <= 0xEF or marker == _COM:
            require_no_markup(data[position : position + length])
        frame = frame or marker in _FRAMES
        position += length
        if marker == _SOS:
            scan = True
            following = _NEXT_MARKER.search(data, position)
            if following is None:
                raise malformed("the JPEG ends inside its picture")
            position = following.start()


def png_length(data: FileBytes) -> int:
    """Return how many bytes of `data`, which begins with the magic, are the picture.

    Raises `ContentError`: `content.malformed` when a chunk is cut, out of place or does not match its checksum,
    `content.polyglot` for markup in a chunk that is not pixels.
    """
    position, count, pixels = len(PNG_MAGIC), 0, False
    while True:
        head = data[position : position + 8]
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        end = position + 12 + length
        if not _CHUNK_TYPE.fullmatch(kind) or length > _LONGEST_CHUNK or end > len(data):
            raise malformed("a part of the PNG is cut or wrong")
        if (count == 0) != (kind == b"IHDR") or (kind == b"IHDR" and length != 13):
            raise malformed("the PNG does not begin with one header")
        _check_chunk(data, position, end, kind)
        pixels = pixels or kind == b"IDAT"
        position, count = end, count + 1
        if kind == b"IEND":
            if length or not pixels:
                raise malformed("the PNG holds no picture")
            return position


def _jpeg_marker(data: FileBytes, position: int) -> tuple[int, int]:
    """Return the marker at `position` and where it ends, fill bytes skipped."""
    if data[position : position + 1] != b"\xff":
        raise malformed("a part of the JPEG is cut or wrong")
    while data[position : position + 1] == b"\xff":
        position += 1
    code = data[position : position + 1]
    if not code:
        raise malformed("the JPEG is cut")
    return code[0], position + 1


def _check_chunk(data: FileBytes, start: int, end: int, kind: bytes) -> None:
    """Hold a chunk against its CRC, in pieces; and search it for markup unless it is pixels."""
    crc = 0
    overlap = b""
    for position in range(start + 4, end - 4, _PIECE):
        piece = data[position : min(position + _PIECE, end - 4)]
        crc = zlib.crc32(piece, crc)
        if kind not in _PIXELS:
            require_no_markup(overlap + piece)
            overlap = piece[-16:]
    if crc != int.from_bytes(data[end - 4 : end], "big"):
        raise malformed("a part of the PNG does not match its checksum")
