"""A contact address in its sealed box: made by hand from the parts of `crypto_box_seal`, so that the bytes stand."""

import hashlib
from collections.abc import Iterator

from nacl.public import Box, PrivateKey

from vectors.making.case import Case, binary
from vectors.making.huis import BABY, MOTHER
from vectors.making.seeds import seed

PRIVATE = PrivateKey(seed("contact key"))
ADDRESS = b"elif.yilmaz@mail.example"
LONGEST = b"a" * 64 + b"@" + b".".join([b"b" * 60] * 3) + b".exampl"
UNOPENABLE = "contact.unopenable"


def plain(address: bytes = ADDRESS, person: str = MOTHER, length: int | None = None) -> bytes:
    """Return the padded address of a person."""
    size = len(address) if length is None else length
    return (bytes.fromhex(person) + size.to_bytes(2, "big") + address).ljust(272, b"\0")


def sealed(content: bytes, key: PrivateKey = PRIVATE) -> bytes:
    """Return a sealed box: an ephemeral key, and a box under the nonce BLAKE2b-192(ephemeral key, recipient's key)."""
    ephemeral = PrivateKey(seed("ephemeral contact key"))
    public = bytes(ephemeral.public_key)
    nonce = hashlib.blake2b(public + bytes(key.public_key), digest_size=24).digest()
    return public + Box(ephemeral, key.public_key).encrypt(content, nonce).ciphertext


def cases() -> Iterator[Case]:
    """Yield the vectors of sealed addresses."""
    good = sealed(plain())
    changed = good[:100] + bytes([good[100] ^ 1]) + good[101:]
    other = PrivateKey(seed("another contact key"))
    for name, description, box, expect in (
        ("address", "An address", good, "ok"),
        ("longest", "The longest address that fits", sealed(plain(LONGEST)), "ok"),
        ("other-key", "Sealed to another key", sealed(plain(), other), UNOPENABLE),
        ("other-person", "Sealed for another person, and moved here", sealed(plain(person=BABY)), UNOPENABLE),
        ("changed", "One bit is another", changed, UNOPENABLE),
        ("cut", "Cut short", good[:-1], UNOPENABLE),
        ("longer", "A plaintext of 273 bytes", sealed(plain() + b"\0"), UNOPENABLE),
        ("padding", "A byte after the address that is not zero", sealed(plain()[:-1] + b"x"), UNOPENABLE),
        ("length", "A length beyond the plaintext", sealed(plain(length=255)), UNOPENABLE),
        ("empty", "No address", sealed(plain(b"")), UNOPENABLE),
        (
            "line-end",
            "An address that would end a header's line",
            sealed(plain(b"a@mail.example\r\nBcc: b@c")),
            UNOPENABLE,
        ),
        (
            "encoded-word",
            "An address that mail software would read as another one",
            sealed(plain(b"=?utf-8?q?a=40b=2C?=@mail.example")),
            UNOPENABLE,
        ),
        ("no-address", "What is no address", sealed(plain(b"elif")), UNOPENABLE),
    ):
        given = {"private": binary(bytes(PRIVATE)), "person": MOTHER, "sealed": binary(box)}
        yield Case(f"contact/{name}.json", description, "contact", given, expect)
