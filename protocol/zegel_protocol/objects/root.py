"""The steward's roots: the keys from which all trust in a Huis grows."""

import hashlib
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from zegel_protocol import b64, dsse, encoding
from zegel_protocol.fields import Digest, Key32
from zegel_protocol.objects.header import Payload, require_set


class Genesis(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first roots and their threshold: what the id of the Huis is the digest of."""

    roots: tuple[Key32, ...]
    threshold: Annotated[int, Meta(ge=1, le=16)]


class Root(Payload, frozen=True, kw_only=True):
    """The steward's public keys, signed by `threshold` of the previous root (the first: of itself).

    `version` counts from 1; `prev` is absent in the first only.
    """

    KIND: ClassVar[str] = "root"

    version: Annotated[int, Meta(ge=1, le=10_000)]
    roots: tuple[Key32, ...]
    threshold: Annotated[int, Meta(ge=1, le=16)]
    prev: Digest | None = None

    def __post_init__(self) -> None:
        require_set("roots", self.roots, least=1, most=16)
        if self.threshold > len(self.roots):
            raise ValueError("threshold is larger than the number of roots")
        if (self.version == 1) != (self.prev is None):
            raise ValueError("prev belongs to every version but the first")


def huis_id(roots: tuple[str, ...], threshold: int) -> str:
    """Return the id of a Huis: SHA-256 over the PAE of its genesis roots and threshold, base64url.

    The threshold is inside, so that nobody can found the same Huis again with fewer signatures.
    """
    body = encoding.encode(Genesis(roots=tuple(sorted(roots)), threshold=threshold))
    return b64.encode(hashlib.sha256(dsse.pae("application/vnd.zegel.genesis.v1+json", body)).digest())
