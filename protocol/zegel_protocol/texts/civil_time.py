"""Civil time by integer arithmetic: UTC seconds to Gregorian days, and to the time on a Belgian clock.

No time-zone database, because a text has to come out as the same bytes everywhere, also in a browser with another
database. The rule is the European Union's (Directive 2000/84/EC): summer time, UTC+2, from 01:00 UTC on the last Sunday
of March to 01:00 UTC on the last Sunday of October; else UTC+1. Should the rule change, that is a new format version.
All divisions round down; every number stays below 2**53.
"""

from typing import NamedTuple

from zegel_protocol.durations import DAY
from zegel_protocol.errors import MalformedError

LAST_SECOND = 253_402_300_799
"""9999-12-31T23:59:59Z: years have four digits."""


class Civil(NamedTuple):
    """A moment on a clock: month 1 to 12, day 1 to 31, weekday 0 (Monday) to 6 (Sunday)."""

    year: int
    month: int
    day: int
    hour: int
    minute: int
    second: int
    weekday: int


def days_from_civil(year: int, month: int, day: int) -> int:
    """Return the number of days from 1970-01-01 to a Gregorian day."""
    # Years begin in March, so that the leap day comes last and months have a regular pattern of 153 days in five.
    shifted = year - 1 if month <= 2 else year
    months = (month + 9) % 12
    in_year = (153 * months + 2) // 5 + day - 1
    return shifted * 365 + shifted // 4 - shifted // 100 + shifted // 400 + in_year - 719_468


def civil_from_days(days: int) -> tuple[int, int, int]:
    """Return (year, month, day) of a number of days since 1970-01-01; the inverse of `days_from_civil`."""
    since = days + 719_468
    era, in_era = divmod(since, 146_097)
    # 1,460, 36,524 and 146,096 are the days after which a 4, 100 and 400-year period has had its leap day.
    year_of_era = (in_era - in_era // 1_460 + in_era // 36_524 - in_era // 146_096) // 365
    in_year = in_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    months = (5 * in_year + 2) // 153
    day = in_year - (153 * months + 2) // 5 + 1
    month = (months + 2) % 12 + 1
    return era * 400 + year_of_era + (1 if month <= 2 else 0), month, day


def weekday(days: int) -> int:
    """Return 0 (Monday) to 6 (Sunday) of a number of days since 1970-01-01, a Thursday."""
    return (days + 3) % 7


def utc(seconds: int) -> Civil:
    """Return the UTC clock at `seconds` since 1970. Raises `MalformedError` (`time.range`) outside 1970 to 9999."""
    if not 0 <= seconds <= LAST_SECOND:
        raise MalformedError("time.range", "a time from 1970 to 9999 belongs here")
    return _civil(seconds)


def belgian(seconds: int) -> Civil:
    """Return the Belgian clock at `seconds` (UTC) since 1970. Raises as `utc`."""
    return _civil(seconds + _offset(seconds, utc(seconds).year))


def belgian_seconds(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int:
    """Return the UTC seconds of a Belgian clock time.

    An hour that comes twice, in October, is taken the first time; one that does not exist, in March, counts as if the
    clock had not been put forward yet.
    """
    local = days_from_civil(year, month, day) * DAY + hour * 3600 + minute * 60 + second
    summer = local - 7200
    return summer if _offset(summer, year) == 7200 else local - 3600


def date_text(year: int, month: int, day: int) -> str:
    """Return a day as a `fields.Date`, `2026-11-24`."""
    return f"{year:04d}-{month:02d}-{day:02d}"


def date_from_text(text: str) -> tuple[int, int, int]:
    """Return (year, month, day) of a `fields.Date`. Raises `MalformedError` (`date.malformed`): no such day."""
    parts = text.split("-")
    if [len(part) for part in parts] == [4, 2, 2] and all(part.isascii() and part.isdigit() for part in parts):
        year, month, day = (int(part) for part in parts)
        if year and 1 <= month <= 12 and civil_from_days(days_from_civil(year, month, day)) == (year, month, day):
            return year, month, day
    raise MalformedError("date.malformed", "no such day")


def _civil(seconds: int) -> Civil:
    days, rest = divmod(seconds, DAY)
    year, month, day = civil_from_days(days)
    return Civil(year, month, day, rest // 3600, rest % 3600 // 60, rest % 60, weekday(days))


def _offset(seconds: int, year: int) -> int:
    """Return how many seconds a Belgian clock is ahead of UTC; `year` is that of the moment."""
    begin = _last_sunday(year, 3) * DAY + 3600
    end = _last_sunday(year, 10) * DAY + 3600
    return 7200 if begin <= seconds < end else 3600


def _last_sunday(year: int, month: int) -> int:
    """Return the last Sunday of a month of 31 days, in days since 1970."""
    last = days_from_civil(year, month, 31)
    return last - (weekday(last) + 1) % 7
