"""Real files to send: small and large, PDF and PNG."""

import struct
import zlib
from pathlib import Path

from fpdf import FPDF


def write_pdf(path: Path, text: str, lines: int = 3) -> Path:
    """Write a PDF that holds `text` in the clear, on so many lines; some 60 bytes and the text for each."""
    document = FPDF(format="A4")
    document.set_compression(False)
    document.add_page()
    document.set_font("helvetica", size=8)
    for _ in range(lines):
        document.cell(0, 4, text, new_x="LMARGIN", new_y="NEXT")
    document.output(str(path))
    return path


def png() -> bytes:
    """Return a picture of one grey point."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")
