"""The stop card: what the stop code of a printed letter stops, and for whom (article 7)."""

from typing import ClassVar

from zegel_protocol.fields import Digest, PartnerId, Random128, Time
from zegel_protocol.objects.header import Payload, require_set
from zegel_protocol.objects.parties import Party


class StopCard(Payload, frozen=True, kw_only=True, rename={"sender": "from"}):
    """A letter of `partner` to `person` carries a code: whoever reads it out stops `consents` until `until`.

    `name` is derived from the code, which stands nowhere but on the letter. `notice` is what the letter tells;
    `consents` are what its message rests on, about `about`: the person, and children for whom they may stop.
    Signed by a worker of `partner`.
    """

    KIND: ClassVar[str] = "stop-card"

    partner: PartnerId
    name: Digest
    notice: Digest
    household: Random128
    person: Random128
    about: tuple[Random128, ...]
    sender: Party
    to: Party
    consents: tuple[Digest, ...]
    until: Time
    at: Time

    def __post_init__(self) -> None:
        require_set("about", self.about, least=1, most=16)
        require_set("consents", self.consents, least=1, most=16)
        if self.until <= self.at:
            raise ValueError("a card ends after it is made")

    @property
    def subject(self) -> str:
        """The name of the code."""
        return self.name
