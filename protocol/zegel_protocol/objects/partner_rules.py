"""A partner's own rules: narrower than those of the Huis, never wider, and never below the floor (article 3)."""

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from zegel_protocol.fields import Digest, PartnerId, Term, Time
from zegel_protocol.objects.header import Payload, require_set


class Closed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the partner does not `send`, or does not `receive`: whatever fits every field that is stated."""

    way: Literal["receive", "send"]
    purpose: Term | None = None
    kind: Term | None = None
    type: Term | None = None
    sector: Term | None = None

    def __post_init__(self) -> None:
        if (self.purpose, self.kind, self.type, self.sector) == (None, None, None, None):
            raise ValueError("a partner that wants none of it leaves the Huis")

    @property
    def key(self) -> str:
        """A text that sorts as the fields do."""
        return "\x01".join((self.way, self.purpose or "", self.kind or "", self.type or "", self.sector or ""))


class PartnerRules(Payload, frozen=True, kw_only=True):
    """What one partner closes for itself; the next `version` replaces it. Signed by the partner root.

    In force while the partner's device list names it by its `D` (`devices.rules`). `sector` is that of the other side.
    It closes no kind that is urgent or of the floor: `decide()` does not read it for those.
    """

    KIND: ClassVar[str] = "partner-rules"

    partner: PartnerId
    version: Annotated[int, Meta(ge=1, le=2**31)]
    closed: tuple[Closed, ...]
    at: Time
    prev: Digest | None = None

    def __post_init__(self) -> None:
        require_set("closed", (item.key for item in self.closed), most=500)
        if (self.version == 1) != (self.prev is None):
            raise ValueError("prev belongs to every version but the first")

    @property
    def subject(self) -> str:
        """Whose rules."""
        return self.partner
