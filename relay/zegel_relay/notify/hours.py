"""When a ping may leave: within the hours that the person chose, on a Belgian clock, and once a day."""

from zegel_protocol.objects.contact import Hours
from zegel_protocol.texts.civil_time import belgian, belgian_seconds, civil_from_days, days_from_civil


def next_moment(hours: Hours, at: int) -> int:
    """Return the first second (UTC), `at` or later, that lies within the hours."""
    clock = belgian(at)
    if hours.opens <= clock.hour < hours.closes:
        return at
    days = days_from_civil(clock.year, clock.month, clock.day) + (1 if clock.hour >= hours.closes else 0)
    return belgian_seconds(*civil_from_days(days), hours.opens, 0, 0)


def next_day(at: int) -> int:
    """Return the first second (UTC) of the Belgian day after the one that holds `at`."""
    clock = belgian(at)
    days = days_from_civil(clock.year, clock.month, clock.day) + 1
    return belgian_seconds(*civil_from_days(days), 0, 0, 0)
