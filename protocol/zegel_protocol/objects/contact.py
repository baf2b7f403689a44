"""Where, how and when a person wants to hear that something is new; and the key that the address is sealed to.

Never an address in the clear: only the relay's worker opens it (`zegel_keys.contact_box`). Rules:
`docs/spec/contact.md`.
"""

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from zegel_protocol.fields import Digest, Key32, Language, Random128, SealedContact, Time
from zegel_protocol.objects.header import Payload
from zegel_protocol.objects.parties import Sender

Wording = Literal["plain", "short", "none"]
"""Which words a ping uses (`ping.*` of the catalogues); `none`: no pings at all."""


class Hours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The hours of a day in which a ping may come, on a Belgian clock: from `opens` until `closes`, not included."""

    opens: Annotated[int, Meta(ge=0, le=23)]
    closes: Annotated[int, Meta(ge=1, le=24)]

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError("hours end after they begin")


class Contact(Payload, frozen=True, kw_only=True):
    """One person's choice; a higher `version` replaces the one before, whose sealed address is erased.

    `by` is the person, or a worker's device in their presence while they have no keys. `sealed` is the e-mail address,
    sealed to `key`, always of one size; both are absent with the wording `none`.
    """

    KIND: ClassVar[str] = "contact"

    person: Random128
    version: Annotated[int, Meta(ge=1, le=2**31)]
    by: Sender
    wording: Wording
    language: Language
    hours: Hours
    key: Key32 | None = None
    sealed: SealedContact | None = None
    at: Time
    prev: Digest | None = None

    def __post_init__(self) -> None:
        if not (self.wording == "none") == (self.key is None) == (self.sealed is None):
            raise ValueError("key and sealed belong to every wording but none")
        if self.by.person is not None and self.by.person != self.person:
            raise ValueError("a person chooses for themselves")
        if (self.version == 1) != (self.prev is None):
            raise ValueError("prev belongs to every version but the first")


class ContactKey(Payload, frozen=True, kw_only=True):
    """The public key (X25519) of the relay's worker, as the relay states it: contact addresses are sealed to it."""

    KIND: ClassVar[str] = "contact-key"

    key: Key32
    at: Time
