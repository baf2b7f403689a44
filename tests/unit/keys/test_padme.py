"""Padded sizes: known values, and what makes them safe and cheap."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.keys.sealing_cases import code_of
from zegel_protocol.padme import (
    CHUNK,
    LARGEST_CONTENT,
    SMALLEST_PADDED,
    chunk_count,
    ciphertext_size,
    is_padded_size,
    padded_size,
)

lengths = st.one_of(st.integers(0, 200_000), st.integers(0, LARGEST_CONTENT))


def padme_as_published(size: int) -> int:
    """The paper's Algorithm 1, with its own floating-point logarithms."""
    exponent = math.floor(math.log2(size))
    kept = math.floor(math.log2(exponent)) + 1
    mask = (1 << (exponent - kept)) - 1
    return (size + mask) & ~mask


@pytest.mark.parametrize(
    ("length", "padded"),
    [
        (0, 4096),
        (1, 4096),
        (4088, 4096),
        (4089, 4352),
        (65_528, 65_536),
        (65_529, 67_584),
        (1_000_000, 1_015_808),
        (10 * 1024**2, 10_747_904),
        (LARGEST_CONTENT, 5_435_817_984),
    ],
)
def test_known_sizes(length, padded):
    assert padded_size(length) == padded


@given(lengths)
def test_agrees_with_the_paper(length):
    assert padded_size(length) == max(4096, padme_as_published(8 + length))


@given(lengths)
def test_holds_the_content_at_a_bounded_cost(length):
    padded = padded_size(length)
    assert padded >= 8 + length
    assert padded == SMALLEST_PADDED or padded <= (8 + length) * 1.12


@given(lengths, lengths)
def test_never_shrinks_with_the_content(one, other):
    low, high = sorted((one, other))
    assert padded_size(low) <= padded_size(high)


@given(lengths)
def test_what_was_padded_is_a_padded_size(length):
    assert is_padded_size(padded_size(length))


@given(st.integers(-10, 300_000))
def test_a_padded_size_is_one_that_some_content_gives(padded):
    fits = padded >= 8 and padded_size(padded - 8) == padded
    assert is_padded_size(padded) == fits


@pytest.mark.parametrize("length", [-1, LARGEST_CONTENT + 1])
def test_no_size_for_an_impossible_length(length):
    assert code_of(padded_size, length) == "section.length"


def test_more_than_the_largest_is_no_padded_size():
    assert not is_padded_size(2 * padded_size(LARGEST_CONTENT))


@pytest.mark.parametrize(
    ("padded", "chunks"),
    [(4096, 1), (CHUNK, 1), (CHUNK + 2048, 2), (2 * CHUNK, 2), (padded_size(LARGEST_CONTENT), 82_944)],
)
def test_ciphertext_is_header_and_chunks(padded, chunks):
    assert chunk_count(padded) == chunks
    assert ciphertext_size(padded) == 24 + padded + 17 * chunks
