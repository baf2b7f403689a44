"""The wrapped section keys of a message for one reader."""

from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from zegel_protocol.fields import Binary, Digest
from zegel_protocol.objects.header import Payload
from zegel_protocol.objects.parties import Party, Sender

MAX_WRAPS = 32


class Wrap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of the entries numbered `entries`, in that order, sealed to one public key.

    `source` is the `D` of the prekeys or client-key object that published the key; `key` is SHA-256 of its 1,216
    bytes; `box` is 1,120 + 32 x entries + 16 bytes (HPKE encapsulation, then ciphertext with its tag).
    """

    source: Digest
    key: Digest
    entries: tuple[Annotated[int, Meta(ge=0, le=63)], ...]
    box: Binary

    def __post_init__(self) -> None:
        if not self.entries or list(self.entries) != sorted(set(self.entries)):
            raise ValueError("entries are numbered in order, each once, at least one")


class Wraps(Payload, frozen=True, kw_only=True):
    """All wraps for one reader, signed by the sender or by another holder of the keys. Binds to one manifest."""

    KIND: ClassVar[str] = "wraps"

    manifest: Digest
    reader: Party
    sealer: Sender
    wraps: tuple[Wrap, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.wraps) <= MAX_WRAPS:
            raise ValueError(f"1 to {MAX_WRAPS} wraps belong here")
        if len({wrap.key for wrap in self.wraps}) != len(self.wraps):
            raise ValueError("one wrap a key")
