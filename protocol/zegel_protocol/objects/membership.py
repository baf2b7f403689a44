"""A partner's membership of the Huis, as the steward signs it."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from zegel_protocol.fields import Digest, Key32, Name, PartnerId, Term, Time
from zegel_protocol.objects.header import Payload

Actor = Literal["professional", "non-professional"]
Secrecy = Literal["penal", "office", "pledge"]


class Membership(Payload, frozen=True, kw_only=True):
    """One partner: what it is, whose key speaks for it, and from when to when.

    `secrecy` is the duty its people are under: *penal* (professional secrecy), *office* (discretion), *pledge*
    (promised). `version` counts from 1, each with the `prev` that it replaces. `host` is the partner that stands behind
    a volunteer or a person of a family's own network: whom they tell when something alarms them (articles 0, 10).
    """

    KIND: ClassVar[str] = "membership"

    partner: PartnerId
    version: Annotated[int, Meta(ge=1, le=100_000)]
    name: Name
    actor: Actor
    secrecy: Secrecy
    sector: Term
    root_key: Key32
    not_before: Time
    not_after: Time
    prev: Digest | None = None
    host: PartnerId | None = None

    def __post_init__(self) -> None:
        if (self.version == 1) != (self.prev is None):
            raise ValueError("prev belongs to every version but the first")
        if self.host == self.partner:
            raise ValueError("nobody hosts themselves")
