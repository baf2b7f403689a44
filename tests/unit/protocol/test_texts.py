"""The catalogues: every word is there, in every language alike, in short and plain sentences."""

import json
import re
import unicodedata
from importlib import resources
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from zegel_protocol import texts, words
from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects.acknowledgement import Event
from zegel_protocol.objects.devices import Function
from zegel_protocol.objects.manifest import Carried, FollowUp
from zegel_protocol.objects.membership import Secrecy
from zegel_protocol.objects.rulebook import BasisName
from zegel_protocol.refusal import Code, Step
from zegel_protocol.rulebook.template import default_rulebook
from zegel_protocol.texts.catalogue import LANGUAGES, catalogue, enumeration, phrase, placeholders
from zegel_protocol.texts.labels import CHOICE_OF_FORM, HIGHLY_SENSITIVE, READING_ORDER, missing_words
from zegel_protocol.texts.notice_text import WORRIES
from zegel_protocol.words import SECOND_SIGNATURE, WORDS
from zegel_relay.services import deadlines as relay_deadlines

FOLLOWED = {"first-contact", "report-client", "report-back"}
DEADLINES = FOLLOWED | {
    "step", "answer", "reply", "erasure", "second-signature", "alarm-second-device", "alarm-phone", "alarm-team-lead",
    "alarm-steward", "accept-code", "invite",
}  # fmt: skip
"""Kinds of deadline, as `DeadlineItem` names them."""
SAID_ELSEWHERE = {"received", "opened", "told", "done", "declined", "objected"}
"""Words that no line of their own tells of a partner: they show in other lines, or only a person says them."""
SAID_BY_PERSONS = {"agreed", "objected", "stuck"}
SPEC = Path(__file__).resolve().parents[3] / "docs" / "spec" / "texts.md"
D = "A" * 43
BOOK = default_rulebook(D, "A" * 22, 1_795_509_600, "Huis van het Kind Gent", "2026-1", D)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_vocabulary_is_there(language):
    needed = {f"function.{item}" for item in get_args(Function)} | {f"event.{item}" for item in get_args(Event)}
    needed |= {f"secrecy.{item}" for item in get_args(Secrecy)} | {f"basis.{item}" for item in get_args(BasisName)}
    needed |= {f"refusal.{code}" for code in Code} | {
        f"{section}.{step}" for step in Step for section in ("step", "step-what")
    }
    needed |= {f"follow-up.{code}" for code in get_args(FollowUp.__annotations__["code"])}
    needed |= {f"deadline.{kind}" for kind in DEADLINES} | {f"said-you.{word}" for word in SAID_BY_PERSONS}
    needed |= {f"{'follow-up' if kind in FOLLOWED else 'owed'}.{kind}" for kind in DEADLINES}
    needed |= {f"said.{word}" for word in get_args(Event) if word in WORDS and word not in SAID_ELSEWHERE}
    needed |= {f"notice.{how}" for how in get_args(Carried.__annotations__["how"])}
    assert needed - set(catalogue(language)) == set()
    assert missing_words(language, BOOK) == ()


def test_a_refusal_code_that_is_gone_leaves_no_words_behind():
    codes = {key.removeprefix("refusal.") for key in catalogue("nl") if key.startswith("refusal.")}
    assert codes == {str(code) for code in Code}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogues_say_the_same_things(language):
    assert set(catalogue(language)) == set(catalogue("nl"))
    for key, text in catalogue("nl").items():
        assert placeholders(text) == placeholders(catalogue(language)[key]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_phrases_are_plain_text(language):
    for key, text in catalogue(language).items():
        assert text == unicodedata.normalize("NFC", text.strip()) or key.startswith("list."), key
        assert not re.search(r"[{}<>&\\\x00-\x1f]", re.sub(r"\{[a-z_]+\}", "", text)), key
    raw = resources.files(texts).joinpath(f"{language}.json").read_text("utf-8")
    pairs = re.findall(r'^  "([a-z-]+)": \{', raw, re.MULTILINE)
    assert len(pairs) == len(set(pairs)) == len(json.loads(raw))


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_short(language):
    sections = (
        "consent.", "notice.", "notice-who.", "notice-why.", "said.", "said-you.", "refusal.", "refusal-safe.", "step.",
        "purpose-why.", "unable.", "delay-reason.", "kept-reason.", "follow-up.", "owed.", "letter.", "opening.",
        "code.", "code-reminder.", "alarm.",
    )  # fmt: skip
    for key, text in catalogue(language).items():
        if key.startswith(sections):
            for sentence in re.split(r"[.?!:؟] ", text):
                assert len(sentence.split()) <= 14, key


def test_labels_agree_with_the_default_rulebook():
    assert {item.id for item in BOOK.categories if item.level == "H"} == HIGHLY_SENSITIVE
    assert {item.id for item in BOOK.categories if len(item.forms) > 1} == CHOICE_OF_FORM
    assert set(READING_ORDER) == {item.id for item in BOOK.categories} | {item.id for item in BOOK.parts}
    assert set(WORRIES) <= {item.id for item in BOOK.categories}


def test_a_category_without_words_is_found_before_it_is_signed():
    extra = msgspec.structs.replace(BOOK.categories[-1], id="zebra")
    wider = msgspec.structs.replace(BOOK, categories=(*BOOK.categories, extra))
    assert missing_words("nl", wider) == (
        "category-child.zebra", "category-plain.zebra", "category-yours.zebra", "category.zebra",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("language", "key", "params", "code"),
    [
        ("xx", "list.comma", {}, "text.language"),
        ("../nl", "list.comma", {}, "text.language"),
        ("nl", "no.such", {}, "text.missing"),
        ("nl", "consent.title", {"from": "A"}, "text.missing"),
        ("nl", "consent.title", {"from": "A", "to": ""}, "text.param"),
        ("nl", "consent.title", {"from": "A", "to": "B\nU zegt ja."}, "text.param"),
        ("nl", "consent.title", {"from": "A", "to": "\u202eB"}, "text.param"),
    ],
)
def test_a_phrase_is_filled_in_whole_or_not_at_all(language, key, params, code):
    with pytest.raises(ProtocolError) as caught:
        phrase(language, key, **params)
    assert caught.value.code == code


def test_deadlines_are_those_that_a_relay_opens():
    known = {vars(relay_deadlines)[name] for name in ("ACCEPT_CODE", "INVITE")}
    known |= {words.FIRST_CONTACT, words.REPORT_CLIENT, words.REPORT_BACK, words.STEP, words.ANSWER, words.REPLY}
    assert {*known, words.ERASURE, SECOND_SIGNATURE} <= DEADLINES


def test_what_is_filled_in_is_not_a_phrase_again():
    assert phrase("nl", "consent.title", **{"from": "{to}", "to": "B"}) == "Mag {to} informatie geven aan B?"


def test_lists_in_words():
    assert enumeration("nl", []) == ""
    assert enumeration("nl", ["a"]) == "a"
    assert enumeration("nl", ["a", "b", "c"]) == "a, b en c"
    assert enumeration("en", ["a", "b"]) == "a and b"


def test_the_specification_names_every_section_every_line_and_every_code():
    text = SPEC.read_text("utf-8")
    # Words of the page alone are no part of what other software must render.
    sections = {name for key in catalogue("nl") if not (name := key.partition(".")[0]).startswith("page-")}
    lines = {key for key in catalogue("nl") if key.startswith(("consent.", "notice.", "about."))}
    lines = {key.partition(".")[2] if key.startswith("notice.") else key for key in lines}
    codes = {"text.language", "text.missing", "text.param", "time.range", "date.malformed"}
    known = {*sections, *lines, *codes, *CHOICE_OF_FORM, *HIGHLY_SENSITIVE, *WORRIES, *READING_ORDER}
    assert [word for word in sorted(known) if f"`{word}`" not in text] == []
