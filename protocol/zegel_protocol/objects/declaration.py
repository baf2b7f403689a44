"""What is declared: that a worker accepts the code of ethics, pledges confidentiality, or was reminded of secrecy."""

from typing import ClassVar, Literal

from zegel_protocol.fields import Digest, PartnerId, Random128, Term
from zegel_protocol.objects.header import Payload


class Declaration(Payload, frozen=True, kw_only=True):
    """Acceptance of a version of the code by a worker's device, or the pledge of a partner by its root.

    `secrecy`: whoever opens the message `manifest` was reminded of the secrecy they owe (article 7); of a service
    device, without `worker`: its software shows the reminder to whoever reads.
    """

    KIND: ClassVar[str] = "declaration"

    partner: PartnerId
    worker: Random128 | None = None
    what: Literal["code", "pledge", "secrecy"]
    code_version: Term
    code_digest: Digest
    manifest: Digest | None = None

    def __post_init__(self) -> None:
        if (self.what == "secrecy") != (self.manifest is not None):
            raise ValueError("a manifest belongs to a reminder of secrecy")

    @property
    def subject(self) -> str:
        """What it is about: the partner that pledges, the worker (or the services) that accept, the message."""
        match self.what:
            case "pledge":
                return self.partner
            case "code":
                return f"{self.partner}/{self.worker or ''}"
            case "secrecy":
                return self.manifest or ""
