"""National and bis numbers are found in every spacing, and dates, phone numbers and amounts are not taken for them.

The numbers here are the examples that the check-digit library documents, or made up on the spot.
"""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.be import nn

from unit.sdk.content.content_cases import NATIONAL_NUMBER, RULEBOOK, found
from zegel.content.detectors import scan_text
from zegel.content.finding import Matter
from zegel.content.folding import fold
from zegel.content.national_number import is_national_number


def number_of(born, counter, after_2000=False):
    """Return a national or bis number of eleven digits: `born` is six digits, month raised where it is a bis number."""
    first = f"{born}{counter:03}"
    return first + f"{97 - int(('2' if after_2000 else '') + first) % 97:02}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Haar rijksregisternummer is 85.07.30-033.28.", "85.07.30-033.28"),
        ("RR 850730 033 28", "850730 033 28"),
        ("(85073003328)", "85073003328"),
        ("RRN:85073003328", "85073003328"),
        ("x85073003328x", "85073003328"),
        ("8507 3003 328", "8507 3003 328"),
        ("850 730 033 28", "850 730 033 28"),
        ("8 5 0 7 3 0 0 3 3 2 8", "8 5 0 7 3 0 0 3 3 2 8"),
        ("85/07/30-033/28", "85/07/30-033/28"),
        ("85-07-30 033 28", "85-07-30 033 28"),
        ("85_07_30_033_28", "85_07_30_033_28"),
        ("85 07 30 – 033 · 28", "85 07 30 – 033 · 28"),
        ("850730\n03328", "850730\n03328"),
        ("85\u00a007\u202f30\u2009033\u00a028", "85\u00a007\u202f30\u2009033\u00a028"),
        ("85\u200b0730\u200d033\u00ad28", "85\u200b0730\u200d033\u00ad28"),
        ("85‑07‑30−033—28", "85‑07‑30−033—28"),
        ("８５０７３００３３２８", "８５０７３００３３２８"),
        ("٨٥٠٧٣٠٠٣٣٢٨", "٨٥٠٧٣٠٠٣٣٢٨"),
        ("bis 98.47.28-997.65", "98.47.28-997.65"),
        ("01 49 07 001 85", "01 49 07 001 85"),
        ("geboren in 2017: 17 07 30 033 84", "17 07 30 033 84"),
        # Mistyped, yet somebody's: in the printed layout, or after the word for it.
        ("85.07.30-033.29", "85.07.30-033.29"),
        ("Numéro national : 850 73 003 329", "850 73 003 329"),
        ("INSZ 85073003329", "85073003329"),
        # Between other digits.
        ("12/11/2026 85.07.30-033.28 9000 Gent", "85.07.30-033.28"),
        ("tel. 0475 12 34 56, 850730-033-28", "850730-033-28"),
        ("+85.07.30-033.28", "85.07.30-033.28"),
    ],
)
def test_national_numbers(text, words):
    assert (Matter.NATIONAL_NUMBER, words) in found(text)


def test_the_national_number_is_refused_in_every_section():
    sections = [rule.id for rule in RULEBOOK.categories] + [rule.id for rule in RULEBOOK.parts] + ["unknown"]
    for section in sections:
        (item,) = scan_text(f"nr {NATIONAL_NUMBER}", section)
        assert (item.code, item.severity, item.section) == (Matter.NATIONAL_NUMBER, "refuse", section)


SEPARATORS = st.sampled_from(["", " ", "  ", ".", "-", "/", " - ", "_", ":", "\u00a0", "–", "'", "\n", " . "])
LAYOUTS = st.sampled_from([(2, 4, 6, 9), (6, 9), (6,), (9,), (2, 4, 6), (6, 9), (), tuple(range(1, 11)), (3, 6, 9)])
BORN = st.dates(date(1920, 1, 1), date(2030, 12, 31))


@given(BORN, st.integers(1, 997), st.sampled_from([0, 20, 40]), LAYOUTS, SEPARATORS, st.text(max_size=20))
def test_every_number_in_every_layout_is_found(born, counter, raised, layout, separator, around):
    digits = number_of(f"{born:%y}{born.month + raised:02}{born:%d}", counter, born.year >= 2000)
    cuts = [0, *layout, 11]
    typed = separator.join(digits[a:b] for a, b in pairwise(cuts))
    around = "".join(char for char in around if not any(part.isdecimal() for part in fold(char).text))
    text = f"{around}, nummer {typed} ({around}"
    assert (Matter.NATIONAL_NUMBER, typed) in found(text, names=[])


def test_a_newborns_number_is_known_whatever_the_clock_says():
    """The library asks this machine for the year; a number of a later year has to be known all the same."""
    later = f"{datetime.now(UTC).year + 2}"[2:]
    digits = number_of(f"{later}0115", 7, after_2000=True)
    assert not nn.is_valid(digits)
    assert is_national_number(digits)


@pytest.mark.parametrize(
    "text",
    [
        "Drie deurwaarders, samen ongeveer € 6.400, en € 1.250,50 achterstand op de huur.",
        "€ 12.345.678,90",
        "Op 24/11/2026 om 9:40 in het OCMW.",
        "24-11-2026 9.40 uur",
        "9.00-10.30 11.00",
        "van 14.00 tot 16.30 uur, op 1, 2, 3, 4, 5, 6, 7 en 8 december",
        "9000 Gent, 9050 Ledeberg, 2018 Antwerpen",
        "Veertien halve dagen afwezig: 14, op 120 lesdagen (11,7 %).",
        "Gestructureerde mededeling +++090/9337/55493+++",
        "Ondernemingsnummer 0123.456.749",
        "dossier 2026/12345-678",
        "BTW BE0123456749",
        "2.350 gram, 48 cm, 38,5 graden",
        "RR 120/80, pols 72",
        "RR 120/80 130/85 1",
        "Rijksregisternummer gevraagd op 24/11/2026 9.40",
        "+32 475 12 34 56 of +32 (0)9 223 45 67",
        "85.13.30-033.28",
        "850730033281",
        "1850730033284",
        "IMG-20261124-WA0001 en Scan_20261124_093",
    ],
)
def test_no_false_national_number(text):
    assert Matter.NATIONAL_NUMBER not in dict(found(text))


def test_no_date_with_a_time_is_a_national_number():
    for days in range(730):
        day = date(2026, 1, 1) + timedelta(days)
        for layout in ("%d/%m/%Y 9:40", "%d-%m-%Y 8.05", "9:40 %d/%m/%Y", "%d.%m.%Y 7.30"):
            assert found(day.strftime(layout)) == []


def test_no_number_with_a_plus_is_a_national_number():
    """Some mobile numbers with their country code have the check digits of a bis number; the plus tells them apart."""
    phones = [digits for rest in range(75_000_000, 75_001_000) if is_national_number(digits := f"324{rest}")]
    assert phones
    for digits in phones:
        assert Matter.NATIONAL_NUMBER in dict(found(digits))
        for typed in (f"+{digits}", f"+32 {digits[2:]}", f"+32 {digits[2:5]} {digits[5:7]} {digits[7:9]} {digits[9:]}"):
            assert [matter for matter, _ in found(typed)] == [Matter.PHONE]
