"""A draft as JSON: what software in another language writes to `zegel send --draft -`, and how it becomes a `Draft`.

The shape is `docs/decisions/0028-what-the-command-says-to-software.md`. It holds content in the clear, so it is read
from a pipe or from the caller's own file, and never written here.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from zegel.content import schemas
from zegel.content.notes import Note
from zegel.draft import Draft
from zegel_protocol.errors import MalformedError
from zegel_protocol.fields import Digest, PartnerId, Random128, Term, Uuid7
from zegel_protocol.objects.manifest import Carried, FollowUp, PlanStep

MAX_BYTES = 4 * 2**20
"""Of a draft as JSON: its files are paths."""
_YES_NO = {"yes": True, "ja": True, "true": True, "no": False, "nee": False, "false": False}


class NoteIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text section: `text`, or `content` with the fields of its form (`docs/spec/content.md`)."""

    type: Term
    form: Term = "whole"
    text: str | None = None
    content: dict[str, Any] | None = None
    about: tuple[Random128, ...] | None = None
    withheld: dict[str, str] = {}


class FileIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file section: a path, from the folder that the command runs in."""

    type: Term
    path: str
    about: tuple[Random128, ...] | None = None
    withheld: dict[str, str] = {}


class DraftIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message to be sent. Without a `household`, that of the first person is looked up."""

    to: PartnerId
    about: tuple[Random128, ...]
    kind: Term = "referral"
    purpose: Term | None = None
    household: Random128 | None = None
    names: tuple[str, ...] = ()
    carried: Carried | None = None
    follow_up: tuple[FollowUp, ...] = ()
    notice_by: PartnerId | None = None
    thread: Uuid7 | None = None
    answers: Digest | None = None
    steps: tuple[PlanStep, ...] = ()
    notes: tuple[NoteIn, ...] = ()
    files: tuple[FileIn, ...] = ()


_PURPOSES: Mapping[str, str] = {"information": "coordinate"}


def read_draft(data: bytes) -> DraftIn:
    """Return the draft that JSON holds. Raises `MalformedError` (`draft.malformed`); its text quotes no content."""
    try:
        return msgspec.json.decode(data, type=DraftIn)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise MalformedError("draft.malformed", f"the draft is not as JSON should have it: {error}") from error


def fill(draft: Draft, given: DraftIn) -> Draft:
    """Add a draft's notes and files. Raises `ContentError`, `MalformedError` (`draft.malformed`), `OSError`."""
    for item in given.notes:
        draft.note(item.type, note_of(item), form=item.form, about=item.about, withheld=item.withheld)
    for file in given.files:
        draft.file(file.type, file.path, about=file.about, withheld=file.withheld)
    return draft


def begin(given: DraftIn, household: str) -> Draft:
    """Return the draft without its sections."""
    return Draft(
        given.kind, given.purpose or _PURPOSES.get(given.kind, "referral"), given.to, household,
        tuple(sorted(set(given.about))), names=given.names, carried=given.carried,
        follow_up=tuple(sorted(given.follow_up, key=lambda item: item.code)), notice_by=given.notice_by,
        thread=given.thread, answers=given.answers, steps=given.steps,
    )  # fmt: skip


def note_of(item: NoteIn) -> Note:
    """Return a note's content in its form. Raises `ContentError` or `MalformedError` (`draft.malformed`)."""
    schema = schemas.schema_of(item.type, item.form)
    fields = item.content
    if fields is None:
        fields = {_text_field(item.form): _text(item)}
    try:
        return msgspec.convert(fields, schema)
    except msgspec.ValidationError as error:
        needs = ", ".join(schema.__struct_fields__)
        raise MalformedError(
            "draft.malformed", f"{item.type}:{item.form} has the fields {needs}: {error}", "$.notes"
        ) from error


def _text_field(form: str) -> str:
    return {"first-name": "first_name", "yes-no": "answer"}.get(form, "text")


def _text(item: NoteIn) -> str | bool | None:
    return item.text if item.form != "yes-no" or item.text is None else _YES_NO.get(item.text.strip().lower())
