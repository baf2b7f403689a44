"""The notice page: known line by line, made per person, and silent about whom it is not for."""

from dataclasses import replace

import pytest

from zegel_protocol.objects.consent import ByPasskey, ChainLink, Consent, ConsentSigner, Witness, Witnessed
from zegel_protocol.objects.entry import Entry, Withheld
from zegel_protocol.objects.manifest import Carried, FollowUp, Manifest, OnConsent, OnNecessity, Seen
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.objects.scope import Scope
from zegel_protocol.rulebook.template import default_rulebook
from zegel_protocol.texts.catalogue import LANGUAGES
from zegel_protocol.texts.civil_time import belgian_seconds
from zegel_protocol.texts.notice_text import WORRIES, NoticeFacts, Opened, render_notice

D = "A" * 43
BOOK = default_rulebook(D, "A" * 22, 1_795_509_600, "Huis van het Kind Gent", "2026-1", D)
ELIF, CHILD, OTHER, DEVICE = "0" * 32, "1" * 32, "2" * 32, "3" * 32
NAMES = {"kg-gent": "Kind en Gezin", "ocmw-gent": "OCMW Gent"}
TUESDAY = 1_795_509_600
"""Tuesday 24 November 2026, 9.40 in Belgium."""
DAY = 86_400


def consent(**changes) -> Consent:
    fields = {
        "v": 1, "huis": D, "nonce": "A" * 22, "household": "f" * 32, "request": D, "purpose": "referral",
        "sender": Party(partner="kg-gent"), "to": Party(partner="ocmw-gent"),
        "types": (Scope(type="money", form="whole"),), "about": (ELIF,), "not_before": TUESDAY,
        "not_after": TUESDAY + DAY, "signers": (ConsentSigner(person=ELIF, role="self"),), "evidence": ByPasskey(),
        "language": "nl", "text_digest": D, "rulebook": D, "code_version": "2026-1", "replaces": (),
        "chains": (ChainLink(person=ELIF, seq=1),),
    }  # fmt: skip
    return Consent(**{**fields, **changes})


def entry(kind, form="whole", about=(ELIF,), withheld=()):
    return Entry(
        v=1, huis=D, nonce="A" * 22, n=0, type=kind, form=form, about=about, media="application/json", padded=4096,
        ct=D, kc=D, readers=(Party(partner="ocmw-gent"),), withheld=withheld,
    )  # fmt: skip


def manifest(**changes) -> Manifest:
    fields = {
        "v": 1, "huis": D, "nonce": "A" * 22, "id": "018f0000-0000-7000-8000-000000000000", "kind": "referral",
        "sender": Sender(partner="kg-gent", device=DEVICE), "devices": D, "directory": D,
        "to": Party(partner="ocmw-gent"), "household": "f" * 32, "purpose": "referral",
        "basis": OnConsent(consents=(D,)), "carried": Carried(how="in-consultation", on="2026-11-23"),
        "entries": ("A" * 43, "E" * 43, "I" * 43),
        "follow_up": (FollowUp(code="first-contact", due=belgian_seconds(2026, 12, 1, 12, 0, 0)),),
        "seen": Seen(size=0, root=D), "created": TUESDAY,
    }  # fmt: skip
    return Manifest(**{**fields, **changes})


SENT = [entry("who"), entry("money"), entry("agreement")]
FACTS = NoticeFacts(
    person=ELIF,
    accepted_at=TUESDAY,
    now=TUESDAY + 60,
    names=NAMES,
    functions={DEVICE: "nurse"},
    sector="ocmw",
    consents=(consent(),),
)


def page(message=None, entries=SENT, language="nl", **facts):
    return render_notice(message or manifest(), entries, replace(FACTS, **facts), BOOK, language)


def said(lines, section):
    return [line.text for line in lines if line.section == section]


def test_the_notice_page_is_known():
    lines = page(opened=[Opened("OCMW Gent", "social-worker", TUESDAY + 3600)])
    assert [line.text for line in lines] == [
        "Snel weg",
        "Kind en Gezin (verpleegkundige) stuurde informatie over u naar OCMW Gent.",
        "Dinsdag 24 november, 9.40 uur.",
        "Waarom? Om op een andere plaats hulp te starten.",
        "Wat? Uw naam (volledig), uw geld en schulden en de afspraak.",
        "Lees alles",
        "Niet gedeeld: uw gezondheid, hoe het opvoeden gaat en hoe u zich voelt.",
        "U zei ja op dinsdag 24 november 2026.",
        "Het is met u besproken op maandag 23 november 2026.",
        "Wat nu?",
        "OCMW Gent neemt contact op, ten laatste dinsdag 1 december 2026.",
        "OCMW Gent (maatschappelijk werker) las dit op dinsdag 24 november, 10.40 uur.",
        "Een vraag stellen",
        "Dit klopt niet",
        "Dit loopt niet goed",
        "Stop",
        "Dan krijgt OCMW Gent niets nieuws. Wat al gelezen is, kan niemand ongelezen maken.",
        "Niet tevreden? Praat met Huis van het Kind Gent. U kunt ook naar de Gegevensbeschermingsautoriteit.",
    ]
    sections = [line.section for line in lines]
    order = ["leave", "who", "why", "what", "not-shared", "yes", "next", "opened", "code", "act", "complain"]
    assert sections == sorted(sections, key=order.index)
    assert [line.action for line in lines if line.action] == [
        "leave", "read-all", "ask", "not-right", "stuck", "stop",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("now", "late"),
    [((2026, 12, 1, 23, 0, 0), False), ((2026, 12, 3, 23, 0, 0), False), ((2026, 12, 4, 0, 1, 0), True)],
)
def test_late_shows_two_working_days_after_the_due_day(now, late):
    lines = page(now=belgian_seconds(*now))
    assert ("Dat is te laat. Vraag hoe het zit, of bel." in said(lines, "next")) is late
    done = page(now=belgian_seconds(*now), done={"first-contact"})
    assert [text for text in said(done, "next") if text.startswith("Gebeurd:")]
    assert "Dat is te laat. Vraag hoe het zit, of bel." not in said(done, "next")


def test_a_parent_reads_about_the_child_and_never_about_another_adult():
    entries = [entry("growth", about=(CHILD,)), entry("home", about=(CHILD, OTHER)), entry("relation", about=(OTHER,))]
    lines = page(entries=entries[:2], children=frozenset({CHILD}), consents=())
    assert said(lines, "who")[0].startswith("Kind en Gezin (verpleegkundige) stuurde informatie over uw kind naar")
    assert said(lines, "what")[0] == "Wat? Wie bij uw kind woont en hoe uw kind groeit."
    assert not any(ELIF in line.text or OTHER in line.text or CHILD in line.text for line in lines)
    nobody = page(entries=entries[2:], consents=())
    assert said(nobody, "who")[0] == "Kind en Gezin (verpleegkundige) stuurde informatie naar OCMW Gent."


def test_on_whose_yes_without_saying_who_else():
    other = consent(signers=(ConsentSigner(person=OTHER, role="authority"),))
    assert said(page(consents=(other,)), "yes")[0] == "Iemand die hierover mag beslissen, zei ja."
    assert said(page(consents=()), "yes")[0] == "Er is ja gezegd. Wie dat was, kan deze pagina nu niet tonen."
    two = (Witness(partner="kg-gent", device=DEVICE), Witness(partner="kg-gent", device=OTHER))
    seen = consent(evidence=Witnessed(witnesses=tuple(sorted(two, key=lambda item: item.device)), means="spoken"))
    assert "Medewerkers die erbij waren" in said(page(consents=(seen,)), "yes")[0]


def test_without_a_yes_there_is_a_reason_and_nothing_to_stop():
    lines = page(manifest(basis=OnNecessity(code="serious-danger"), purpose="safety", kind="concern", carried=None))
    assert said(lines, "yes") == [
        "Er is geen ja gevraagd. Iemand was misschien in groot gevaar. Wachten kon niet.",
        "U mag vragen waarom. U mag ook zeggen dat het niet klopt.",
    ]
    assert "stop" not in {line.action for line in lines}


def test_what_a_client_sent_themselves():
    own = manifest(
        sender=Sender(person=ELIF), devices=None, basis=None, carried=None, purpose="voice", kind="client-message"
    )
    lines = page(own, consents=())
    assert said(lines, "who")[0] == "U stuurde OCMW Gent een bericht."
    assert said(lines, "yes") == ["U koos dit zelf."]


def test_withheld_says_why_and_offers_nothing_to_read():
    entries = [entry("home", withheld=(Withheld(person=ELIF, reason="other-parents-words"),))]
    assert said(page(entries=entries), "what") == [
        "Dit kunt u niet lezen: wie bij u woont. Het zijn woorden van iemand anders."
    ]


def test_not_shared_is_said_only_where_it_is_certain():
    part = SENT[:2]
    # One section of three is not shown to this reader: only what the rules close to an OCMW is certain.
    assert said(page(entries=part), "not-shared") == [
        "Niet gedeeld: uw gezondheid, hoe het opvoeden gaat en hoe u zich voelt."
    ]
    assert said(page(entries=part, sector=None), "not-shared") == []
    # CAW may get relation, so with a hidden section that is not certain.
    assert "uw relatie" not in said(page(entries=part[:1], sector="caw"), "not-shared")[0]
    alarm = manifest(basis=OnNecessity(code="serious-danger"), purpose="safety", kind="concern", carried=None)
    assert said(page(alarm, entries=part, sector="health"), "not-shared") == []
    assert said(page(alarm, entries=SENT, sector="health"), "not-shared") != []


def test_not_shared_is_never_a_shameful_list():
    assert {"violence", "addiction", "justice", "stay"}.isdisjoint(WORRIES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_of_the_vocabulary_can_stand_on_a_notice_page(language):
    for kind in [*(item.id for item in BOOK.categories), *(item.id for item in BOOK.parts)]:
        for about, children in (((ELIF,), frozenset()), ((CHILD,), {CHILD}), ((ELIF, CHILD), {CHILD})):
            lines = page(entries=[entry(kind, about=about)], language=language, children=frozenset(children))
            assert all(line.text and "{" not in line.text for line in lines)


def test_a_year_is_said_when_it_is_not_this_one():
    assert said(page(now=TUESDAY + 60 * DAY), "who")[1] == "Dinsdag 24 november 2026, 9.40 uur."
