"""What the detectors find and what they leave alone, in the sentences that workers write."""

import pickle
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.sdk.content.content_cases import IBAN, NAMES, NATIONAL_NUMBER, RULEBOOK, SECTION, found, only
from zegel.content.detectors import ALLOWED, REFUSED, scan_file_name, scan_note, scan_text, severity_of
from zegel.content.finding import MASK, Finding, Matter
from zegel.content.folding import fold
from zegel.content.known_names import KnownNames
from zegel.content.schemas import Agreement, Contact, Cost, CostsOnly, FirstName, HandOverStep, Whole, YesNo


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"rekening {IBAN} voor de huur", IBAN),
        ("be68539007547034", "be68539007547034"),
        ("IBAN:BE68-5390-0754-7034.", "BE68-5390-0754-7034"),
        ("ibanBE68539007547034", "BE68539007547034"),
        ("BE68_5390_0754_7034.pdf", "BE68_5390_0754_7034"),
        ("NL91 ABNA 0417 1643 00, dank", "NL91 ABNA 0417 1643 00"),
        ("FR76 3000 6000 0112 3456 7890 189", "FR76 3000 6000 0112 3456 7890 189"),
        ("GB29NWBK60161331926819", "GB29NWBK60161331926819"),
        ("DE89\u00a03704\u00a00044\u00a00532013000", "DE89\u00a03704\u00a00044\u00a00532013000"),
        ("PL61 1090 1014 0000 0712 1981 2874", "PL61 1090 1014 0000 0712 1981 2874"),
    ],
)
def test_ibans(text, words):
    assert only(text, Matter.IBAN) == words
    assert found(text, "money") == []


@pytest.mark.parametrize(
    "text",
    ["BE68 5390 0754 7035", "BE00 0000 0000 0000", "XX68 5390 0754 7034", "be 12 uur en de rest van de dag om 14 uur",
     "BE68 5390 0754", "nr12 van de lijst met 345 andere", "BE685390075470341"],
)  # fmt: skip
def test_no_false_iban(text):
    assert Matter.IBAN not in dict(found(text))


def test_an_iban_is_refused_outside_money():
    (item,) = scan_text(IBAN, "work")
    assert item.severity == "refuse"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mail naar elif.y+huis@voorbeeld.be.", "elif.y+huis@voorbeeld.be"),
        ("<INFO@School-De-Brug.Voorbeeld.be>", "INFO@School-De-Brug.Voorbeeld.be"),
        ("an_de_vries@voorbeeld.nl,", "an_de_vries@voorbeeld.nl"),
        ("a＠voorbeeld.be", "a＠voorbeeld.be"),
    ],
)
def test_emails(text, words):
    assert only(text, Matter.EMAIL) == words
    for section in ("contact", "agreement", "helpers"):
        assert found(text, section) == []


@pytest.mark.parametrize("text", ["2 @ € 3", "@huisvanhetkind", "a@b", "kom om 9u@school", "www.voorbeeld.be"])
def test_no_false_email(text):
    assert found(text) == []


@pytest.mark.parametrize(
    "words",
    ["0475 12 34 56", "0475/12.34.56", "0475-123456", "0475123456", "0475/123.456", "+32 475 12 34 56", "+32475123456",
     "+32 (0)475 12 34 56", "0032 475 12 34 56", "02 123 45 67", "(09) 223.45.67", "09/223 45 67", "03 123.45.67",
     "051/12 34 56", "051 12 34 56", "011 12.34.56", "0800 12 345", "078 15 15 15", "+32 2 123 45 67", "+31 6 12345678",
     "+31 (0)6-12345678", "+90 532 123 45 67", "0048 601 234 567", "+44 20 7946 0958", "+1 202 555 0143",
     "٠٤٧٥ ١٢ ٣٤ ٥٦"],
)  # fmt: skip
def test_phones(words):
    text = f"Bel haar op {words}, liefst na 16 uur."
    assert only(text, Matter.PHONE) == words
    (item,) = scan_text(text, SECTION)
    assert item.severity == "warn"
    for section in ("contact", "agreement", "helpers"):
        assert found(text, section) == []


@pytest.mark.parametrize(
    "text",
    ["€ 6.400", "6400,00", "op 03/11/2026 om 9u", "09/11/2026 om 10.30 uur", "tussen 10.00 en 12.30", "9000 Gent",
     "02-11-2026", "+++123/4567/89012+++", "+ 6 400 euro", "0,75 liter", "00:30", "bel 112 of 1712",
     "klas 2A, 24 leerlingen", "dossier 2026/0475", "0.123.456", "12 34 56 78 90", "200 000 000 000"],
)  # fmt: skip
def test_no_false_phone(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ze woont Kerkstraat 12 bus 3 in Gent.", "Kerkstraat 12 bus 3"),
        ("kerkstraat 12a, 9000 Gent", "kerkstraat 12a"),
        ("Sint-Pietersnieuwstraat 33/201", "Sint-Pietersnieuwstraat 33/201"),
        ("Koning Albertlaan, 5", "Albertlaan, 5"),
        ("Antwerpsesteenweg nr. 100", "Antwerpsesteenweg nr. 100"),
        ("Steenweg op Gent 44", "Steenweg op Gent 44"),
        ("Grote Markt 1", "Grote Markt 1"),
        ("naar de Zonnehof 5 gegaan", "Zonnehof 5"),
        ("Frankrijklei 115", "Frankrijklei 115"),
        ("Kerkstr. 12", "Kerkstr. 12"),
        ("rue de la Loi 16", "rue de la Loi 16"),
        ("Rue Haute, 12", "Rue Haute, 12"),
        ("12, rue Haute", "12, rue Haute"),
        ("4 bis avenue des Arts", "4 bis avenue des Arts"),
        ("Avenue Louise 123 bte 4", "Avenue Louise 123 bte 4"),
        ("chaussée d'Ixelles 29", "chaussée d'Ixelles 29"),
        ("place de l'Église 3", "place de l'Église 3"),
    ],
)
def test_addresses(text, words):
    assert only(text, Matter.ADDRESS) == words
    assert scan_text(text, SECTION)[0].severity == "warn"
    assert found(text, "contact") == found(text, "housing") == []


@pytest.mark.parametrize(
    "text",
    ["vijf minuten van de Kerkstraat", "in de Kerkstraat 5 minuten wachten", "Kerkstraat, 3 keer", "onderweg 2 uur",
     "in de straat 3 kinderen", "Kerkstraat 12/11/2026", "Kerkstraat 9:30", "Kerkstraat 12 maart", "speelplein 3",
     "naar het kerkhof 3",
     "snelweg 2", "in het park 2 vrienden", "een plaats op een plein 4 km verder", "en route 2 heures",
     "une place pour 2 enfants", "9000 Gent", "het ziekenhuis op de Heidehof", "ze kreeg van de baan 3 verwittigingen",
     "Vandaag 3 keer gebeld"],
)  # fmt: skip
def test_no_false_address(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("geboren op 12/03/1987 in Gent", "12/03/1987"),
        ("Geb. 1-2-08", "1-2-08"),
        ("geboortedatum: 12 maart 1987", "12 maart 1987"),
        ("geboren te Aalst op 12.03.1987", "12.03.1987"),
        ("geboortedatum 1987-03-12", "1987-03-12"),
        ("née le 3 mars 1987", "3 mars 1987"),
        ("né(e) le 03/03/1987", "03/03/1987"),
        ("date de naissance : 1er août 2015", "1er août 2015"),
        ("° 12-03-87", "12-03-87"),
        ("born on 3rd March 1987", "3rd March 1987"),
        ("doğum tarihi: 12.03.1987", "12.03.1987"),
        ("urodzona 12.03.1987", "12.03.1987"),
        ("تاريخ الميلاد: ١٢/٠٣/١٩٨٧", "١٢/٠٣/١٩٨٧"),
    ],
)
def test_birth_dates(text, words):
    assert only(text, Matter.BIRTH_DATE) == words
    assert found(text, "who") == []


@pytest.mark.parametrize(
    "text",
    ["afspraak op 12/03/2026", "de baby, geboren 3 weken geleden", "geboren in het ziekenhuis, 2.350 gram",
     "20° op 12/03/2026", "Nee, op 12/03/2026 kan het niet.", "geboren op 45/12/1987", "geboren op 12/13/1987",
     "brief van 12 maart 2026"],
)  # fmt: skip
def test_no_false_birth_date(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Elif slaapt slecht.", ["Elif"]),
        ("ELIF YILMAZ slaapt slecht.", ["ELIF YILMAZ"]),
        ("elif\u00a0yılmaz", ["elif\u00a0yılmaz"]),
        ("mevrouw Yilmaz", ["Yilmaz"]),
        ("Yilmaz, Elif", ["Yilmaz", "Elif"]),
        ("Elifs broer en Elif's moeder", ["Elifs", "Elif"]),
        ("Lukasz Van Den Broeck", ["Lukasz Van Den Broeck"]),
        ("meneer van den broeck", ["broeck"]),
        ("brief_elif_yilmaz.pdf", ["elif_yilmaz"]),
        ("E\u0301lif", ["E\u0301lif"]),
        ("El\u200bif", ["El\u200bif"]),
    ],
)
def test_known_names(text, words):
    assert found(text) == [(Matter.KNOWN_NAME, word) for word in words]
    assert all(item.severity == "warn" for item in scan_text(text, SECTION, NAMES))
    assert found(text, "who") == []


@pytest.mark.parametrize("text", ["Elifa en Elifant", "van den berg", "de brug", "het relief", "y"])
def test_no_false_name(text):
    assert found(text) == []


def test_names_are_not_guessed_and_odd_ones_do_no_harm():
    assert found("Elif Yılmaz", names=[]) == []
    assert found("a b .* [", names=["", " ", ".*", "[", "de", "A"]) == []
    assert found("أمل تسكن هنا", names=["أَمَل"]) == [(Matter.KNOWN_NAME, "أمل")]
    assert "elif" not in repr(KnownNames(NAMES)).lower()


SCENARIO = (
    "Elif kreeg drie weken geleden een baby. Er zijn drie deurwaarders, samen ongeveer € 6.400, en twee brieven van "
    "12/11/2026. Ze wil schuldbemiddeling. Bereikbaar na 16 uur, niet op 24/11/2026."
)


def test_a_days_work_is_not_in_the_way():
    assert found(SCENARIO, names=[]) == []
    contact = Contact(
        text="0475 12 34 56 of elif@voorbeeld.be, Kerkstraat 12", safe="Niet bellen na 18 uur: 02 123 45 67 hoort mee."
    )
    assert scan_note(contact, "contact") == ()
    agreement = Agreement(
        text="Sara belt donderdag tussen 10 en 12 uur.", ask="Sara, 09 223 45 67, sara@ocmw.voorbeeld.be",
        with_client=True, steps=(HandOverStep(what="Samen naar het OCMW", who="Sara", by="2026-11-26"),),
    )  # fmt: skip
    assert scan_note(agreement, "agreement") == ()
    assert scan_note(FirstName(first_name="Elif"), "who", NAMES) == ()


def test_every_text_field_of_every_form_is_looked_at():
    costs = CostsOnly(
        items=(Cost(what="kinesist", cents=1, per="week"), Cost(what=f"nr {NATIONAL_NUMBER}", cents=1, per="once"))
    )
    assert [(item.field, item.start, item.end) for item in scan_note(costs, "health")] == [("$.items[1].what", 3, 18)]
    agreement = Agreement(
        text="a", ask=NATIONAL_NUMBER, feedback=IBAN, with_client=True,
        steps=(HandOverStep(what="b", who=NATIONAL_NUMBER),),
    )  # fmt: skip
    assert [item.field for item in scan_note(agreement, "agreement")] == ["$.ask", "$.feedback", "$.steps[0].who"]
    assert scan_note(Contact(text="a", safe=NATIONAL_NUMBER), "contact")[0].field == "$.safe"
    assert scan_note(YesNo(answer=True), "rights") == ()


def test_file_names_are_looked_at():
    (item,) = scan_file_name("85073003328_brief.pdf", "money")
    assert (item.code, item.field, item.start, item.end) == (Matter.NATIONAL_NUMBER, "$.name", 0, 11)
    assert [item.code for item in scan_file_name("Brief Yilmaz 24-11-2026.pdf", "money", NAMES)] == [Matter.KNOWN_NAME]
    assert scan_file_name("IMG_20261124_093015.jpg", "money", NAMES) == ()


def test_what_one_detector_took_is_not_found_again():
    assert found("BE68 5390 0754 7034", "work") == [(Matter.IBAN, "BE68 5390 0754 7034")]
    assert found("elif.yilmaz@voorbeeld.be") == [(Matter.EMAIL, "elif.yilmaz@voorbeeld.be")]
    # Also where the first is at home: an account number in `money` is no phone number.
    assert found("BE71 0961 2345 6769", "money") == []


def test_severities():
    assert {matter for matter in Matter if severity_of(matter) == "refuse"} == REFUSED
    assert set(ALLOWED) == set(Matter)
    known = {rule.id for rule in RULEBOOK.categories} | {rule.id for rule in RULEBOOK.parts}
    assert set().union(*ALLOWED.values()) <= known


def test_a_finding_never_carries_the_words():
    (item,) = scan_note(Whole(text=f"nr {NATIONAL_NUMBER}"), SECTION)
    for shown in (repr(item), str(item), repr(pickle.dumps(item))):
        assert not any(part in shown for part in (NATIONAL_NUMBER, "85.", "07.30", "033"))


def test_an_excerpt_shows_the_place_and_masks_the_words():
    text = f"Haar nummer is {NATIONAL_NUMBER} en {IBAN}, x@y.be."
    first, second, third = scan_text(text, SECTION)
    assert first.excerpt(text) == "Haar nummer is ••.••.••-•••.•• en BE•• •••• ••"
    for item in (first, second, third):
        shown = item.excerpt(text, around=200)
        assert not any(char.isdigit() for char in shown)
        assert "x@y" not in shown
        assert MASK in shown
    assert Finding(Matter.PHONE, "warn", 0, 3, "ask", "$").excerpt("abc") == MASK * 3


@given(st.text(max_size=300), st.sampled_from([rule.id for rule in RULEBOOK.categories]))
def test_positions_lie_in_any_text(text, section):
    end = 0
    for item in scan_text(text, section, ["Jan Y", "أمل"]):
        assert end <= item.start < item.end <= len(text)
        end = item.end
        item.excerpt(text)


@given(st.text(st.sampled_from("0123456789 .-/+@abBE(){}é\n\u200b٣rue,"), max_size=200))
def test_positions_lie_in_text_made_of_what_detectors_look_for(text):
    for item in scan_text(text, SECTION, ["ab"]):
        assert 0 <= item.start < item.end <= len(text)


@given(st.text(max_size=60))
def test_folding_keeps_the_way_back(text):
    folded = fold(text)
    assert len(folded.text) == len(folded.origin)
    assert list(folded.origin) == sorted(folded.origin)


@pytest.mark.parametrize(
    "text",
    ["a" * 20_000, "a-" * 10_000, "1 " * 10_000, "1" * 20_000, "rue a " * 3_000, "rue " + "a " * 9_000,
     "rue " + "a'" * 9_000, "be12 " * 4_000, "a@" * 9_000, "a.a@a." * 3_000, "+1-" * 6_000, "0475 " * 4_000,
     "geb. " * 4_000, "straat 1 " * 2_000, "rrn " * 4_000 + "1 " * 2_000, "-" * 20_000, "elif " * 4_000],
)  # fmt: skip
def test_no_text_takes_long(text):
    start = time.process_time()
    scan_text(text, SECTION, NAMES)
    assert time.process_time() - start < 5
