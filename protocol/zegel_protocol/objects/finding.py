"""What the steward found about a section that its recipient reported with an opening proof (article 7)."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from zegel_protocol.fields import Digest, Term, Time
from zegel_protocol.objects.header import Payload, require_set


class Finding(Payload, frozen=True, kw_only=True):
    """Section `n` of `manifest` held what did not belong there (`over-broad`), or it did not (`unfounded`).

    Signed by the steward. After `over-broad` the recipient owes the erasure of that section, as after a revocation, and
    whoever was told of the message is told of this.
    """

    KIND: ClassVar[str] = "finding"

    manifest: Digest
    n: Annotated[int, Meta(ge=0, le=63)]
    found: Literal["over-broad", "unfounded"]
    codes: tuple[Term, ...]
    at: Time

    def __post_init__(self) -> None:
        require_set("codes", self.codes, most=16)

    @property
    def subject(self) -> str:
        """The message."""
        return self.manifest
