"""What a device does when the steward says that the log was set back: told once, evidence kept, own objects owed."""

import pytest

from zegel.epochs import KEPT, PROVEN, LogSetBack, dropped, follow, keep_own, owed, settle_owed
from zegel.message import Waiting
from zegel.shelf import Shelf
from zegel_demo.memory import MemoryState
from zegel_keys.keystore.pins import LogPin, Pins
from zegel_protocol import b64
from zegel_protocol.errors import ChainError, LogError
from zegel_protocol.objects import Epoch
from zegel_protocol.objects.manifest import Seen
from zegel_protocol.signed import Place, Signed

CURSOR = "inbox.cursor"


def root(number):
    return b64.encode(bytes([number]) * 32)


def epoch(number=1, size=10, d="a", at=100):
    last = Seen(size=size, root=root(size))
    payload = Epoch(v=1, huis=root(0), nonce="A" * 22, number=number, last=last, reason="restored-backup", at=at)
    return Signed(d, payload, frozenset())


class Prover:
    """A relay that proves what it is asked, or does not."""

    def __init__(self, fails=False):
        self.asked, self.fails = [], fails

    async def __call__(self, old, new):
        self.asked.append((old.size, new.size))
        if self.fails:
            raise LogError("log.split", "not one log")


@pytest.fixture
def state():
    return MemoryState()


def saw(state, *sizes):
    for size in sizes:
        state.put("values", f"{PROVEN}{size}", root(size).encode())
    Pins(state).restart_log(sizes[-1], root(sizes[-1]))


async def code_of(awaitable, kind):
    with pytest.raises(kind) as caught:
        await awaitable
    return caught.value.code


async def test_who_had_seen_no_more_is_told_nothing_and_has_it_proven(state):
    saw(state, 4, 8)
    prove = Prover()
    await follow(state, (epoch(),), prove)
    await follow(state, (epoch(),), prove)
    assert prove.asked == [(8, 10)]
    assert (Pins(state).log_pin(), dropped(state), owed(state)) == (LogPin(size=8, root=root(8)), [], [])


async def test_who_had_seen_more_is_told_once_and_keeps_the_evidence(state):
    saw(state, 4, 9, 12, 15)
    state.put("values", CURSOR, b"14")
    prove = Prover()
    with pytest.raises(LogSetBack) as caught:
        await follow(state, (epoch(),), prove)
    assert (caught.value.code, caught.value.seen, caught.value.kept) == ("log.set-back", 15, 10)
    assert caught.value.what
    assert caught.value.safe
    assert caught.value.do
    await follow(state, (epoch(),), prove)
    # The largest state of before must lead to what is left; those above it are no longer of this log.
    assert prove.asked == [(9, 10)]
    assert Pins(state).log_pin() == LogPin(size=10, root=root(10))
    assert {name for name, _ in state.items("values") if name.startswith(PROVEN)} == {f"{PROVEN}4", f"{PROVEN}9"}
    assert dropped(state) == [LogPin(size=15, root=root(15))]
    assert Shelf(state).cursor == 10


async def test_a_relay_that_proves_nothing_sets_nothing_back(state):
    saw(state, 4, 9, 15)
    before = state.items("values")
    assert await code_of(follow(state, (epoch(),), Prover(fails=True)), LogError) == "log.split"
    assert (state.items("values"), Pins(state).log_pin()) == (before, LogPin(size=15, root=root(15)))


async def test_an_epoch_that_was_seen_does_not_go_away_or_change(state):
    first, second = epoch(), epoch(number=2, size=20, d="b")
    await follow(state, (first, second), Prover())
    assert await code_of(follow(state, (), Prover()), ChainError) == "pin.rollback"
    assert await code_of(follow(state, (first,), Prover()), ChainError) == "pin.rollback"
    other = epoch(number=2, size=20, d="c")
    assert await code_of(follow(state, (first, other), Prover()), ChainError) == "pin.forked"
    # One that the relay lost with a later restore is no longer shown, and need not be.
    await follow(state, (epoch(number=3, size=20, d="d"),), Prover())


async def test_of_several_new_epochs_the_smallest_counts(state):
    saw(state, 4, 15)
    with pytest.raises(LogSetBack) as caught:
        await follow(state, (epoch(size=6), epoch(number=2, size=12, d="b")), Prover())
    assert caught.value.kept == 6


async def test_what_was_dealt_with_stays_dealt_with_and_hides_nothing_new(state):
    saw(state, 15)
    shelf = Shelf(state)
    # Dealt with at index 13, which is lost; it comes again at 11, and another message at 12.
    state.put("seen", "old", b'{"owner":"x","at":1,"settled":true,"after":14}')
    with pytest.raises(LogSetBack):
        await follow(state, (epoch(),), Prover())
    left = shelf.sort([Waiting(11, "old"), Waiting(12, "new")], 1000)
    assert [item.manifest for item in left] == ["new"]
    assert shelf.cursor <= 12


async def test_only_what_the_relay_lost_is_owed_and_in_order(state):
    saw(state, 15)
    for index in (12, 3, 11):
        keep_own(state, f"object {index}".encode(), Place(index, 1))
    assert owed(state) == []
    with pytest.raises(LogSetBack):
        await follow(state, (epoch(),), Prover())
    assert owed(state) == [b"object 11", b"object 12"]
    settle_owed(state)
    assert owed(state) == []


def test_only_the_newest_own_objects_are_kept(state):
    for index in range(KEPT + 5):
        keep_own(state, b"x", Place(index, 1))
    assert len([name for name, _ in state.items("values") if name.startswith("log.own/")]) == KEPT
