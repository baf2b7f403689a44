"""How a partner shares its inbox: which worker deals with a message, and who steps in for who is away (article 5)."""

from typing import ClassVar

from zegel_protocol.fields import Digest, PartnerId, Random128, Time
from zegel_protocol.objects.header import Payload


class Assignment(Payload, frozen=True, kw_only=True):
    """A worker of `partner` gives a message to `worker` to deal with (themselves, perhaps). The newest counts."""

    KIND: ClassVar[str] = "assignment"

    partner: PartnerId
    manifest: Digest
    worker: Random128
    at: Time

    @property
    def subject(self) -> str:
        """The message."""
        return self.manifest


class Absence(Payload, frozen=True, kw_only=True):
    """A worker is away from `begins` until `ends`; `substitute` deals with what is theirs. A worker's newest counts."""

    KIND: ClassVar[str] = "absence"

    partner: PartnerId
    worker: Random128
    substitute: Random128
    begins: Time
    ends: Time
    at: Time

    def __post_init__(self) -> None:
        if self.begins >= self.ends or self.substitute == self.worker:
            raise ValueError("an absence ends after it begins, and somebody else steps in")

    @property
    def subject(self) -> str:
        """Whose inbox."""
        return self.partner
