"""When a ping may leave, on a Belgian clock, in summer and winter."""

import pytest

from zegel_protocol.objects.contact import Hours
from zegel_protocol.texts.civil_time import belgian, belgian_seconds
from zegel_relay.notify.hours import next_day, next_moment

DAY = Hours(opens=9, closes=19)


def at(day: int, hour: int, minute: int = 0, second: int = 0, month: int = 11) -> int:
    return belgian_seconds(2026, month, day, hour, minute, second)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (at(24, 8, 59, 59), at(24, 9)),
        (at(24, 9), at(24, 9)),
        (at(24, 18, 59, 59), at(24, 18, 59, 59)),
        (at(24, 19), at(25, 9)),
        (at(24, 23, 59, 59), at(25, 9)),
        (at(30, 19), at(1, 9, month=12)),
        (at(24, 12, month=10), at(24, 12, month=10)),
        (at(24, 20, month=10), at(25, 9, month=10)),
    ],
)
def test_the_next_moment_within_the_hours(now, then):
    assert next_moment(DAY, now) == then


def test_the_whole_day_is_now():
    assert next_moment(Hours(opens=0, closes=24), at(24, 3)) == at(24, 3)


def test_the_next_day_begins_at_midnight_in_belgium_also_when_the_clock_changes():
    assert next_day(at(24, 23, 59, 59)) == at(25, 0)
    assert next_day(at(24, 0)) == at(25, 0)
    assert next_day(at(24, 12, month=10)) - at(24, 0, month=10) == 86_400
    assert next_day(at(25, 12, month=10)) - at(25, 0, month=10) == 90_000
    assert belgian(next_day(at(25, 12, month=10)))[:5] == (2026, 10, 26, 0, 0)
