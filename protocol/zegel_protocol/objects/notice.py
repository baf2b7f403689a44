"""What the relay states and signs: that a person is to be told, and that an object was accepted."""

from typing import ClassVar

from zegel_protocol.fields import Digest, ProofText, Random128, Term, Time
from zegel_protocol.objects.header import Payload, require_set


class Notice(Payload, frozen=True, kw_only=True):
    """One person is to be told of one message: which entries concern them, in codes; words come from catalogues.

    No sequence number, and no count of entries that are not theirs: gaps betray.
    """

    KIND: ClassVar[str] = "notice"

    person: Random128
    manifest: Digest
    entries: tuple[Digest, ...]
    codes: tuple[Term, ...]
    not_before: Time

    def __post_init__(self) -> None:
        require_set("codes", self.codes, most=16)


class Receipt(Payload, frozen=True, kw_only=True):
    """The relay accepted `object` at `accepted_at`, durably, at the place in the log that `proof` shows.

    For a message also the `D` of wraps and notices that were stored in the same transaction: the sender's receipt names
    all, a reader's only their own.
    """

    KIND: ClassVar[str] = "receipt"

    object: Digest
    wraps: tuple[Digest, ...]
    accepted_at: Time
    notices: tuple[Digest, ...]
    proof: ProofText

    def __post_init__(self) -> None:
        require_set("wraps", self.wraps, most=64)
        require_set("notices", self.notices, most=64)
