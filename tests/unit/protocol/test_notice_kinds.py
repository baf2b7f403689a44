"""The notice page of each kind of message: who asks what of whom, what happens by when, and who is told why."""

import msgspec
import pytest

from unit.protocol.test_notice_text import BOOK, CHILD, DAY, ELIF, OTHER, TUESDAY, D, entry, manifest, page, said
from zegel_protocol.api import DeadlineItem
from zegel_protocol.objects.conference import Conference
from zegel_protocol.objects.countersignature import Countersignature
from zegel_protocol.objects.manifest import (
    Delay,
    FollowUp,
    OnClientUnable,
    OnLegalDuty,
    OnNecessity,
    PlanStep,
)
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.texts.catalogue import LANGUAGES
from zegel_protocol.texts.notice_facts import Opened, Said

NURSE, OCMW, YOU = Party(partner="kg-gent"), Party(partner="ocmw-gent"), Party(person=ELIF)
TABLE = Conference(
    v=1, huis=D, nonce="A" * 22, id="018f0000-0000-7000-8000-000000000001", household="f" * 32, chair="kg-gent",
    version=1, about=(ELIF,), invitees=tuple(sorted((NURSE, OCMW, YOU), key=lambda item: item.key)), with_client=True,
    planned=TUESDAY + 7 * DAY, ended=False, at=TUESDAY,
)  # fmt: skip
SECOND = Countersignature(
    v=1, huis=D, nonce="A" * 22, partner="kg-gent", manifest=D, what="second", agrees=True, codes=(), at=TUESDAY
)


def due(kind, state="open", owner=OCMW, number=0):
    """Return a deadline about the message, five days from its acceptance."""
    return DeadlineItem(
        kind=kind, owner=owner, object=D, message=D, number=number, since=TUESDAY, due=TUESDAY + 5 * DAY, state=state
    )


def to_you(kind="question", **changes):
    """Return a message to Elif that rests on nothing but her being asked."""
    fields = {"purpose": "coordinate", "to": YOU, "follow_up": (), "basis": None, "carried": None, "entries": (D,)}
    return manifest(kind=kind, **{**fields, **changes})


def alarm(**changes):
    """Return an alarm."""
    basis = OnNecessity(code="serious-danger")
    return manifest(kind="concern", purpose="safety", basis=basis, carried=None, follow_up=(), **changes)


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        ("hand-over", "Kind en Gezin (verpleegkundige) vroeg OCMW Gent om de hulp voor u over te nemen."),
        ("request", "Kind en Gezin (verpleegkundige) vroeg OCMW Gent om informatie over u."),
        ("consultation", "Kind en Gezin (verpleegkundige) nodigde OCMW Gent uit voor een overleg over u."),
        ("contribution", "Kind en Gezin (verpleegkundige) gaf OCMW Gent informatie over u, voor een overleg."),
        ("concern", "Kind en Gezin (verpleegkundige) meldde een grote zorg over u aan OCMW Gent."),
        ("report-back", "Kind en Gezin (verpleegkundige) liet OCMW Gent weten hoe het gaat met u."),
        ("a-kind-of-our-own", "Kind en Gezin (verpleegkundige) stuurde informatie over u naar OCMW Gent."),
    ],
)
def test_each_kind_says_who_did_what(kind, first):
    assert said(page(manifest(kind=kind)), "who")[0] == first


def test_a_question_says_what_one_may_do_and_until_when():
    lines = page(to_you(), [entry("question")], deadlines=[due("answer", owner=YOU)])
    assert said(lines, "who")[0] == "Kind en Gezin (verpleegkundige) stelt u een vraag. Het gaat over u."
    assert said(lines, "next") == [
        "Wat nu?",
        "U kiest zelf. Antwoord, laat iemand anders antwoorden, of zeg nee.",
        "Antwoorden kan tot zondag 29 november 2026. Geen antwoord is nee.",
    ]
    assert said(lines, "yes") == ["Geen andere organisatie kreeg dit te lezen."]
    assert said(lines, "not-shared") == said(lines, "opened") == []
    assert [line.action for line in lines if line.section == "act"] == ["answer", "decline", "ask", "not-right"]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"deadlines": [due("answer", "done", owner=YOU)]}, "U gaf een antwoord."),
        ({"deadlines": [due("answer", "lapsed", owner=YOU)]}, "Er kwam geen antwoord. Dat is nee."),
        ({"said": [Said(YOU, "declined", (), TUESDAY)]}, "U zei nee. Dat is goed."),
    ],
)
def test_a_question_that_is_settled_asks_no_more(facts, words):
    lines = page(to_you(), [entry("question")], **facts)
    assert said(lines, "next") == ["Wat nu?", words]
    assert "answer" not in {line.action for line in lines}


def test_whoever_is_told_of_a_question_is_not_asked_it():
    theirs = to_you(to=Party(person=OTHER))
    lines = page(theirs, [entry("question", about=(CHILD,))], children=frozenset({CHILD}))
    assert said(lines, "who")[0] == "Kind en Gezin (verpleegkundige) stelde een vraag over uw kind."
    assert said(lines, "next") == []
    assert "answer" not in {line.action for line in lines}


def test_what_one_wrote_oneself_waits_for_its_answer():
    own = manifest(
        kind="client-message", purpose="voice", sender=Sender(person=ELIF), devices=None, basis=None, carried=None,
        follow_up=(),
    )  # fmt: skip
    late = page(own, [entry("ask")], deadlines=[due("reply", "overdue")])
    assert said(late, "next") == [
        "Wat nu?",
        "OCMW Gent geeft een antwoord, ten laatste zondag 29 november 2026.",
        "Dat is te laat. Vraag hoe het zit, of bel.",
    ]
    done = page(own, [entry("ask")], deadlines=[due("reply", "done")])
    assert said(done, "next") == ["Wat nu?", "OCMW Gent gaf u een antwoord."]
    assert said(page(own, [entry("ask")]), "next") == []
    reply = page(to_you("reply", purpose="voice"), [entry("answer")])
    assert said(reply, "why") == ["Waarom? U stuurde een bericht. Dit is het antwoord."]


def test_the_steps_of_a_plan_are_followed():
    steps = (
        PlanStep(n=1, by=NURSE, others=(YOU,), due=TUESDAY + 5 * DAY),
        PlanStep(n=2, by=YOU, others=(), due=TUESDAY + 5 * DAY),
        PlanStep(n=3, by=OCMW, others=(), due=TUESDAY + 5 * DAY),
    )
    plan = manifest(kind="hand-over", steps=steps, follow_up=())
    lines = page(
        plan,
        [entry("steps")],
        said=[Said(NURSE, "done", ("step-1",), TUESDAY)],
        deadlines=[due("step", "overdue", number=2), due("step", number=3)],
    )
    assert said(lines, "next") == [
        "Wat nu?",
        "Gebeurd: Stap 1: door Kind en Gezin, samen met u, ten laatste zondag 29 november 2026.",
        "Stap 2: door u, ten laatste zondag 29 november 2026.",
        "Dat is te laat. Vraag hoe het zit, of bel.",
        "Stap 3: door OCMW Gent, ten laatste zondag 29 november 2026.",
        "Wat elke stap is, leest u bij de stappen.",
    ]


def test_each_side_keeps_its_own_agreements():
    agreed = (
        FollowUp(code="report-back", due=TUESDAY + 5 * DAY),
        FollowUp(code="report-client", due=TUESDAY + 5 * DAY, by="sender"),
    )
    assert said(page(manifest(follow_up=agreed)), "next")[1:] == [
        "Kind en Gezin laat u weten hoe het gaat, ten laatste zondag 29 november 2026.",
        "OCMW Gent laat aan Kind en Gezin weten hoe het gaat, ten laatste zondag 29 november 2026.",
    ]
    nothing = manifest(kind="information", follow_up=(FollowUp(code="none-ask"),))
    assert said(page(nothing), "next")[1:] == [
        "Er komt geen vast bericht. Vraag het gerust aan Kind en Gezin.",
        "Aan wie precies, staat in de afspraak.",
    ]
    assert said(page(nothing, [entry("money")]), "next")[1:] == [
        "Er komt geen vast bericht. Vraag het gerust aan Kind en Gezin."
    ]


def test_who_sits_at_the_table():
    invited = manifest(kind="consultation", purpose="consult", follow_up=(), thread=TABLE.id)
    assert said(page(invited, conference=TABLE), "next")[1:] == [
        "Wie zit aan tafel? Kind en Gezin en OCMW Gent.",
        "U bent er zelf bij. U mag iemand meebrengen.",
        "Wanneer? Dinsdag 1 december, 9.40 uur.",
    ]
    others = tuple(sorted((NURSE, OCMW, Party(person=OTHER)), key=lambda item: item.key))
    among = msgspec.structs.replace(TABLE, with_client=False, discussed="2026-11-20", invitees=others, planned=None)
    lines = page(invited, conference=among)
    assert said(lines, "next")[1:] == [
        "Wie zit aan tafel? Kind en Gezin, OCMW Gent en iemand van het gezin.",
        "U bent er niet bij. Waarom niet, leest u bij de reden.",
        "Wie erbij zit, is met u besproken op vrijdag 20 november 2026.",
    ]
    assert not any(OTHER in line.text for line in lines)
    over = page(invited, conference=msgspec.structs.replace(TABLE, ended=True))
    assert said(over, "next")[1:] == ["Dit overleg is voorbij."]


def test_an_alarm_says_so_and_who_looked_at_it():
    lines = page(alarm(), codes=("alarm", "no-consent"), deadlines=[due("second-signature", owner=NURSE)])
    assert said(lines, "who")[2] == "Dit was een alarm. Het mocht niet wachten."
    assert said(lines, "next")[1:] == [
        "Een tweede medewerker van Kind en Gezin kijkt dit na, ten laatste zondag 29 november 2026."
    ]
    late = alarm(delay=Delay(until=TUESDAY + DAY, code="danger-if-told"))
    review = msgspec.structs.replace(SECOND, what="delay", until=TUESDAY + DAY)
    against = msgspec.structs.replace(SECOND, agrees=False)
    lines = page(late, codes=("alarm", "delayed", "no-consent"), looked=[SECOND, against, review])
    assert said(lines, "yes")[-1] == "U hoort dit later dan anders. Het meteen zeggen kon gevaar brengen."
    assert said(lines, "next")[1:] == [
        "Een tweede medewerker keek dit na en is het ermee eens.",
        "Een tweede medewerker keek dit na en is het er niet mee eens.",
        "Iemand van buiten keek na of wachten nodig was.",
    ]


def test_what_state_somebody_was_in_is_said_to_nobody_but_them():
    unable = manifest(basis=OnClientUnable(code="confused"), carried=None)
    assert "u was erg in de war" in said(page(unable, consents=()), "yes")[0]
    parent = page(unable, [entry("health", about=(CHILD,))], children=frozenset({CHILD}), consents=())
    assert said(parent, "yes")[0] == "Er is geen ja gevraagd. Dat kon op dat moment niet. De hulp kon niet wachten."
    both = page(unable, [entry("health", about=(ELIF, CHILD))], children=frozenset({CHILD}), consents=())
    assert "in de war" not in said(both, "yes")[0]
    duty = manifest(basis=OnLegalDuty(citation="wet-1"), carried=None, kind="information")
    assert said(page(duty, consents=()), "yes")[0] == "Er is geen ja gevraagd. De wet verplicht dit: wet-1."


def test_what_became_of_it():
    lines = page(
        opened=[Opened("OCMW Gent", "social-worker", TUESDAY + 60)],
        said=[
            Said(OCMW, "kept", ("statutory-file",), TUESDAY + 3 * DAY),
            Said(YOU, "objected", (), TUESDAY + 2 * DAY),
            Said(OCMW, "stuck", (), TUESDAY + DAY),
            Said(OCMW, "done", ("first-contact",), TUESDAY + DAY),
        ],
    )
    assert said(lines, "opened")[1:] == [
        "OCMW Gent zegt: dit loopt niet goed.",
        "U bent het hier niet mee eens.",
        "OCMW Gent wiste dit niet. Het staat in een dossier dat van de wet moet blijven.",
    ]
    assert said(lines, "next")[1].startswith("Gebeurd: OCMW Gent neemt contact op")
    owed = page(codes=("over-broad",), deadlines=[due("erasure")])
    assert said(owed, "what")[-1] == "Er stond meer in dan nodig was. Dat moet OCMW Gent wissen."
    assert said(owed, "next")[-1] == "OCMW Gent zegt of het gewist is, ten laatste zondag 29 november 2026."


def test_the_code_comes_first_to_who_never_met_it():
    assert said(page(), "code") == []
    lines = page(codes=("code-first",))
    assert said(lines, "code") == [
        "De organisaties hier hebben afspraken over hoe ze met u omgaan.",
        "Vraag hen om de afspraken, of laat ze voorlezen. Versie 2026-1.",
        "Lees de afspraken",
    ]


def test_only_who_has_no_device_is_promised_to_be_told_in_person():
    told = manifest(notice_by="kg-gent")
    assert "Kind en Gezin vertelt u dit ook zelf." not in said(page(told), "next")
    assert "Kind en Gezin vertelt u dit ook zelf." in said(page(told, codes=("without-device",)), "next")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_and_code_of_the_default_rulebook_can_be_told(language):
    for kind in BOOK.kinds:
        message = to_you(kind.id) if "person" in kind.recipients else manifest(kind=kind.id)
        assert all(line.text and "{" not in line.text for line in page(message, language=language))
    for code in BOOK.unable_codes:
        assert page(manifest(basis=OnClientUnable(code=code)), language=language)
    for code in BOOK.safety.delay_codes:
        delayed = alarm(delay=Delay(until=TUESDAY, code=code))
        assert len(said(page(delayed, codes=("delayed",), language=language), "yes")) == 3
    for reason in BOOK.kept_reasons:
        lines = page(language=language, said=[Said(OCMW, "kept", (reason,), TUESDAY)])
        assert len(said(lines, "opened")) == 2
