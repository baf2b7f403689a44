"""`docs/spec/content.md` documents every code, form and rule that the code has, and no other code."""

import re
from pathlib import Path

from zegel.content import file_bytes, file_names, framing, pdf, schemas
from zegel.content.detectors import ALLOWED, severity_of
from zegel.content.errors import ContentCode
from zegel.content.files import MAGIC
from zegel.content.finding import Matter

DOCUMENT = (Path(__file__).resolve().parents[4] / "docs" / "spec" / "content.md").read_text("utf-8")


def test_every_code_has_a_row_and_every_row_a_code():
    assert set(re.findall(r"^\| `(content\.[a-z-]+)` \|", DOCUMENT, re.MULTILINE)) == set(ContentCode)
    assert set(re.findall(r"^\| `(matter\.[a-z-]+)` \|", DOCUMENT, re.MULTILINE)) == set(Matter)


def test_where_matter_is_at_home_and_how_bad_it_is_elsewhere():
    rows = re.findall(r"^\| `(matter\.[a-z-]+)` \| .* \| (.*) \| (refuse|warn) \|$", DOCUMENT, re.MULTILINE)
    assert {code: (set(re.findall(r"`([a-z]+)`", home)), how) for code, home, how in rows} == {
        matter: (set(ALLOWED[matter]), severity_of(matter)) for matter in Matter
    }


def test_every_form_and_field_is_described():
    for form, schema in [*schemas.FORMS.items(), *(("whole", own) for own in schemas.OWN_WHOLE.values())]:
        assert f"`{form}`" in DOCUMENT
        for name in schema.__struct_fields__:
            assert re.search(rf"[{{ ]{name}[?,\[}}]", DOCUMENT), name


def test_numbers_are_those_of_the_code():
    for number in (
        f"{framing.MAX_NOTE_BYTES // 1024} KiB",
        f"1 to {framing.MAX_HEADER_BYTES}",
        f"1 to {file_names.MAX_CHARACTERS} characters",
        f"{file_names.MAX_NAME_BYTES} bytes",
        f"0 to {schemas.MAX_CENTS:,}",
        f"first {file_bytes.HEAD:,} bytes",
        f"{pdf.MAX_INFLATED // 1024**2} MiB",
    ):
        assert number in DOCUMENT
    for media in [framing.NOTE_MEDIA, *MAGIC]:
        assert media in DOCUMENT
    assert set(MAGIC) == set(file_names.EXTENSIONS)
