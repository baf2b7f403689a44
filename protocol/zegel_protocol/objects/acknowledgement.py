"""What became of a message: received, opened, handed over, refused, unopenable, or told."""

from typing import ClassVar, Literal

from zegel_protocol.fields import Digest, Term, Time
from zegel_protocol.objects.header import Payload, require_set
from zegel_protocol.objects.manifest import Seen
from zegel_protocol.objects.parties import Party, Sender

Event = Literal["received", "opened", "handed-over", "refused", "unopenable", "told"]


class Acknowledgement(Payload, frozen=True, kw_only=True):
    """A reader's word about a message, signed by a device or an identity key (`told` also by a passkey).

    `receipt` is the `D` of the receipt that whoever signs was given: two parties with different receipts notice.
    `notice` is the notice that a person was told by: the sender holds it against those that its own receipt names.
    """

    KIND: ClassVar[str] = "acknowledgement"

    manifest: Digest
    wraps: Digest | None = None
    receipt: Digest
    notice: Digest | None = None
    reader: Party
    by: Sender
    event: Event
    codes: tuple[Term, ...]
    seen: Seen
    at: Time

    def __post_init__(self) -> None:
        require_set("codes", self.codes, most=16)
        if self.notice is not None and (self.event != "told" or self.reader.person is None):
            raise ValueError("a notice belongs to a person who was told")
