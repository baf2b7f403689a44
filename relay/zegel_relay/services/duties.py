"""What a partner owes people without a device: to tell them, in person or by letter; and who is to be told at all.

A duty shows the notice, and of the message only the lines that concern its person and that this partner may know.
"""

from collections.abc import Iterable

from msgspec import Raw
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.exhibit import Exhibit
from zegel_keys.verification import read_payload
from zegel_protocol import b64
from zegel_protocol.api import NOTHING, DutyItem, DutyPage, Held, NoticeItem, NoticePage
from zegel_protocol.decision.age import told_together
from zegel_protocol.encoding import decode
from zegel_protocol.objects import Contact, Entry, Manifest, Notice, Person
from zegel_relay.outbox.promise import DONE, TELL
from zegel_relay.services import archive
from zegel_relay.services.errors import NotFound
from zegel_relay.services.held_back import is_held_back
from zegel_relay.services.office import Office
from zegel_relay.storage.models import Message, MessageEntry, OutboxItem, StoredNotice
from zegel_relay.storage.operation import SUBMITTER

DUTIES = 200
"""Most duties at once: those that are owed for longest. The others show as these are met."""


async def read_duties(session: AsyncSession, partner: str) -> DutyPage:
    """Return what a partner owes, oldest first, with what its software needs to check and to word it."""
    party = f"partner:{partner}"
    owed = OutboxItem.kind == TELL, OutboxItem.subject == party, OutboxItem.state != DONE
    query = select(StoredNotice).join(OutboxItem, OutboxItem.object_d == StoredNotice.d)
    query = query.where(*owed, ~is_held_back()).order_by(StoredNotice.log_index, StoredNotice.d)
    items: list[DutyItem] = []
    people: set[str] = set()
    for row in (await session.scalars(query.limit(DUTIES))).all():
        if not await is_still_told(session, row):
            continue
        manifest = (await archive.by_digest(session, [row.message_d]))[0]
        sent = read_payload(manifest.envelope, Manifest)[0].sender
        own = sent.partner == partner
        entries = await _entries(session, row, None if own else party)
        receipt = await archive.receipt(session, row.message_d, SUBMITTER if own else party)
        contact = await archive.newest(session, Contact.KIND, row.person)
        items.append(
            DutyItem(
                notice=Raw(row.envelope),
                manifest=Raw(manifest.envelope),
                entries=tuple(b64.encode(entry) for entry in entries),
                receipt=Raw(receipt) if receipt is not None else NOTHING,
                since=row.due_at,
                language=_language(contact),
            )
        )
        about = {person for entry in entries for person in decode(entry, Entry).about}
        people |= about | {row.person} | ({sent.person} if sent.person is not None else set())
    shown = [*await archive.setting(session), *await archive.clients(session, people)]
    return DutyPage(items=tuple(items), evidence=await archive.bundle(session, shown, party))


async def _entries(session: AsyncSession, notice: StoredNotice, reader: str | None) -> list[bytes]:
    """The payloads of a notice's entries, in their order: all for the sender (None), else those that `reader` reads."""
    named = read_payload(notice.envelope, Notice)[0].entries
    query = select(MessageEntry).where(MessageEntry.message_d == notice.message_d).order_by(MessageEntry.n)
    rows: Iterable[MessageEntry] = await session.scalars(query)
    return [row.payload for row in rows if row.d in named and (reader is None or reader in row.readers.split(" "))]


async def is_still_told(session: AsyncSession, notice: StoredNotice) -> bool:
    """Whether the person of a notice is told of its lines by what is known now, for a child of the age it had then.

    Nobody goes to tell a holder whom a safety flag or a court silenced since, or one who holds authority no more. A
    notice shows all its lines, so one who is silenced for anybody in them is told of none.
    """
    about = {person for entry in await _entries(session, notice, None) for person in decode(entry, Entry).about}
    message = await session.get(Message, notice.message_d)
    at = message.accepted_at if message is not None else notice.not_before
    shown = await archive.by_subject(session, (Person.KIND,), about)
    people = (read_payload(item.envelope, Person)[0] for item in shown)
    # In the order of the log, so that the newest version of each stays.
    newest = {person.person: person for person in people}
    return notice.person in told_together(newest.values(), at)


def _language(contact: Exhibit | None) -> str | None:
    return read_payload(contact.envelope, Contact)[0].language if contact is not None else None


async def read_sent_notices(session: AsyncSession, party: str, d: str) -> NoticePage:
    """Return every notice of a message to its sender, who holds them against the receipt. Raises `NotFound`.

    Of one that a review moved it also says when it is due.
    """
    if await session.scalar(select(Message.sender).where(Message.d == d)) != party:
        raise NotFound("message.unknown", "No such message of yours is known here.")
    query = select(StoredNotice).where(StoredNotice.message_d == d).order_by(StoredNotice.d)
    items = tuple(
        NoticeItem(manifest=d, notice=Raw(row.envelope), due=row.due_at if row.due_at != row.not_before else None)
        for row in await session.scalars(query)
    )
    return NoticePage(items=items, cursor=0)


async def read_contact(office: Office, session: AsyncSession, party: str, person: str, now: int) -> Held:
    """Return a person's contact, to the person; to a partner only while the person has no keys. Raises `NotFound`.

    The address in it is sealed to the worker; who may set the next version needs to know the last.
    """
    held = await archive.newest(session, Contact.KIND, person)
    if held is not None and party != f"person:{person}":
        case = await office.case(session, [person], (), (), now)
        client = case.clients.get(person)
        held = None if client is None or client.keys or not party.startswith("partner:") else held
    if held is None:
        raise NotFound("contact.unknown", "No contact is known here for you to see.")
    return (await archive.bundle(session, [held], party)).items[0]
