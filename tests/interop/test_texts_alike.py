"""Python and the page say the same, of consents, notices, refusals, people and words at random: bytes, lines, codes."""

import json
from random import Random

import msgspec
import pytest

from interop import node
from interop.random_texts import (
    DEVICE,
    RULEBOOK,
    random_consent,
    random_notice,
    random_person,
    random_refusal,
    random_word,
)
from vectors.making.huis import HUIS
from vectors.making.seeds import digest
from vectors.runners import run_consent_text
from vectors.text_runners import line_fields, notice_of
from zegel_protocol import encoding
from zegel_protocol.decision.age import age, may_object, told, told_together, who_signs
from zegel_protocol.objects import Manifest, Person
from zegel_protocol.objects.acknowledgement import Acknowledgement
from zegel_protocol.objects.manifest import Seen
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.refusal import Refusal
from zegel_protocol.telling import due_to_tell, owes_telling
from zegel_protocol.texts.catalogue import LANGUAGES
from zegel_protocol.texts.refusal_text import explain
from zegel_protocol.words import WordError, check_word

CONSENTS, NOTICES = 300, 400


@pytest.fixture(scope="module")
def given():
    random = Random(2026)
    return {
        "rulebook": msgspec.to_builtins(RULEBOOK),
        "consents": [random_consent(random) for _ in range(CONSENTS)],
        "notices": [random_notice(random) for _ in range(NOTICES)],
        "refusals": [random_refusal(random) for _ in range(NOTICES)],
        "people": [random_person(random) for _ in range(NOTICES)],
        "words": [random_word(random) for _ in range(4 * NOTICES)],
    }


@pytest.fixture(scope="module")
def rendered(given, tmp_path_factory):
    """What TypeScript makes of all of them, in one process."""
    node.prepare()
    file = tmp_path_factory.mktemp("texts") / "input.json"
    file.write_text(json.dumps(given), "utf-8")
    return node.run("render_texts.mjs", file)


def test_consents_come_out_as_the_same_bytes(given, rendered):
    ours = [run_consent_text(consent) for consent in given["consents"]]
    assert rendered["consents"] == ours
    assert {consent["terms"]["language"] for consent in given["consents"]} == set(LANGUAGES)
    assert len({consent["text_digest"] for consent in ours}) == CONSENTS


def test_notice_pages_come_out_as_the_same_lines(given, rendered):
    pages = [{**notice, "rulebook": given["rulebook"]} for notice in given["notices"]]
    for notice, theirs in zip(pages, rendered["notices"], strict=True):
        assert theirs == [line_fields(line) for line in notice_of(notice)]


def test_the_pages_differ_in_what_they_say(given, rendered):
    actions = {line.get("action") for page in rendered["notices"] for line in page}
    assert {"answer", "decline", "ask", "not-right", "stuck", "stop", "read-code", "read-all", "leave"} <= actions
    assert {line["section"] for page in rendered["notices"] for line in page} >= {
        "not-shared",
        "code",
        "opened",
        "next",
    }
    assert {notice["language"] for notice in given["notices"]} == set(LANGUAGES)


def test_refusals_come_out_as_the_same_sentences(given, rendered):
    ours = [
        explain(msgspec.convert(item["refusal"], Refusal), item["language"], item["names"])
        for item in given["refusals"]
    ]
    assert rendered["refusals"] == [{"what": item.what, "safe": item.safe, "do": item.do} for item in ours]
    assert len({item.do for item in ours}) > 100


def test_who_signs_is_told_and_may_object_is_the_same(given, rendered):
    people = [encoding.decode(encoding.encode(item["person"]), Person) for item in given["people"]]
    ours = []
    for place, (person, item) in enumerate(zip(people, given["people"], strict=True)):
        at = item["at"]
        ours.append(
            {
                "age": age(person, at).name.lower(),
                "signs": sorted(who_signs(person, at)),
                "told": list(told(person, at)),
                "together": sorted(told_together((people[max(place - 1, 0)], person), at)),
                "objects": sorted(may_object(person, at)),
                "due": due_to_tell(at, RULEBOOK),
            }
        )
    assert rendered["people"] == ours
    assert {item["age"] for item in ours} == {"child", "young", "adult"}


def acknowledgement(said):
    """Return a word as the object that its speaker signs."""
    reader = msgspec.convert(said["reader"], Party)
    by = Sender(person=reader.person) if reader.person else Sender(partner=reader.partner, device=DEVICE)
    return Acknowledgement(
        v=1,
        huis=HUIS,
        nonce="A" * 22,
        manifest=digest("m"),
        reader=reader,
        by=by,
        event=said["event"],
        codes=tuple(said["codes"]),
        of=said.get("of"),
        receipt=digest("receipt"),
        seen=Seen(size=0, root=digest("root")),
        at=1_795_509_600,
    )


def test_who_may_say_what_is_the_same(given, rendered):
    ours = []
    for item in given["words"]:
        manifest = encoding.decode(encoding.encode(item["manifest"]), Manifest)
        try:
            check_word(acknowledgement(item["word"]), manifest, RULEBOOK, told=item["told"])
            ours.append(owes_telling(manifest) or "")
        except WordError as error:
            ours.append(error.code)
    assert rendered["words"] == ours
    assert {"word.speaker", "word.of", "word.code", "a"} <= set(ours)
