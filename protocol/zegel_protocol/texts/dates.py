"""Days and moments in words, in the one fixed format of each language: `dinsdag 24 november, 9.40 uur`.

The words and the order stand in the catalogues; the clock is the Belgian one (`civil_time`).
"""

from zegel_protocol.texts.catalogue import phrase
from zegel_protocol.texts.civil_time import Civil, belgian, date_from_text, days_from_civil, weekday

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
"""Keys of the catalogues."""


def day_in_words(language: str, seconds: int) -> str:
    """Return the Belgian day that holds `seconds` (UTC), with its year: `dinsdag 24 november 2026`.

    Raises `MalformedError` (`time.range`) outside 1970 to 9999; and as `catalogue.phrase`.
    """
    return _words(language, "date.day", belgian(seconds))


def moment_in_words(language: str, seconds: int, *, year: bool = True, first: bool = False) -> str:
    """Return a moment on the Belgian clock: `dinsdag 24 november 2026, 9.40 uur`.

    `year` False leaves the year out; `first` begins with a capital, to begin a sentence with. Raises as `day_in_words`.
    """
    key = "date.moment-year" if year else "date.moment"
    return _words(language, key, belgian(seconds), first=first)


def date_in_words(language: str, date: str) -> str:
    """Return a `fields.Date` in words, with its year. Raises `MalformedError` (`date.malformed`)."""
    year, month, day = date_from_text(date)
    return _words(language, "date.day", Civil(year, month, day, 0, 0, 0, weekday(days_from_civil(year, month, day))))


def _words(language: str, key: str, civil: Civil, *, first: bool = False) -> str:
    week = "weekday-first" if first else "weekday"
    return phrase(
        language,
        key,
        weekday=phrase(language, f"{week}.{WEEKDAYS[civil.weekday]}"),
        day=str(civil.day),
        month=phrase(language, f"month.{MONTHS[civil.month - 1]}"),
        year=str(civil.year),
        hour=str(civil.hour),
        minute=f"{civil.minute:02d}",
    )
