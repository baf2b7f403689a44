"""A note keeps to its form and to the rulebook's limits, at both ends by the same call."""

import msgspec
import pytest

from unit.sdk.content.content_cases import RULEBOOK, code_of
from zegel.content.errors import ContentCode, ContentError
from zegel.content.framing import pack_note
from zegel.content.schemas import (
    FORMS,
    Agreement,
    Contact,
    Cost,
    CostsOnly,
    FirstName,
    Short,
    Whole,
    YesNo,
    check_note,
    limit_of,
    schema_of,
)

CATEGORIES = [(rule.id, form) for rule in RULEBOOK.categories for form in rule.forms]
PARTS = [rule.id for rule in RULEBOOK.parts]


def note_of(type_, form, size):
    """Return a note of this type and form with `size` characters, or None where that many do not fit its fields."""
    text = "é" * size
    made = {
        Whole: lambda: Whole(text=text),
        Short: lambda: Short(text=text),
        Contact: lambda: Contact(text=text[:-1], safe=text[-1:]),
        Agreement: lambda: Agreement(text=text[:-1], ask=text[-1:], with_client=True, steps=()),
    }.get(schema_of(type_, form))
    return made() if made else None


@pytest.mark.parametrize(("type_", "form"), CATEGORIES + [(part, "whole") for part in PARTS])
def test_every_form_of_every_category_and_part_has_a_schema_and_a_limit(type_, form):
    limit = limit_of(RULEBOOK, type_, form)
    note = note_of(type_, form, limit)
    if note is None:
        return
    assert check_note(RULEBOOK, type_, form, note) == note
    assert check_note(RULEBOOK, type_, form, pack_note(note)) == note
    longer = note_of(type_, form, limit + 1)
    for given in (longer, pack_note(longer)):
        with pytest.raises(ContentError) as caught:
            check_note(RULEBOOK, type_, form, given)
        assert (caught.value.code, caught.value.found, caught.value.limit) == (
            ContentCode.TOO_LONG, limit + 1, limit,
        )  # fmt: skip


def test_limits_are_the_rulebooks():
    assert limit_of(RULEBOOK, "ask", "whole") == 1000
    assert limit_of(RULEBOOK, "ask", "short") == 300
    assert limit_of(RULEBOOK, "violence", "whole") == 2000
    # What is shorter counts: a category of 200 characters does not grow by a form of 300.
    narrow = msgspec.structs.replace(
        RULEBOOK,
        categories=tuple(
            msgspec.structs.replace(rule, limit=200) if rule.id == "ask" else rule for rule in RULEBOOK.categories
        ),
    )
    assert limit_of(narrow, "ask", "short") == 200


@pytest.mark.parametrize(
    ("type_", "form", "code"),
    [
        ("religion", "whole", ContentCode.TYPE),
        ("national-number", "whole", ContentCode.TYPE),
        ("", "whole", ContentCode.TYPE),
        ("money", "short", ContentCode.FORM),
        ("money", "everything", ContentCode.FORM),
        ("motivation", "short", ContentCode.FORM),
    ],
)
def test_what_the_rulebook_does_not_know_is_refused(type_, form, code):
    assert code_of(check_note, RULEBOOK, type_, form, Whole(text="a")) == code
    assert code_of(check_note, RULEBOOK, type_, form, b'{"text":"a"}') == code


def test_a_form_without_a_schema_is_refused():
    with_new = msgspec.structs.replace(
        RULEBOOK,
        forms=(*RULEBOOK.forms, msgspec.structs.replace(RULEBOOK.forms[0], id="zz-drawing")),
        categories=tuple(
            msgspec.structs.replace(rule, forms=(*rule.forms, "zz-drawing")) if rule.id == "growth" else rule
            for rule in RULEBOOK.categories
        ),
    )
    assert code_of(check_note, with_new, "growth", "zz-drawing", b'{"text":"a"}') == ContentCode.FORM
    assert code_of(schema_of, "growth", "zz-drawing") == ContentCode.FORM


def test_a_form_may_not_be_offered_as_another():
    assert code_of(check_note, RULEBOOK, "who", "first-name", Whole(text="Elif Yılmaz")) == ContentCode.SCHEMA
    assert code_of(check_note, RULEBOOK, "who", "first-name", b'{"text":"Elif"}') == ContentCode.SCHEMA
    assert code_of(check_note, RULEBOOK, "rights", "yes-no", Whole(text="ja, want ...")) == ContentCode.SCHEMA
    assert code_of(check_note, RULEBOOK, "contact", "whole", Whole(text="0475 12 34 56")) == ContentCode.SCHEMA


def test_forms_that_fit():
    first, yes = FirstName(first_name="Elif"), YesNo(answer=True)
    costs = CostsOnly(items=(Cost(what="kinesist", cents=2_650, per="week"),))
    assert check_note(RULEBOOK, "who", "first-name", first) == first
    assert check_note(RULEBOOK, "housing", "yes-no", yes) == yes
    assert check_note(RULEBOOK, "health", "costs-only", costs) == costs


def test_the_text_is_counted_as_it_is_sealed():
    """Two keyboards, one count: an accent typed as two characters is one, and so is a Windows line end."""
    limit = limit_of(RULEBOOK, "lang", "whole")
    half = limit // 2
    assert check_note(RULEBOOK, "lang", "whole", Whole(text="e\u0301" * limit)) == Whole(text="é" * limit)
    assert check_note(RULEBOOK, "lang", "whole", Whole(text="a\r\n" * half)) == Whole(text="a\n" * half)


def test_all_text_fields_count_and_words_of_closed_lists_do_not():
    items = tuple(Cost(what="x" * 60, cents=1, per="month") for _ in range(6))
    limit = limit_of(RULEBOOK, "health", "costs-only")
    with pytest.raises(ContentError) as caught:
        check_note(RULEBOOK, "health", "costs-only", CostsOnly(items=items))
    assert (caught.value.found, caught.value.limit) == (360, limit)
    fewer = CostsOnly(items=items[: limit // 60])
    assert check_note(RULEBOOK, "health", "costs-only", fewer) == fewer


def test_every_form_of_the_default_rulebook_has_a_schema():
    assert {form.id for form in RULEBOOK.forms} == set(FORMS)
