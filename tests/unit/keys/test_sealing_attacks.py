"""What a lying sender could seal: attacks 19 to 22 of the threat model, on the reader itself.

The sender signs the digest of the very bytes they made, so neither digest nor key tells; only the reader's rules do.
"""

import msgspec
import pytest
from nacl import bindings

from unit.keys.sealing_cases import (
    ANA,
    CONTEXT,
    KEY,
    code_of,
    commitment_of,
    cut,
    digest_of,
    open_lie,
    plaintext_of,
    stream,
)
from unit.keys.secretstream_by_hand import P, Stream, polynomial, xor
from zegel_keys.hybrid import SealPrivateKey
from zegel_keys.opening import check_key, open_section, unwrap
from zegel_keys.sections import seal_section
from zegel_keys.wrapping import wrap
from zegel_protocol.padme import CHUNK, LARGEST_CONTENT, padded_size
from zegel_protocol.sealing import associated_data

MESSAGE, PUSH, REKEY, FINAL = 0, 1, 2, 3
CONTENT = b"money matters" * 16_000
PADDED = padded_size(len(CONTENT))
CHUNKS = cut(plaintext_of(CONTENT))
EMPTY = cut(plaintext_of(b""))


def test_the_attacks_start_from_a_stream_that_opens():
    assert len(CHUNKS) == 4
    assert open_lie(stream(CHUNKS), PADDED) == CONTENT
    assert open_lie(stream(EMPTY), 4096) == b""


@pytest.mark.parametrize(
    "tags",
    [
        [PUSH, MESSAGE, MESSAGE, FINAL],
        [MESSAGE, PUSH, MESSAGE, FINAL],
        [MESSAGE, REKEY, MESSAGE, FINAL],
        [MESSAGE, MESSAGE, FINAL, FINAL],
        [FINAL, MESSAGE, MESSAGE, FINAL],
        [MESSAGE, MESSAGE, MESSAGE, MESSAGE],
        [MESSAGE, MESSAGE, MESSAGE, PUSH],
        [MESSAGE, MESSAGE, MESSAGE, REKEY],
        [MESSAGE, MESSAGE, MESSAGE, 4],
        [MESSAGE, MESSAGE, MESSAGE, 255],
        [128, MESSAGE, MESSAGE, FINAL],
    ],
)
def test_21_a_wrong_tag(tags):
    assert code_of(open_lie, stream(CHUNKS, tags), PADDED) == "section.malformed"


@pytest.mark.parametrize("tag", [MESSAGE, PUSH, REKEY, 7])
def test_21_a_single_chunk_that_does_not_close(tag):
    assert code_of(open_lie, stream(EMPTY, [tag]), 4096) == "section.malformed"


@pytest.mark.parametrize(
    "surplus", [b"x", b"x" * 16, b"x" * 17, b"x" * (CHUNK + 17)], ids=["byte", "tag", "empty chunk", "chunk"]
)
def test_21_bytes_after_final(surplus):
    assert code_of(open_lie, stream(CHUNKS) + surplus, PADDED) == "section.malformed"


@pytest.mark.parametrize("surplus", [b"", b"more", bytes(CHUNK)])
@pytest.mark.parametrize("tags", [(FINAL, FINAL), (FINAL, MESSAGE)])
def test_21_a_valid_chunk_after_final(surplus, tags):
    made = stream([*CHUNKS, surplus], [MESSAGE, MESSAGE, MESSAGE, *tags])
    assert code_of(open_lie, made, PADDED) == "section.malformed"


@pytest.mark.parametrize("kept", [0, 1, 2, 3])
def test_21_truncated_between_chunks(kept):
    cut_off = stream(CHUNKS)[: 24 + kept * (CHUNK + 17)]
    assert code_of(open_lie, cut_off, PADDED) == "section.malformed"


@pytest.mark.parametrize("missing", [1, 16, 17, 18, 5000])
def test_21_truncated_within_a_chunk(missing):
    assert code_of(open_lie, stream(CHUNKS)[:-missing], PADDED) == "section.malformed"


@pytest.mark.parametrize("size", [0, 1, 23])
def test_21_no_whole_header(size):
    assert code_of(open_lie, stream(CHUNKS)[:size], PADDED) == "section.malformed"


def test_21_a_header_and_no_chunk():
    assert code_of(open_lie, stream(CHUNKS)[:24], 0) == "section.malformed"


def test_21_a_short_first_chunk():
    """The size tells before the chunk fails to authenticate."""
    assert code_of(open_lie, stream([CHUNKS[0][:-1], *CHUNKS[1:]]), PADDED) == "section.malformed"


@pytest.mark.parametrize("short", [0, 1, CHUNK - 1])
def test_21_a_short_middle_chunk_of_its_own(short):
    """One chunk more, of a piece of another: the same plaintext, 17 bytes longer."""
    chunks = [CHUNKS[0], CHUNKS[1][:short], CHUNKS[1][short:], *CHUNKS[2:]]
    assert code_of(open_lie, stream(chunks), PADDED) == "section.malformed"


@pytest.mark.parametrize("short", [1, CHUNK - 1])
def test_21_a_short_middle_chunk_made_up_for_later(short):
    """The same number of chunks and bytes: only where they are cut differs."""
    chunks = [CHUNKS[0], CHUNKS[1][:short], CHUNKS[1][short:] + CHUNKS[2], CHUNKS[3]]
    assert code_of(open_lie, stream(chunks), PADDED) == "section.malformed"


def test_21_chunks_in_another_order():
    whole, size = stream(CHUNKS), CHUNK + 17
    parts = [whole[24 + n * size : 24 + (n + 1) * size] for n in range(4)]
    swapped = whole[:24] + parts[0] + parts[2] + parts[1] + parts[3]
    assert code_of(open_lie, swapped, PADDED) == "section.malformed"


def test_21_a_chunk_from_another_stream():
    size = 24 + CHUNK + 17
    spliced = stream(CHUNKS)[:size] + stream(CHUNKS)[size:]
    assert code_of(open_lie, spliced, PADDED) == "section.malformed"


@pytest.mark.parametrize("position", [8 + len(CONTENT), PADDED - 1, 8 + len(CONTENT) + 77])
def test_22_padding_that_is_not_zero(position):
    plaintext = bytearray(plaintext_of(CONTENT))
    plaintext[position] = 1
    assert code_of(open_lie, stream(cut(bytes(plaintext))), PADDED) == "section.malformed"


def test_22_padding_that_is_not_zero_after_nothing():
    plaintext = bytes(8) + b"hidden".ljust(4088, b"\0")
    assert code_of(open_lie, stream([plaintext]), 4096) == "section.malformed"


@pytest.mark.parametrize("length", [0, 4088, PADDED - 7, PADDED, LARGEST_CONTENT + 1, 2**63, 2**64 - 1])
def test_22_a_length_that_does_not_pad_to_the_stated_size(length):
    plaintext = length.to_bytes(8, "big") + plaintext_of(CONTENT)[8:]
    assert code_of(open_lie, stream(cut(plaintext)), PADDED) == "section.malformed"


@pytest.mark.parametrize("padded", [1, 7, 8, 100, 4095, 4097, 4351, 8192, 2 * CHUNK])
def test_22_a_size_that_no_padding_gives(padded):
    plaintext = plaintext_of(b"", 8).ljust(padded, b"\0")[:padded]
    assert code_of(open_lie, stream(cut(plaintext)), padded) == "section.malformed"


def test_sealed_as_another_section():
    elsewhere = associated_data(msgspec.structs.replace(CONTEXT, about=(ANA,)))
    assert code_of(open_lie, stream(CHUNKS, ad=elsewhere), PADDED) == "section.unopenable"


def test_sealed_without_associated_data():
    assert code_of(open_lie, stream(CHUNKS, ad=b""), PADDED) == "section.unopenable"


def test_sealed_under_another_key_than_the_committed():
    assert code_of(open_lie, stream(CHUNKS, key=b"o" * 32), PADDED) == "section.unopenable"


@pytest.mark.parametrize("wrong_for", ["partner", "client"])
def test_19_a_wrapped_key_that_does_not_match(wrong_for):
    """Each reader finds out alone, without the blob and without the other."""
    sealed = seal_section(CONTEXT, CONTENT)
    opened = {}
    for reader in ("partner", "client"):
        private = SealPrivateKey.generate()
        key = b"w" * 32 if reader == wrong_for else sealed.key
        opened[reader] = unwrap(wrap([key], private.public, b"info"), private, b"info", 1)[0]
    right_for = "client" if wrong_for == "partner" else "partner"
    check_key(CONTEXT, opened[right_for], sealed.kc)
    assert code_of(check_key, CONTEXT, opened[wrong_for], sealed.kc) == "section.key-commitment"


def two_key_blob(content: bytes) -> tuple[bytes, bytes]:
    """Return a blob, and a second key under which it authenticates too.

    Under `KEY` it opens to `content` (of 4,072 bytes) and 16 bytes that the attacker has to leave to chance: Poly1305
    is linear in each block, so one block of the ciphertext is solved for equal authenticators.
    """
    ad, header = associated_data(CONTEXT), b"n" * 24
    one = Stream(KEY, header)
    opening_tag = FINAL ^ one.keystream(65)[64]
    number = 0
    while True:
        number += 1
        key = number.to_bytes(32, "big")
        other = Stream(key, header)
        # The encrypted tag byte must mean FINAL under both keys: one key in 256 will do.
        if FINAL ^ other.keystream(65)[64] != opening_tag:
            continue
        plaintext = (4088).to_bytes(8, "big") + content + bytes(16)
        body = bytes([opening_tag]) + xor(plaintext, one.keystream(128 + 4096)[128:])
        solved = solve(one, other, ad, body[:-16])
        if solved is not None:
            mac = one.mac(ad, solved)
            return header + solved + mac, key


def solve(one: Stream, other: Stream, ad: bytes, body: bytes) -> bytes | None:
    """Return `body` with a last block appended that makes both authenticators equal, if there is one."""
    (r1, s1), (r2, s2) = one.one_time_key(), other.one_time_key()
    rest1 = polynomial(r1, one.authenticated(ad, body + bytes(16)))
    rest2 = polynomial(r2, other.authenticated(ad, body + bytes(16)))
    for carry in range(-4, 5):
        block = (rest2 - rest1 + s2 - s1 + carry * 2**128) * pow(r1 * r1 - r2 * r2, -1, P) % P
        if block < 2**128:
            solved = body + block.to_bytes(16, "little")
            if one.mac(ad, solved) == other.mac(ad, solved):
                return solved
    return None


def test_20_a_ciphertext_made_to_open_under_two_keys():
    content = b"what the partner was shown".ljust(4072, b".")
    blob, second = two_key_blob(content)
    for key in (KEY, second):
        state = bindings.crypto_secretstream_xchacha20poly1305_state()
        bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, blob[:24], key)
        _, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(state, blob[24:], associated_data(CONTEXT))
        assert tag == FINAL
    assert open_lie(blob, 4096)[:-16] == content
    arguments = (CONTEXT, second, blob, digest_of(blob), commitment_of(KEY), 4096)
    assert code_of(open_section, *arguments) == "section.key-commitment"
