"""Handing messages out: what waits for a reader, and the one act that releases a message, judged as it happens."""

from collections.abc import Sequence

from msgspec import Raw
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.casefile import CaseFile, read_entries
from zegel_keys.exhibit import Exhibit
from zegel_keys.verification import read_payload, verify
from zegel_protocol import b64
from zegel_protocol.api import NOTHING, Delivery, InboxItem, InboxPage
from zegel_protocol.decision import decide
from zegel_protocol.evidence import Flow
from zegel_protocol.objects import Entry, Manifest, Notice
from zegel_protocol.refusal import Code, Refusal, passes
from zegel_protocol.signed import Signed
from zegel_relay.services import archive, records, tables
from zegel_relay.services.alarm_calls import unopened_alarms
from zegel_relay.services.blobs import is_early
from zegel_relay.services.errors import Conflict, NotFound, Refused, Unauthorised
from zegel_relay.services.office import Office, flows_of, people_of
from zegel_relay.services.reading import find_device
from zegel_relay.services.reminded import require_reminded
from zegel_relay.services.rewraps import keys_for
from zegel_relay.storage.database import writing
from zegel_relay.storage.log import hold_still
from zegel_relay.storage.models import MessageDelivery, MessageEntry, MessageWraps, StoredNotice

_OF_RECIPIENT = frozenset({Code.RECIPIENT_UNKNOWN, Code.RECIPIENT_EXPIRED})
"""A sender chooses another recipient; what was accepted waits until the steward takes this one in again."""
PAGE = 100
"""Most messages on one inbox page."""


async def read_inbox(session: AsyncSession, reader: str, after: int, now: int, device: str | None = None) -> InboxPage:
    """Return the messages for a reader from position `after` on, in their order, and the alarms that nobody opened.

    Withdrawn and erased ones are left out; what a person is not to be told of yet has no position. The cursor to go on
    from is one past the last: positions are given in the order of commits, so nothing slips in behind it. Alarms are
    shown beside the page, so they wait behind nothing, and the cursor stays. `device`: which of a partner's asks.
    """
    matching = (
        MessageDelivery.reader == reader,
        MessageDelivery.position >= after,
        MessageDelivery.withdrawn_at.is_(None),
        MessageDelivery.erased_at.is_(None),
    )
    query = select(MessageDelivery).where(*matching).order_by(MessageDelivery.position).limit(PAGE)
    rows = (await session.scalars(query)).all()
    items = tuple(InboxItem(index=row.position or 0, manifest=row.message_d) for row in rows)
    urgent = await unopened_alarms(session, reader, device, now)
    return InboxPage(
        items=items,
        cursor=items[-1].index + 1 if items else after,
        urgent=urgent,
        called=max((item.called for item in urgent), default=0),
    )


async def deliver(office: Office, reader: str, d: str, now: int, device: str | None = None) -> Delivery:
    """Hand a message to a reader: judged once more, noted as delivered and committed, and only then returned.

    A partner's delivery that is not allowed any more is withdrawn for good, and refused; what is refused for something
    that passes, such as an expired directory, waits on. A person's own copy is theirs to read whatever became of the
    consent. `device` asks for a partner: it has to be in force while it is answered, and not only when it asked. Raises
    `NotFound`, `Refused`, `Unauthorised` (`http.key`) or `Conflict` (`message.withdrawn`, `message.erased`,
    `secrecy.not-reminded`).
    """
    refusals: Refused | None = None
    delivery: Delivery | None = None
    async with writing(office.sessions) as session:
        # What is judged here stands until this is committed: no revocation is answered in between.
        await hold_still(session)
        row = await session.get(MessageDelivery, (d, reader), with_for_update=True)
        found = await archive.by_digest(session, [d])
        if row is None or not found or await is_early(session, reader, d):
            raise NotFound("message.unknown", "No such message is known here for this reader.")
        if row.withdrawn_at is not None:
            raise Conflict("message.withdrawn", "This message was withdrawn before it was handed out.")
        if row.erased_at is not None and reader.startswith("partner:"):
            detail = "The period for which this message is kept is over. It is not here any more."
            raise Conflict("message.erased", detail)
        rows = await _entries(session, d)
        with archive.own_rows():
            case, entries, exhibits = await _case(office, session, found[0], rows, now)
        if device is not None and find_device(case.trust, reader.removeprefix("partner:"), device, now) is None:
            raise Unauthorised("http.key", "This device was taken off its partner's list. Nothing was handed out.")
        manifest = verify(found[0].envelope, Manifest, case.trust, found[0].place)
        if reader.startswith("partner:"):
            judged = decide(case.evidence(manifest, entries), now)
            refusals = Refused(judged) if judged else None
            if refusals is None:
                await require_reminded(session, case, d, reader.removeprefix("partner:"), device, now)
        which = MessageDelivery.message_d == d, MessageDelivery.reader == reader
        if refusals is not None:
            if row.delivered_at is None and _is_final(refusals.refusals):
                await session.execute(update(MessageDelivery).where(*which).values(withdrawn_at=now))
        else:
            if row.delivered_at is None:
                await session.execute(update(MessageDelivery).where(*which).values(delivered_at=now))
            delivery = await _delivery(office, session, reader, found[0], rows, exhibits, now, device)
    if refusals is not None or delivery is None:
        raise refusals or NotFound("message.unknown", "No such message is known here for this reader.")
    return delivery


def _is_final(refusals: tuple[Refusal, ...]) -> bool:
    """Whether what was accepted will not be allowed again: not while the steward or a new directory may mend it."""
    return not passes(item for item in refusals if item.code not in _OF_RECIPIENT)


async def _entries(session: AsyncSession, d: str) -> Sequence[MessageEntry]:
    query = select(MessageEntry).where(MessageEntry.message_d == d).order_by(MessageEntry.n)
    return (await session.scalars(query)).all()


async def _case(
    office: Office, session: AsyncSession, exhibit: Exhibit, rows: Sequence[MessageEntry], now: int
) -> tuple[CaseFile, tuple[Signed[Entry], ...], tuple[list[Exhibit], tuple[Flow, ...]]]:
    """Return the case of a message, its entries, and the exhibits and chains it rests on, as others are to see them."""
    manifest, _ = read_payload(exhibit.envelope, Manifest)
    entries = read_entries(manifest, (b64.encode(row.payload) for row in rows), whole=True)
    people = people_of(manifest, entries)
    flows = flows_of(manifest, people)
    began = await archive.manifest_by_id(session, manifest.thread) if manifest.thread is not None else None
    exhibits = [*await office.exhibits(session, people, flows), *([began] if began is not None else [])]
    worker = records.worker_of(await office.trust(session), manifest, exhibit.place)
    found = await records.look_up(session, records.subjects_of(manifest, worker), exhibit.place)
    exhibits += await records.of_people(session, found, people, between=(manifest.sender.party, manifest.to))
    exhibits += await records.answered(session, manifest)
    return await office.case_of(session, exhibits, flows, now), entries, (exhibits, flows)


async def _delivery(
    office: Office,
    session: AsyncSession,
    reader: str,
    exhibit: Exhibit,
    rows: Sequence[MessageEntry],
    rests_on: tuple[list[Exhibit], tuple[Flow, ...]],
    now: int,
    device: str | None,
) -> Delivery:
    # What a colleague wrapped for this very device, else what the sender did for the inbox.
    wraps = await keys_for(session, exhibit.d, device) or await session.scalar(
        select(MessageWraps.envelope).where(MessageWraps.message_d == exhibit.d, MessageWraps.reader == reader)
    )
    receipt = await archive.receipt(session, exhibit.d, reader)
    if receipt is None or (wraps is None and reader.startswith("partner:")):
        raise NotFound("message.unknown", "No such message is known here for this reader.")
    exhibits, flows = rests_on
    notice: bytes | None = None
    if reader.startswith("person:"):
        # A client gets the setting to check names and devices with, and nobody's consents but through their own page.
        manifest, _ = read_payload(exhibit.envelope, Manifest)
        found = await records.look_up(session, records.subjects_told(exhibit.d, manifest))
        exhibits, flows = await tables.seen_by(session, found, reader, now), ()
        if manifest.sender.person is not None:
            # Who checks another person's signature needs that person's keys.
            exhibits += await archive.clients(session, [manifest.sender.person])
        notice = await session.scalar(
            select(StoredNotice.envelope)
            .where(StoredNotice.message_d == exhibit.d, StoredNotice.person == reader.removeprefix("person:"))
            # The one that the receipt names; a later one tells of a finding about a section of it.
            .order_by(StoredNotice.log_index)
            .limit(1)
        )
    shown = [*await office.setting(session), *exhibits, *await office.signed_statuses(session, flows, now)]
    return Delivery(
        manifest=Raw(exhibit.envelope),
        entries=_entries_for(rows, reader, notice),
        wraps=Raw(wraps) if wraps is not None else NOTHING,
        receipt=Raw(receipt),
        evidence=await archive.bundle(session, shown, reader),
        notice=Raw(notice) if notice is not None else NOTHING,
    )


def _entries_for(rows: Sequence[MessageEntry], reader: str, notice: bytes | None) -> tuple[str, ...]:
    """Return the entries that concern a reader: for a person those of their notice, for a partner those it reads."""
    told = read_payload(notice, Notice)[0].entries if notice is not None else ()
    return tuple(b64.encode(row.payload) for row in rows if row.d in told or reader in row.readers.split(" "))
