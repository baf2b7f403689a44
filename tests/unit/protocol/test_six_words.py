"""Six words: a list that ears can tell apart, and words that change with every bit of what they stand for."""

import hashlib
import hmac
import re
from itertools import combinations

import msgspec
import pytest

from unit.protocol.test_enrolment import CONTEXT, SECRET, SWAPPED
from zegel_protocol import b64, encoding
from zegel_protocol.errors import MalformedError
from zegel_protocol.six_words import word_list, words_of_enrolment, words_of_record

D = b64.encode(bytes(range(32)))


def test_the_list_has_1024_words_in_order_each_once():
    assert len(word_list()) == 1024
    assert list(word_list()) == sorted(set(word_list()))


def test_every_word_is_short_and_plain():
    assert [word for word in word_list() if not re.fullmatch("[a-z]{3,8}", word)] == []


def test_four_letters_tell_a_word():
    assert len({word[:4] for word in word_list()}) == 1024


def near(one: str, other: str) -> bool:
    """Whether one letter changed, added or left out makes the one word into the other."""
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other, strict=True)) <= 1
    short, long = sorted((one, other), key=len)
    return len(long) - len(short) == 1 and any(long[:at] + long[at + 1 :] == short for at in range(len(long)))


def test_no_word_is_one_letter_from_another():
    assert [pair for pair in combinations(word_list(), 2) if near(*pair)] == []


def by_hand(data: bytes) -> tuple[str, ...]:
    bits = "".join(f"{byte:08b}" for byte in data)
    return tuple(word_list()[int(bits[at : at + 10], 2)] for at in range(0, 60, 10))


def test_the_words_of_an_enrolment_are_the_first_sixty_bits_of_a_mac():
    digest = hashlib.sha256(encoding.encode(CONTEXT)).digest()
    mac = hmac.digest(SECRET, b"zegel/words/enrol/1\0" + digest, "sha256")
    assert words_of_enrolment(SECRET, CONTEXT) == by_hand(mac)


@pytest.mark.parametrize("name", SWAPPED)
def test_whatever_is_swapped_gives_other_words(name):
    """Who saw the screen knows the secret; their keys give other words all the same."""
    other = msgspec.structs.replace(CONTEXT, **{name: SWAPPED[name]})
    assert words_of_enrolment(SECRET, other) != words_of_enrolment(SECRET, CONTEXT)


def test_another_secret_gives_other_words():
    assert words_of_enrolment(bytes(32), CONTEXT) != words_of_enrolment(SECRET, CONTEXT)


def test_the_words_of_a_record_take_as_long_to_try_as_to_make():
    stretched = hashlib.pbkdf2_hmac("sha256", bytes(range(32)), b"zegel/words/record/1\0", 100_000, 32)
    assert words_of_record(D) == by_hand(stretched)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: words_of_enrolment(SECRET[:31], CONTEXT), "enrolment.secret"),
        (lambda: words_of_enrolment(SECRET, msgspec.structs.replace(CONTEXT, person="x")), "object.malformed"),
        (
            lambda: words_of_enrolment(SECRET, msgspec.structs.replace(CONTEXT, passkeys=CONTEXT.passkeys[::-1])),
            "object.not-canonical",
        ),
        (lambda: words_of_record(D[:-1]), "binary.malformed"),
    ],
)
def test_what_the_wire_does_not_allow_has_no_words(call, code):
    with pytest.raises(MalformedError) as refused:
        call()
    assert refused.value.code == code
