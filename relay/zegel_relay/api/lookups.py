"""Looking things up: the setting, evidence, sealing keys, and for persons their requests and consents."""

import msgspec
from msgspec import Raw

from zegel_protocol.api import Accepted, Bundle, EvidenceQuery
from zegel_protocol.fields import Digest, PartnerId
from zegel_relay.api.inbox import MessagePath
from zegel_relay.api.route import Call
from zegel_relay.services import reading
from zegel_relay.services.errors import Forbidden


class PartnerPath(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A partner's id."""

    partner: PartnerId


class ReceiptPath(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `D` of an accepted object."""

    d: Digest


async def setting(call: Call) -> Bundle:
    """Return what is in force in the Huis."""
    async with call.relay.sessions() as session:
        return await reading.read_setting(session)


async def evidence(call: Call) -> Bundle:
    """Return what a message would be judged by."""
    query: EvidenceQuery = call.body
    async with call.relay.sessions() as session:
        return await reading.read_evidence(call.relay.office, session, call.asker.party, query, call.now)


async def prekeys(call: Call) -> Bundle:
    """Return a partner's sealing keys. Whoever may send may know them."""
    path: PartnerPath = call.path
    async with call.relay.sessions() as session:
        return await reading.read_prekeys(call.relay.office, session, path.partner, call.asker.party)


async def requests(call: Call) -> Bundle:
    """Return the consent requests that ask the person who asks."""
    async with call.relay.sessions() as session:
        return await reading.read_requests(session, _person(call), call.now)


async def consents(call: Call) -> Bundle:
    """Return the consents and revocations about the person who asks."""
    async with call.relay.sessions() as session:
        return await reading.read_consents(call.relay.office, session, _person(call), call.now)


async def events(call: Call) -> Bundle:
    """Return what readers said of a message."""
    path: MessagePath = call.path
    async with call.relay.sessions() as session:
        return await reading.read_events(session, call.asker.party, path.d, call.now)


async def receipt(call: Call) -> Accepted:
    """Return the receipt that is whoever asks to see."""
    path: ReceiptPath = call.path
    async with call.relay.sessions() as session:
        return Accepted(receipt=Raw(await reading.read_receipt(session, call.asker.party, path.d)))


def _person(call: Call) -> str:
    person = call.asker.person
    if person is None:
        raise Forbidden("person.only", "This is for the person it is about.")
    return person
