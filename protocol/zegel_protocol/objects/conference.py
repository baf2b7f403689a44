"""A case conference (article 8): who sits at the table about whom, who chairs it, and whether the client is there."""

from typing import Annotated, ClassVar

from msgspec import Meta

from zegel_protocol.fields import Date, Digest, PartnerId, Random128, Time, Uuid7
from zegel_protocol.objects.header import Payload, require_set
from zegel_protocol.objects.parties import Party


class Conference(Payload, frozen=True, kw_only=True):
    """The frame of a consultation, signed by a worker of the chair; its messages name `id` as their thread.

    `with_client`: the persons it is about are invited. Among professionals (`with_client` false) every first message in
    it carries a motivation that the client reads. `discussed`: the day on which the invitees were discussed with the
    client. `planned`: when it is held. A later version changes the table or, `ended`, closes it.
    """

    KIND: ClassVar[str] = "conference"

    id: Uuid7
    household: Random128
    chair: PartnerId
    version: Annotated[int, Meta(ge=1, le=2**31)]
    about: tuple[Random128, ...]
    invitees: tuple[Party, ...]
    with_client: bool
    discussed: Date | None = None
    planned: Time | None = None
    ended: bool
    at: Time
    prev: Digest | None = None

    def __post_init__(self) -> None:
        require_set("about", self.about, least=1, most=16)
        require_set("invitees", (item.key for item in self.invitees), least=2, most=32)
        if Party(partner=self.chair) not in self.invitees:
            raise ValueError("the chair sits at the table")
        if (self.version == 1) != (self.prev is None):
            raise ValueError("prev belongs to every version but the first")

    @property
    def subject(self) -> str:
        """The conference."""
        return self.id

    @property
    def partner(self) -> str:
        """Whose worker signs."""
        return self.chair
