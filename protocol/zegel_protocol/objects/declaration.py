"""What a worker declares: that they accept the code of ethics, or pledge confidentiality."""

from typing import ClassVar, Literal

from zegel_protocol.fields import Digest, PartnerId, Random128, Term
from zegel_protocol.objects.header import Payload


class Declaration(Payload, frozen=True, kw_only=True):
    """Acceptance of a version of the code by a worker's device, or the pledge of a partner by its root."""

    KIND: ClassVar[str] = "declaration"

    partner: PartnerId
    worker: Random128 | None = None
    what: Literal["code", "pledge"]
    code_version: Term
    code_digest: Digest
