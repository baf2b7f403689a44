"""What the tests of sealing share: one valid context, streams that an attacker cuts as they like, and error codes."""

import hashlib
from collections.abc import Callable, Sequence

import pytest
from nacl import bindings

from zegel_keys.opening import open_section
from zegel_keys.sections import TAG_FINAL, TAG_MESSAGE
from zegel_protocol import b64
from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects.parties import Party
from zegel_protocol.padme import CHUNK, padded_size
from zegel_protocol.sealing import SectionContext, WrapContext, associated_data, key_commitment

KEY = bytes(range(32))
ANA = "0" * 31 + "1"
BEN = "0" * 31 + "2"
CONTEXT = SectionContext(
    huis=b64.encode(b"h" * 32),
    message="0193a5f0-7c1d-7abc-8def-0123456789ab",
    sender=b64.encode(b"s" * 32),
    household="a" * 32,
    n=2,
    type="money",
    form="whole",
    about=(ANA, BEN),
    media="application/json",
)
WRAP = WrapContext(
    manifest=b64.encode(b"m" * 32),
    sealer=b64.encode(b"s" * 32),
    reader=Party(partner="ocmw-gent"),
    keys=b64.encode(b"p" * 32),
    key=b64.encode(b"k" * 32),
    entries=(0, 2, 10),
)
OTHER = b64.encode(b"x" * 32)
WRAP_CHANGES = {
    "manifest": OTHER,
    "sealer": OTHER,
    "reader": Party(person=ANA),
    "keys": OTHER,
    "key": OTHER,
    "entries": (0, 2),
}
"""A change to each field of `WRAP`: what a wrap that was moved is bound to."""


def code_of(call: Callable[..., object], *arguments: object) -> str:
    """Return the code of the protocol error that the call must raise."""
    with pytest.raises(ProtocolError) as caught:
        call(*arguments)
    return caught.value.code


def plaintext_of(content: bytes, padded: int | None = None) -> bytes:
    """Return length, content and zeros."""
    size = padded_size(len(content)) if padded is None else padded
    return (len(content).to_bytes(8, "big") + content).ljust(size, b"\0")


def cut(plaintext: bytes, size: int = CHUNK) -> list[bytes]:
    """Return the plaintext in chunks, as a stream should have it."""
    return [plaintext[start : start + size] for start in range(0, len(plaintext), size)]


def stream(
    chunks: Sequence[bytes], tags: Sequence[int] | None = None, ad: bytes | None = None, key: bytes = KEY
) -> bytes:
    """Return header and ciphertext of the chunks, with these tags; by default, those that belong there."""
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    header = bindings.crypto_secretstream_xchacha20poly1305_init_push(state, key)
    data = associated_data(CONTEXT) if ad is None else ad
    used = [TAG_MESSAGE] * (len(chunks) - 1) + [TAG_FINAL] if tags is None else tags
    return header + b"".join(
        bindings.crypto_secretstream_xchacha20poly1305_push(state, chunk, data, tag)
        for chunk, tag in zip(chunks, used, strict=True)
    )


def digest_of(blob: bytes) -> str:
    """Return `ct` of a blob."""
    return b64.encode(hashlib.sha256(blob).digest())


def commitment_of(key: bytes = KEY, context: SectionContext = CONTEXT) -> str:
    """Return `kc` of a key."""
    return key_commitment(associated_data(context), key)


def open_lie(blob: bytes, padded: int) -> bytes:
    """Open what a lying sender made: its entry names this very blob and key, so only the reader's rules are left."""
    return open_section(CONTEXT, KEY, blob, digest_of(blob), commitment_of(), padded)
