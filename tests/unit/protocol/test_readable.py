"""The Dutch that clients read stays easy: whole texts by Flesch-Douma, each sentence by length, each word by a list."""

from dataclasses import replace

import msgspec
import pytest

from unit.protocol.dutch_reading import OFFICE, ease, longest, office_words, sentences, syllables, words
from unit.protocol.test_consent_text import DRAFT, NAMES, scope, signer
from unit.protocol.test_notice_kinds import NURSE, OCMW, SECOND, TABLE, YOU, alarm, due, to_you
from unit.protocol.test_notice_text import BOOK, CHILD, DAY, ELIF, SENT, TUESDAY, entry, manifest, page
from zegel_protocol.objects.manifest import Delay, FollowUp, OnClientUnable, PlanStep
from zegel_protocol.texts.catalogue import catalogue, phrase, placeholders
from zegel_protocol.texts.code_text import render_code
from zegel_protocol.texts.consent_text import render_consent
from zegel_protocol.texts.dates import moment_in_words
from zegel_protocol.texts.notice_facts import Opened, Said
from zegel_protocol.texts.owed_text import owed_in_words

EASY, PLAIN = 80, 70
"""Floors of Flesch-Douma: of what is said in full sentences, and of pages with names of organisations on every line."""
MOST_WORDS = 20
"""In one sentence, with everything filled in."""
FEW, SOME = 30, 12
"""Words below which an average of a section, or of one phrase, says nothing."""
ONE = 50
"""Floor of one phrase: lower, since one long name weighs on it."""

WORKERS_ONLY = {
    "opening", "code-reminder", "alarm", "field", "basis", "secrecy", "refusal", "refusal-about", "refusal-safe",
    "step", "step-what", "event", "deadline", "category", "sector", "purpose",
}  # fmt: skip
"""Sections that no client reads. Any other is measured, also one that is new."""
WHEN = moment_in_words("nl", TUESDAY)
FILLED = {
    "weekday": "dinsdag", "day": "dinsdag 24 november 2026", "month": "november", "year": "2026", "hour": "9",
    "minute": "40", "asker": "Kind en Gezin", "sender": "Kind en Gezin", "partners": "CLB Gent of OCMW Gent",
    "language": "Nederlands", "amount": "€ 120", "size": "24",
    "from": "Kind en Gezin", "to": "OCMW Gent", "partner": "OCMW Gent", "owner": "OCMW Gent",
    "other": "Kind en Gezin", "who": "OCMW Gent", "others": "Kind en Gezin en u", "huis": "Huis van het Kind Gent",
    "names": "Kind en Gezin en OCMW Gent", "about": "u en uw kind", "function": "verpleegkundige", "when": WHEN,
    "due": WHEN, "begin": WHEN, "until": WHEN, "item": "hoe het opvoeden van uw kind gaat", "form": "alleen de kosten",
    "items": "uw naam, uw geld en schulden", "why": "Om samen te overleggen met wie helpt.",
    "reason": "Het gaat ook over iemand anders.", "what": "OCMW Gent neemt contact op.", "number": "2",
    "code": "2026-1", "citation": "wet van 8 juli 1976", "title": "Wat te doen bij gevaar",
}  # fmt: skip
"""What stands in a phrase as a rule; a placeholder that is not here is filled in with two words."""

BUREAUCRACY = (
    "De betrokkene dient de verwerking van de desbetreffende persoonsgegevens conform de vigerende regelgeving "
    "schriftelijk te bevestigen, teneinde de rechtmatigheid van de verstrekking aan belanghebbenden te waarborgen."
)


def sections():
    """Return the Dutch phrases that clients read, filled in, by section."""
    read: dict[str, list[str]] = {}
    for key, text in catalogue("nl").items():
        section = key.partition(".")[0]
        if section not in WORKERS_ONLY:
            params = {name: FILLED.get(name, "twee woorden") for name in placeholders(text)}
            read.setdefault(section, []).append(phrase("nl", key, **params))
    return read


def prose(lines):
    """Return the lines that are sentences; a button or a label is none, and would only shorten the average."""
    return "\n".join(line for line in lines if line.endswith((".", "?", "!")))


def notices():
    """Return notice pages of every sort, by name."""
    steps = (
        PlanStep(n=1, by=NURSE, others=(YOU,), due=TUESDAY + 5 * DAY),
        PlanStep(n=2, by=YOU, others=(), due=TUESDAY + 5 * DAY),
    )
    agreed = (FollowUp(code="none-ask"), FollowUp(code="report-back", due=TUESDAY + DAY))
    said = [Said(OCMW, "kept", ("statutory-file",), TUESDAY), Said(OCMW, "stuck", (), TUESDAY)]
    late = alarm(delay=Delay(until=TUESDAY + DAY, code="danger-if-told"))
    invited = manifest(kind="consultation", purpose="consult", follow_up=(), thread=TABLE.id)
    among = msgspec.structs.replace(TABLE, with_client=False, discussed="2026-11-20")
    opened = [Opened("OCMW Gent", "social-worker", TUESDAY + 3600)]
    pages = {kind.id: page(manifest(kind=kind.id)) for kind in BOOK.kinds if "person" not in kind.recipients}
    return pages | {
        "opened": page(opened=opened, said=said, codes=("code-first", "over-broad"), deadlines=[due("erasure")]),
        "of a child": page(entries=[entry("growth", about=(CHILD,))], children=frozenset({CHILD}), consents=()),
        "question": page(to_you(), [entry("question")], deadlines=[due("answer", owner=YOU)]),
        "plan": page(manifest(kind="hand-over", steps=steps, follow_up=()), [entry("steps")]),
        "agreed": page(manifest(follow_up=agreed)),
        "late alarm": page(late, codes=("alarm", "delayed", "no-consent"), looked=[SECOND]),
        "table": page(invited, conference=among),
        "unable": page(manifest(basis=OnClientUnable(code="confused"), carried=None), consents=()),
        "stopped": page(manifest(), SENT, stopped=True, deadlines=[due("erasure", "overdue")]),
    }


def consents():
    """Return consent texts of each purpose, and about each sort of people, by name."""
    wide = scope(*sorted((item.id, form) for item in BOOK.categories for form in item.forms))
    texts = {item.id: render_consent(replace(DRAFT, purpose=item.id), NAMES) for item in BOOK.purposes}
    child = replace(DRAFT, about=(CHILD,), signers=(signer(ELIF, "authority"),))
    return texts | {
        "of a child": render_consent(child, NAMES),
        "of two": render_consent(replace(child, about=(ELIF, CHILD)), NAMES),
        "of everything": render_consent(replace(DRAFT, types=wide, replaces=("A" * 43,)), NAMES),
    }


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("u", 1), ("ja", 1), ("nieuws", 1), ("juist", 1), ("hulp", 1), ("mooi", 1), ("leeuw", 1), ("baby", 2),
        ("zwijgen", 2), ("cliënt", 2), ("team", 1), ("e-mail", 2), ("geopend", 3), ("België", 3), ("museum", 3),
        ("gezondheid", 3), ("situatie", 4), ("beantwoorden", 4), ("coördinator", 5), ("organisatie", 5),
        ("Gegevensbeschermingsautoriteit", 10), ("OCMW", 4), ("2026", 1), ("9.40", 1),
    ],
)  # fmt: skip
def test_dutch_syllables_are_counted(word, count):
    assert syllables(word) == count


def test_the_formula_is_that_of_douma():
    text = "Wij bellen u morgen. U mag nee zeggen."
    assert (len(words(text)), len(sentences(text))) == (8, 2)
    # Eleven syllables in eight words, four words a sentence.
    assert ease(text) == pytest.approx(206.84 - 0.93 * 4 - 77 * 11 / 8)
    assert sentences("Dinsdag 24 november, 9.40 uur. Wat nu?\nBel") == [
        "Dinsdag 24 november, 9.40 uur",
        "Wat nu",
        "Bel",
    ]
    with pytest.raises(ValueError, match="without words"):
        ease("- ...")


def test_words_of_the_office_fail_each_measure():
    assert ease(BUREAUCRACY) < 0 < PLAIN < EASY
    assert longest(BUREAUCRACY)[0] > MOST_WORDS
    assert office_words(BUREAUCRACY) == [
        "betrokkene", "dient", "verwerking", "desbetreffende", "conform", "vigerende", "schriftelijk", "teneinde",
        "belanghebbenden",
    ]  # fmt: skip
    assert all(office_words(f"Dit is {word} zo.") == [word] for word in OFFICE)
    # One hard sentence among the easy ones of a page pulls the whole of it below its floor.
    assert ease(prose([line.text for line in page()]) + "\n" + BUREAUCRACY) < PLAIN


@pytest.mark.parametrize("text", consents().values(), ids=consents())
def test_a_consent_is_easy(text):
    assert ease(text) >= EASY
    assert office_words(text) == []


@pytest.mark.parametrize("lines", notices().values(), ids=notices())
def test_a_notice_page_is_plain(lines):
    text = prose([line.text for line in lines])
    assert ease(text) >= PLAIN
    assert longest(text)[0] <= MOST_WORDS, longest(text)[1]
    assert office_words(text) == []


def test_the_code_of_ethics_is_easy():
    assert ease("\n".join(render_code(BOOK, "nl"))) >= EASY


def test_what_is_owed_is_plain():
    kinds = [key.partition(".")[2] for key in catalogue("nl") if key.startswith(("owed.", "follow-up."))]
    lines = [owed_in_words("nl", kind, TUESDAY, owner="OCMW Gent", other="Kind en Gezin", number=2) for kind in kinds]
    assert ease("\n".join(lines)) >= PLAIN


@pytest.mark.parametrize(("section", "lines"), sections().items(), ids=sections())
def test_every_section_that_clients_read_is_plain(section, lines):
    for line in lines:
        count, sentence = longest(line)
        assert count <= MOST_WORDS, sentence
        assert office_words(line) == []
        assert len(words(line)) < SOME or ease(line) >= ONE, line
    text = prose(lines)
    if len(words(text)) >= FEW:
        assert ease(text) >= (EASY if section.startswith(("page", "consent", "code")) else PLAIN), section


def test_the_sections_that_only_workers_read_exist():
    assert {key.partition(".")[0] for key in catalogue("nl")} >= WORKERS_ONLY
