"""Sealing: the published construction, of the right size, in constant memory, never twice the same."""

import io
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unit.keys.sealing_cases import CONTEXT, code_of, commitment_of, digest_of, plaintext_of
from unit.keys.secretstream_by_hand import Stream
from zegel_keys.opening import open_section
from zegel_keys.sections import SectionSealer, seal_file, seal_section
from zegel_protocol.padme import CHUNK, LARGEST_CONTENT, ciphertext_size, padded_size
from zegel_protocol.sealing import associated_data

EDGES = [0, 1, 4087, 4088, 4089, 65_527, 65_528, 65_529, 2 * CHUNK - 8, 2 * CHUNK, 200_000]


def content_of(length: int) -> bytes:
    return (b"0123456789abcdef" * (length // 16 + 1))[:length]


@pytest.mark.parametrize("length", EDGES)
def test_opens_to_what_was_sealed(length):
    sealed = seal_section(CONTEXT, content_of(length))
    assert len(sealed.blob) == ciphertext_size(sealed.padded)
    assert sealed.padded == padded_size(length)
    opened = open_section(CONTEXT, sealed.key, sealed.blob, sealed.ct, sealed.kc, sealed.padded)
    assert opened == content_of(length)


@given(st.binary(max_size=6000))
def test_any_content_comes_back(content):
    sealed = seal_section(CONTEXT, content)
    assert open_section(CONTEXT, sealed.key, sealed.blob, sealed.ct, sealed.kc, sealed.padded) == content


@given(st.integers(0, 150_000), st.lists(st.integers(0, 150_000), max_size=5))
@settings(max_examples=25)
def test_how_the_content_comes_in_does_not_matter(length, cuts):
    content = content_of(length)
    bounds = [0, *sorted(min(at, length) for at in cuts), length]
    sealer = SectionSealer(CONTEXT, length)
    pieces = [content[low:high] for low, high in pairwise(bounds)]
    blob = b"".join(sealer.seal(pieces))
    assert sealer.ct == digest_of(blob)
    assert open_section(CONTEXT, sealer.key, blob, sealer.ct, sealer.kc, sealer.padded) == content


def test_the_blob_is_the_published_construction():
    content = content_of(70_000)
    sealed = seal_section(CONTEXT, content)
    stream, ad = Stream(sealed.key, sealed.blob[:24]), associated_data(CONTEXT)
    first, last = sealed.blob[24 : 24 + CHUNK + 17], sealed.blob[24 + CHUNK + 17 :]
    plaintext = plaintext_of(content)
    assert stream.open(ad, first) == (0, plaintext[:CHUNK])
    assert stream.open(ad, last) == (3, plaintext[CHUNK:])


def test_digests_are_those_of_the_blob_and_the_key():
    sealed = seal_section(CONTEXT, b"content")
    assert sealed.ct == digest_of(sealed.blob)
    assert sealed.kc == commitment_of(sealed.key)


def test_sizes_hide_below_the_floor():
    assert len({len(seal_section(CONTEXT, content_of(length)).blob) for length in (0, 1, 500, 4088)}) == 1


def test_every_sealing_has_its_own_key():
    one, other = seal_section(CONTEXT, b"same"), seal_section(CONTEXT, b"same")
    assert one.key != other.key
    assert one.ct != other.ct
    assert one.kc != other.kc


def test_the_key_stays_out_of_texts():
    sealed = seal_section(CONTEXT, b"content")
    assert repr(sealed.key)[2:-1] not in repr(sealed)
    assert "key=" not in repr(sealed)


def test_a_sealer_seals_once():
    sealer = SectionSealer(CONTEXT, 3)
    with pytest.raises(RuntimeError):
        _ = sealer.ct
    b"".join(sealer.seal([b"one"]))
    with pytest.raises(RuntimeError):
        b"".join(sealer.seal([b"two"]))


@pytest.mark.parametrize("promised", [0, 2, 4, 5000])
@pytest.mark.parametrize("pieces", [[b"one"], [b"o", b"", b"ne"]])
def test_content_of_another_length_than_promised(promised, pieces):
    sealer = SectionSealer(CONTEXT, promised)
    sent: list[bytes] = []

    def upload() -> None:
        sent.extend(sealer.seal(pieces))

    assert code_of(upload) == "section.length"
    with pytest.raises(RuntimeError):
        sealer.result()


def test_the_stream_never_closes_on_content_that_is_too_long():
    """Length and content fill exactly one chunk, so that only asking for more tells that there is more."""
    sealer = SectionSealer(CONTEXT, CHUNK - 8)
    sent: list[bytes] = []

    def upload() -> None:
        for piece in sealer.seal([content_of(CHUNK - 8), b"x"]):
            sent.append(piece)

    assert code_of(upload) == "section.length"
    assert [len(piece) for piece in sent] == [24]


def test_a_blob_that_broke_off_has_no_digest():
    sealer = SectionSealer(CONTEXT, 3 * CHUNK)
    pieces = sealer.seal([content_of(3 * CHUNK)])
    assert [len(next(pieces)) for _ in range(2)] == [24, CHUNK + 17]
    with pytest.raises(RuntimeError):
        _ = sealer.ct


@pytest.mark.parametrize("length", [-1, LARGEST_CONTENT + 1])
def test_a_length_that_no_section_has(length):
    assert code_of(SectionSealer, CONTEXT, length) == "section.length"


@pytest.mark.parametrize("length", EDGES)
def test_a_file_is_sealed_as_bytes_are(length):
    sink = io.BytesIO()
    seal = seal_file(CONTEXT, io.BytesIO(content_of(length)), length, sink)
    assert seal.ct == digest_of(sink.getvalue())
    opened = open_section(CONTEXT, seal.key, sink.getvalue(), seal.ct, seal.kc, seal.padded)
    assert opened == content_of(length)


class Trickle(io.BytesIO):
    """A source that gives less than it is asked for, as a pipe does."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 1000, 1000))


def test_a_source_that_gives_little_at_a_time():
    sink = io.BytesIO()
    seal = seal_file(CONTEXT, Trickle(content_of(70_000)), 70_000, sink)
    assert open_section(CONTEXT, seal.key, sink.getvalue(), seal.ct, seal.kc, seal.padded) == content_of(70_000)


@pytest.mark.parametrize("length", [99_999, 100_001])
def test_a_file_that_grew_or_shrank(length):
    assert code_of(seal_file, CONTEXT, io.BytesIO(content_of(100_000)), length, io.BytesIO()) == "section.length"


class Zeros(io.BytesIO):
    """A source of so many zeros, and a sink that keeps nothing."""

    def __init__(self, size: int = 0) -> None:
        super().__init__()
        self._left = size

    def read(self, size: int | None = -1) -> bytes:
        given = min(size or 0, self._left)
        self._left -= given
        return bytes(given)

    def write(self, data: object) -> int:
        return 0


def test_memory_does_not_grow_with_the_content():
    length = 16 * 1024**2
    tracemalloc.start()
    try:
        seal_file(CONTEXT, Zeros(length), length, Zeros())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 16 * CHUNK
