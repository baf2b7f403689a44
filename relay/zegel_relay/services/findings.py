"""The steward's findings: what was over-broad is asked back, and whoever was told of it is told of that (article 7)."""

from sqlalchemy import select

from zegel_keys.envelopes import new_nonce
from zegel_keys.exhibit import read
from zegel_keys.verification import read_payload
from zegel_protocol.objects import Finding, Manifest, Notice
from zegel_protocol.objects.notice import WITHOUT_DEVICE
from zegel_protocol.positions import first_position
from zegel_protocol.signed import Signed
from zegel_protocol.words import OVER_BROAD
from zegel_relay.outbox.promise import RELEASE, promise
from zegel_relay.services import archive
from zegel_relay.services.duties import is_still_told
from zegel_relay.services.effect import Effect
from zegel_relay.services.erasures import ask_erasure
from zegel_relay.services.errors import Conflict, NotFound
from zegel_relay.services.notices import telling_of
from zegel_relay.services.office import Office
from zegel_relay.storage.models import Base, Message, MessageEntry, StoredNotice
from zegel_relay.storage.operation import Transaction


async def check_finding(office: Office, tx: Transaction, held: Signed[Finding]) -> Effect:
    """About a section of a message that is here, which was not found over-broad before.

    `over-broad`: its recipient owes the erasure, and whoever was told of the section gets a notice. `unfounded`: both
    sides see it, and nothing else follows.
    """
    said = held.payload
    message = await tx.session.get(Message, said.manifest)
    if message is None:
        raise NotFound("message.unknown", "No such message is known here.")
    section = MessageEntry.message_d == message.d, MessageEntry.n == said.n
    entry = await tx.session.scalar(select(MessageEntry.d).where(*section))
    if entry is None:
        raise NotFound("finding.section", "The message has no section of this number.")
    sides = {message.sender, message.recipient}
    if said.found != OVER_BROAD:
        return Effect(wake=tuple(sorted(sides)))
    found = await archive.by_subject(tx.session, (Finding.KIND,), [message.d])
    before = [read_payload(item.envelope, Finding)[0] for item in found]
    if any((item.n, item.found) == (said.n, OVER_BROAD) for item in before):
        raise Conflict("finding.twice", "This section was found over-broad before: once is enough.")
    trust = await office.trust(tx.session)
    if trust.setting is None:
        raise Conflict("huis.not-founded", "This Huis has no directory yet: its steward publishes one first.")
    rulebook = trust.setting.rulebook.payload
    rows: list[Base] = [ask_erasure(held.d, message.d, message.recipient, rulebook, tx.now)]
    manifest, _ = read_payload((await archive.by_digest(tx.session, [message.d]))[0].envelope, Manifest)
    people: set[str] = set()
    for row in await _told_of(tx, message.d, entry):
        notice = _notice(office, row, entry, tx)
        rows.append(notice)
        if notice.position is None:
            rows.append(promise(RELEASE, f"person:{row.person}", notice.d, notice.due_at, tx.now))
            continue
        people.add(f"person:{row.person}")
        without = WITHOUT_DEVICE in read_payload(notice.envelope, Notice)[0].codes
        rows += telling_of(notice, manifest, rulebook, tx.now, without_device=without)
    return Effect(rows=tuple(rows), wake=tuple(sorted(sides | people)))


async def _told_of(tx: Transaction, message: str, entry: str) -> list[StoredNotice]:
    """Return the notice by which each person was told of a section, or is going to be; nobody else hears of it."""
    query = select(StoredNotice).where(StoredNotice.message_d == message).order_by(StoredNotice.log_index)
    first: dict[str, StoredNotice] = {}
    for row in await tx.session.scalars(query):
        # Whom a safety flag silences since learns nothing more of it.
        if entry in read_payload(row.envelope, Notice)[0].entries and await is_still_told(tx.session, row):
            first.setdefault(row.person, row)
    return list(first.values())


def _notice(office: Office, told: StoredNotice, entry: str, tx: Transaction) -> StoredNotice:
    """Return the notice of a finding to who was `told` of its section; it waits while that one does."""
    waits = told.position is None
    begins = max(tx.now, told.due_at) if waits else tx.now
    codes = {OVER_BROAD, *({WITHOUT_DEVICE} & set(read_payload(told.envelope, Notice)[0].codes))}
    notice = Notice(
        v=1, huis=office.huis, nonce=new_nonce(), person=told.person, manifest=told.message_d, entries=(entry,),
        codes=tuple(sorted(codes)), not_before=begins,
    )  # fmt: skip
    exhibit = read(office.sign(notice))
    return StoredNotice(
        d=exhibit.d, person=told.person, message_d=told.message_d, envelope=exhibit.envelope, not_before=begins,
        log_index=tx.index, due_at=begins, position=None if waits else first_position(tx.index),
    )  # fmt: skip
