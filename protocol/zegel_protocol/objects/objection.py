"""An objection: who says yes or is told objects to sharing, and nothing new is shared until they take it back."""

from typing import ClassVar

from zegel_protocol.fields import Digest, Random128, Time
from zegel_protocol.objects.header import Payload, require_set
from zegel_protocol.objects.parties import Party, Sender


class Objection(Payload, frozen=True, kw_only=True, rename={"sender": "from"}):
    """`person` objects to what is shared about `about`: from whom, to whom, or at all where neither is stated.

    Signed by the person's identity key, or by a worker in whose presence someone without keys said so. `withdraws` is
    the `D` of an earlier objection of the same person, which ends with this object; this one then stops nothing.
    """

    KIND: ClassVar[str] = "objection"

    household: Random128
    person: Random128
    about: tuple[Random128, ...]
    sender: Party | None = None
    to: Party | None = None
    by: Sender
    withdraws: Digest | None = None
    at: Time

    def __post_init__(self) -> None:
        require_set("about", self.about, least=1, most=16)
        if self.by.person is not None and self.by.person != self.person:
            raise ValueError("a person objects for themselves")

    @property
    def subject(self) -> str:
        """The household."""
        return self.household
