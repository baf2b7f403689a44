"""Dates of birth in text: a date just after a word that says so, in the six languages of the clients' pages.

A date alone is not flagged: appointments, decisions and letters have dates too. Allowed in `who`.
"""

import re
from collections.abc import Iterator

from zegel.content.folding import Folded

# As folded: no accents. The ring is how Belgian files write "born"; after a digit it is a temperature.
_BORN = (
    r"(?:(?<![a-z])(?:geboren|geb(?:oorte ?datum|oortedag)?\.?|ne(?:e|\(e\))? (?:le|a)|date de naissance"
    r"|born|date of birth|birth ?date|d\.?o\.?b|dogum tarihi|dogumlu|urodz(?:ony|ona|enia)|ur\.|data urodzenia)"
    r"(?![a-z])"
    r"|تاريخ الميلاد|مواليد|(?<![0-9])(?<![0-9] )°)"
)
_MONTH = (
    r"(?:jan|feb|mar|maart|mrt|apr|avr|mei|mai|may|jun|juin|jul|juil|aug|aout|sep|okt|oct|nov|dec"
    r"|fev|oca|sub|nis|haz|tem|agu|eyl|eki|kas|ara|sty|lut|kwi|maj|cze|lip|sie|wrz|paz|lis|gru)[a-z]{0,9}\.?"
)
_DATE = re.compile(
    rf"{_BORN}[^0-9\n]{{0,24}}"
    r"(?P<date>(?P<day>[0-9]{1,2})(?:(?P<gap> ?[./-] ?| )(?P<month>[0-9]{1,2})(?P=gap)"
    rf"|(?:e|er|ste|de|st|nd|rd|th)?(?: de)? ?{_MONTH} ?)(?:[0-9]{{4}}|[0-9]{{2}})"
    r"|[0-9]{4}[./-](?P<iso_month>[0-9]{1,2})[./-](?P<iso_day>[0-9]{1,2}))(?![0-9])"
)


def find_birth_dates(folded: Folded) -> Iterator[tuple[int, int]]:
    """Yield (start, end) in the folded text of each date of birth, without the word before it."""
    for match in _DATE.finditer(folded.text):
        day, month = match["day"] or match["iso_day"], match["month"] or match["iso_month"] or "1"
        if 1 <= int(day) <= 31 and 1 <= int(month) <= 12:
            yield match.span("date")
