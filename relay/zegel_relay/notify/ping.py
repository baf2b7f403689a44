"""A ping: mail that something is new, to who chose to get it; one for all that waits, once a day, within their hours.

At least once: the mail server has the mail before the relay notes that it left, so a process that dies in between pings
twice. Never the reverse: a ping that was noted and did not leave would be lost.
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.verification import read_payload
from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects import Contact
from zegel_relay import contact_key
from zegel_relay.notify.hours import next_day, next_moment
from zegel_relay.notify.mail import MailServer
from zegel_relay.outbox.handler import Done, Later, Result, WorkError
from zegel_relay.outbox.promise import PING, WAITING
from zegel_relay.outbox.workroom import Workroom
from zegel_relay.services import archive
from zegel_relay.storage.database import upsert, writing
from zegel_relay.storage.models import LastPing, OutboxItem, StoredNotice

TOGETHER_SECONDS = 120
"""How long a ping waits for the one before it, of the same person, that is being sent."""


async def ping(room: Workroom, item: OutboxItem, now: int) -> Result:
    """Send the ping of a person (`item.subject`) if nothing stands against it now.

    Raises `WorkError`: `contact-key.missing`, `contact.unopenable`, and as `MailServer.send`.
    """
    person = item.subject.removeprefix("person:")
    async with room.sessions() as session:
        contact = await _contact(session, person)
        if contact is None or contact.sealed is None or not room.settings.smtp_url:
            return Done()
        begins = await _begins(session, item)
        last = await session.scalar(select(LastPing.at).where(LastPing.person == person))
        if last is not None and last >= max(item.created_at, begins):
            # One mail said that something is new, of all that was new by then.
            return Done()
        moment = next_moment(contact.hours, max(now, begins, next_day(last) if last is not None else 0))
        if moment > now:
            return Later(moment)
        if await _first(session, item.subject, now) not in (item.id, None):
            return Later(now + TOGETHER_SECONDS)
    await _send(room, contact, person, now)
    async with writing(room.sessions) as session:
        noted = upsert(session, LastPing).values(person=person, at=now)
        await session.execute(noted.on_conflict_do_update(index_elements=[LastPing.person], set_={"at": now}))
    return Done()


async def _contact(session: AsyncSession, person: str) -> Contact | None:
    held = await archive.newest(session, Contact.KIND, person)
    return read_payload(held.envelope, Contact)[0] if held is not None else None


async def _begins(session: AsyncSession, item: OutboxItem) -> int:
    """Return from when the reason may reach the person: a delayed notice is not there at all before."""
    found = await session.scalar(select(StoredNotice.due_at).where(StoredNotice.d == item.object_d))
    return found or 0


async def _first(session: AsyncSession, subject: str, now: int) -> str | None:
    """Return the id of the person's oldest ping that is due: it speaks for the others, so two never leave at once."""
    which = OutboxItem.kind == PING, OutboxItem.subject == subject, OutboxItem.state == WAITING
    query = select(OutboxItem.id).where(*which, OutboxItem.due_at <= now)
    return await session.scalar(query.order_by(OutboxItem.created_at, OutboxItem.id).limit(1))


async def _send(room: Workroom, contact: Contact, person: str, now: int) -> None:
    if room.contact_key is None:
        raise WorkError("contact-key.missing")
    try:
        address = contact_key.parse(room.contact_key).open_address(person, contact.sealed or "")
    except ProtocolError:
        raise WorkError("contact.unopenable") from None
    server = MailServer.of(room.settings.smtp_url, room.settings.mail_from)
    await server.send(server.ping(address, contact.wording, contact.language, now))
