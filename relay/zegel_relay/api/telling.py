"""Who is to be told, and what is owed by when: duties, deadlines, a sender's notices, contacts and their key."""

import msgspec
from msgspec import Raw

from zegel_keys.envelopes import new_nonce
from zegel_protocol.api import DeadlinePage, DutyPage, Held, NoticePage
from zegel_protocol.fields import Random128
from zegel_protocol.objects import ContactKey
from zegel_relay.api.inbox import MessagePath
from zegel_relay.api.route import Call
from zegel_relay.services.duties import read_contact, read_duties, read_sent_notices
from zegel_relay.services.errors import Forbidden, NotFound
from zegel_relay.services.owing import read_deadlines


class PersonPath(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person's id."""

    person: Random128


async def duties(call: Call) -> DutyPage:
    """Return whom the partner that asks still owes telling."""
    partner = call.asker.partner
    if partner is None:
        raise Forbidden("duties.partner", "Duties are read by the partner that owes them.")
    async with call.relay.sessions() as session:
        return await read_duties(session, partner)


async def deadlines(call: Call) -> DeadlinePage:
    """Return what the asker owes and is owed, and a person what was agreed with them."""
    async with call.relay.sessions() as session:
        return await read_deadlines(session, call.asker.party, call.now)


async def sent_notices(call: Call) -> NoticePage:
    """Return the notices of a message that the asker sent."""
    path: MessagePath = call.path
    async with call.relay.sessions() as session:
        return await read_sent_notices(session, call.asker.party, path.d)


async def contact(call: Call) -> Held:
    """Return a person's contact to whoever may set the next."""
    path: PersonPath = call.path
    async with call.relay.sessions() as session:
        return await read_contact(call.relay.office, session, call.asker.party, path.person, call.now)


async def contact_key(call: Call) -> Held:
    """Return the worker's public key, stated and signed by the relay."""
    office = call.relay.office
    if office.contact_public is None:
        raise NotFound("contact-key.none", "This relay pings nobody: it has no key to seal contact addresses to.")
    stated = ContactKey(v=1, huis=office.huis, nonce=new_nonce(), key=office.contact_public, at=call.now)
    return Held(object=Raw(office.sign(stated)))
