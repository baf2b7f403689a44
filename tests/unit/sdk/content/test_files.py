"""A file is what its type says and nothing besides: real files pass, and each way to hide something is refused."""

import io
import mmap
import zipfile
import zlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.sdk.content.content_cases import (
    NATIONAL_NUMBER,
    RULEBOOK,
    code_of,
    jpeg_segment,
    object_stream,
    pdf,
    picture,
    png_chunk,
    with_object,
)
from zegel.content.errors import ContentCode, ContentError
from zegel.content.files import MAGIC, check_file, check_format, check_path, picture_length, scan_file
from zegel.content.finding import Matter
from zegel.content.images import PNG_MAGIC
from zegel_protocol.errors import ProtocolError

PDF = pdf()
JPEG = picture("JPEG")
PNG = picture("PNG")
REAL = {"application/pdf": PDF, "image/jpeg": JPEG, "image/png": PNG}
PAGE = b"<html><script>alert(1)</script></html>"
PDF_MEDIA = "application/pdf"


def archive():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("a.txt", "inside")
    return out.getvalue()


def after(data, at, more):
    return data[:at] + more + data[at:]


@pytest.mark.parametrize(
    ("media", "data"),
    [
        (PDF_MEDIA, PDF),
        (PDF_MEDIA, pdf(compress=False)),
        (PDF_MEDIA, pdf(title="Brief (ontwerp) van 12/11/2026")),
        (PDF_MEDIA, PDF + b"\r\n"),
        (PDF_MEDIA, with_object(PDF, object_stream(b"5 0 << /A << /S /URI /URI (https://example.org) >> >>"))),
        ("image/jpeg", JPEG),
        ("image/jpeg", picture("JPEG", progressive=True)),
        ("image/jpeg", picture("JPEG", comment=b"genomen aan de keukentafel")),
        ("image/jpeg", picture("JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")),
        ("image/jpeg", after(JPEG, 2, jpeg_segment(0xE1, b"thumbnail: " + JPEG))),
        ("image/png", PNG),
        ("image/png", picture("PNG", dpi=(300, 300))),
    ],
)
def test_real_files_pass(media, data):
    assert code_of(check_format, media, data) is None
    assert code_of(check_file, RULEBOOK, "money", "whole", media, data) is None
    assert scan_file(media, data, "money") == ()


def test_a_pdf_with_a_picture_passes():
    from fpdf import FPDF

    document = FPDF()
    document.add_page()
    document.image(io.BytesIO(JPEG))
    document.image(io.BytesIO(PNG))
    assert code_of(check_format, PDF_MEDIA, bytes(document.output())) is None


@pytest.mark.parametrize("media", MAGIC)
@pytest.mark.parametrize("other", [*MAGIC, "text/html", "image/svg+xml"])
def test_the_declared_type_is_the_magic_at_the_first_byte(media, other):
    data = REAL[media]
    assert code_of(check_format, other, data) == (
        None if media == other else ContentCode.MAGIC if other in MAGIC else ContentCode.MEDIA
    )
    assert code_of(check_format, media, b"\n" + data) == ContentCode.MAGIC
    assert code_of(check_format, media, PAGE + data) == ContentCode.MAGIC
    assert code_of(check_format, media, b"") == ContentCode.MAGIC


@pytest.mark.parametrize("media", MAGIC)
@pytest.mark.parametrize("more", [PAGE, b"<svg onload='x'/>", archive(), JPEG, b"PK", b"x"])
def test_nothing_follows_the_end(media, more):
    assert code_of(check_format, media, REAL[media] + more) == ContentCode.TRAILING


@pytest.mark.parametrize("media", MAGIC)
def test_a_file_that_is_cut_is_refused(media):
    data = REAL[media]
    codes = {code_of(check_format, media, data[:end]) for end in range(len(MAGIC[media]), len(data) - 1, 7)}
    assert codes == {ContentCode.MALFORMED}


@pytest.mark.parametrize(
    "data",
    [
        after(JPEG, 2, jpeg_segment(0xFE, PAGE)),
        after(JPEG, 2, jpeg_segment(0xFE, b"<SVG\nonload=x>")),
        after(JPEG, 2, jpeg_segment(0xE1, bytes(5000) + b"<!DOCTYPE html>")),
        after(JPEG, 2, jpeg_segment(0xFE, bytes(5000) + PAGE)),
        after(JPEG, 2, jpeg_segment(0xFE, b"<?php system($x) ?>")),
        after(JPEG, 2, jpeg_segment(0xFE, PDF[:20])),
        after(JPEG, 2, jpeg_segment(0xFE, archive())),
    ],
)
def test_a_jpeg_that_is_also_something_else(data):
    assert code_of(check_format, "image/jpeg", data) == ContentCode.POLYGLOT


@pytest.mark.parametrize(
    "chunk",
    [
        png_chunk(b"tEXt", b"Comment\0" + PAGE),
        # Across the border of two pieces that are read: 4 bytes of type, 8 of keyword, and the mark-up begins 2 before.
        png_chunk(b"tEXt", b"Comment\0" + bytes(65_536 - 4 - 8 - 2) + b"<html>"),
        png_chunk(b"prVt", b"<svg >"),
        png_chunk(b"prVt", PDF[:20]),
        png_chunk(b"prVt", archive()),
    ],
)
def test_a_png_that_is_also_something_else(chunk):
    assert code_of(check_format, "image/png", after(PNG, 33, chunk)) == ContentCode.POLYGLOT


def test_an_archive_behind_the_pixels_of_a_png():
    data = after(PNG, len(PNG) - 12, png_chunk(b"prVt", archive()))
    assert zipfile.is_zipfile(io.BytesIO(data))
    assert code_of(check_format, "image/png", data) == ContentCode.POLYGLOT


@pytest.mark.parametrize(
    "data",
    [
        PDF.replace(b"\n1 0 obj", b"\n%" + PAGE + b"\n1 0 obj", 1),
        PDF.replace(b"\n1 0 obj", b"\n9 0 obj\n<< /Length 9 >>\nstream\n" + archive() + b"\nendstream\n1 0 obj", 1),
        with_object(PDF, b"<< >>\nstream\n" + archive() + b"\nendstream"),
    ],
)
def test_a_pdf_that_is_also_something_else(data):
    assert code_of(check_format, PDF_MEDIA, data) == ContentCode.POLYGLOT


ACTIVE = [
    b"<< /S /JavaScript /JS (app.alert(1)) >>",
    b"<</S/JavaScript/JS(app.alert(1))>>",
    b"<< /OpenAction << /S /JavaScript /JS 5 0 R >> >>",
    b"<< /S /J#61vaScr#69pt /JS (x) >>",
    b"<< /S /#4a#61vaScript >>",
    b"<< /S /#4Aava#53cript >>",
    b"<< /JS (x) >>",
    b"<< /S /Launch /F (cmd.exe) >>",
    b"<< /Names << /EmbeddedFiles 7 0 R >> >>",
    b"<< /Type /EmbeddedFile >>",
    b"<< /Type /Filespec /EF << /F 7 0 R >> >>",
    b"<< /Subtype /RichMedia >>",
    b"<< /S /SubmitForm /F (https://example.org) >>",
    b"<< /S /GoToE >>",
    b"<< /XFA 7 0 R >>",
]


@pytest.mark.parametrize("body", ACTIVE)
def test_a_pdf_that_acts(body):
    assert code_of(check_format, PDF_MEDIA, with_object(PDF, body)) == ContentCode.ACTIVE
    assert code_of(check_format, PDF_MEDIA, with_object(PDF, object_stream(b"5 0 " + body))) == ContentCode.ACTIVE


def test_what_one_reader_takes_for_a_stream_acts_in_another():
    body = b"<< /Length 3 >>\nstream\nabc\n<< /S /JavaScript >>\nendstream"
    assert code_of(check_format, PDF_MEDIA, with_object(PDF, body)) == ContentCode.ACTIVE


def test_what_fpdf_makes_active_is_refused():
    from fpdf import FPDF

    document = FPDF()
    document.add_page()
    document.embed_file(bytes=b"inside", basename="a.txt")
    assert code_of(check_format, PDF_MEDIA, bytes(document.output())) == ContentCode.ACTIVE


def test_names_that_only_begin_alike_do_not_act():
    assert code_of(check_format, PDF_MEDIA, with_object(PDF, b"<< /LaunchPad 1 /JSON 2 /XFAb 3 /GoTo 4 >>")) is None


def test_an_encrypted_pdf_is_refused():
    from fpdf import FPDF

    document = FPDF()
    document.add_page()
    document.set_encryption(owner_password="owner", user_password="")
    assert code_of(check_format, PDF_MEDIA, bytes(document.output())) == ContentCode.OPAQUE


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<< /Type /ObjStm /Filter /LZWDecode >>\nstream\nxx\nendstream", ContentCode.OPAQUE),
        (b"<< /Type /ObjStm /Filter [/ASCIIHexDecode /FlateDecode] >>\nstream\nxx\nendstream", ContentCode.OPAQUE),
        (b"<< /Type /Obj#53tm /Filter 9 0 R >>\nstream\nxx\nendstream", ContentCode.OPAQUE),
        (object_stream(b"x", b"/DecodeParms << /Predictor 12 >>"), ContentCode.OPAQUE),
        (object_stream(b"x", b"/DecodeParms << /Predictor 1 >>"), None),
        (b"<< /Type /ObjStm >>\nstream\n5 0 << /S /JavaScript >>\nendstream", ContentCode.ACTIVE),
        (b"<< /Type /ObjStm >>\nstream\n5 0 << /JS (x) >>\nendstream", ContentCode.ACTIVE),
        (b"<< /Type /ObjStm /Filter /FlateDecode >>\nstream\nnot zlib\nendstream", ContentCode.MALFORMED),
        (b"<< /Length 9 >>\nstream\nnever closed", ContentCode.MALFORMED),
    ],
)
def test_streams_that_hide_objects(body, code):
    assert code_of(check_format, PDF_MEDIA, with_object(PDF, body)) == code


def test_a_bomb_is_not_unpacked():
    packer = zlib.compressobj(9)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(70)) + packer.flush()
    body = b"<< /Type /ObjStm /Filter /FlateDecode >>\nstream\n" + bomb + b"\nendstream"
    assert code_of(check_format, PDF_MEDIA, with_object(PDF, body)) == ContentCode.OPAQUE


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-",
        b"%PDF-9.9\n" + PDF[9:],
        b"%PDF-1.3\n%%EOF\n",
        PDF.replace(b"startxref", b"startyref"),
        PDF[: PDF.rindex(b"%%EOF")],
    ],
)
def test_a_pdf_without_its_frame(data):
    assert code_of(check_format, PDF_MEDIA, data) == ContentCode.MALFORMED


@pytest.mark.parametrize(
    "data",
    [
        PNG_MAGIC,
        PNG_MAGIC + png_chunk(b"IEND", b""),
        PNG_MAGIC + png_chunk(b"IHDR", bytes(13)) + png_chunk(b"IEND", b""),
        PNG[:8] + png_chunk(b"tEXt", b"a\0b") + PNG[8:],
        after(PNG, 33, png_chunk(b"IHDR", bytes(13))),
        after(PNG, 33, b"\x7f\xff\xff\xffIDAT"),
        after(PNG, 33, png_chunk(b"1234", b"")),
        PNG[:-12] + png_chunk(b"IEND", b"x"),
        PNG[:50] + bytes([PNG[50] ^ 1]) + PNG[51:],
    ],
)
def test_a_png_of_wrong_parts(data):
    assert code_of(check_format, "image/png", data) == ContentCode.MALFORMED


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xff\xff",
        b"\xff\xd8\xff\xe0\x00\x01\xff\xd9",
        b"\xff\xd8\xff\xe0\xff\xff\xff\xd9",
        b"\xff\xd8" + JPEG,
        after(JPEG, 20, b"xx"),
        JPEG[:-2],
    ],
)
def test_a_jpeg_of_wrong_parts(data):
    assert code_of(check_format, "image/jpeg", data) == ContentCode.MALFORMED


def test_a_picture_can_be_cut_at_its_end():
    """A phone puts a film behind the picture; the worker is refused, and told what remains when it is left out."""
    for media, data in (("image/jpeg", JPEG), ("image/png", PNG)):
        longer = data + b"\0\0\0\x18ftypmp42" + bytes(500)
        assert code_of(check_format, media, longer) == ContentCode.TRAILING
        assert longer[: picture_length(media, longer)] == data
    assert code_of(picture_length, PDF_MEDIA, PDF) == ContentCode.MEDIA
    assert code_of(picture_length, "image/png", JPEG) == ContentCode.MAGIC


@pytest.mark.parametrize(
    ("section", "form", "media", "data", "code"),
    [
        ("money", "whole", PDF_MEDIA, PDF, None),
        ("ask", "whole", PDF_MEDIA, PDF, ContentCode.MEDIA),
        ("money", "whole", "text/html", PAGE, ContentCode.MEDIA),
        ("health", "short", PDF_MEDIA, PDF, ContentCode.FORM),
        ("health", "costs-only", PDF_MEDIA, PDF, ContentCode.FORM),
        ("religion", "whole", PDF_MEDIA, PDF, ContentCode.TYPE),
        ("motivation", "whole", PDF_MEDIA, PDF, ContentCode.MEDIA),
        ("money", "whole", PDF_MEDIA, b"", ContentCode.MAGIC),
        ("money", "whole", PDF_MEDIA, b"%PDF-" + bytes(10 * 1024 * 1024), ContentCode.TOO_LARGE),
    ],
)
def test_what_the_rulebook_allows(tmp_path, section, form, media, data, code):
    path = tmp_path / "file"
    path.write_bytes(data)
    assert code_of(check_file, RULEBOOK, section, form, media, data) == code
    assert code_of(check_path, RULEBOOK, section, form, media, path) == code


def test_sizes_are_the_rulebooks():
    exactly = msgspec.structs.replace(
        RULEBOOK,
        categories=tuple(
            msgspec.structs.replace(rule, file_bytes=len(PDF)) if rule.id == "money" else rule
            for rule in RULEBOOK.categories
        ),
    )
    assert code_of(check_file, exactly, "money", "whole", PDF_MEDIA, PDF) is None
    with pytest.raises(ContentError) as caught:
        check_file(exactly, "money", "whole", PDF_MEDIA, PDF + b"\n")
    assert (caught.value.code, caught.value.found, caught.value.limit) == (
        ContentCode.TOO_LARGE, len(PDF) + 1, len(PDF),
    )  # fmt: skip


@pytest.mark.parametrize("media", MAGIC)
def test_a_mapped_file_is_read_as_the_same(tmp_path, media):
    path = tmp_path / "file"
    for data, code in ((REAL[media], None), (REAL[media] + PAGE, ContentCode.TRAILING)):
        path.write_bytes(data)
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            assert code_of(check_format, media, mapped) == code


@pytest.mark.parametrize(
    "data",
    [
        pdf(f"Rijksregisternummer {NATIONAL_NUMBER}", compress=False),
        pdf(title=f"Brief {NATIONAL_NUMBER}"),
        with_object(PDF, b"<< /V (85 07 30 033 28) >>"),
        with_object(PDF, b"<< /V (85\\05607.30\\055033.28) >>"),
        with_object(PDF, b"<< /V <" + NATIONAL_NUMBER.encode().hex().encode() + b"> >>"),
        with_object(PDF, b"<< /V <FEFF" + NATIONAL_NUMBER.encode("utf-16-be").hex().encode() + b"> >>"),
        with_object(PDF, b"<< /V (\xfe\xff" + NATIONAL_NUMBER.encode("utf-16-be") + b") >>"),
        with_object(PDF, object_stream(b"5 0 << /V (85073003328) >>")),
    ],
)
def test_a_national_number_that_stands_plainly_in_a_pdf(data):
    assert code_of(check_format, PDF_MEDIA, data) is None
    (item,) = scan_file(PDF_MEDIA, data, "money")
    assert (item.code, item.severity, item.field) == (Matter.NATIONAL_NUMBER, "refuse", "data")
    assert 0 < item.start < item.end < len(data)


def test_the_stated_limit_a_compressed_page_is_not_read():
    assert scan_file(PDF_MEDIA, pdf(f"nr {NATIONAL_NUMBER}"), "money") == ()
    assert scan_file("image/jpeg", JPEG, "money") == ()


@given(st.sampled_from(sorted(MAGIC)), st.binary(max_size=400))
def test_arbitrary_bytes_are_a_protocol_error(media, data):
    for tried in (data, MAGIC[media] + data, REAL[media][:60] + data):
        try:
            check_format(media, tried)
        except ProtocolError as error:
            assert error.code in set(ContentCode)


@given(st.sampled_from(sorted(MAGIC)), st.data())
def test_damaged_files_are_a_protocol_error_or_pass(media, data):
    changed = bytearray(REAL[media])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(changed) - 1))
        changed[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    try:
        check_format(media, bytes(changed))
        scan_file(media, bytes(changed), "money")
    except ProtocolError as error:
        assert error.code in set(ContentCode)
