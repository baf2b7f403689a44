"""Accepting a signed object that is not a message: roots to revocations, each by the rule of its kind.

One operation for all kinds: the object is verified in the accepting transaction, held against what is current there,
and stored. A kind adds a rule in `object_rules`, and nothing else.
"""

from collections.abc import Set as AbstractSet

from zegel_keys.exhibit import Exhibit, read
from zegel_protocol.objects import Epoch
from zegel_relay.services import archive, object_rules
from zegel_relay.services.errors import NotFound
from zegel_relay.services.office import Office
from zegel_relay.storage.log import restored_error
from zegel_relay.storage.models import StoredObject
from zegel_relay.storage.operation import SUBMITTER, Outcome, ReceiptPlan, Repeat, Transaction


class AcceptObject:
    """Accept one envelope. The same bytes twice give the same receipt."""

    def __init__(self, office: Office, envelope: bytes) -> None:
        self.office = office
        self.exhibit: Exhibit = read(envelope)
        rule = object_rules.RULES.get(self.exhibit.kind)
        if rule is None:
            raise NotFound("object.kind", "Objects of this kind are not given to a relay by themselves.")
        self.rule = rule
        self.facts = rule.read(self.exhibit)

    @property
    def reads(self) -> AbstractSet[str]:
        """Conflict keys that the rule looks at."""
        return self.facts.reads | {"setting"}

    @property
    def writes(self) -> AbstractSet[str]:
        """Conflict keys that acceptance changes."""
        return self.facts.writes | {f"object:{self.exhibit.d}"}

    async def apply(self, tx: Transaction) -> Outcome | Repeat:
        """Judge the object by its kind's rule. Raises `ProtocolError`, `Refused` or `Conflict`."""
        before = await archive.receipt(tx.session, self.exhibit.d)
        if before is not None:
            return Repeat(before)
        if tx.restored and self.exhibit.kind != Epoch.KIND:
            raise restored_error()
        effect = await self.rule.judge(self.office, tx, self.exhibit)
        stored = StoredObject(
            d=self.exhibit.d,
            kind=self.exhibit.kind,
            subject=self.facts.subject,
            household=self.facts.household,
            version=self.facts.version,
            envelope=self.exhibit.envelope,
            log_index=tx.index,
            accepted_at=tx.now,
        )
        return Outcome(
            d=self.exhibit.d,
            rows=(stored, *effect.rows),
            receipts=(ReceiptPlan(SUBMITTER),),
            updates=effect.updates,
            wake=effect.wake,
            epoch=effect.epoch,
        )


async def accept_object(office: Office, envelope: bytes) -> bytes:
    """Accept an envelope durably; return its receipt's envelope.

    Raises `ProtocolError` (it is not what it says), `Refused` (the rules), `Conflict` (not next in its chain).
    """
    return await office.writer.submit(AcceptObject(office, envelope))
