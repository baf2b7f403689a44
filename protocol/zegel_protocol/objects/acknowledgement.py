"""What became of a message, or what somebody says about it; the rule of each word: `zegel_protocol.words`."""

from typing import ClassVar, Literal

from zegel_protocol.fields import Digest, Term, Time
from zegel_protocol.objects.header import Payload, require_set
from zegel_protocol.objects.manifest import Seen
from zegel_protocol.objects.parties import Party, Sender

Event = Literal[
    "received", "opened", "handed-over", "refused", "unopenable", "told",
    "agreed", "done", "declined", "erased", "kept", "objected", "stuck", "reported",
]  # fmt: skip


class Acknowledgement(Payload, frozen=True, kw_only=True):
    """A reader's word about a message, signed by a device or an identity key (`told` also by a passkey).

    `receipt` is the `D` of the receipt that whoever signs was given: two parties with different receipts notice.
    `notice` is the notice that a person was told by: the sender holds it against those that its own receipt names.
    `of` is what the word answers where that is not the message itself: a revocation, for `erased` and `kept`.
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
    of: Digest | None = None

    def __post_init__(self) -> None:
        require_set("codes", self.codes, most=16)
        if self.notice is not None and (self.event != "told" or self.reader.person is None):
            raise ValueError("a notice belongs to a person who was told")
