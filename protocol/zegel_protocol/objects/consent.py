"""The consent record, its revocation, and the relay's statement of the head of a consent chain."""

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from zegel_protocol.fields import Count, Digest, Language, PartnerId, Random128, Term, Time
from zegel_protocol.objects.header import Payload, require_set
from zegel_protocol.objects.parties import Party
from zegel_protocol.objects.scope import Scope


class ConsentSigner(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who says yes, and as what: for themselves, or as holder of authority over whom it is about."""

    person: Random128
    role: Literal["self", "authority"]


class ByPasskey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="by", tag="passkey"):
    """Every signer touched a passkey of their own."""


class Witness(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One worker's device that saw the yes."""

    partner: PartnerId
    device: Random128


class Witnessed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="by", tag="witnessed"):
    """Two workers saw the signers say yes; both devices sign the one object. `means`: how it was recorded."""

    witnesses: tuple[Witness, ...]
    means: Literal["paper", "spoken"]

    def __post_init__(self) -> None:
        require_set("witnesses", (f"{item.partner}/{item.device}" for item in self.witnesses), least=1, most=4)


ConsentEvidence = ByPasskey | Witnessed


class Heard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How the signers took the text in: the `language` that they understand, and who carried it over into that.

    `interpreter` is a term of the rulebook's list (`consent.interpreters`); absent: nobody did, nor had to.
    """

    language: Language
    interpreter: Term | None = None


class ChainLink(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The place of an object in the chain of one person for one (from, to): `seq` from 1, `prev` the one before."""

    person: Random128
    seq: Annotated[int, Meta(ge=1, le=2**31)]
    prev: Digest | None = None

    def __post_init__(self) -> None:
        if (self.seq == 1) != (self.prev is None):
            raise ValueError("prev belongs to every link but the first")


class Consent(Payload, frozen=True, kw_only=True, rename={"sender": "from"}):
    """A person's yes: one sender, one recipient, one purpose, which types, until when. Field `from` on the wire.

    `text_digest` is SHA-256 of the very text that was shown (`zegel_protocol.texts`). `replaces` are consents that no
    longer count from here on. `chains` has one link for each person in `about`. `heard`: where somebody interpreted.
    """

    KIND: ClassVar[str] = "consent"

    household: Random128
    request: Digest
    purpose: Term
    sender: Party
    to: Party
    types: tuple[Scope, ...]
    about: tuple[Random128, ...]
    not_before: Time
    not_after: Time
    signers: tuple[ConsentSigner, ...]
    evidence: ConsentEvidence
    language: Language
    text_digest: Digest
    rulebook: Digest
    code_version: Term
    replaces: tuple[Digest, ...]
    chains: tuple[ChainLink, ...]
    heard: Heard | None = None

    def __post_init__(self) -> None:
        require_set("types", (item.key for item in self.types), least=1, most=64)
        require_set("about", self.about, least=1, most=16)
        require_set("signers", (item.person for item in self.signers), least=1, most=16)
        require_set("replaces", self.replaces, most=64)
        if tuple(link.person for link in self.chains) != self.about:
            raise ValueError("one chain link for each person in about, in that order")
        if self.not_before >= self.not_after:
            raise ValueError("not_after comes after not_before")


class Revocation(Payload, frozen=True, kw_only=True, rename={"sender": "from"}):
    """A person takes consents back, for one (from, to); it takes the next place in the same chains."""

    KIND: ClassVar[str] = "revocation"

    household: Random128
    sender: Party
    to: Party
    revokes: tuple[Digest, ...]
    reason_code: Term
    about: tuple[Random128, ...]
    signers: tuple[ConsentSigner, ...]
    evidence: ConsentEvidence
    at: Time
    chains: tuple[ChainLink, ...]

    def __post_init__(self) -> None:
        require_set("revokes", self.revokes, least=1, most=64)
        require_set("about", self.about, least=1, most=16)
        require_set("signers", (item.person for item in self.signers), least=1, most=16)
        if tuple(link.person for link in self.chains) != self.about:
            raise ValueError("one chain link for each person in about, in that order")


class Status(Payload, frozen=True, kw_only=True, rename={"sender": "from"}):
    """The relay states the head of one chain as of a time. `head_seq` 0 without `head`: there is no chain yet."""

    KIND: ClassVar[str] = "status"

    person: Random128
    sender: Party
    to: Party
    head_seq: Count
    head: Digest | None = None
    as_of: Time

    def __post_init__(self) -> None:
        if (self.head_seq == 0) != (self.head is None):
            raise ValueError("head belongs to every chain that has one")
