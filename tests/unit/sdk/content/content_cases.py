"""What the content tests share: the default rulebook, what detectors find, and small real files made on the spot."""

import io
import struct
import zlib

from fpdf import FPDF
from PIL import Image

from zegel.content.detectors import scan_text
from zegel.content.errors import ContentError
from zegel_protocol import b64
from zegel_protocol.rulebook.template import default_rulebook

RULEBOOK = default_rulebook(
    huis=b64.encode(bytes(32)),
    nonce=b64.encode(bytes(16)),
    issued=1_764_000_000,
    name="Huis van het Kind Voorbeeld",
    code_version="2026-1",
    code_digest=b64.encode(bytes(32)),
)

NATIONAL_NUMBER = "85.07.30-033.28"
IBAN = "BE68 5390 0754 7034"
NAMES = ["Elif Yılmaz", "Łukasz Van den Broeck"]
SECTION = "ask"


def code_of(call, *args, **kwargs):
    """Return the code of the `ContentError` that a call raises, or None when it raises none."""
    try:
        call(*args, **kwargs)
    except ContentError as error:
        return error.code
    return None


def found(text, section=SECTION, names=NAMES):
    """Return [(matter, the words found)]."""
    return [(item.code, text[item.start : item.end]) for item in scan_text(text, section, names)]


def only(text, matter, section=SECTION):
    """Return the words of the one finding, which is of this matter."""
    (item,) = found(text, section)
    assert item[0] == matter
    return item[1]


def pdf(text="Geachte mevrouw, u krijgt drie maanden uitstel.", *, compress=True, title=None):
    document = FPDF()
    document.set_compression(compress)
    document.add_page()
    document.set_font("helvetica", size=12)
    document.multi_cell(0, text=text)
    if title:
        document.set_title(title)
    return bytes(document.output())


def with_object(data, body):
    """Return the PDF with one more object before its cross-references: `body` is everything inside the object."""
    at = data.rindex(b"\nxref\n")
    return data[:at] + b"\n99 0 obj\n" + body + b"\nendobj" + data[at:]


def object_stream(objects, extra=b""):
    packed = zlib.compress(objects)
    return b"<< /Type /ObjStm /N 1 /First 5 /Filter /FlateDecode %s /Length %d >>\nstream\n%s\nendstream" % (
        extra, len(packed), packed,
    )  # fmt: skip


def picture(kind, **options):
    out = io.BytesIO()
    image = Image.effect_noise((48, 32), 60).convert("RGB")
    image.save(out, kind, **options)
    return out.getvalue()


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def jpeg_segment(marker, data):
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data
