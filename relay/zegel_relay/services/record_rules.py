"""Accepting records (`zegel_protocol.records`): signed by whom their kind says, and next in their chain.

One judgement for all kinds; what one kind asks for besides, and what follows from it, stands in `CHECKS`.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from zegel_keys.exhibit import Exhibit
from zegel_keys.trust import check_follows
from zegel_keys.verification import read_payload, verify
from zegel_protocol.objects import (
    Absence,
    Assignment,
    Conference,
    Countersignature,
    Declaration,
    Finding,
    Objection,
    PartnerRules,
    Payload,
    Procedure,
    Rota,
    StopCard,
)
from zegel_protocol.records import RECORDS
from zegel_protocol.signed import Place, Signed
from zegel_relay.services import archive
from zegel_relay.services.countersignature_rules import check_countersignature
from zegel_relay.services.deadlines import ACCEPT_CODE, close_deadlines, worker_number
from zegel_relay.services.effect import Effect
from zegel_relay.services.errors import Conflict, NotFound
from zegel_relay.services.findings import check_finding
from zegel_relay.services.inbox_share import check_absence, check_assignment
from zegel_relay.services.office import Office
from zegel_relay.services.record_checks import (
    check_conference,
    check_objection,
    check_procedure,
    check_rota,
    check_rules,
)
from zegel_relay.services.stop_cards import check_card
from zegel_relay.storage.models import MessageDelivery
from zegel_relay.storage.operation import Transaction

Check = Callable[[Office, Transaction, Signed[Any]], Awaitable[Effect]]


async def _check_declaration(_office: Office, tx: Transaction, held: Signed[Declaration]) -> Effect:
    """Whoever accepts the code, or was reminded of secrecy, says so themselves; for a service a worker accepts."""
    by, said = held.signed_by("device"), held.payload
    if said.worker is not None and any(signer.worker != said.worker for signer in by):
        raise Conflict("declaration.worker", "A worker declares for themselves.")
    if said.what == "code" and any(signer.worker is None for signer in by):
        raise Conflict("declaration.worker", "A service accepts no code: a worker of the partner does, for them.")
    if said.manifest is not None:
        own = said.manifest, f"partner:{said.partner}"
        if await tx.session.get(MessageDelivery, own) is None:
            raise NotFound("message.unknown", "No such message is known here for this reader.")
    if said.what != "code":
        return Effect()
    owner, number = f"partner:{said.partner}", worker_number(said.worker)
    done = close_deadlines(ACCEPT_CODE, said.code_digest, tx.now, owner=owner, number=number, by_d=held.d)
    return Effect(updates=(done,))


CHECKS: dict[str, Check] = {
    Countersignature.KIND: check_countersignature,
    Declaration.KIND: _check_declaration,
    Assignment.KIND: check_assignment,
    Absence.KIND: check_absence,
    Conference.KIND: check_conference,
    Finding.KIND: check_finding,
    Objection.KIND: check_objection,
    PartnerRules.KIND: check_rules,
    Procedure.KIND: check_procedure,
    Rota.KIND: check_rota,
    StopCard.KIND: check_card,
}
"""What a kind of record asks for beside its signature and its chain, and what accepting it changes."""


async def judge_record(office: Office, tx: Transaction, exhibit: Exhibit) -> Effect:
    """Return what accepting a record changes. Raises `ProtocolError`, `Conflict`, or what its kind's check raises."""
    kind = RECORDS[exhibit.kind]
    payload, _ = read_payload(exhibit.envelope, kind)
    people = [payload.by.person] if isinstance(payload, Objection) and payload.by.person is not None else []
    case = await office.case(tx.session, people, (), (), tx.now)
    held = verify(exhibit.envelope, kind, case.trust, Place(tx.index, tx.now))
    await _check_follows(tx, held)
    check = CHECKS.get(exhibit.kind)
    return await check(office, tx, held) if check is not None else Effect()


async def _check_follows(tx: Transaction, held: Signed[Payload]) -> None:
    """A record that counts versions is the next in the chain of its subject."""
    version = getattr(held.payload, "version", None)
    if version is None:
        return
    before = await archive.newest(tx.session, held.payload.KIND, held.payload.subject)  # type: ignore[attr-defined]
    known = None
    if before is not None:
        known = Signed(before.d, read_payload(before.envelope, RECORDS[before.kind])[0], frozenset(), before.place)
    check_follows(version, held.payload.prev, None, known)  # type: ignore[attr-defined]
