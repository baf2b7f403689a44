"""Accepting acknowledgements: a reader's word about what became of a message."""

from sqlalchemy import select

from zegel_keys.exhibit import Exhibit
from zegel_keys.verification import read_payload, verify
from zegel_protocol import dsse
from zegel_protocol.objects import Acknowledgement, Receipt
from zegel_protocol.signed import Place
from zegel_relay.services import archive
from zegel_relay.services.effect import Effect
from zegel_relay.services.errors import Conflict, NotFound
from zegel_relay.services.office import Office
from zegel_relay.services.shown_log import check_seen
from zegel_relay.storage.models import Message, MessageDelivery, MessageEvent, StoredNotice
from zegel_relay.storage.operation import Transaction


async def judge_acknowledgement(office: Office, tx: Transaction, exhibit: Exhibit) -> Effect:
    """Of a message that this reader was handed, with the receipt that the reader was given."""
    payload, _ = read_payload(exhibit.envelope, Acknowledgement)
    person = [payload.by.person] if payload.by.person is not None else []
    case = await office.case(tx.session, person, (), (), tx.now)
    verify(exhibit.envelope, Acknowledgement, case.trust, Place(tx.index, tx.now))
    if payload.by.party != payload.reader:
        raise Conflict("acknowledgement.reader", "A reader speaks for themselves only.")
    message = await tx.session.get(Message, payload.manifest)
    delivery = await tx.session.get(MessageDelivery, (payload.manifest, payload.reader.key))
    if message is None or delivery is None:
        raise NotFound("message.unknown", "No such message is known here for this reader.")
    receipt = await archive.receipt(tx.session, payload.manifest, payload.reader.key)
    if receipt is None or dsse.digest(*dsse.open_envelope(receipt)[:2]) != payload.receipt:
        raise Conflict("acknowledgement.receipt", f"Not the {Receipt.KIND} that this reader was given.")
    await check_seen(tx.session, payload.seen)
    event = MessageEvent(
        d=exhibit.d, message_d=message.d, reader=payload.reader.key, event=payload.event, at=payload.at
    )
    told = await tx.session.scalars(select(StoredNotice.person).where(StoredNotice.message_d == message.d))
    wake = {message.sender, *(f"person:{person}" for person in told)} - {payload.reader.key}
    return Effect(rows=(event,), wake=tuple(sorted(wake)))
