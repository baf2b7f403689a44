"""A section's content: what is packed comes back, and foreign bytes fail as one family of errors."""

import copy
import io
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from unit.sdk.content.content_cases import code_of
from zegel.content.errors import ContentCode, ContentError
from zegel.content.file_names import EXTENSIONS, check_file_name, suggest_file_name
from zegel.content.framing import (
    MAX_HEADER_BYTES,
    NOTE_MEDIA,
    file_prefix,
    pack_file,
    pack_note,
    read_prefix,
    unpack_file,
    unpack_note,
)
from zegel.content.schemas import (
    FORMS,
    OWN_WHOLE,
    WHOLE,
    Agreement,
    Contact,
    Cost,
    CostsOnly,
    FirstName,
    HandOverStep,
    Short,
    Whole,
    YesNo,
)
from zegel_protocol.decision import sections
from zegel_protocol.errors import ProtocolError

SCHEMAS = [*FORMS.values(), *OWN_WHOLE.values()]
LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"])
PROSE = st.text(LETTERS | st.sampled_from("\n\t"), min_size=1, max_size=80).filter(str.strip)
LINE = st.text(LETTERS, min_size=1, max_size=40).filter(lambda text: text.strip() and len(text) <= 40)
PERIODS = ["once", "week", "month", "year"]
# NFC can lengthen a text by a few characters, never past the limits of the fields here.
NOTES = st.one_of(
    st.builds(Whole, text=PROSE),
    st.builds(Short, text=PROSE),
    st.builds(FirstName, first_name=st.sampled_from(["Elif", "Anne-Marie", "D'Août", "Jan Piet", "Łucja", "أمل", "Ş"])),
    st.builds(YesNo, answer=st.booleans()),
    st.builds(Contact, text=PROSE, safe=st.none() | PROSE),
    st.builds(
        CostsOnly,
        items=st.lists(
            st.builds(Cost, what=LINE, cents=st.integers(0, 10_000_000), per=st.sampled_from(PERIODS)),
            min_size=1,
            max_size=4,
        ).map(tuple),
    ),
    st.builds(
        Agreement,
        text=PROSE,
        ask=LINE,
        informs=st.none() | LINE,
        with_client=st.booleans(),
        steps=st.lists(
            st.builds(HandOverStep, what=LINE, who=LINE, by=st.none() | st.just("2026-11-26")), max_size=3
        ).map(tuple),
    ),
)
STEMS = st.text(LETTERS, min_size=1, max_size=30)


@given(NOTES)
def test_a_note_comes_back(note):
    content = pack_note(note)
    again = unpack_note(type(note), content)
    assert pack_note(again) == content
    assert type(again) is type(note)


@given(PROSE)
def test_text_is_sealed_in_one_spelling(text):
    assert pack_note(Whole(text="e\u0301" + text)) == pack_note(Whole(text="é" + text))
    assert unpack_note(Whole, pack_note(Whole(text="a\r\nb\rc"))).text == "a\nb\nc"


@given(st.sampled_from(SCHEMAS), st.binary(max_size=200) | st.text(max_size=60).map(lambda text: text.encode()))
def test_arbitrary_bytes_are_a_protocol_error_or_a_note(schema, content):
    try:
        note = unpack_note(schema, content)
    except ProtocolError as error:
        assert error.code in (ContentCode.MALFORMED, ContentCode.SCHEMA)
    else:
        assert pack_note(note) == content


@given(NOTES, st.data())
def test_a_changed_byte_is_another_note_or_an_error(note, data):
    content = bytearray(pack_note(note))
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        again = unpack_note(type(note), bytes(content))
    except ProtocolError as error:
        assert error.code in (ContentCode.MALFORMED, ContentCode.SCHEMA)
    else:
        assert pack_note(again) == bytes(content)


@pytest.mark.parametrize(
    ("schema", "content", "code"),
    [
        (Whole, b"", ContentCode.MALFORMED),
        (Whole, b'{"text":"a"', ContentCode.MALFORMED),
        (Whole, b'{"text": "a"}', ContentCode.MALFORMED),
        (Whole, b'{"text":"a","text":"b"}', ContentCode.MALFORMED),
        (Whole, b'{"text":"\\u0061"}', ContentCode.MALFORMED),
        (Whole, b'{"text":"e\xcc\x81"}', ContentCode.MALFORMED),
        (Whole, b'{"text":"\xff"}', ContentCode.MALFORMED),
        (Whole, b"[" * 100_000, ContentCode.MALFORMED),
        (Whole, b'{"text":"' + b"a" * 70_000 + b'"}', ContentCode.MALFORMED),
        (Contact, b'{"text":"a","safe":null}', ContentCode.MALFORMED),
        (Whole, b"[]", ContentCode.SCHEMA),
        (Whole, b"{}", ContentCode.SCHEMA),
        (Whole, b'{"text":1}', ContentCode.SCHEMA),
        (Whole, b'{"text":" \\n"}', ContentCode.SCHEMA),
        (Whole, b'{"text":"a\\u0007"}', ContentCode.SCHEMA),
        (Whole, '{"text":"a\u202eb"}'.encode(), ContentCode.SCHEMA),
        (Whole, b'{"text":"a","more":"b"}', ContentCode.SCHEMA),
        (FirstName, b'{"first_name":"Elif Ay\xc5\x9fe Y\xc4\xb1lmaz"}', ContentCode.SCHEMA),
        (FirstName, b'{"first_name":"Elif1"}', ContentCode.SCHEMA),
        (FirstName, b'{"first_name":"-"}', ContentCode.SCHEMA),
        (FirstName, b'{"first_name":"' + b"a" * 41 + b'"}', ContentCode.SCHEMA),
        (YesNo, b'{"answer":"yes"}', ContentCode.SCHEMA),
        (YesNo, b'{"answer":1}', ContentCode.SCHEMA),
        (CostsOnly, b'{"items":[]}', ContentCode.SCHEMA),
        (CostsOnly, b'{"items":[{"what":"a","cents":1.5,"per":"week"}]}', ContentCode.SCHEMA),
        (CostsOnly, b'{"items":[{"what":"a","cents":-1,"per":"week"}]}', ContentCode.SCHEMA),
        (CostsOnly, b'{"items":[{"what":"a","cents":85073003328,"per":"week"}]}', ContentCode.SCHEMA),
        (CostsOnly, b'{"items":[{"what":"a","cents":1,"per":"day"}]}', ContentCode.SCHEMA),
        (CostsOnly, b'{"items":[{"what":"' + b"a" * 61 + b'","cents":1,"per":"week"}]}', ContentCode.SCHEMA),
        (Agreement, b'{"text":"a","with_client":true,"steps":[]}', ContentCode.SCHEMA),
        (Agreement, b'{"text":"a","ask":"b\\nc","with_client":true,"steps":[]}', ContentCode.SCHEMA),
    ],
)
def test_what_is_no_note(schema, content, code):
    assert code_of(unpack_note, schema, content) == code


def test_what_cannot_be_written_is_refused_before_sealing():
    assert code_of(pack_note, Whole(text="half a pair \ud83d")) == ContentCode.MALFORMED
    assert code_of(pack_note, Whole(text="  ")) == ContentCode.SCHEMA
    assert code_of(pack_note, replace(Whole(text="a"), text=5)) == ContentCode.SCHEMA
    assert code_of(pack_note, replace(Whole(text="a"), text=object())) == ContentCode.MALFORMED


def test_an_error_and_a_note_never_show_the_words():
    secret = "schulden"
    note = Contact(text=secret, safe=secret)
    with pytest.raises(ContentError) as caught:
        unpack_note(Whole, b'{"%s":"x","text":"%s"}' % (secret.encode(), secret.encode()))
    assert secret not in f"{caught.value!r}{caught.value}{caught.value.path}{caught.value.__cause__}"
    with pytest.raises(ContentError) as unwritable:
        pack_note(Whole(text=f"{secret} \ud83d"))
    for error in (caught.value, unwritable.value):
        assert error.__cause__ is None
        assert error.__suppress_context__ or error.__context__ is None
    assert secret not in f"{note!r}{note}{[note]}{note.__rich_repr__()}"
    assert "16" in repr(note)


def test_an_error_survives_a_copy_and_a_pickle():
    error = ContentError(ContentCode.TOO_LONG, "detail", "$.text", 12, 10)
    for again in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert (again.code, again.detail, again.path, again.found, again.limit) == (
            "content.too-long", "detail", "$.text", 12, 10,
        )  # fmt: skip


def test_the_words_of_the_wire_are_those_of_decide():
    assert NOTE_MEDIA == sections.NOTE
    assert WHOLE == sections.WHOLE
    longest = "🦊" * 57 + "abcdefgh.pdf"
    assert len(file_prefix(longest, "application/pdf")) <= sections.FILE_OVERHEAD


@given(STEMS, st.sampled_from(sorted(EXTENSIONS)), st.binary(max_size=300))
def test_a_file_comes_back(stem, media, data):
    name = suggest_file_name(stem, media)
    content = pack_file(name, data)
    assert unpack_file(content) == unpack_file(content, media) == (name, data)
    assert content == file_prefix(name, media) + data
    source = io.BytesIO(content)
    prefix = read_prefix(source, media)
    assert (prefix.name, prefix.media, source.read()) == (name, media, data)
    assert prefix.size == len(content) - len(data)


@given(st.binary(max_size=600))
def test_arbitrary_bytes_are_a_protocol_error_or_a_file(content):
    for read in (unpack_file, lambda data: read_prefix(io.BytesIO(data))):
        try:
            read(content)
        except ProtocolError as error:
            assert error.code.startswith("content.")


@given(st.integers(0, 2**32 - 1), st.binary(max_size=40))
def test_both_readers_of_a_prefix_agree(length, rest):
    content = length.to_bytes(4, "big") + rest
    assert code_of(unpack_file, content) == code_of(read_prefix, io.BytesIO(content))


class Trickle(io.BytesIO):
    """A stream that gives a byte at a time, as a pipe may."""

    def read(self, size=-1):
        return super().read(1)


def test_a_prefix_is_read_from_a_stream_that_gives_little_at_a_time():
    source = Trickle(pack_file("brief.pdf", b"%PDF-"))
    assert read_prefix(source).name == "brief.pdf"
    assert source.getvalue()[source.tell() :] == b"%PDF-"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", ContentCode.MALFORMED),
        (b"\0\0\0", ContentCode.MALFORMED),
        (b"\0\0\0\0", ContentCode.MALFORMED),
        (b"\0\0\0\x14" + b'{"name":"a.pdf"}', ContentCode.MALFORMED),
        (b"\0\0\0\x11" + b'{"name": "a.pdf"}', ContentCode.MALFORMED),
        ((MAX_HEADER_BYTES + 1).to_bytes(4, "big") + b"x" * 600, ContentCode.MALFORMED),
        (b"\xff\xff\xff\xff" + b"x" * 600, ContentCode.MALFORMED),
        (b"\0\0\0\x02{}", ContentCode.SCHEMA),
        (b"\0\0\0\x13" + b'{"name":"../a.pdf"}', ContentCode.NAME),
        (b"\0\0\0\x10" + b'{"name":"a.png"}', None),
    ],
)
def test_prefixes(content, code):
    assert code_of(unpack_file, content) == code
    assert code_of(read_prefix, io.BytesIO(content)) == code


def test_the_declared_type_is_held_against_the_name():
    content = pack_file("foto.png", b"")
    assert code_of(unpack_file, content, "image/png") is None
    assert code_of(unpack_file, content, "application/pdf") == ContentCode.NAME
    assert code_of(read_prefix, io.BytesIO(content), "image/jpeg") == ContentCode.NAME
    assert code_of(unpack_file, content, "text/html") == ContentCode.MEDIA


@pytest.mark.parametrize(
    "name",
    ["brief.pdf", "Brief OCMW (2).PDF", "foto's.jpeg", "a.b.c.png", "حكم.pdf", "żółw.jpg", "_con.pdf", "console.pdf",
     "a" * 116 + ".pdf", "brief_24-11-2026.pdf"],
)  # fmt: skip
def test_names_that_travel(name):
    assert check_file_name(name) in EXTENSIONS


@pytest.mark.parametrize(
    "name",
    ["", ".pdf", "a/b.pdf", "a\\b.pdf", "../a.pdf", "C:a.pdf", "a\0.pdf", "a\n.pdf", "a\x7f.pdf", "a\x9f.pdf",
     "gnp\u202efdp.exe.pdf", "a\u2066b.pdf", "a\u200fb.pdf", "a\u200bb.pdf", "a\u2028b.pdf", "a\ud800.pdf",
     "a\ue000.pdf", "e\u0301.pdf", " a.pdf", "a.pdf ", ".a.pdf", "-rf.pdf", "con.pdf", "NUL.pdf", "com1.x.pdf",
     "a?.pdf", 'a".pdf', "a|b.pdf", "a.exe", "a", "a.pdf.exe", "pdf", "a" * 117 + ".pdf",
     "🦊" * 60 + ".pdf", "....pdf", "  .pdf"],
)  # fmt: skip
def test_names_that_do_not(name):
    assert code_of(check_file_name, name) == ContentCode.NAME
    assert code_of(file_prefix, name, "application/pdf") == ContentCode.NAME


@given(st.text(max_size=150) | STEMS.map(lambda stem: f"{stem}.pdf"), st.sampled_from(sorted(EXTENSIONS)))
def test_any_name_has_one_near_to_it_that_travels(name, media):
    assert check_file_name(suggest_file_name(name, media), media) == media


def test_a_suggestion_keeps_what_it_can():
    assert suggest_file_name("brief.PDF", "application/pdf") == "brief.pdf"
    assert suggest_file_name("foto.jpeg", "image/jpeg") == "foto.jpeg"
    assert suggest_file_name("a:b?.pdf", "application/pdf") == "a_b_.pdf"
    assert suggest_file_name("gnp\u202efdp.exe", "image/png") == "gnpfdp.exe.png"
    assert suggest_file_name("...", "image/png") == "file.png"
    assert suggest_file_name("nul", "image/png") == "_nul.png"
    assert code_of(suggest_file_name, "a", "text/html") == ContentCode.MEDIA
