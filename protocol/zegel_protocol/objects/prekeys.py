"""A device's sealing keys: several 30-day periods ahead, so that an old private half can be erased."""

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from zegel_protocol.fields import PartnerId, Random128, SealKey, Time
from zegel_protocol.objects.header import Payload

MAX_PERIODS = 24


class Suite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The HPKE suite (RFC 9180 ids): ML-KEM-768 + X25519, HKDF-SHA256, AES-256-GCM. The only one of version 1."""

    kem: Literal[0x647A]
    kdf: Literal[1]
    aead: Literal[2]


SUITE = Suite(kem=0x647A, kdf=1, aead=2)


class Prekey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One public sealing key and the period in which senders use it."""

    seal_key: SealKey
    not_before: Time
    not_after: Time


class Prekeys(Payload, frozen=True, kw_only=True):
    """The sealing keys of one device, signed by that device. A higher `version` replaces a lower one."""

    KIND: ClassVar[str] = "prekeys"

    partner: PartnerId
    device: Random128
    version: Annotated[int, Meta(ge=1, le=2**31)]
    suite: Suite
    keys: tuple[Prekey, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.keys) <= MAX_PERIODS:
            raise ValueError(f"1 to {MAX_PERIODS} keys belong here")
        starts = [key.not_before for key in self.keys]
        if starts != sorted(set(starts)) or any(key.not_before >= key.not_after for key in self.keys):
            raise ValueError("periods stand in order of their start, each with an end after it")

    def current(self, at: int) -> Prekey | None:
        """Return the key to seal to at time `at` (seconds), or None when no period holds."""
        return next((key for key in reversed(self.keys) if key.not_before <= at < key.not_after), None)
