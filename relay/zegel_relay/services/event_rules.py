"""Accepting acknowledgements: what became of a message, in a reader's word, or a worker's who told a person of it."""

from typing import Final

from sqlalchemy import select, update

from zegel_keys.exhibit import Exhibit
from zegel_keys.verification import read_payload, verify
from zegel_protocol import dsse
from zegel_protocol.objects import Acknowledgement, Receipt
from zegel_protocol.signed import Place
from zegel_relay.outbox.promise import DONE, TELL
from zegel_relay.services import archive
from zegel_relay.services.effect import Effect
from zegel_relay.services.errors import Conflict, NotFound
from zegel_relay.services.held_back import is_held_back
from zegel_relay.services.office import Office
from zegel_relay.services.shown_log import check_seen
from zegel_relay.storage.models import Message, MessageDelivery, MessageEvent, OutboxItem, StoredNotice
from zegel_relay.storage.operation import SUBMITTER, Transaction, Update

TOLD: Final = "told"


async def judge_acknowledgement(office: Office, tx: Transaction, exhibit: Exhibit) -> Effect:
    """Of a message that this reader was handed, with the receipt that whoever signs was given.

    Of a person that they were `told`, also a worker of the partner that owes it says so; it then owes it no more.
    """
    payload, _ = read_payload(exhibit.envelope, Acknowledgement)
    person = [payload.by.person] if payload.by.person is not None else []
    case = await office.case(tx.session, person, (), (), tx.now)
    verify(exhibit.envelope, Acknowledgement, case.trust, Place(tx.index, tx.now))
    by_worker = payload.event == TOLD and payload.by.partner is not None and payload.reader.person is not None
    if not by_worker and payload.by.party != payload.reader:
        raise Conflict("acknowledgement.reader", "A reader speaks for themselves only.")
    message = await tx.session.get(Message, payload.manifest)
    delivery = await tx.session.get(MessageDelivery, (payload.manifest, payload.reader.key))
    if message is None or delivery is None:
        raise NotFound("message.unknown", "No such message is known here for this reader.")
    if payload.event == TOLD and payload.reader.person is not None:
        await _check_told(tx, payload)
    party = payload.by.party.key
    audience = SUBMITTER if by_worker and message.sender == party else party
    receipt = await archive.receipt(tx.session, payload.manifest, audience)
    if receipt is None or dsse.digest(*dsse.open_envelope(receipt)[:2]) != payload.receipt:
        raise Conflict("acknowledgement.receipt", f"Not the {Receipt.KIND} that whoever signs was given.")
    await check_seen(tx.session, payload.seen, case.trust, payload.at)
    event = MessageEvent(
        d=exhibit.d, message_d=message.d, reader=payload.reader.key, event=payload.event, at=payload.at
    )
    told = await tx.session.scalars(select(StoredNotice.person).where(StoredNotice.message_d == message.d))
    wake = {message.sender, *(f"person:{person}" for person in told)} - {payload.reader.key}
    ended = (_ended(payload.notice, tx.now),) if payload.notice is not None else ()
    return Effect(rows=(event,), updates=ended, wake=tuple(sorted(wake)))


async def _check_told(tx: Transaction, payload: Acknowledgement) -> None:
    """A person was told by a notice that is theirs; by a worker, only where that worker's partner owes it."""
    held = await tx.session.get(StoredNotice, payload.notice) if payload.notice is not None else None
    if held is None or (held.message_d, held.person) != (payload.manifest, payload.reader.person):
        raise Conflict("acknowledgement.notice", "Not a notice of this message to this person.")
    if payload.by.partner is None:
        return
    owed = OutboxItem.kind == TELL, OutboxItem.subject == payload.by.party.key, OutboxItem.object_d == held.d
    early = await tx.session.scalar(select(StoredNotice.d).where(StoredNotice.d == held.d, is_held_back(tx.now)))
    if early is not None or await tx.session.scalar(select(OutboxItem.id).where(*owed)) is None:
        raise Conflict("acknowledgement.not-owed", "This partner does not owe it to this person to tell them.")


def _ended(notice: str, now: int) -> Update:
    """Whoever told them, nobody owes it any more."""
    owed = OutboxItem.kind == TELL, OutboxItem.object_d == notice, OutboxItem.state != DONE
    return update(OutboxItem).where(*owed).values(state=DONE, ended_at=now, error=None)
