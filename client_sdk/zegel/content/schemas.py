"""The schema of each form, and whether a note keeps to the rulebook's limits.

A form has one schema for all categories, except where a category or part says more than one thing: `contact`,
`agreement` and `steps` have a `whole` of their own. Limits come from the rulebook; what stands here is shape only.
Forms: rulebook, *Categories*; agreement: article 5 of the duties; hand-over steps: article 4. Rule:
`docs/spec/content.md`.
"""

from typing import Annotated, Final, Literal

from msgspec import Meta

from zegel.content.errors import ContentCode, ContentError
from zegel.content.framing import pack_note, unpack_note
from zegel.content.notes import Note, characters, normalised
from zegel_protocol.fields import Date
from zegel_protocol.objects.rulebook import Rulebook

# No control characters but tab and line feed; none that override the direction of reading, which would let a text
# show other words than a detector or a screen reader meets. Marks that Arabic needs stay allowed.
_ALLOWED = r"[^\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e]"
# A letter of any script, or a mark on one (Latin, Arabic) that has no composed character.
_LETTER = r"(?:[^\W\d_]|[\u0300-\u036f\u064b-\u065f\u0670])"
_WORD = rf"{_LETTER}++(?:[-'’]{_LETTER}++)*+"

Text = Annotated[str, Meta(pattern=rf"(?s)\A(?=.*\S){_ALLOWED}*+\Z", max_length=20_000)]
"""Free text with something in it; how long it may be is the rulebook's."""
_LINE = r"\A(?=.*\S)[^\x00-\x1f\x7f-\x9f\u2028\u2029\u202d\u202e]*+\Z"
Line = Annotated[str, Meta(pattern=_LINE, max_length=200)]
"""One line: a name, a function, a step."""

WHOLE: Final = "whole"
"""The form that holds everything; the only one of a part and of a file. As in `zegel_protocol.decision.sections`."""

MAX_CENTS: Final = 10_000_000
"""Of one cost: € 100,000. Fewer digits than a national number, so that none can be passed off as an amount."""


class Whole(Note, frozen=True, kw_only=True):
    """Everything of a category that is relevant, as free text; also the form of most parts."""

    text: Text


class Short(Note, frozen=True, kw_only=True):
    """A category in a few lines."""

    text: Text


class FirstName(Note, frozen=True, kw_only=True):
    """What a volunteer may know of who someone is: one or two words, no surname."""

    first_name: Annotated[str, Meta(pattern=rf"\A{_WORD}(?: {_WORD})?\Z", max_length=40)]


class YesNo(Note, frozen=True, kw_only=True):
    """Whether the conditions of a right are met, without why."""

    answer: bool


class Cost(Note, frozen=True, kw_only=True):
    """One cost: for what, how much in euro cents, how often."""

    what: Annotated[str, Meta(pattern=_LINE, max_length=60)]
    cents: Annotated[int, Meta(ge=0, le=MAX_CENTS)]
    per: Literal["once", "week", "month", "year"]


class CostsOnly(Note, frozen=True, kw_only=True):
    """What something costs, and not what it is for medically."""

    items: Annotated[tuple[Cost, ...], Meta(min_length=1, max_length=20)]


class Contact(Note, frozen=True, kw_only=True):
    """How to reach someone, and `safe`: when and how that does no harm (who else reads or answers)."""

    text: Text
    safe: Text | None = None


class HandOverStep(Note, frozen=True, kw_only=True):
    """A step that is taken together: what, by whom, and until when."""

    what: Line
    who: Line
    by: Date | None = None


class Agreement(Note, frozen=True, kw_only=True):
    """The agreement on follow-up. `text` is what was agreed; "no follow-up" with an `ask` is one too.

    `ask`: whom to ask. `informs`: who informs the client. `feedback`: how it runs between the partners. `reports`: who
    reports back. `with_client`: whether it was agreed with the client. `steps`: the joint hand-over plan, may be empty.
    """

    text: Text
    ask: Line
    informs: Line | None = None
    feedback: Line | None = None
    reports: Line | None = None
    with_client: bool
    steps: Annotated[tuple[HandOverStep, ...], Meta(max_length=12)]


class PlannedStep(Note, frozen=True, kw_only=True):
    """What one step of a joint hand-over plan is, and where; who takes it by when, the manifest says under `n`."""

    n: Annotated[int, Meta(ge=1, le=16)]
    what: Line
    place: Line | None = None


class Steps(Note, frozen=True, kw_only=True):
    """The words of a joint hand-over plan (article 4), numbered from 1 without gaps, as the manifest's steps are."""

    items: Annotated[tuple[PlannedStep, ...], Meta(min_length=1, max_length=16)]

    def __post_init__(self) -> None:
        if [step.n for step in self.items] != list(range(1, len(self.items) + 1)):
            raise ValueError("steps are numbered from 1, without gaps")


FORMS: Final[dict[str, type[Note]]] = {
    "whole": Whole,
    "short": Short,
    "first-name": FirstName,
    "yes-no": YesNo,
    "costs-only": CostsOnly,
}
"""Form id to schema. A rulebook can narrow which forms a category has; a new form needs a schema first."""

OWN_WHOLE: Final[dict[str, type[Note]]] = {"contact": Contact, "agreement": Agreement, "steps": Steps}
"""Categories and parts whose `whole` has fields of its own."""


def schema_of(type: str, form: str) -> type[Note]:  # noqa: A002 (`type` is what the wire calls it)
    """Return the struct of a section type (category or part) in a form. Raises `ContentError` (`content.form`)."""
    if form == WHOLE and type in OWN_WHOLE:
        return OWN_WHOLE[type]
    if form not in FORMS:
        raise ContentError(ContentCode.FORM, "a form that has no schema here; update the software", "$.form")
    return FORMS[form]


def limit_of(rulebook: Rulebook, type: str, form: str) -> int:  # noqa: A002
    """Return the most characters that a section of this type and form may hold.

    Raises `ContentError`: `content.type` when the rulebook has no such category or part (`religion` is none), and
    `content.form` when the category has no such form; a part is always whole.
    """
    rule = next((item for item in rulebook.categories if item.id == type), None)
    part = next((item for item in rulebook.parts if item.id == type), None)
    if rule is None and part is None:
        raise ContentError(ContentCode.TYPE, "the rulebook knows no such category or part; leave it out", "$.type")
    forms = {item.id: item for item in rulebook.forms if item.id in (rule.forms if rule else (WHOLE,))}
    if form not in forms and not (part is not None and form == WHOLE):
        raise ContentError(ContentCode.FORM, "the category has no such form; choose one that it has", "$.form")
    whole = rule.limit if rule is not None else part.limit if part is not None else 0
    own = forms[form].limit if form in forms else None
    return whole if own is None else min(whole, own)


def check_note(rulebook: Rulebook, type: str, form: str, note: Note | bytes) -> Note:  # noqa: A002
    """Return the note, decoded where it came as bytes, if it has the form's shape and is not too long.

    The same call stands before sealing and after opening. Raises `ContentError`: `content.type`, `content.form`,
    `content.schema`, `content.malformed`, and `content.too-long` with `found` and `limit` in characters (code points
    over all text fields).
    """
    limit = limit_of(rulebook, type, form)
    schema = schema_of(type, form)
    if isinstance(note, Note):
        if not isinstance(note, schema):
            raise ContentError(ContentCode.SCHEMA, f"this form is a {schema.__name__}", "$")
        note = normalised(note)
        pack_note(note)
    else:
        note = unpack_note(schema, note)
    found = characters(note)
    if found > limit:
        raise ContentError(
            ContentCode.TOO_LONG, f"{found} characters where {limit} may go; shorten it", "$", found=found, limit=limit
        )
    return note
