"""What every payload begins with, and the rule that lists which are sets are sorted."""

from collections.abc import Iterable
from itertools import pairwise
from typing import ClassVar, Literal

import msgspec

from zegel_protocol.fields import Digest, Nonce


class Payload(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Header of every signed object.

    `v` is the format version, `huis` the fixed id of the Huis (see `objects.root.huis_id`), `nonce` 16 random bytes.
    """

    KIND: ClassVar[str] = ""

    v: Literal[1]
    huis: Digest
    nonce: Nonce


def require_set(name: str, keys: Iterable[str], *, least: int = 0, most: int = 1000) -> None:
    """Raise `ValueError` unless `keys` are sorted bytewise, without repeats, and between `least` and `most` many.

    Called from `__post_init__`, where msgspec turns a `ValueError` into a validation error.
    """
    encoded = [key.encode("utf-8") for key in keys]
    if any(left >= right for left, right in pairwise(encoded)):
        raise ValueError(f"{name} is a set: sorted bytewise, nothing twice")
    if not least <= len(encoded) <= most:
        raise ValueError(f"{name} holds {least} to {most}")
