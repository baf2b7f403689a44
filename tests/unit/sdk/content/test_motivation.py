"""A motivation says why: filling the field is refused before sealing, and pointed at after opening."""

import pytest

from zegel import Draft, Whole
from zegel.content.detectors import scan_note
from zegel.content.finding import Matter
from zegel.content.motivation import says_why
from zegel_protocol.rulebook.template import default_rules, make_rulebook


@pytest.mark.parametrize(
    "text",
    [
        "Blauwe plekken op beide armen.",
        "Il a peur de rentrer à la maison.",
        "Çocuğun vücudunda morluklar var",
        "لا يريد الطفل أن يعود إلى البيت",
        "Dziecko boi się wrócić do domu.",
    ],
)
def test_a_reason_in_any_language_is_one(text):
    assert says_why(text)
    assert scan_note(Whole(text=text), "motivation") == ()


@pytest.mark.parametrize(
    "text", ["-", "...", "nvt", "zie dossier", "x x x x x x", "ja ja ja ja", "1 2 3 4 5", "\u200b \u200b", "a b c d e"]
)
def test_what_only_fills_the_field_is_refused(text):
    (found,) = scan_note(Whole(text=text), "motivation")
    assert (found.code, found.severity, found.section, found.field) == (
        Matter.NO_REASON, "refuse", "motivation", "$.text",
    )  # fmt: skip
    assert scan_note(Whole(text=text), "plan") == ()


def test_a_draft_with_it_does_not_pass():
    rulebook = make_rulebook(
        default_rules(), huis="A" * 43, nonce="A" * 22, issued=1, name="Huis", code_version="1.0", code_digest="A" * 43,
        version=1,
    )  # fmt: skip
    draft = Draft("concern", "safety", "vk-gent", "0" * 32, ("1" * 32,)).note("motivation", "zie dossier")
    assert [item.code for item in draft.findings(rulebook)] == [Matter.NO_REASON]
