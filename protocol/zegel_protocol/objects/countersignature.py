"""A second signature under a message that one worker sent: an alarm's, or the review of a notice that waits."""

from typing import ClassVar, Literal

from zegel_protocol.fields import Digest, PartnerId, Term, Time
from zegel_protocol.objects.header import Payload, require_set


class Countersignature(Payload, frozen=True, kw_only=True):
    """A worker of `partner` looked at the message `manifest`, or at its content-free `codes`, and says what they think.

    `second`: the second signature of an alarm (article 10), by another worker than the one who sent it. `delay`: an
    outside reviewer lets the notice wait until `until`. Who does not agree says so too: `agrees` false.
    """

    KIND: ClassVar[str] = "countersignature"

    partner: PartnerId
    manifest: Digest
    what: Literal["second", "delay"]
    agrees: bool
    until: Time | None = None
    codes: tuple[Term, ...]
    at: Time

    def __post_init__(self) -> None:
        require_set("codes", self.codes, most=16)
        if (self.until is not None) != (self.what == "delay" and self.agrees):
            raise ValueError("until belongs to a delay that is agreed to")

    @property
    def subject(self) -> str:
        """The message."""
        return self.manifest
