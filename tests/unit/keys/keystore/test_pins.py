"""Pins: nobody shows this device less than it has seen."""

import hashlib

import pytest

from unit.keys.keystore.examples import fails
from zegel_keys.keystore.pins import HeadPin, LogPin, Pins
from zegel_keys.keystore.state import State
from zegel_protocol import b64

PERSON = "00112233445566778899aabbccddeeff"


def d(label: str) -> str:
    return b64.encode(hashlib.sha256(label.encode()).digest())


@pytest.fixture
def pins(state: State) -> Pins:
    return Pins(state)


def test_a_chain_is_followed_link_by_link(pins: Pins):
    assert pins.version("devices", "caw") is None
    assert pins.check_and_pin("devices", "caw", 1, d("1"), None)
    assert pins.check_and_pin("devices", "caw", 2, d("2"), d("1"))
    assert not pins.check_and_pin("devices", "caw", 2, d("2"), d("1"))
    assert pins.check_and_pin("devices", "caw", 3, d("3"), d("2"))
    pinned = pins.version("devices", "caw")
    assert pinned is not None
    assert (pinned.version, pinned.digest) == (3, d("3"))


@pytest.mark.parametrize(
    ("version", "digest", "prev", "code"),
    [
        (1, d("1"), None, "pin.rollback"),
        (2, d("2"), d("1"), "pin.rollback"),
        (3, d("other"), d("2"), "pin.forked"),
        (4, d("4"), d("other"), "pin.forked"),
        (4, d("4"), None, "pin.forked"),
        (5, d("5"), d("4"), "pin.gap"),
        (5, d("5"), d("3"), "pin.gap"),
    ],
)
def test_what_does_not_follow_is_refused_and_the_pin_stays(
    pins: Pins, version: int, digest: str, prev: str | None, code: str
):
    pins.check_and_pin("person", PERSON, 2, d("2"), d("1"))
    pins.check_and_pin("person", PERSON, 3, d("3"), d("2"))
    with fails(code):
        pins.check_and_pin("person", PERSON, version, digest, prev)
    assert pins.check_and_pin("person", PERSON, 4, d("4"), d("3"))


def test_without_links_versions_may_be_skipped_but_never_fall(pins: Pins):
    assert pins.check_and_pin("directory", "huis", 7, d("7"), None)
    assert pins.check_and_pin("directory", "huis", 12, d("12"), None)
    with fails("pin.rollback"):
        pins.check_and_pin("directory", "huis", 11, d("11"), None)
    with fails("pin.forked"):
        pins.check_and_pin("directory", "huis", 12, d("other"), None)


def test_subjects_and_kinds_do_not_touch(pins: Pins):
    pins.check_and_pin("devices", "caw", 5, d("5"), None)
    assert pins.check_and_pin("devices", "caw-gent", 1, d("1"), None)
    assert pins.check_and_pin("rulebook", "caw", 1, d("1"), None)


def test_pins_outlive_the_process(state: State, store_key: bytes):
    Pins(state).check_and_pin("directory", "huis", 7, d("7"), None)
    state.close()
    again = State.open(state.path, store_key)
    with fails("pin.rollback"):
        Pins(again).check_and_pin("directory", "huis", 6, d("6"), None)
    again.close()


def test_a_pin_is_set_with_the_rest_of_its_transaction_or_not_at_all(state: State):
    def fail_late() -> None:
        with state.transaction() as transaction:
            assert Pins(transaction).check_and_pin("directory", "huis", 7, d("7"), None)
            transaction.put("receipts", "a", b"receipt")
            raise KeyError

    with pytest.raises(KeyError):
        fail_late()
    assert Pins(state).version("directory", "huis") is None
    assert state.items("receipts") == []


def test_a_refused_pin_undoes_what_came_before_it_in_its_transaction(state: State):
    Pins(state).check_and_pin("directory", "huis", 7, d("7"), None)

    def roll_back() -> None:
        with state.transaction() as transaction:
            transaction.put("receipts", "a", b"receipt")
            Pins(transaction).check_and_pin("directory", "huis", 6, d("6"), None)

    with fails("pin.rollback"):
        roll_back()
    assert state.items("receipts") == []


def test_the_log_only_grows_and_only_with_a_proof_from_what_was_seen(pins: Pins):
    assert pins.log_pin() is None
    assert pins.check_and_pin_log(10, d("10"))
    seen = pins.log_pin()
    assert seen == LogPin(size=10, root=d("10"))
    assert pins.check_and_pin_log(10, d("10"))
    with fails("pin.log-rollback"):
        pins.check_and_pin_log(9, d("9"), seen)
    with fails("pin.log-forked"):
        pins.check_and_pin_log(10, d("other"), seen)
    with fails("pin.log-unproved"):
        pins.check_and_pin_log(11, d("11"))
    assert pins.log_pin() == seen
    assert pins.check_and_pin_log(11, d("11"), seen)


def test_a_proof_from_a_pin_that_moved_meanwhile_is_asked_for_again(pins: Pins):
    pins.check_and_pin_log(10, d("10"))
    seen = pins.log_pin()
    assert pins.check_and_pin_log(11, d("11"), seen)
    assert not pins.check_and_pin_log(12, d("12"), seen)
    assert pins.log_pin() == LogPin(size=11, root=d("11"))
    assert pins.check_and_pin_log(12, d("12"), pins.log_pin())


def test_only_an_epoch_restarts_a_log_and_logs_do_not_touch(pins: Pins):
    pins.check_and_pin_log(10, d("10"))
    pins.check_and_pin_log(3, d("3"), log="other")
    pins.restart_log(8, d("8"))
    assert pins.log_pin() == LogPin(size=8, root=d("8"))
    assert pins.log_pin("other") == LogPin(size=3, root=d("3"))


def test_a_consent_chain_only_grows(pins: Pins):
    chain = (PERSON, "partner:caw", "partner:clb")
    assert pins.head(*chain) is None
    assert pins.check_and_pin_head(*chain, 0, None)
    assert not pins.check_and_pin_head(*chain, 0, None)
    assert pins.check_and_pin_head(*chain, 2, d("revoked"))
    with fails("pin.status-rollback"):
        pins.check_and_pin_head(*chain, 1, d("consent"))
    with fails("pin.status-rollback"):
        pins.check_and_pin_head(*chain, 0, None)
    with fails("pin.status-forked"):
        pins.check_and_pin_head(*chain, 2, d("other"))
    assert pins.head(*chain) == HeadPin(seq=2, digest=d("revoked"))


@pytest.mark.parametrize(("seq", "digest"), [(0, d("x")), (1, None)])
def test_a_head_has_a_number_and_a_digest_or_neither(pins: Pins, seq: int, digest: str | None):
    with fails("pin.status-malformed"):
        pins.check_and_pin_head(PERSON, "partner:caw", "partner:clb", seq, digest)


def test_chains_of_other_parties_do_not_touch(pins: Pins):
    pins.check_and_pin_head(PERSON, "partner:caw", "partner:clb", 5, d("5"))
    assert pins.check_and_pin_head(PERSON, "partner:clb", "partner:caw", 1, d("1"))
    assert pins.check_and_pin_head(PERSON[::-1], "partner:caw", "partner:clb", 1, d("1"))
