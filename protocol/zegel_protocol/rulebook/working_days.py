"""Working days in Belgium: Monday to Friday, without the holidays that the rulebook lists.

Follow-up is agreed in working days (article 5). A day that the rulebook's calendar does not reach counts by its
weekday, so a date may come too early there, never too late.
"""

from collections.abc import Collection

from zegel_protocol.texts.civil_time import (
    belgian,
    belgian_seconds,
    civil_from_days,
    date_text,
    days_from_civil,
    weekday,
)

MAX_DAYS = 3_660


def end_of_working_day(after: int, days: int, holidays: Collection[str]) -> int:
    """Return the last second (UTC) of the `days`th working day after the Belgian day that holds `after`.

    `after` is in UTC seconds, `holidays` are `Rulebook.holidays`. `days` 0 gives the end of that same day. Raises
    `ValueError` unless `days` is 0 to 3,660.
    """
    if not 0 <= days <= MAX_DAYS:
        raise ValueError(f"0 to {MAX_DAYS} working days")
    start = belgian(after)
    day = days_from_civil(start.year, start.month, start.day)
    closed = frozenset(holidays)
    while days:
        day += 1
        if weekday(day) < 5 and date_text(*civil_from_days(day)) not in closed:
            days -= 1
    return belgian_seconds(*civil_from_days(day), 23, 59, 59)
