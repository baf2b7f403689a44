"""Python and the page read the same contents, and refuse the same ones for the same reason: notes and files at random.

Each begins as it should be and is then damaged somewhere, so that whatever one of the two overlooks shows. Attack 25;
`docs/spec/content.md`.
"""

import json
from random import Random

import pytest

from interop import node
from unit.sdk.content.content_cases import jpeg_segment, object_stream, pdf, picture, png_chunk, with_object
from zegel.content import framing, schemas
from zegel.content.errors import ContentError
from zegel.content.files import check_format
from zegel.content.framing import NOTE_MEDIA, pack_file
from zegel_protocol import b64

PNG, JPEG, PDF = "image/png", "image/jpeg", "application/pdf"
PAGE = b"<!doctype html><script>fetch('https://evil.example')</script>"
PICTURE, PHOTO = picture("PNG"), picture("JPEG")
ACTS = b"<< /S /JavaScript /JS (app.alert(1)) >>"
FILES = [
    ("brief.png", PNG, PICTURE), ("brief.jpg", JPEG, PHOTO), ("brief.pdf", PDF, pdf()),
    ("brief.pdf", PDF, PAGE + pdf()),
    ("brief.png", PNG, PAGE), ("brief.png", PNG, PICTURE + PAGE), ("brief.jpg", JPEG, PHOTO + b"PK\3\4" + bytes(26)),
    ("brief.png", PNG, PICTURE[:33] + png_chunk(b"tEXt", PAGE) + PICTURE[33:]),
    ("brief.png", PNG, PICTURE[:33] + png_chunk(b"tEXt", b"x" * 70_000 + PAGE) + PICTURE[33:]),
    ("brief.jpg", JPEG, PHOTO[:2] + jpeg_segment(0xFE, PAGE) + PHOTO[2:]),
    ("brief.jpg", JPEG, PHOTO[:2] + 3 * jpeg_segment(0xFE, bytes(60_000)) + PHOTO[2:]),
    ("brief.pdf", PDF, pdf() + b"PK\5\6" + bytes(18)), ("brief.pdf", PDF, with_object(pdf(), b"PK\5\6" + bytes(18))),
    ("brief.pdf", PDF, with_object(pdf(), ACTS)), ("brief.pdf", PDF, with_object(pdf(), b"<< /#4aS (x) >>")),
    ("brief.pdf", PDF, with_object(pdf(), b"<< /Encrypt 4 0 R >>")),
    ("brief.pdf", PDF, with_object(pdf(), object_stream(b"1 0 " + ACTS))),
    ("brief.pdf", PDF, with_object(pdf(), object_stream(b"1 0 << /Type /Page >>"))),
    ("brief.pdf", PDF, with_object(pdf(), object_stream(b"1 0 << >>", b"/DecodeParms << /Predictor 12 >>"))),
    ("brief.png", JPEG, PHOTO), ("brief.pdf", "text/html", PAGE),
]  # fmt: skip
NAMES = [
    "brief.html", "brief.png.html", "..png", "con.png", "Com1.brief.png", "a/b.png", "brief\u202egnp.png",
    "e\u0301.png",
    "\u00e9.png", " brief.png", "-brief.png", "x" * 117 + ".png", "x" * 116 + ".png", "BRIEF.PNG", "brief.png ",
    "\U0001f3e0" * 60 + ".png", "\ue000.png", "brief.jpg", "\u200bbrief.png", "مركز.png",
]  # fmt: skip
NOTES = [
    ("money", "whole", {"text": "Drie deurwaarders.\nEn nog één: 12,50 \U0001f3e0\t<b>vet</b>"}),
    ("money", "short", {"text": "\ufeff"}), ("money", "short", {"text": "\u202e"}), ("money", "short", {"text": " \n"}),
    ("money", "whole", {"text": "x" * 20_001}), ("money", "whole", {"text": "\U0001f3e0" * 15_000}),
    ("money", "whole", {"text": "e\u0301"}), ("money", "whole", {"text": "nul\u0000"}),
    ("money", "nieuw", {"text": "x"}),
    ("money", "whole", {"text": "x", "html": "<script>"}), ("money", "whole", {}), ("money", "whole", ["x"]),
    ("who", "first-name", {"first_name": "Elif"}), ("who", "first-name", {"first_name": "Anne-Sophie O’Neil"}),
    ("who", "first-name", {"first_name": "Elif Yıldız Kaya"}), ("who", "first-name", {"first_name": "x2"}),
    ("who", "first-name", {"first_name": "مُحَمَّد"}), ("who", "first-name", {"first_name": "½"}),
    ("rights", "yes-no", {"answer": True}), ("rights", "yes-no", {"answer": 1}),
    ("health", "costs-only", {"items": [{"what": "bril", "cents": 12_500, "per": "once"}]}),
    ("health", "costs-only", {"items": []}),
    ("health", "costs-only", {"items": [{"what": "a\nb", "cents": 1, "per": "week"}]}),
    ("contact", "whole", {"text": "Bel.", "safe": "Niet na zes."}), ("contact", "short", {"text": "Bel.", "safe": "x"}),
    ("agreement", "whole", {"text": "Het OCMW belt.", "ask": "Sara", "with_client": True, "steps": []}),
    ("agreement", "whole", {
        "text": "Samen.", "ask": "Sara", "informs": "Jan", "with_client": False,
        "steps": [{"what": "bellen", "who": "Sara", "by": "2026-12-01"}],
    }),
    ("steps", "whole", {"items": [{"n": 1, "what": "bellen"}, {"n": 2, "what": "gaan", "place": "Gent"}]}),
    ("steps", "whole", {"items": [{"n": 2, "what": "bellen"}]}),
]  # fmt: skip
DAMAGED = 25


def packed(name: str, data: bytes) -> bytes:
    """Return a file section with this name, whatever it is."""
    header = json.dumps({"name": name}, separators=(",", ":"), ensure_ascii=False).encode()
    return len(header).to_bytes(4, "big") + header + data


def damaged(random: Random, content: bytes) -> bytes:
    """Return a content with one thing wrong: cut, longer, a byte changed, or a piece twice."""
    at, many = random.randrange(len(content)), random.randint(1, 9)
    return random.choice(
        (
            content[:at],
            content + random.randbytes(many),
            content[:at] + bytes([content[at] ^ 1 << random.randrange(8)]) + content[at + 1 :],
            content[:at] + content[at : at + many] + content[at:],
        )
    )


@pytest.fixture(scope="module")
def given():
    random = Random(2026)
    whole = [("money", "whole", media, packed(name, data)) for name, media, data in FILES]
    whole += [("money", "whole", PNG, packed(name, PICTURE)) for name in NAMES]
    for type_, form, note in NOTES:
        content = json.dumps(note, separators=(",", ":"), ensure_ascii=False).encode()
        whole.append((type_, form, NOTE_MEDIA, content))
    # Damage at the front, where names and headers stand, is as likely as anywhere.
    cases = list(whole)
    for type_, form, media, content in whole:
        for _ in range(DAMAGED):
            short = content if random.random() < 0.5 else content[: 64 + random.randrange(len(content))]
            cases.append((type_, form, media, damaged(random, short)))
    return cases


@pytest.fixture(scope="module")
def theirs(given, tmp_path_factory):
    """What the page makes of all of them, in one process."""
    node.prepare()
    file = tmp_path_factory.mktemp("content") / "input.json"
    names = "type", "form", "media", "content"
    file.write_text(json.dumps([dict(zip(names, (*case[:3], b64.encode(case[3])), strict=True)) for case in given]))
    return node.run("content.mjs", file)


def ours(type_: str, form: str, media: str, content: bytes) -> str:
    """What the SDK says of a content after it opened the section."""
    try:
        if media == NOTE_MEDIA:
            framing.unpack_note(schemas.schema_of(type_, form), content)
        else:
            check_format(media, framing.unpack_file(content, media)[1])
    except ContentError as error:
        return error.code
    return "ok"


WHOLE = len(FILES) + len(NAMES) + len(NOTES)


def test_both_read_the_same_and_refuse_the_same_for_the_same_reason(given, theirs):
    assert theirs[:WHOLE] == [ours(*case) for case in given[:WHOLE]]


def test_what_is_damaged_somewhere_is_refused_by_both_or_by_neither(given, theirs):
    """With several things wrong at once, which of them is named first is the reader's own."""
    differing = [
        (case[:3], case[3][:80], expected, found)
        for case, found in zip(given, theirs, strict=True)
        if ((expected := ours(*case)) == "ok") != (found == "ok")
    ]
    assert differing == []


def test_every_reason_was_met(theirs):
    assert set(theirs) >= {
        "ok", "content.malformed", "content.schema", "content.form", "content.name", "content.media", "content.magic",
        "content.trailing", "content.polyglot", "content.active", "content.opaque",
    }  # fmt: skip


def test_a_packed_file_is_what_the_sdk_packs():
    assert packed("brief.png", PICTURE) == pack_file("brief.png", PICTURE)
