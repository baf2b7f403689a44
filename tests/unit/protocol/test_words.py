"""Who may say which word of a message, with which codes, about what: the table of `zegel_protocol.words`."""

from typing import cast, get_args

import msgspec
import pytest

from vectors.making.huis import make_rules
from vectors.making.object_samples import samples
from zegel_protocol.objects import Acknowledgement, Manifest
from zegel_protocol.objects.acknowledgement import Event
from zegel_protocol.objects.manifest import FollowUp, PlanStep
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.objects.rulebook import KindRule
from zegel_protocol.words import READING, WORDS, WordError, agreements, asks_partner, asks_person, check_word, ends

PERSON = "ab" * 16
ELIF, NURSE, OCMW, CLB = Party(person=PERSON), Party(partner="nurse"), Party(partner="ocmw"), Party(partner="clb")
D = "A" * 43
QUESTION = KindRule(
    id="question", article=6, client=True, bases=(), carried=False, follow_up=False, thread="none", parts=(),
    senders=("partner",), recipients=("person",),
)  # fmt: skip
REPLY = msgspec.structs.replace(QUESTION, id="reply", answers=("client-message",))
REQUEST = msgspec.structs.replace(QUESTION, id="request", parts=("question",), recipients=())
BOOK = msgspec.structs.replace(
    make_rules(), kinds=(QUESTION, REPLY, REQUEST), kept_reasons=("legal-duty", "statutory-file")
)
PLAN = msgspec.structs.replace(
    cast(Manifest, samples()[Manifest.KIND]),
    sender=Sender(partner="nurse", device="11" * 16),
    to=OCMW,
    follow_up=(
        FollowUp(code="first-contact", due=1_800_000_000),
        FollowUp(code="none-ask"),
        FollowUp(code="report-client", due=1_800_000_000, by="sender"),
    ),
    steps=(
        PlanStep(n=1, by=NURSE, others=(ELIF,), due=1_800_000_000),
        PlanStep(n=2, by=ELIF, others=(), due=1_800_000_000),
    ),
)
ASKED = msgspec.structs.replace(PLAN, kind="question", to=ELIF, follow_up=(), steps=())

REQUESTED = msgspec.structs.replace(PLAN, kind="request", follow_up=(), steps=())


def word(event: Event, reader: Party, codes: tuple[str, ...] = (), of: str | None = None) -> Acknowledgement:
    sample = cast(Acknowledgement, samples()[Acknowledgement.KIND])
    return msgspec.structs.replace(
        sample, event=event, reader=reader, codes=codes, of=of, manifest=D, notice=None, wraps=None
    )


def test_every_word_of_the_format_has_a_rule():
    assert set(WORDS) == set(get_args(Event))
    assert {"told", "opened"} <= READING < set(WORDS)


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        (PLAN, word("agreed", OCMW, ("step-1", "step-2"))),
        (PLAN, word("agreed", ELIF, ("step-2",))),
        (PLAN, word("agreed", NURSE, ("first-contact",))),
        (PLAN, word("done", OCMW, ("first-contact",))),
        (PLAN, word("done", NURSE, ("report-client", "step-1"))),
        (PLAN, word("done", ELIF, ("step-2",))),
        (PLAN, word("stuck", ELIF)),
        (PLAN, word("stuck", NURSE, ("step-2",))),
        (PLAN, word("objected", ELIF)),
        (PLAN, word("reported", OCMW, ("over-broad",))),
        (PLAN, word("erased", OCMW, of=D)),
        (PLAN, word("kept", OCMW, ("statutory-file",), of=D)),
        (PLAN, word("opened", OCMW, ("anything",))),
        (REQUESTED, word("declined", OCMW)),
        (ASKED, word("declined", ELIF)),
    ],
    ids=lambda item: item.event if isinstance(item, Acknowledgement) else "",
)
def test_what_may_be_said(manifest, said):
    check_word(said, manifest, BOOK, told=said.reader.person is not None)


@pytest.mark.parametrize(
    ("code", "manifest", "said"),
    [
        ("word.speaker", PLAN, word("agreed", CLB, ("step-1",))),
        ("word.speaker", PLAN, word("stuck", CLB)),
        ("word.speaker", PLAN, word("objected", OCMW)),
        ("word.speaker", PLAN, word("erased", NURSE, of=D)),
        ("word.speaker", PLAN, word("reported", ELIF, ("over-broad",))),
        ("word.speaker", PLAN, word("declined", OCMW)),
        ("word.speaker", msgspec.structs.replace(ASKED, kind="reply"), word("declined", ELIF)),
        ("word.code", PLAN, word("agreed", OCMW)),
        ("word.code", PLAN, word("agreed", OCMW, ("step-3",))),
        ("word.code", PLAN, word("done", OCMW, ("step-1",))),
        ("word.code", PLAN, word("done", ELIF, ("first-contact", "step-2"))),
        ("word.code", PLAN, word("done", OCMW, ("none-ask",))),
        ("word.code", PLAN, word("kept", OCMW, of=D)),
        ("word.code", PLAN, word("kept", OCMW, ("no-time",), of=D)),
        ("word.code", PLAN, word("kept", OCMW, ("legal-duty", "statutory-file"), of=D)),
        ("word.code", PLAN, word("erased", OCMW, ("statutory-file",), of=D)),
        ("word.code", PLAN, word("stuck", ELIF, ("whatever",))),
        ("word.code", PLAN, word("reported", OCMW)),
        ("word.code", ASKED, word("declined", ELIF, ("later",))),
        ("word.code", REQUESTED, word("declined", OCMW, ("later",))),
        ("word.speaker", REQUESTED, word("declined", NURSE)),
        ("word.speaker", REQUESTED, word("declined", ELIF)),
        ("word.of", PLAN, word("erased", OCMW)),
        ("word.of", PLAN, word("kept", OCMW, ("legal-duty",))),
        ("word.of", PLAN, word("stuck", ELIF, of=D)),
    ],
)
def test_what_may_not_be_said(code, manifest, said):
    with pytest.raises(WordError) as refused:
        check_word(said, manifest, BOOK, told=said.reader.person is not None)
    assert refused.value.code == code


def test_who_was_not_told_says_nothing():
    with pytest.raises(WordError) as refused:
        check_word(word("stuck", Party(person="cd" * 16)), PLAN, BOOK, told=False)
    assert refused.value.code == "word.speaker"


def test_what_a_message_agrees_and_who_keeps_it():
    assert agreements(PLAN) == {"first-contact": OCMW, "report-client": NURSE, "step-1": NURSE, "step-2": ELIF}


@pytest.mark.parametrize(
    ("manifest", "asks"),
    [
        (ASKED, True),
        (msgspec.structs.replace(ASKED, kind="reply"), False),
        (msgspec.structs.replace(ASKED, kind="unheard-of"), False),
        (msgspec.structs.replace(ASKED, sender=Sender(person="cd" * 16), devices=None), False),
        (PLAN, False),
    ],
    ids=["question", "reply", "unknown", "between persons", "to a partner"],
)
def test_what_puts_a_question_to_a_person(manifest, asks):
    assert asks_person(manifest, BOOK) is asks


@pytest.mark.parametrize(
    ("manifest", "asks"),
    [
        (REQUESTED, True),
        (msgspec.structs.replace(REQUESTED, kind="report-back"), False),
        (msgspec.structs.replace(REQUESTED, kind="unheard-of"), False),
        (msgspec.structs.replace(REQUESTED, to=ELIF), False),
        (PLAN, False),
    ],
    ids=["request", "report-back", "unknown", "to a person", "hand-over"],
)
def test_what_asks_another_partner(manifest, asks):
    assert asks_partner(manifest, BOOK) is asks


@pytest.mark.parametrize(
    ("said", "ended"),
    [
        (word("declined", OCMW), {("reply", D, 0)}),
        (word("done", NURSE, ("report-client", "step-1")), {("report-client", D, 0), ("step", D, 1)}),
        (word("declined", ELIF), {("answer", D, 0)}),
        (word("erased", OCMW, of="E" * 43), {("erasure", "E" * 43, 0)}),
        (word("kept", OCMW, ("legal-duty",), of="E" * 43), {("erasure", "E" * 43, 0)}),
        (word("agreed", OCMW, ("step-1",)), set()),
        (word("stuck", ELIF), set()),
    ],
    ids=lambda item: item.event if isinstance(item, Acknowledgement) else "",
)
def test_what_a_word_ends(said, ended):
    assert set(ends(said)) == ended
