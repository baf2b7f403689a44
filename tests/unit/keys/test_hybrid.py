"""Seal keys: the draft's known key, the byte form, and what is refused."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from unit.keys.sealing_cases import code_of
from zegel_keys.hybrid import SealPrivateKey, SealPublicKey
from zegel_keys.wrapping import SUITE
from zegel_protocol import b64

SEED = bytes.fromhex("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26")

# Encodings of the points of small order on the curve and its twist, reduced and not.
SMALL_ORDER = [
    bytes(32),
    b"\1" + bytes(31),
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    bytes.fromhex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    bytes.fromhex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
]


def test_the_public_key_of_the_draft():
    data = b64.decode(SealPrivateKey(SEED).public.text, 1216)
    # draft-connolly-cfrg-xwing-kem, Appendix C, first vector: both ends of its public key.
    assert data[:48].hex() == (
        "e2236b35a8c24b39b10aa1323a96a919a2ced88400633a7b07131713fc14b2b5b19cfc3da5fa1a92c49f25513e0fd30d"
    )
    assert data[-32:].hex() == "859edb06eff389b27dce59844570216223593d4ba32d9abac8cd049040ef6534"


def test_public_key_survives_its_text():
    public = SealPrivateKey.generate().public
    again = SealPublicKey.from_text(public.text)
    assert again == public
    assert hash(again) == hash(public)
    assert again.digest == public.digest
    assert len(public.text) == 1622


def test_a_key_read_from_text_is_the_one_that_opens():
    private = SealPrivateKey.generate()
    box = SUITE.encrypt(b"secret", SealPublicKey.from_text(private.public.text).hpke, info=b"i")
    assert SUITE.decrypt(box, SealPrivateKey(private.seed).hpke, info=b"i") == b"secret"


def test_new_keys_differ():
    one, other = SealPrivateKey.generate(), SealPrivateKey.generate()
    assert one.public != other.public
    assert one.public.digest != other.public.digest


def test_the_seed_stays_out_of_texts():
    private = SealPrivateKey(SEED)
    assert private.seed == SEED
    for shown in (repr(private), str(private)):
        assert SEED.hex() not in shown
        assert repr(SEED) not in shown


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_seed_of_another_length(size):
    assert code_of(SealPrivateKey, bytes(size)) == "seal-key.malformed"


@pytest.mark.parametrize("size", [0, 1184, 1215, 1217])
def test_a_public_key_of_another_length(size):
    assert code_of(SealPublicKey.from_text, b64.encode(bytes(size))) == "seal-key.malformed"


@pytest.mark.parametrize("text", ["é", "=", "not base64!", "A"])
def test_a_text_that_is_no_key(text):
    assert code_of(SealPublicKey.from_text, text) == "binary.malformed"


def test_an_unreduced_lattice_key():
    data = b64.decode(SealPrivateKey(SEED).public.text)
    assert code_of(SealPublicKey, b"\xff" * 1184 + data[1184:]) == "seal-key.malformed"


@pytest.mark.parametrize("point", SMALL_ORDER)
def test_a_point_of_small_order(point):
    data = b64.decode(SealPrivateKey(SEED).public.text)
    assert code_of(SealPublicKey, data[:1184] + point) == "seal-key.malformed"


def test_the_probe_refuses_no_honest_point():
    data = b64.decode(SealPrivateKey(SEED).public.text)
    for _ in range(50):
        point = X25519PrivateKey.generate().public_key().public_bytes_raw()
        assert SealPublicKey(data[:1184] + point).text
