"""A partner's request for consent: what a client is asked to sign, flow by flow."""

from typing import ClassVar

import msgspec

from zegel_protocol.fields import Digest, Language, PartnerId, Random128, Term, Time
from zegel_protocol.objects.header import Payload, require_set
from zegel_protocol.objects.parties import Party
from zegel_protocol.objects.scope import Scope


class Flow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"sender": "from"}):
    """One direction: from whom to whom, for what, which types, until when. Field `from` on the wire."""

    purpose: Term
    sender: Party
    to: Party
    types: tuple[Scope, ...]
    until: Time

    def __post_init__(self) -> None:
        require_set("types", (item.key for item in self.types), least=1, most=64)


class ConsentRequest(Payload, frozen=True, kw_only=True):
    """What a partner's device asks persons of a household to consent to.

    A referral asks two flows in one touch: forward, and back with `follow` and `plan`. `template` names the text.
    """

    KIND: ClassVar[str] = "consent-request"

    household: Random128
    partner: PartnerId
    persons: tuple[Random128, ...]
    flows: tuple[Flow, ...]
    language: Language
    template: Term
    rulebook: Digest
    created: Time

    def __post_init__(self) -> None:
        require_set("persons", self.persons, least=1, most=16)
        if not 1 <= len(self.flows) <= 16:
            raise ValueError("1 to 16 flows belong here")
