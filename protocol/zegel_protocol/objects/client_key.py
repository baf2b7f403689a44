"""A client's keys: passkeys to sign with, an identity key and a sealing key; and a partner's vouch for them."""

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from zegel_protocol.fields import Binary, Digest, Key32, PartnerId, Random128, SealKey, Time
from zegel_protocol.objects.header import Payload, require_set
from zegel_protocol.objects.prekeys import Suite

Means = Literal["id-card", "known", "in-person", "paper"]
"""How the worker knew who stood before them."""


class Passkey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A WebAuthn credential: `public_key` is 65 bytes (0x04, x, y on P-256) for es256, 32 bytes for eddsa."""

    credential: Binary
    alg: Literal["es256", "eddsa"]
    public_key: Binary


class Enrolment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Proof that the keys came from the phone that saw the worker's secret: `tag` is HMAC-SHA256, see `enrolment`."""

    opened: Time
    tag: Digest


class ClientKey(Payload, frozen=True, kw_only=True):
    """The keys of one person, signed by the vouching device and by the person's identity key.

    A replacement is signed by the previous identity key too, or rests on vouches of two partners and begins at
    `effective_at`. `partner` is whose device vouches first.
    """

    KIND: ClassVar[str] = "client-key"

    household: Random128
    person: Random128
    partner: PartnerId
    version: Annotated[int, Meta(ge=1, le=2**31)]
    passkeys: tuple[Passkey, ...]
    identity_key: Key32
    suite: Suite
    seal_key: SealKey
    means: Means
    enrolment: Enrolment
    effective_at: Time | None = None
    prev: Digest | None = None

    def __post_init__(self) -> None:
        require_set("passkeys", (key.credential for key in self.passkeys), most=16)
        if (self.version == 1) != (self.prev is None):
            raise ValueError("prev belongs to every version but the first")


class Vouch(Payload, frozen=True, kw_only=True):
    """A second partner's device vouches for a client's keys."""

    KIND: ClassVar[str] = "vouch"

    partner: PartnerId
    client_key: Digest
    means: Means
