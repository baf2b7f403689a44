"""A message as it is typed or given in JSON becomes a draft; what is wrong is told by code, and not repeated."""

import io

import click
import msgspec
import pytest

from zegel.cli.draft_file import DraftIn, NoteIn, begin, fill, note_of, read_draft
from zegel.cli.draft_options import given_draft
from zegel_protocol.errors import MalformedError
from zegel_protocol.objects.manifest import Carried, FollowUp

ANA, BEN, HOME = "a" * 32, "b" * 32, "c" * 32
NOTHING = {
    "notes": (), "files": (), "agreement": None, "ask": None, "with_client": True, "carried": None, "follow_up": (),
    "names": (), "notice_by": None,
}  # fmt: skip
BASE = {"to": "ocmw-gent", "about": (BEN, ANA)}


def typed(draft_path=None, **options):
    return given_draft(draft_path, **{**NOTHING, **options})


def test_options_make_a_draft(tmp_path):
    (tmp_path / "note.txt").write_text("Uit een bestand.\r\n", "utf-8")
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    given = typed(
        **BASE,
        kind="information",
        notes=(("money", "Drie deurwaarders."), ("who:first-name", "Ana"), ("home", f"@{tmp_path}/note.txt")),
        files=(("growth", f"{tmp_path}/a.pdf"),),
        agreement="Sara belt.",
        ask="Sara",
        carried="in-consultation=2026-11-20",
        follow_up=("none-ask", "first-contact=2026-12-01"),
        names=("Ana Peeters",),
    )
    draft = fill(begin(given, HOME), given)
    assert (draft.kind, draft.purpose, draft.to, draft.household) == ("information", "coordinate", "ocmw-gent", HOME)
    assert (draft.about, draft.names) == ((ANA, BEN), ("Ana Peeters",))
    assert draft.carried == Carried(how="in-consultation", on="2026-11-20")
    assert draft.follow_up == (FollowUp(code="first-contact", due=1796126400), FollowUp(code="none-ask"))
    notes = {(item.type, item.form): msgspec.to_builtins(item.note) for item in draft.sections if item.note is not None}
    assert notes["money", "whole"]["text"] == "Drie deurwaarders."
    assert notes["who", "first-name"]["first_name"] == "Ana"
    assert notes["home", "whole"]["text"] == "Uit een bestand."
    assert (notes["agreement", "whole"]["ask"], notes["agreement", "whole"]["with_client"]) == ("Sara", True)
    assert [(item.type, item.name) for item in draft.sections if item.note is None] == [("growth", "a.pdf")]


def test_options_add_to_a_draft_in_json(monkeypatch):
    written = msgspec.json.encode({**BASE, "thread": "019a0000-0000-7000-8000-000000000000", "notes": []})
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(written)))
    given = typed("-", to="clb", notes=(("home", "Thuis."),), notice_by="clb")
    assert (given.to, given.about, given.notice_by) == ("clb", (BEN, ANA), "clb")
    assert given.thread == "019a0000-0000-7000-8000-000000000000"
    assert [note.type for note in given.notes] == ["home"]
    assert begin(given, HOME).purpose == "referral"


@pytest.mark.parametrize(
    ("note", "fields"),
    [
        (NoteIn(type="rights", form="yes-no", text="ja"), {"answer": True}),
        (NoteIn(type="rights", form="yes-no", text="no"), {"answer": False}),
        (NoteIn(type="contact", text="Bel voor twee uur."), {"text": "Bel voor twee uur."}),
        (NoteIn(type="contact", content={"text": "a", "safe": "b"}), {"text": "a", "safe": "b"}),
    ],
)
def test_a_note_has_the_fields_of_its_form(note, fields):
    assert msgspec.to_builtins(note_of(note)) == fields


@pytest.mark.parametrize(
    "note",
    [
        NoteIn(type="rights", form="yes-no", text="misschien"),
        NoteIn(type="health", form="costs-only", text="30 euro"),
        NoteIn(type="money"),
        NoteIn(type="money", content={"text": "geheim", "more": 1}),
        NoteIn(type="money", content={"text": 5}),
        NoteIn(type="agreement", text="geheim"),
    ],
)
def test_a_note_with_other_fields_is_malformed(note):
    with pytest.raises(MalformedError) as wrong:
        note_of(note)
    assert wrong.value.code == "draft.malformed"
    assert "geheim" not in str(wrong.value)


@pytest.mark.parametrize(
    "written",
    [b"", b"{}", b"[]", b'{"to":"OCMW Gent","about":[]}', b'{"to":"ocmw","about":[],"secret":"geheim"}', b"[" * 5000],
)
def test_a_draft_that_is_none_is_malformed(written):
    with pytest.raises(MalformedError) as wrong:
        read_draft(written)
    assert wrong.value.code == "draft.malformed"
    assert "geheim" not in str(wrong.value)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"to": "ocmw-gent"},
        {**BASE, "agreement": "Sara belt."},
        {**BASE, "ask": "Sara"},
        {**BASE, "carried": "by-post"},
        {**BASE, "carried": "in-consultation"},
        {**BASE, "carried": "with-client=2026-11-20"},
        {**BASE, "carried": "in-consultation=2026-02-31"},
        {**BASE, "follow_up": ("first-contact",)},
        {**BASE, "follow_up": ("none-ask=2026-12-01",)},
        {**BASE, "follow_up": ("later=2026-12-01",)},
        {**BASE, "notes": (("Money", "geheim"),)},
    ],
)
def test_options_that_do_not_go_together_are_wrong_usage(options):
    with pytest.raises(click.UsageError) as wrong:
        typed(**options)
    assert "geheim" not in wrong.value.message


def test_a_picture_is_no_note(tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG\xff")
    with pytest.raises(click.UsageError):
        typed(**BASE, notes=(("money", f"@{tmp_path}/a.png"),))


def test_what_a_draft_needs_least():
    assert DraftIn(to="ocmw-gent", about=(ANA,)).kind == "referral"
