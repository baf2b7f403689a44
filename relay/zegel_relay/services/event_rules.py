"""Accepting acknowledgements: what became of a message, in a reader's word, or what somebody says of it.

Who may say which word stands in `zegel_protocol.words`; what the relay alone knows is looked up here.
"""

from typing import Final

from sqlalchemy import select, update

from zegel_keys.casefile import CaseFile
from zegel_keys.exhibit import Exhibit
from zegel_keys.verification import read_payload, verify
from zegel_protocol import dsse
from zegel_protocol.objects import Acknowledgement, Manifest, Receipt
from zegel_protocol.signed import Place
from zegel_protocol.words import ERASURE, READING, WORDS, WordError, check_word, ends
from zegel_relay.outbox.promise import DONE, PING, TELL, promise
from zegel_relay.services import alarm_course, archive, erasures
from zegel_relay.services.blobs import is_early
from zegel_relay.services.deadlines import RUNNING, close_deadlines
from zegel_relay.services.effect import Effect
from zegel_relay.services.errors import Conflict, NotFound
from zegel_relay.services.held_back import is_held_back
from zegel_relay.services.office import Office
from zegel_relay.services.shown_log import check_seen
from zegel_relay.services.silence import silenced_since
from zegel_relay.storage.models import Deadline, Message, MessageDelivery, MessageEvent, OutboxItem, StoredNotice
from zegel_relay.storage.operation import SUBMITTER, Transaction, Update

TOLD: Final = "told"


async def judge_acknowledgement(office: Office, tx: Transaction, exhibit: Exhibit) -> Effect:
    """Of a message that this reader was handed, or sent, with the receipt that whoever signs was given.

    Of a person that they were `told`, also a worker of the partner that owes it says so; it then owes it no more. Other
    words of a person without keys are recorded by a worker of the sender or recipient.
    """
    payload, _ = read_payload(exhibit.envelope, Acknowledgement)
    people = {person for person in (payload.by.person, payload.reader.person) if person is not None}
    case = await office.case(tx.session, people, (), (), tx.now)
    verify(exhibit.envelope, Acknowledgement, case.trust, Place(tx.index, tx.now))
    by_worker = payload.by.partner is not None and payload.reader.person is not None
    by_worker = by_worker and (payload.event == TOLD or WORDS[payload.event].recorded)
    if not by_worker and payload.by.party != payload.reader:
        raise Conflict("acknowledgement.reader", "A reader speaks for themselves only.")
    message = await tx.session.get(Message, payload.manifest)
    delivery = await tx.session.get(MessageDelivery, (payload.manifest, payload.reader.key))
    sent = message is not None and message.sender == payload.reader.key and "sender" in WORDS[payload.event].speakers
    # What a person is not to be told of yet has no position, and is as unknown here as anything else.
    if message is None or ((delivery is None or delivery.position is None) and not sent):
        raise NotFound("message.unknown", "No such message is known here for this reader.")
    if payload.event == TOLD and payload.reader.person is not None:
        await _check_told(tx, payload)
    if payload.event not in READING:
        await _check_said(tx, case, payload, message, by_worker)
    party = payload.by.party.key
    audiences = {SUBMITTER if by_worker and message.sender == party else party}
    # A person who sent it has two: as its sender, and as who is told of it.
    audiences |= {SUBMITTER} if sent else set()
    receipts = [await archive.receipt(tx.session, payload.manifest, audience) for audience in sorted(audiences)]
    if payload.receipt not in [_digest(receipt) for receipt in receipts if receipt is not None]:
        raise Conflict("acknowledgement.receipt", f"Not the {Receipt.KIND} that whoever signs was given.")
    await check_seen(tx.session, payload.seen, case.trust, payload.at)
    event = MessageEvent(
        d=exhibit.d, message_d=message.d, reader=payload.reader.key, event=payload.event, at=payload.at
    )
    told = await _told(tx, payload)
    wake = {message.sender, *told} | ({message.recipient} if payload.event not in READING else set())
    ended = [_ended(payload.notice, tx.now)] if payload.notice is not None else []
    ended += [
        close_deadlines(
            kind, about, tx.now, owner=payload.reader.key, message_d=message.d, number=number, by_d=exhibit.d
        )
        for kind, about, number in ends(payload)
    ]
    if payload.event == "opened" and delivery is not None and delivery.called_at is not None:
        ended += alarm_course.opened(message.d, payload.reader.key, tx.now, exhibit.d)
    # An answer to what they asked is news to a person; who pings once a day pings for all of it.
    pings = [promise(PING, person, exhibit.d, tx.now, tx.now) for person in told] if payload.of is not None else []
    return Effect(rows=(event, *pings), updates=tuple(ended), wake=tuple(sorted(wake - {payload.reader.key})))


def _digest(receipt: bytes) -> str:
    return dsse.digest(*dsse.open_envelope(receipt)[:2])


async def _told(tx: Transaction, payload: Acknowledgement) -> list[str]:
    """Return whom a word reaches, as `Party.key`: who is told of the message, and may know of what it answers."""
    query = select(StoredNotice.person).where(StoredNotice.message_d == payload.manifest, ~is_held_back())
    people = sorted(set(await tx.session.scalars(query)))
    people = [person for person in people if await silenced_since(tx.session, person, payload.manifest) is None]
    if payload.of is not None:
        people = [person for person in people if await erasures.may_know(tx.session, person, payload.of, tx.now)]
    return [f"person:{person}" for person in people]


async def _check_said(
    tx: Transaction, case: CaseFile, payload: Acknowledgement, message: Message, by_worker: bool
) -> None:
    """A word that is said to others: this speaker's to say, of this message, and an answer only to what was asked."""
    person = payload.reader.person
    if person is not None and await is_early(tx.session, payload.reader.key, message.d):
        raise NotFound("message.unknown", "No such message is known here for this reader.")
    shown = await archive.by_digest(tx.session, [message.d])
    manifest, _ = read_payload(shown[0].envelope, Manifest)
    # Who was handed a copy is told of it: both are rows of one transaction.
    check_word(payload, manifest, case.setting.rulebook.payload, told=person is not None)
    if by_worker:
        client = case.clients.get(person or "")
        if client is None or client.key_now(tx.now) is not None:
            raise Conflict("acknowledgement.reader", "Whoever has keys speaks for themselves.")
        if payload.by.party.key not in (message.sender, message.recipient):
            raise Conflict(
                "acknowledgement.reader", "A worker of the sender or the recipient records it, and no other."
            )
    if payload.of is not None:
        owed = Deadline.kind == ERASURE, Deadline.owner == payload.reader.key, Deadline.object_d == payload.of
        query = select(Deadline.d).where(*owed, Deadline.message_d == message.d, Deadline.state.in_(RUNNING))
        if await tx.session.scalar(query) is None:
            raise WordError("word.of", "Nothing by this name asks this reader for an answer, or it has one.", "$.of")


async def _check_told(tx: Transaction, payload: Acknowledgement) -> None:
    """A person was told by a notice that is theirs; by a worker, only where that worker's partner owes it."""
    held = await tx.session.get(StoredNotice, payload.notice) if payload.notice is not None else None
    if held is None or (held.message_d, held.person) != (payload.manifest, payload.reader.person):
        raise Conflict("acknowledgement.notice", "Not a notice of this message to this person.")
    if payload.by.partner is None:
        return
    owed = OutboxItem.kind == TELL, OutboxItem.subject == payload.by.party.key, OutboxItem.object_d == held.d
    early = await tx.session.scalar(select(StoredNotice.d).where(StoredNotice.d == held.d, is_held_back()))
    if early is not None or await tx.session.scalar(select(OutboxItem.id).where(*owed)) is None:
        raise Conflict("acknowledgement.not-owed", "This partner does not owe it to this person to tell them.")


def _ended(notice: str, now: int) -> Update:
    """Whoever told them, nobody owes it any more."""
    owed = OutboxItem.kind == TELL, OutboxItem.object_d == notice, OutboxItem.state != DONE
    return update(OutboxItem).where(*owed).values(state=DONE, ended_at=now, error=None)
