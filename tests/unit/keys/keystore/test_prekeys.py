"""Prekeys: periods made ahead without gap or overlap, and private halves that are gone when they should be."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unit.keys.keystore.examples import holds, identity
from zegel_keys.hybrid import SealPublicKey
from zegel_keys.keystore import database
from zegel_keys.keystore.prekeys import PERIOD, Period, ensure_periods, erase_expired, private_for, set_version
from zegel_keys.keystore.state import State
from zegel_protocol import b64, encoding
from zegel_protocol.objects.prekeys import MAX_PERIODS, SUITE, Prekey, Prekeys

NOW = 1_800_000_123
DAY = 86_400


def digest(period: Period) -> str:
    return SealPublicKey.from_text(period.seal_key).digest


def require_on_grid(periods: list[Period], now: int) -> None:
    assert periods[0].not_before <= now < periods[0].not_after
    assert all(one.not_after == two.not_before for one, two in pairwise(periods))
    assert {period.not_after - period.not_before for period in periods} == {30 * DAY}
    assert len({period.seal_key for period in periods}) == len(periods)


def test_the_current_period_and_those_ahead_are_made_once(state: State):
    assert set_version(state) == 0
    periods = ensure_periods(state, NOW, ahead=3)
    assert [period.not_before for period in periods] == [NOW + step * PERIOD for step in range(4)]
    require_on_grid(periods, NOW)
    assert set_version(state) == 1
    assert ensure_periods(state, NOW + PERIOD - 1, ahead=3) == periods
    assert set_version(state) == 1


def test_each_private_half_is_found_by_the_digest_of_its_public_half(state: State):
    for period in ensure_periods(state, NOW):
        private = private_for(state, digest(period))
        assert private is not None
        assert private.public.text == period.seal_key
    assert private_for(state, "A" * 43) is None


def test_the_list_moves_on_with_time_and_keeps_its_keys(state: State):
    first = ensure_periods(state, NOW)
    second = ensure_periods(state, NOW + PERIOD)
    assert second[:3] == first[1:]
    require_on_grid(second, NOW + PERIOD)
    assert set_version(state) == 2


def test_after_a_year_off_no_keys_are_made_for_the_time_that_passed(state: State):
    ensure_periods(state, NOW)
    later = NOW + 400 * DAY
    periods = ensure_periods(state, later)
    require_on_grid(periods, later)
    assert (periods[0].not_before - NOW) % PERIOD == 0
    assert len(state.items("prekeys")) == 8


def test_asking_for_more_grows_the_list_and_asking_for_fewer_does_not_shrink_it(state: State):
    few = ensure_periods(state, NOW, ahead=1)
    more = ensure_periods(state, NOW, ahead=5)
    assert more[:2] == few
    assert len(more) == 6
    assert set_version(state) == 2
    assert ensure_periods(state, NOW, ahead=1) == more
    assert set_version(state) == 2


@pytest.mark.parametrize("wrong", [0, 1_000_000, NOW - 100 * DAY, NOW + 3000 * DAY])
def test_a_wrong_clock_is_followed_and_followed_back_under_ever_higher_versions(state: State, wrong: int):
    right = ensure_periods(state, NOW)
    astray = ensure_periods(state, wrong)
    assert astray[0].not_before <= wrong < astray[0].not_after
    assert set_version(state) == 2
    assert ensure_periods(state, NOW) == right
    assert set_version(state) == 3


def test_the_list_fits_the_object_that_publishes_it(state: State):
    periods = ensure_periods(state, NOW, ahead=MAX_PERIODS - 1)
    who = identity()
    published = Prekeys(
        v=1,
        huis=who.huis,
        nonce=b64.encode(bytes(16)),
        partner=who.partner,
        device=who.device,
        version=set_version(state),
        suite=SUITE,
        keys=tuple(Prekey(**period._asdict()) for period in periods),
    )
    assert encoding.decode(encoding.encode(published), Prekeys) == published
    assert published.current(NOW) == published.keys[0]
    assert published.current(periods[3].not_before) == published.keys[3]
    for ahead in (0, -1, MAX_PERIODS):
        with pytest.raises(ValueError, match="ahead"):
            ensure_periods(state, NOW, ahead)
    with pytest.raises(ValueError, match="1970"):
        ensure_periods(state, -1)


def test_threads_that_ask_at_once_get_the_same_keys(state: State):
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: ensure_periods(state, NOW), range(6)))
    assert all(answer == answers[0] for answer in answers)
    assert set_version(state) == 1
    assert len(state.items("prekeys")) == 4


def test_a_private_half_is_erased_ninety_days_after_its_end_and_not_a_second_before(state: State):
    first, second, *_ = ensure_periods(state, NOW)
    due = first.not_after + 90 * DAY
    assert erase_expired(state, due - 1) == 0
    assert private_for(state, digest(first)) is not None
    assert erase_expired(state, due) == 1
    assert private_for(state, digest(first)) is None
    assert private_for(state, digest(second)) is not None
    assert erase_expired(state, due) == 0
    assert set_version(state) == 1


def test_erasing_all_keeps_the_version_so_that_the_next_set_replaces_what_was_published(state: State):
    ensure_periods(state, NOW)
    assert erase_expired(state, NOW + 3000 * DAY) == 4
    ensure_periods(state, NOW + 3000 * DAY)
    assert set_version(state) == 2


def test_nothing_of_an_erased_half_stays_in_any_file(state: State, folder: Path):
    # Neighbours come and go, so that SQLite moves rows between pages, as it does over years of use.
    for number in range(60):
        state.put("drafts", f"draft/{number}", bytes(40 * number))
    for month in range(40):
        ensure_periods(state, NOW + month * PERIOD, ahead=8)
        state.delete("drafts", f"draft/{month}")
    with closing(sqlite3.connect(state.path)) as connection:
        rows = connection.execute("SELECT value FROM records WHERE part = 'prekeys'").fetchall()
    pieces = [value[at : at + 24] for (value,) in rows for at in (0, 200, len(value) - 24)]
    assert len(rows) == 48
    state.scrub()
    assert all(holds(folder, piece) for piece in pieces)
    ensure_periods(state, NOW + 40 * PERIOD, ahead=8)
    assert erase_expired(state, NOW + 3000 * DAY) == 49
    assert not any(holds(folder, piece) for piece in pieces)


def test_an_erasure_that_met_a_reader_is_ended_by_the_next(
    folder: Path, store_key: bytes, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(database, "WAIT", 0.05)
    path = folder / "state.db"
    with closing(State.create(path, store_key)) as state:
        ensure_periods(state, NOW)
        with closing(sqlite3.connect(path, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            rows = reader.execute("SELECT value FROM records WHERE part = 'prekeys'").fetchall()
            assert erase_expired(state, NOW + 3000 * DAY) == 4
            assert not state.scrub()
            assert holds(folder, rows[0][0][:24])
        assert erase_expired(state, NOW + 3000 * DAY) == 0
        assert state.scrub()
        assert not holds(folder, rows[0][0][:24])


@settings(max_examples=15)
@given(st.lists(st.integers(min_value=0, max_value=500), min_size=1, max_size=6))
def test_whatever_the_days_of_use_a_sender_always_finds_exactly_one_key(
    tmp_path_factory: pytest.TempPathFactory, days: list[int]
):
    folder = tmp_path_factory.mktemp("state")
    with closing(State.create(folder / "state.db", bytes(32))) as state:
        now = NOW
        for step in days:
            now += step * DAY
            periods = ensure_periods(state, now, ahead=1)
            require_on_grid(periods, now)
            erase_expired(state, now)
            for period in periods:
                assert private_for(state, digest(period)) is not None
