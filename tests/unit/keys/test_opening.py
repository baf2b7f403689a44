"""Opening: which gate refuses what, in which order, and that nothing leaves before the last."""

import io
import tracemalloc
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.keys.sealing_cases import BEN, CONTEXT, code_of, digest_of
from zegel_keys.opening import check_key, open_file, open_section
from zegel_keys.opening_proof import OpeningProof, reveal, verify_opening
from zegel_keys.sections import SectionSeal, seal_file, seal_section
from zegel_protocol import b64, encoding
from zegel_protocol.padme import CHUNK

CONTENT = b"twelve letters" * 10_000
SEALED = seal_section(CONTEXT, CONTENT)
FACTS = (SEALED.ct, SEALED.kc, SEALED.padded)
ELSEWHERE = msgspec.structs.replace(CONTEXT, about=(BEN,))
BEFORE = b"already here"


def damaged(position: int) -> bytes:
    blob = bytearray(SEALED.blob)
    blob[position] ^= 1
    return bytes(blob)


def test_the_committed_key_is_accepted_without_a_blob():
    check_key(CONTEXT, SEALED.key, SEALED.kc)


@pytest.mark.parametrize("key", [b"k" * 32, b"", b"k" * 31, SEALED.key + b"k"])
def test_a_key_that_the_entry_does_not_commit_to(key):
    assert code_of(check_key, CONTEXT, key, SEALED.kc) == "section.key-commitment"
    assert code_of(open_section, CONTEXT, key, SEALED.blob, *FACTS) == "section.key-commitment"


def test_the_commitment_holds_for_one_context():
    assert code_of(check_key, ELSEWHERE, SEALED.key, SEALED.kc) == "section.key-commitment"


@given(st.integers(0, len(SEALED.blob) - 1))
def test_a_blob_damaged_anywhere(position):
    assert code_of(open_section, CONTEXT, SEALED.key, damaged(position), *FACTS) == "section.digest"


@pytest.mark.parametrize(
    "blob",
    [b"", SEALED.blob[:23], SEALED.blob[:24], SEALED.blob[: 24 + CHUNK + 17], SEALED.blob[:-1], SEALED.blob + b"x"],
)
def test_a_blob_cut_or_lengthened_on_its_way(blob):
    assert code_of(open_section, CONTEXT, SEALED.key, blob, *FACTS) == "section.digest"


def test_the_key_is_judged_before_the_blob():
    assert code_of(open_section, CONTEXT, b"k" * 32, damaged(30), *FACTS) == "section.key-commitment"


@pytest.mark.parametrize(
    ("position", "code"),
    [(0, "section.unopenable"), (24, "section.unopenable"), (30 + CHUNK + 17, "section.malformed")],
)
def test_damage_that_the_entry_names(position, code):
    blob = damaged(position)
    arguments = (CONTEXT, SEALED.key, blob, digest_of(blob), SEALED.kc, SEALED.padded)
    assert code_of(open_section, *arguments) == code


@pytest.mark.parametrize("padded", [-1, 0, 1, 4096, SEALED.padded - 1, SEALED.padded + 1, 2**53 - 1])
def test_another_size_than_the_entry_states(padded):
    assert code_of(open_section, CONTEXT, SEALED.key, SEALED.blob, SEALED.ct, SEALED.kc, padded) == "section.malformed"


def test_a_file_opens_after_what_the_sink_holds(tmp_path: Path):
    with (tmp_path / "out").open("w+b") as sink:
        sink.write(BEFORE)
        assert open_file(CONTEXT, SEALED.key, io.BytesIO(SEALED.blob), *FACTS, sink) == len(CONTENT)
    assert (tmp_path / "out").read_bytes() == BEFORE + CONTENT


def test_a_source_is_read_from_its_start():
    source, sink = io.BytesIO(SEALED.blob), io.BytesIO()
    source.seek(1000)
    open_file(CONTEXT, SEALED.key, source, *FACTS, sink)
    assert sink.getvalue() == CONTENT


class Watched(io.BytesIO):
    """A sink that remembers whether it was ever given anything."""

    touched = False

    def write(self, data: object) -> int:
        self.touched = True
        return super().write(data)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("blob", "code"),
    [(damaged(-1), "section.digest"), (damaged(100), "section.digest"), (SEALED.blob[:-1], "section.digest")],
)
def test_nothing_leaves_of_a_file_that_is_not_whole(blob, code):
    sink = Watched()
    assert code_of(open_file, CONTEXT, SEALED.key, io.BytesIO(blob), *FACTS, sink) == code
    assert not sink.touched


def test_nothing_leaves_when_only_the_last_chunk_lies():
    """All but the last byte is as sealed, and the entry names these very bytes: only the end shows the lie."""
    blob, sink = damaged(-1), Watched()
    arguments = (CONTEXT, SEALED.key, io.BytesIO(blob), digest_of(blob), SEALED.kc, SEALED.padded, sink)
    assert code_of(open_file, *arguments) == "section.malformed"
    assert not sink.touched


class Swapped(io.BytesIO):
    """A file whose last byte changes once it has been read to its end."""

    passes = 0

    def seek(self, position: int, whence: int = 0) -> int:
        if whence == 2:
            self.passes += 1
            if self.passes == 2:
                self.getbuffer()[-1] ^= 1
        return super().seek(position, whence)


def test_a_file_that_changes_between_the_passes():
    sink = io.BytesIO()
    sink.write(BEFORE)
    assert code_of(open_file, CONTEXT, SEALED.key, Swapped(SEALED.blob), *FACTS, sink) == "section.digest"
    assert sink.getvalue() == BEFORE


class Full(io.BytesIO):
    """A sink on a disk that fills up."""

    def write(self, data: object) -> int:
        if self.tell() > CHUNK:
            raise OSError(28, "No space left on device")
        return super().write(data)  # type: ignore[arg-type]


def test_a_full_disk_leaves_no_part():
    sink = Full()
    with pytest.raises(OSError, match="No space"):
        open_file(CONTEXT, SEALED.key, io.BytesIO(SEALED.blob), *FACTS, sink)
    assert sink.getvalue() == b""


def test_memory_does_not_grow_with_the_content(tmp_path: Path):
    length = 16 * 1024**2
    with (tmp_path / "plain").open("w+b") as plain, (tmp_path / "sealed").open("w+b") as blob:
        plain.truncate(length)
        seal = seal_file(CONTEXT, plain, length, blob)
        blob.flush()
        with (tmp_path / "out").open("wb") as sink:
            tracemalloc.start()
            try:
                assert open_file(CONTEXT, seal.key, blob, seal.ct, seal.kc, seal.padded, sink) == length
                peak = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
    assert peak < 16 * CHUNK


def test_an_opening_proof_opens_one_section():
    assert verify_opening(CONTEXT, SEALED, reveal(SEALED.key), SEALED.blob) == CONTENT


@pytest.mark.parametrize(
    ("context", "key", "blob", "code"),
    [
        (CONTEXT, reveal(b"k" * 32), SEALED.blob, "section.key-commitment"),
        (ELSEWHERE, reveal(SEALED.key), SEALED.blob, "section.key-commitment"),
        (CONTEXT, reveal(SEALED.key), damaged(99), "section.digest"),
        (CONTEXT, reveal(SEALED.key[:31]), SEALED.blob, "binary.malformed"),
        (CONTEXT, "é", SEALED.blob, "binary.malformed"),
    ],
)
def test_a_void_opening_proof(context, key, blob, code):
    assert code_of(verify_opening, context, SEALED, key, blob) == code


def test_a_proof_shows_that_a_sender_sealed_what_nobody_can_open():
    blob = damaged(24)
    entry = SectionSeal(ct=digest_of(blob), kc=SEALED.kc, padded=SEALED.padded, key=b"")
    assert code_of(verify_opening, CONTEXT, entry, reveal(SEALED.key), blob) == "section.unopenable"


def test_an_opening_proof_has_one_encoding():
    digest = b64.encode(b"d" * 32)
    proof = OpeningProof(
        v=1, huis=digest, nonce=b64.encode(bytes(16)), manifest=digest, entry=digest, n=0, key=reveal(SEALED.key)
    )
    data = encoding.encode(proof)
    assert encoding.decode(data, OpeningProof) == proof
    assert data.startswith(b'{"v":1,"huis":')
