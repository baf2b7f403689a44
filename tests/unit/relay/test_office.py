"""A kept case file speaks for the very exhibits and the very trust that it was made of, and for no others."""

from typing import Any

import pytest

from zegel_keys.exhibit import Exhibit
from zegel_keys.trust import Trust
from zegel_protocol.signed import Place
from zegel_relay.services import office as module
from zegel_relay.services.office import CASES, Office

FLOW = ("0" * 32, "partner:a", "partner:b")


@pytest.fixture
def made(monkeypatch) -> list[tuple[Any, ...]]:
    """The arguments of each case file that was made, and not found."""
    calls: list[tuple[Any, ...]] = []

    def open_case(*arguments: Any) -> object:
        calls.append(arguments)
        return object()

    monkeypatch.setattr(module, "open_case", open_case)
    return calls


@pytest.fixture
def office() -> Office:
    nothing: Any = None
    return Office("huis", nothing, "", nothing, nothing, nothing)


def exhibit(d: str, envelope: bytes = b"{}", index: int = 1) -> Exhibit:
    return Exhibit("person", d, envelope, place=Place(index, 0))


def test_the_same_exhibits_under_the_same_trust_are_one_case(office, made):
    trust = Trust("huis")
    first = office._open(trust, (exhibit("a"), exhibit("b")), (FLOW,))
    assert office._open(trust, (exhibit("a"), exhibit("b")), (FLOW,)) is first
    assert len(made) == 1


@pytest.mark.parametrize(
    ("shown", "flows"),
    [
        ((exhibit("a"),), (FLOW,)),
        ((exhibit("a"), exhibit("b"), exhibit("c")), (FLOW,)),
        ((exhibit("a"), exhibit("b", b"{ }")), (FLOW,)),
        ((exhibit("a"), exhibit("b", index=2)), (FLOW,)),
        ((exhibit("a"), exhibit("b")), ()),
    ],
    ids=["one-less", "one-more", "other-signatures", "other-place", "other-chains"],
)
def test_whatever_differs_makes_another_case(office, made, shown, flows):
    trust = Trust("huis")
    first = office._open(trust, (exhibit("a"), exhibit("b")), (FLOW,))
    assert office._open(trust, shown, flows) is not first
    assert len(made) == 2


def test_a_case_of_an_older_setting_is_never_given_to_who_sees_a_newer(office, made):
    older, newer = Trust("huis"), Trust("huis")
    shown = (exhibit("a"),)
    current = office._open(newer, shown, ())
    # A reader whose transaction began before the setting changed comes in between.
    assert office._open(older, shown, ()) is not current
    again = office._open(newer, shown, ())
    assert all(call[2] is trust for call, trust in zip(made, [newer, older, newer], strict=True))
    assert office._open(newer, shown, ()) is again


def test_the_case_that_was_unused_for_longest_is_dropped(office, made):
    trust = Trust("huis")
    first = office._open(trust, (exhibit("first"),), ())
    for number in range(CASES):
        assert office._open(trust, (exhibit("first"),), ()) is first
        office._open(trust, (exhibit(str(number)),), ())
    assert len(office._cases) == CASES
    count = len(made)
    office._open(trust, (exhibit("0"),), ())
    assert len(made) == count + 1
