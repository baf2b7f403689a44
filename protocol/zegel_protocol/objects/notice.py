"""What the relay states and signs: that a person is to be told, and that an object was accepted."""

from typing import ClassVar, Final

from zegel_protocol.fields import Digest, ProofText, Random128, Term, Time
from zegel_protocol.objects.header import Payload, require_set

ALARM: Final = "alarm"
"""Code of a notice: it was an alarm."""
CODE_FIRST: Final = "code-first"
"""Code: nobody showed them the code of ethics before, so this notice carries it (article 2)."""
DELAYED: Final = "delayed"
"""Code: they are told later than it was shared, for a reason of the rulebook's list."""
EXPIRED_DIRECTORY: Final = "expired-directory"
"""Code: an alarm that went on although the steward had not renewed the list of partners in time."""
NO_CONSENT: Final = "no-consent"
"""Code: it was shared on another basis than their consent."""
PARTLY_WITHHELD: Final = "partly-withheld"
"""Code: something that concerns this person is kept from them, for a reason on the list."""
WITHOUT_DEVICE: Final = "without-device"
"""Code: this person has no keys, so someone tells them in person or by letter."""


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
