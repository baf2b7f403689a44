"""A contact address is sealed to the worker, for one person, and its size tells nothing."""

import os

import pytest
from nacl.public import PublicKey, SealedBox

from zegel_keys.contact_box import MAX_ADDRESS, ContactKeyPair, check_address, seal_address
from zegel_protocol import b64
from zegel_protocol.errors import MalformedError, SealError

PERSON = os.urandom(16).hex()
LONGEST = "a" * 64 + "@" + ".".join(["b" * 60] * 3) + ".exampl"


@pytest.fixture
def key():
    return ContactKeyPair.generate()


@pytest.mark.parametrize("address", ["a@b", "elif.yilmaz+zegel@mail.example", LONGEST])
def test_what_is_sealed_opens_and_has_one_size(key, address):
    sealed = seal_address(key.public, PERSON, address)
    assert len(b64.decode(sealed)) == 320
    assert key.open_address(PERSON, sealed) == address
    assert sealed != seal_address(key.public, PERSON, address)


def test_the_private_key_is_its_32_bytes(key):
    again = ContactKeyPair(key.private)
    assert again.public == key.public
    assert again.open_address(PERSON, seal_address(key.public, PERSON, "a@b")) == "a@b"
    assert key.public in repr(key)
    assert b64.encode(key.private) not in repr(key)


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "@mail.example", "a b@mail.example", "a@mail.example\r\nBcc: b@mail.example", "é@mail.example",
     "a@" + "b" * 64, "a@mail..example", "a" * 65 + "@b", LONGEST + "s",
     "=?utf-8?q?a=40evil.example=2C?=@mail.example", "a=?utf-8?q?=0D=0ABcc?=@mail.example"],
)  # fmt: skip
def test_no_such_address(key, address):
    with pytest.raises(SealError) as refused:
        seal_address(key.public, PERSON, address)
    assert refused.value.code == "contact.address"
    with pytest.raises(SealError):
        check_address(address)


def code_of(key: ContactKeyPair, sealed: str, person: str = PERSON) -> str:
    with pytest.raises(SealError) as refused:
        key.open_address(person, sealed)
    return refused.value.code


def boxed(key: ContactKeyPair, plain: bytes) -> str:
    return b64.encode(SealedBox(PublicKey(b64.decode(key.public))).encrypt(plain))


def test_another_key_another_person_or_another_byte_does_not_open(key):
    sealed = seal_address(key.public, PERSON, "a@mail.example")
    data = bytearray(b64.decode(sealed))
    data[100] ^= 1
    assert code_of(ContactKeyPair.generate(), sealed) == "contact.unopenable"
    assert code_of(key, sealed, os.urandom(16).hex()) == "contact.unopenable"
    assert code_of(key, b64.encode(bytes(data))) == "contact.unopenable"
    assert code_of(key, b64.encode(bytes(data[:40]))) == "contact.unopenable"


def test_what_is_no_padded_address_does_not_open(key):
    person, text = bytes.fromhex(PERSON), b"a@mail.example"
    rest = bytes(MAX_ADDRESS - len(text))
    good = person + len(text).to_bytes(2, "big") + text + rest
    assert key.open_address(PERSON, boxed(key, good)) == "a@mail.example"
    for plain in (
        good[:-1],
        good + b"\0",
        good[:-1] + b"x",
        person + b"\xff\xff" + text + rest,
        person + b"\0\0" + bytes(MAX_ADDRESS),
        person + len(text).to_bytes(2, "big") + b"a\n@mail.exampl" + rest,
    ):
        assert code_of(key, boxed(key, plain)) == "contact.unopenable"


def test_what_is_no_key_is_refused():
    with pytest.raises(MalformedError):
        seal_address("short", PERSON, "a@mail.example")
