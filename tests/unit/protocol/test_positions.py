"""Positions: what falls due stands behind all that was accepted, and before what comes next."""

from itertools import pairwise

import pytest

from zegel_protocol.positions import EACH, first_position, is_position, positions_due


def test_they_grow_with_the_log():
    places = [first_position(index) for index in range(5)]
    assert all(later - earlier == EACH for earlier, later in pairwise(places))


@pytest.mark.parametrize("size", [1, 2, 1_000])
def test_what_falls_due_stands_between_the_last_entry_and_the_next(size):
    due = positions_due(size)
    assert len(due) == EACH - 1
    assert first_position(size - 1) < due.start
    assert due[-1] < first_position(size)


def test_a_log_that_is_empty_has_places_all_the_same():
    assert len(positions_due(0)) == EACH - 1


@pytest.mark.parametrize(
    ("position", "waited", "holds"),
    [
        (first_position(7), False, True),
        (first_position(7) + 1, False, False),
        (first_position(6), False, False),
        (first_position(7), True, False),
        (first_position(7) + 1, True, True),
        (first_position(9) + 3, True, True),
        (first_position(6) + 3, True, False),
    ],
)
def test_who_has_the_receipt_can_check_it(position, waited, holds):
    assert is_position(position, 7, waited) is holds
