"""Days and moments: the arithmetic is the Gregorian calendar's and the summer-time rule's, and the words are fixed."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zegel_protocol.errors import MalformedError
from zegel_protocol.texts.civil_time import LAST_SECOND, belgian, belgian_seconds, date_from_text, utc
from zegel_protocol.texts.dates import date_in_words, day_in_words, moment_in_words

TUESDAY = 1_795_509_600
"""Tuesday 24 November 2026, 9.40 in Belgium."""


def test_dates_in_words():
    assert moment_in_words("nl", TUESDAY, year=False) == "dinsdag 24 november, 9.40 uur"
    assert moment_in_words("nl", TUESDAY, first=True) == "Dinsdag 24 november 2026, 9.40 uur"
    assert moment_in_words("en", TUESDAY) == "Tuesday 24 November 2026, 9:40"
    assert day_in_words("nl", TUESDAY) == "dinsdag 24 november 2026"
    assert date_in_words("nl", "2028-02-29") == "dinsdag 29 februari 2028"
    # Five past midnight in Belgium is still the day before in UTC.
    assert moment_in_words("nl", belgian_seconds(2027, 1, 1, 0, 5, 0)) == "vrijdag 1 januari 2027, 0.05 uur"


@pytest.mark.parametrize(
    ("year", "spring", "autumn"),
    [(1996, 31, 27), (2024, 31, 27), (2026, 29, 25), (2027, 28, 31), (2028, 26, 29), (2029, 25, 28), (2030, 31, 27)],
)
def test_summer_time_begins_and_ends_on_the_last_sunday(year, spring, autumn):
    begin = int(datetime(year, 3, spring, 1, tzinfo=UTC).timestamp())
    end = int(datetime(year, 10, autumn, 1, tzinfo=UTC).timestamp())
    assert belgian(begin - 1)[3:6] == (1, 59, 59)
    assert belgian(begin)[3:6] == (3, 0, 0)
    assert belgian(end - 1)[3:6] == (2, 59, 59)
    assert belgian(end)[3:6] == (2, 0, 0)
    assert belgian_seconds(year, 10, autumn, 2, 30, 0) == end - 1800
    assert belgian_seconds(year, 3, spring, 2, 30, 0) == begin + 1800


@given(st.integers(min_value=0, max_value=LAST_SECOND))
def test_the_utc_clock_is_the_gregorian_one(seconds):
    expected = datetime(1970, 1, 1) + timedelta(seconds=seconds)  # noqa: DTZ001 - plain arithmetic on days is meant
    assert utc(seconds) == (*expected.timetuple()[:6], expected.weekday())


@given(st.integers(min_value=0, max_value=LAST_SECOND - 7200))
def test_the_belgian_clock_and_back(seconds):
    clock = belgian(seconds)
    assert belgian_seconds(*clock[:6]) in (seconds, seconds - 3600)
    assert date(*clock[:3]).weekday() == clock.weekday


@pytest.mark.parametrize("seconds", [-1, LAST_SECOND + 1, 2**53 - 1])
def test_a_time_out_of_range_is_refused(seconds):
    with pytest.raises(MalformedError) as caught:
        moment_in_words("nl", seconds)
    assert caught.value.code == "time.range"


@pytest.mark.parametrize(
    "text", ["2027-02-29", "2026-13-01", "0000-01-01", "2026-1-1", "2026-11-241", "٢٠٢٦-11-24", ""]
)
def test_no_such_day(text):
    with pytest.raises(MalformedError) as caught:
        date_from_text(text)
    assert caught.value.code == "date.malformed"
