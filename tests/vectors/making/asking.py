"""What the mother was asked and what she said: request, consents, revocation, and the relay's word on the chains."""

from dataclasses import dataclass
from typing import Any

import msgspec

from vectors.making.huis import (
    HOME,
    MOTHER,
    NAMES,
    PASSKEY,
    RECIPIENT,
    SENDER,
    World,
    device_key,
    header,
    world,
)
from vectors.making.ledger import RELAY, Item, Ledger, d_of, envelope
from vectors.making.seeds import DAY, NOW
from zegel_protocol.objects import Consent, ConsentRequest, Revocation, Status
from zegel_protocol.objects.consent import ByPasskey, ChainLink, ConsentSigner
from zegel_protocol.objects.consent_request import Flow
from zegel_protocol.objects.parties import Party
from zegel_protocol.objects.scope import Scope
from zegel_protocol.texts.consent_text import TEMPLATE, render_consent, text_digest

FORTH, BACK = (Party(partner=SENDER), Party(partner=RECIPIENT)), (Party(partner=RECIPIENT), Party(partner=SENDER))
SAID = NOW - 2 * DAY
UNTIL = NOW + 60 * DAY


def scopes(*types: str) -> tuple[Scope, ...]:
    """Return types in the form `whole`, or as `type/form`, sorted."""
    split = (item.partition("/") for item in types)
    return tuple(sorted((Scope(type=kind, form=form or "whole") for kind, _, form in split), key=lambda item: item.key))


ASKED = scopes("who", "contact", "ask", "money")
ASKED_BACK = scopes("follow", "plan")


def make_request(**changes: Any) -> ConsentRequest:
    """Return the request of a referral: two flows, forth and back."""
    flows = (
        Flow(purpose="referral", sender=FORTH[0], to=FORTH[1], types=ASKED, until=UNTIL),
        Flow(purpose="referral", sender=BACK[0], to=BACK[1], types=ASKED_BACK, until=UNTIL),
    )
    fields = {
        "household": HOME, "partner": SENDER, "persons": (MOTHER,), "flows": flows, "language": "nl",
        "template": TEMPLATE, "rulebook": world().items["rulebook"].d, "created": SAID - 3600,
    }  # fmt: skip
    return ConsentRequest(**header("request"), **{**fields, **changes})


def make_consent(label: str = "forth", **changes: Any) -> Consent:
    """Return the mother's consent, with the digest of its own text unless that is among the changes."""
    sender, to = BACK if label == "back" else FORTH
    fields = {
        "household": HOME, "request": d_of(make_request()), "purpose": "referral", "sender": sender, "to": to,
        "types": ASKED_BACK if label == "back" else ASKED, "about": (MOTHER,), "not_before": SAID, "not_after": UNTIL,
        "signers": (ConsentSigner(person=MOTHER, role="self"),), "evidence": ByPasskey(), "language": "nl",
        "text_digest": "A" * 43, "rulebook": world().items["rulebook"].d, "code_version": "code-1", "replaces": (),
        "chains": (ChainLink(person=MOTHER, seq=1),), **changes,
    }  # fmt: skip
    made = Consent(**header(f"consent {label}"), **fields)
    if "text_digest" in changes:
        return made
    return msgspec.structs.replace(made, text_digest=text_digest(text_of(made)))


def text_of(consent: Consent) -> str:
    """Return the words that a consent stands for."""
    return render_consent(consent, NAMES)


def make_revocation(revoked: str, **changes: Any) -> Revocation:
    """Return the revocation of a consent that is the whole chain."""
    fields = {
        "household": HOME, "sender": FORTH[0], "to": FORTH[1], "revokes": (revoked,), "reason_code": "changed-mind",
        "about": (MOTHER,), "signers": (ConsentSigner(person=MOTHER, role="self"),), "evidence": ByPasskey(),
        "at": NOW - DAY, "chains": (ChainLink(person=MOTHER, seq=2, prev=revoked),), **changes,
    }  # fmt: skip
    return Revocation(**header("revocation"), **fields)


def make_status(head: str | None, seq: int = 1, flow: tuple[Party, Party] = FORTH, **changes: Any) -> Status:
    """Return the relay's word on the mother's chain of a flow."""
    fields = {
        "person": MOTHER, "sender": flow[0], "to": flow[1], "head_seq": seq, "head": head, "as_of": NOW - 60,
        **changes,
    }  # fmt: skip
    return Status(**header(f"status {flow[0].key} {seq}"), **fields)


def by_passkey(consent: Consent | Revocation, passkey: Any = PASSKEY, **lies: Any) -> bytes:
    """Return the envelope of a consent that a passkey signed alone."""
    return envelope(consent, passkey.assertion(d_of(consent), **lies))


@dataclass(frozen=True)
class Asking:
    """The request and both consents, accepted after the world's own objects, with the statuses that follow."""

    world: World
    request: Item
    forth: Item
    back: Item
    status: Item
    status_back: Item

    @property
    def items(self) -> dict[str, Item]:
        """All objects of the case."""
        return {
            **self.world.items, "request": self.request, "consent": self.forth, "consent-back": self.back,
            "status": self.status, "status-back": self.status_back,
        }  # fmt: skip


def ask() -> tuple[Asking, Ledger]:
    """Return the asking and the log as it then stands. Both consents were given in one touch."""
    ledger = world().ledger.fork()
    request = ledger.accept(envelope(make_request(), device_key(SENDER, "sara")), SAID - 3600)
    forth, back = make_consent(), make_consent("back")
    batch = (d_of(forth), d_of(back))
    items = [ledger.accept(envelope(made, PASSKEY.assertion(d_of(made), batch)), SAID + 60) for made in (forth, back)]
    statuses = [
        Item(d_of(made), envelope(made, RELAY))
        for made in (make_status(d_of(forth)), make_status(d_of(back), flow=BACK))
    ]
    return Asking(world(), request, items[0], items[1], statuses[0], statuses[1]), ledger
