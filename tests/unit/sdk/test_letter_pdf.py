"""A letter as PDF: one page in every language, with its fonts in it, and a code that a machine reads off too."""

import functools
import re

import pytest

from zegel import letter_pdf
from zegel.letter import Letter, StopWords
from zegel.letter_pdf import LetterExtraMissing, write_pdf
from zegel_protocol.texts.catalogue import LANGUAGES, phrase

CODE = "FMZZ-MMS1-4B1M-VB9X"


def letter_in(language: str, parts: int = 4) -> Letter:
    """Return a letter of the words that every language has."""
    stop = StopWords(
        phrase(language, "letter.stop-title"),
        (
            phrase(language, "letter.stop-how", partner="OCMW Gent"),
            phrase(language, "letter.stop-others", partners="Kind en Gezin"),
        ),
        CODE,
        (phrase(language, "letter.stop-until", day="21.10.2026"), phrase(language, "letter.stop-keep")),
    )
    said = (phrase(language, "letter.opening"), phrase(language, "letter.ask", partner="OCMW Gent"))
    closing = (phrase(language, "alarm.emergency", number="112"),)
    return Letter(language, "OCMW Gent", "21.9.2026", (said,) * parts, stop, closing)


@functools.cache
def written(language: str, parts: int = 4) -> bytes:
    """Return such a letter as PDF: to make the bold weight of a font takes seconds each time."""
    return write_pdf(letter_in(language, parts))


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b(?!s)", pdf))


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_one_page_with_embedded_fonts_and_names_nobody(language: str) -> None:
    pdf = written(language)
    assert pages(pdf) == 1
    assert len(pdf) < 200_000
    fonts = set(re.findall(rb"/BaseFont /[A-Z]{6}\+([A-Za-z]+)", pdf))
    assert any(name.startswith(b"NotoSansArabic" if language == "ar" else b"NotoSans") for name in fonts)
    # Every font file lies in it: nothing of the machine that shows it is asked for.
    assert pdf.count(b"/FontFile2") == len(set(re.findall(rb"/FontFile2 (\d+)", pdf))) > 0
    assert not re.search(rb"/(Author|Title|Creator|Subject)", pdf)


@pytest.mark.slow
def test_lines_stand_closer_before_a_second_page_is_begun() -> None:
    assert [pages(written("nl", parts)) for parts in (8, 20)] == [1, 2]


def test_without_the_extra_it_says_so_and_the_text_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letter_pdf, "FPDF", None)
    with pytest.raises(LetterExtraMissing):
        write_pdf(letter_in("nl"))
    assert CODE in letter_in("nl").text


def test_every_symbol_of_a_code_is_drawn() -> None:
    """No glyph is missing: each symbol has a width of its own in the page's own map to text."""
    pdf = written("nl")
    maps = b"".join(
        found for found in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL) if b"beginbf" in found
    )
    drawn = {int(found, 16) for found in re.findall(rb"<[0-9A-Fa-f]{4}> <([0-9A-Fa-f]{4})>", maps)}
    assert {ord(sign) for sign in CODE} <= drawn
