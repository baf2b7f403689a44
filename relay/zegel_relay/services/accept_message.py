"""Accepting a message: verified, judged by `decide()`, and stored with its notices in one transaction, or refused.

Nothing of the content is seen here: manifest, entries, wrapped keys and ciphertext digests are all there is.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import update

from zegel_keys.casefile import CaseFile, read_entries
from zegel_keys.exhibit import Exhibit, read
from zegel_keys.verification import read_payload, verify
from zegel_protocol.api import Submission
from zegel_protocol.decision import decide
from zegel_protocol.errors import MalformedError, ProtocolError
from zegel_protocol.fields import MAX_INT
from zegel_protocol.objects import Directory, Entry, Manifest, Wraps
from zegel_protocol.objects.manifest import OnConsent
from zegel_protocol.refusal import Code, Step, refuse
from zegel_protocol.signed import Place, Signed
from zegel_relay.services import archive, read_ahead, records, sealed_parts
from zegel_relay.services.alarm_course import begun, is_urgent
from zegel_relay.services.blobs import is_early
from zegel_relay.services.errors import Conflict, Refused
from zegel_relay.services.held_back import own_position
from zegel_relay.services.notices import make_notices, promise_telling
from zegel_relay.services.object_rules import PEOPLE
from zegel_relay.services.office import Office, flows_of, people_of
from zegel_relay.services.owed import deadlines_of, ended_by, is_to_asker, reminders_of
from zegel_relay.services.questions import Question, ask_together
from zegel_relay.services.refusals import count_refusals
from zegel_relay.services.shown_log import check_seen
from zegel_relay.storage.database import upsert, writing
from zegel_relay.storage.models import (
    Base,
    Blob,
    Equivocation,
    Message,
    MessageConsent,
    MessageDelivery,
    MessageWraps,
    StoredNotice,
    StoredObject,
)
from zegel_relay.storage.new_row import NewRow
from zegel_relay.storage.operation import SUBMITTER, Outcome, ReceiptPlan, Repeat, Transaction, Update

MAX_PEOPLE = 16
"""Most people that one message is about: a large household. Bounds what an unknown sender can make a relay look up."""

ALARMS_AT_ONCE = 16
"""Most alarms of one device that overtake others while they wait; they need not be true to wait."""


@dataclass(frozen=True)
class _Parts:
    """A submission taken apart: entries by `D` as text, wraps with their envelopes, inline ciphertexts by `ct`."""

    entries: tuple[Signed[Entry], ...]
    wraps: tuple[Exhibit, ...]
    sections: dict[str, bytes]


class AcceptMessage:
    """Accept one message. The same manifest twice gives the same receipt; its id with other bytes is a conflict."""

    def __init__(self, office: Office, submission: Submission) -> None:
        self.office = office
        self.exhibit = read(bytes(submission.manifest))
        if self.exhibit.kind != Manifest.KIND:
            raise MalformedError("envelope.type", "a manifest belongs here")
        self.manifest, _ = read_payload(self.exhibit.envelope, Manifest)
        self.parts = _Parts(
            entries=read_entries(self.manifest, submission.entries, whole=True),
            wraps=tuple(read(bytes(envelope)) for envelope in submission.wraps),
            sections=sealed_parts.read_sections(submission.sections),
        )
        self._people = frozenset(people_of(self.manifest, self.parts.entries))
        self._flows = flows_of(self.manifest, self._people)
        if len(self._people) > MAX_PEOPLE:
            raise MalformedError("about.too-many", f"a message is about {MAX_PEOPLE} people at most")

    @cached_property
    def reads(self) -> AbstractSet[str]:
        """Everything the decision rests on: the setting, the people, their consents."""
        chains = frozenset(f"chain:{'|'.join(flow)}" for flow in self._flows)
        # Which worker it is, only the device list says. A declaration still without a receipt holds nobody up.
        looked_up = frozenset(f"record:{kind}:{subject}" for kind, subject in records.subjects_of(self.manifest, None))
        return chains | looked_up | {"setting", PEOPLE}

    @cached_property
    def writes(self) -> AbstractSet[str]:
        """The message's id and its ciphertexts."""
        blobs = frozenset(f"blob:{held.payload.ct}" for held in self.parts.entries)
        return blobs | {f"message:{self.manifest.id}", f"object:{self.exhibit.d}", f"delivery:{self.exhibit.d}"}

    @cached_property
    def question(self) -> Question:
        """All that `apply` is going to look up."""
        manifest = self.manifest
        return Question(
            d=self.exhibit.d,
            directory=manifest.directory,
            recipient=manifest.to.partner,
            ids=(manifest.id,) if manifest.thread is None else (manifest.id, manifest.thread),
            persons=tuple(self._people),
            flows=self._flows,
            cts=tuple(held.payload.ct for held in self.parts.entries),
            seen=manifest.seen.size,
            manifest=manifest,
        )

    async def apply(self, tx: Transaction) -> Outcome | Repeat:
        """Decide, with everything current read in this transaction.

        Raises `Refused`, `Conflict` (`message.id`, `wraps.*`, `section.missing`) or `ProtocolError`.
        """
        read_ahead.begin(tx.session)
        trust = await self.office.trust(tx.session)
        await ask_together(tx.session, trust, self.question, self.office.expected.values())
        case = await self._case(tx)
        known = await archive.by_digest(tx.session, [self.exhibit.d])
        place = known[0].place if known else Place(tx.index, tx.now)
        # First of all: whoever repeats a message to get its receipt must have it as its sender signed it.
        manifest = verify(self.exhibit.envelope, Manifest, case.trust, place)
        before = await archive.receipt(tx.session, self.exhibit.d) if known else None
        if before is not None:
            return Repeat(before)
        taken = await archive.manifest_by_id(tx.session, self.manifest.id)
        if taken is not None:
            first, _ = read_payload(taken.envelope, Manifest)
            raise IdTaken(self.exhibit, taken.d, first.sender.party.key)
        await self._judge(tx, case, manifest)
        await check_seen(tx.session, manifest.payload.seen, case.trust, manifest.payload.created)
        wraps = [(item, verify(item.envelope, Wraps, case.trust, place)) for item in self.parts.wraps]
        given = [held for _, held in wraps]
        await sealed_parts.check_wraps(tx.session, case, manifest, self.parts.entries, given, tx.now)
        blobs = await sealed_parts.check_sections(tx.session, manifest, self.parts.entries, self.parts.sections, tx.now)
        began = await archive.manifest_by_id(tx.session, self.manifest.thread) if self.manifest.thread else None
        first_of = read_payload(began.envelope, Manifest)[0] if began is not None else None
        told = is_to_asker(self.manifest, first_of, case.setting.rulebook.payload)
        began_d = began.d if began is not None else None
        ended = ended_by(self.exhibit.d, self.manifest, began_d, tx.now, to_asker=told)
        notices = await make_notices(self.office, case, manifest, self.parts.entries, tx)
        await self._check_untold(tx, case, began, notices)
        return self._outcome(tx, case, wraps, blobs, notices, ended)

    async def _case(self, tx: Transaction) -> CaseFile:
        named = await records.answered(tx.session, self.manifest)
        if self.manifest.thread is not None:
            began = await archive.manifest_by_id(tx.session, self.manifest.thread)
            named += [began] if began is not None else []
        # What a person is not to be told of yet is not there for what they send either.
        sender = self.manifest.sender.party.key
        more = [item for item in named if not await is_early(tx.session, sender, item.d)]
        trust = await self.office.trust(tx.session)
        worker = records.worker_of(trust, self.manifest, Place(tx.index, tx.now))
        found = await records.look_up(tx.session, records.subjects_of(self.manifest, worker))
        between = self.manifest.sender.party, self.manifest.to
        more += await records.of_people(tx.session, found, self._people, between=between)
        return await self.office.case(tx.session, self._people, self._flows, more, tx.now)

    async def _judge(self, tx: Transaction, case: CaseFile, manifest: Signed[Manifest]) -> None:
        refusals = list(decide(case.evidence(manifest, self.parts.entries), tx.now))
        acted_under = await archive.by_digest(tx.session, [manifest.payload.directory])
        if not any(item.kind == Directory.KIND for item in acted_under):
            refusals.append(refuse(Code.DIRECTORY_UNKNOWN, "$.directory", Step.REFRESH))
        if refusals:
            raise Refused(tuple(refusals))

    async def _check_untold(
        self, tx: Transaction, case: CaseFile, began: Exhibit | None, notices: Sequence[StoredNotice]
    ) -> None:
        """Return if nobody is told by this message of another one that they are not to be told of yet.

        Its notice names what it answers, and so would betray a notice that waits. An alarm is held up by nothing.
        """
        manifest = self.manifest
        named = {item for item in (manifest.answers, began.d if began is not None else None) if item is not None}
        if manifest.sender.partner is None or is_urgent(manifest, case.setting.rulebook.payload):
            return
        told_now = {f"person:{row.person}" for row in notices if row.position is not None}
        if any([await is_early(tx.session, person, d) for person in sorted(told_now) for d in sorted(named)]):
            detail = "Somebody who would be told of this is not told yet of what it answers. Nothing was sent: phone."
            raise Conflict("message.untold", detail)

    def _outcome(
        self,
        tx: Transaction,
        case: CaseFile,
        wraps: list[tuple[Exhibit, Signed[Wraps]]],
        blobs: dict[str, NewRow],
        notices: Sequence[StoredNotice],
        ended: Sequence[Update],
    ) -> Outcome:
        d, payload = self.exhibit.d, self.manifest
        entries, rulebook = self.parts.entries, case.setting.rulebook.payload
        # For who is told later, nothing of it is there before: not the notice, not the copy, not a wake-up.
        later = {f"person:{row.person}" for row in notices if row.position is None}
        rows: list[Base | NewRow] = [
            NewRow(
                StoredObject, d=d, kind=Manifest.KIND, subject=payload.id,
                household=payload.household, version=0, envelope=self.exhibit.envelope,
                log_index=tx.index, accepted_at=tx.now,
            ),
            NewRow(
                Message, d=d, id=payload.id, sender=payload.sender.party.key, recipient=payload.to.key,
                household=payload.household, thread=payload.thread, log_index=tx.index, accepted_at=tx.now,
            ),
            *(sealed_parts.entry_row(d, held) for held in entries),
            *blobs.values(),
            *notices,
            *promise_telling(notices, case, payload, tx),
            *(owed := deadlines_of(d, payload, rulebook, tx.now)),
            *reminders_of(owed, tx.now),
            *begun(d, payload, rulebook, tx.now),
        ]  # fmt: skip
        if isinstance(payload.basis, OnConsent):
            rows += [NewRow(MessageConsent, message_d=d, consent_d=consent) for consent in payload.basis.consents]
        receipts = [ReceiptPlan(SUBMITTER, tuple(item.d for item, _ in wraps), tuple(row.d for row in notices))]
        for item, held in wraps:
            reader = held.payload.reader.key
            rows.append(NewRow(MessageWraps, d=item.d, message_d=d, reader=reader, envelope=item.envelope))
            urgent = reader == payload.to.key and is_urgent(payload, rulebook)
            rows.append(_delivery(d, reader, tx, later, urgent=urgent))
            own = tuple(row.d for row in notices if f"person:{row.person}" == reader)
            receipts.append(ReceiptPlan(reader, (item.d,), own))
        reading = {held.payload.reader.key for _, held in wraps}
        for row in notices:
            told = f"person:{row.person}"
            if told not in reading:
                # Who is told and reads nothing is handed the lines that concern them all the same.
                rows.append(_delivery(d, told, tx, later))
                receipts.append(ReceiptPlan(told, (), (row.d,)))
        wake = ({held.payload.reader.key for _, held in wraps} | {f"person:{row.person}" for row in notices}) - later
        uploaded = sorted({held.payload.ct for held in entries} - blobs.keys())
        claimed = (update(Blob).where(Blob.ct.in_(uploaded)).values(message_d=d),) if uploaded else ()
        return Outcome(d, tuple(rows), tuple(receipts), (*claimed, *ended), tuple(sorted(wake)))


def _delivery(d: str, reader: str, tx: Transaction, later: AbstractSet[str], *, urgent: bool = False) -> NewRow:
    return NewRow(
        MessageDelivery, message_d=d, reader=reader, log_index=tx.index,
        position=None if reader in later else own_position(reader, tx.index), called_at=tx.now if urgent else None,
    )  # fmt: skip


class IdTaken(Conflict):
    """A sender signed two messages under one id (attack 24). The first stands; the second is kept as evidence."""

    def __init__(self, second: Exhibit, first: str, first_sender: str) -> None:
        super().__init__("message.id", f"Another message has this id ({first}); both are signed, so both are evidence.")
        self.second, self.first_sender = second, first_sender


async def accept_message(office: Office, submission: Submission, now: int) -> bytes:
    """Accept a message durably with its notices; return the sender's receipt.

    Raises `Refused` with all reasons, `Conflict`, or `ProtocolError`; then nothing of the message was stored.
    """
    operation = AcceptMessage(office, submission)
    if operation.manifest.sender.partner is not None:
        await _check_device(office, operation, now)
    office.expected[operation.exhibit.d] = operation.question
    try:
        return await office.writer.submit(operation, urgent=_is_alarm(office, operation))
    except Refused as error:
        await count_refusals(office.sessions, error.refusals, now)
        raise
    except IdTaken as error:
        if error.first_sender != operation.manifest.sender.party.key:
            raise
        second = error.second
        kept = {"d": second.d, "id": operation.manifest.id, "envelope": second.envelope, "refused_at": now}
        async with writing(office.sessions) as session:
            # The same evidence twice, from two processes at once even, is there once.
            await session.execute(upsert(session, Equivocation).values(kept).on_conflict_do_nothing())
        raise
    finally:
        office.expected.pop(operation.exhibit.d, None)


def _is_alarm(office: Office, operation: AcceptMessage) -> bool:
    """Whether a message is an alarm by the rules of a moment ago: that is for its place in the queue, and no more.

    Of one device that sends many at once the further ones wait as all else does: nobody keeps another's alarm waiting.
    """
    trust = office.last_trust
    rules = trust.setting.rulebook.payload if trust is not None and trust.setting is not None else None
    if rules is None or not is_urgent(operation.manifest, rules):
        return False
    sender = operation.manifest.sender
    waiting = sum(
        item.manifest.sender == sender and is_urgent(item.manifest, rules) for item in office.expected.values()
    )
    return waiting <= ALARMS_AT_ONCE


async def _check_device(office: Office, operation: AcceptMessage, now: int) -> None:
    """Return, before a place in the queue is taken, for what a partner's device signed or what was accepted before.

    Who is no such device costs the writer nothing. The trust of a moment ago will do to let someone through, for the
    accepting transaction asks again; nobody is sent away on it.
    """
    place = Place(MAX_INT, now)
    try:
        if office.last_trust is not None:
            verify(operation.exhibit.envelope, Manifest, office.last_trust, place)
            return
    except ProtocolError:
        pass
    async with office.sessions() as session:
        if not await archive.by_digest(session, [operation.exhibit.d]):
            verify(operation.exhibit.envelope, Manifest, await office.trust(session), place)
