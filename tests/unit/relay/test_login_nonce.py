"""The nonce of a login: kept nowhere, known again by every relay with the key, for two minutes."""

import pytest

from zegel_keys.signing import SigningKey
from zegel_protocol import b64
from zegel_relay.services.errors import Unauthorised
from zegel_relay.services.login import LIFE_SECONDS, check_nonce, new_nonce

KEY, NOW = SigningKey(b"\x01" * 32), 1_790_000_000


def is_known(nonce: str, now: int, key: SigningKey = KEY) -> bool:
    try:
        check_nonce(key, nonce, now)
    except Unauthorised as error:
        assert error.code == "login.nonce"
        return False
    return True


def test_it_is_known_again_for_two_minutes():
    nonce = new_nonce(KEY, NOW)
    assert check_nonce(KEY, nonce, NOW) == b64.decode(nonce, 32)
    moments = (-LIFE_SECONDS - 1, -LIFE_SECONDS, 0, LIFE_SECONDS, LIFE_SECONDS + 1)
    assert [is_known(nonce, NOW + after) for after in moments] == [False, True, True, True, False]


def test_another_relay_with_the_same_key_knows_it_and_no_other():
    nonce = new_nonce(KEY, NOW)
    assert is_known(nonce, NOW, SigningKey(KEY.seed))
    assert not is_known(nonce, NOW, SigningKey(b"\x02" * 32))


@pytest.mark.parametrize("place", range(32))
def test_no_byte_of_it_may_be_another(place):
    data = bytearray(b64.decode(new_nonce(KEY, NOW)))
    data[place] ^= 1
    assert not is_known(b64.encode(bytes(data)), NOW)


def test_no_two_are_alike():
    assert len({new_nonce(KEY, NOW) for _ in range(100)}) == 100


@pytest.mark.parametrize("nonce", ["", "A" * 43, "=" * 43, b64.encode(bytes(31))])
def test_what_is_no_nonce(nonce):
    assert not is_known(nonce, NOW)
