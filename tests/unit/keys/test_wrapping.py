"""Wrapping and unwrapping section keys, and wraps that were moved."""

import os

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.keys.hpke_by_hand import open_box
from unit.keys.sealing_cases import WRAP, WRAP_CHANGES, code_of
from zegel_keys.hybrid import SealPrivateKey
from zegel_keys.opening import unwrap
from zegel_keys.selftest import HPKE_BOX, HPKE_INFO, HPKE_KEY, XWING_SEED
from zegel_keys.wrapping import SUITE, wrap
from zegel_protocol import b64
from zegel_protocol.sealing import box_size, wrap_info

PRIVATE = SealPrivateKey(b"r" * 32)
INFO = wrap_info(WRAP)
KEYS = [bytes([n]) * 32 for n in range(3)]


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=5))
def test_keys_come_back_in_their_order(keys):
    box = wrap(keys, PRIVATE.public, INFO)
    assert len(b64.decode(box)) == box_size(len(keys))
    assert unwrap(box, PRIVATE, INFO, len(keys)) == keys


def test_a_box_opens_by_the_specification():
    assert open_box(b64.decode(wrap(KEYS, PRIVATE.public, INFO)), PRIVATE.seed, INFO) == b"".join(KEYS)


def test_the_pinned_box_opens_by_the_specification():
    assert open_box(b64.decode(HPKE_BOX), XWING_SEED, HPKE_INFO) == HPKE_KEY


def test_every_box_is_new():
    assert wrap(KEYS, PRIVATE.public, INFO) != wrap(KEYS, PRIVATE.public, INFO)


@pytest.mark.parametrize("keys", [[], [b"k" * 31], [b"k" * 32, b"k" * 33], [b""]])
def test_only_section_keys_are_wrapped(keys):
    assert code_of(wrap, keys, PRIVATE.public, INFO) == "wrap.malformed"


@pytest.mark.parametrize("field", sorted(WRAP_CHANGES))
def test_moved_to_another_manifest_sealer_reader_key_or_entries(field):
    moved = wrap_info(msgspec.structs.replace(WRAP, **{field: WRAP_CHANGES[field]}))
    box = wrap(KEYS, PRIVATE.public, INFO)
    assert code_of(unwrap, box, PRIVATE, moved, 3) == "wrap.unopenable"


def test_moved_to_another_device():
    box = wrap(KEYS, PRIVATE.public, INFO)
    assert code_of(unwrap, box, SealPrivateKey.generate(), INFO, 3) == "wrap.unopenable"


@pytest.mark.parametrize("claimed", [-1, 0, 1, 2, 4])
def test_a_box_for_another_number_of_entries(claimed):
    box = wrap(KEYS, PRIVATE.public, INFO)
    assert code_of(unwrap, box, PRIVATE, INFO, claimed) == "wrap.malformed"


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_sealed_box_that_holds_no_section_key(size):
    box = b64.encode(SUITE.encrypt(os.urandom(size), PRIVATE.public.hpke, info=INFO))
    assert code_of(unwrap, box, PRIVATE, INFO, 1) == "wrap.malformed"


def test_a_box_of_no_keys():
    box = b64.encode(SUITE.encrypt(b"", PRIVATE.public.hpke, info=INFO))
    assert code_of(unwrap, box, PRIVATE, INFO, 0) == "wrap.malformed"


@pytest.mark.parametrize("position", [0, 700, 1088, 1119, 1120, 1150, -1])
def test_a_damaged_box(position):
    data = bytearray(b64.decode(wrap(KEYS, PRIVATE.public, INFO)))
    data[position] ^= 1
    assert code_of(unwrap, b64.encode(bytes(data)), PRIVATE, INFO, 3) == "wrap.unopenable"


def test_a_box_with_a_point_of_small_order():
    data = b64.decode(wrap(KEYS, PRIVATE.public, INFO))
    forged = data[:1088] + bytes(32) + data[1120:]
    assert code_of(unwrap, b64.encode(forged), PRIVATE, INFO, 3) == "wrap.unopenable"


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "wrap.malformed"), ("AA", "wrap.malformed"), ("é", "binary.malformed"), ("AB", "binary.malformed")],
)
def test_a_text_that_is_no_box(text, code):
    assert code_of(unwrap, text, PRIVATE, INFO, 1) == code
