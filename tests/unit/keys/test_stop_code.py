"""A stop code is short enough to say, told apart when misheard, and slow to try."""

import hashlib
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zegel_keys import spoken_code
from zegel_keys.stop_code import RANDOM_SYMBOLS, ROUNDS, new_stop_code, read_stop_code, stop_code_name
from zegel_protocol import b64
from zegel_protocol.errors import MalformedError, SealError

HUIS = b64.encode(bytes(range(32)))
CODE = new_stop_code()


def malformed(heard: str) -> bool:
    try:
        read_stop_code(heard)
    except SealError as error:
        return error.code == "stop-code.malformed"
    return False


def test_a_code_is_four_groups_of_four_with_sixty_random_bits_and_more():
    groups = CODE.split("-")
    assert [len(group) for group in groups] == [4, 4, 4, 4]
    assert set("".join(groups)) <= set(spoken_code.SYMBOLS)
    # Of 37 check symbols 5 are drawn again, so less than a quarter of a bit is lost.
    assert RANDOM_SYMBOLS * 5 - 0.25 > 60
    assert len({new_stop_code() for _ in range(200)}) == 200


def test_its_name_is_pbkdf2_of_its_symbols_salted_with_the_huis():
    salt = b"zegel/stop-code/1\0" + bytes(range(32))
    expected = hashlib.pbkdf2_hmac("sha256", read_stop_code(CODE).encode(), salt, ROUNDS)
    assert stop_code_name(HUIS, CODE) == b64.encode(expected)
    assert ROUNDS >= 600_000
    assert stop_code_name(HUIS, CODE.lower().replace("-", " ")) == stop_code_name(HUIS, CODE)
    assert stop_code_name(b64.encode(bytes(32)), CODE) != stop_code_name(HUIS, CODE)


def test_a_huis_without_an_id_has_no_names():
    with pytest.raises(MalformedError):
        stop_code_name("AAAA", CODE)


def test_every_misheard_symbol_and_every_exchange_of_neighbours_is_found():
    symbols = CODE.replace("-", "")
    for at, wrong in itertools.product(range(16), spoken_code.SYMBOLS):
        assert malformed(symbols[:at] + wrong + symbols[at + 1 :]) == (wrong != symbols[at])
    for at in range(15):
        heard = symbols[:at] + symbols[at + 1] + symbols[at] + symbols[at + 2 :]
        assert malformed(heard) == (symbols[at] != symbols[at + 1])


@pytest.mark.parametrize(
    "heard",
    ["", "-", CODE[:-1], CODE + "0", "U" + CODE[1:], CODE[:-1] + "*", "é" + CODE[1:]],
    # The code is another one in each process, and a test has one name in all of them.
    ids=["nothing", "a hyphen", "one short", "one more", "no symbol first", "no symbol last", "a letter of no code"],
)
def test_a_code_of_another_form_is_refused(heard):
    assert malformed(heard)


@settings(max_examples=50)
@given(st.integers(1, 40))
def test_codes_of_every_length_are_read_as_they_were_made(symbols):
    code = spoken_code.new_code(symbols)
    assert len(code.replace("-", "")) == symbols + 1
    assert spoken_code.read_code(code, symbols) == code.replace("-", "")[:-1]
    assert all(len(group) == 4 for group in code.split("-")[:-1])
