"""What partners and persons may look up: the setting, evidence before sending, keys, notices, requests and events."""

from collections.abc import Iterable

from msgspec import Raw
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.exhibit import Exhibit
from zegel_keys.trust import Trust
from zegel_keys.verification import read_payload
from zegel_protocol.api import Bundle, EvidenceQuery, NoticeItem, NoticePage
from zegel_protocol.decision.age import told as told_of
from zegel_protocol.decision.age import who_signs
from zegel_protocol.evidence import Flow
from zegel_protocol.fields import MAX_INT
from zegel_protocol.objects import Acknowledgement, ConsentRequest, Finding, Manifest, Person
from zegel_protocol.objects.devices import Device
from zegel_protocol.signed import Place
from zegel_protocol.words import READING
from zegel_relay.services import archive, erasures, records, tables
from zegel_relay.services.blobs import is_early
from zegel_relay.services.errors import Forbidden, NotFound
from zegel_relay.services.office import Office
from zegel_relay.services.silence import silenced_since
from zegel_relay.storage.models import ChainEntry, Message, MessageDelivery, MessageEvent, StoredNotice

NOTICES = 200
"""Most notices on one page."""


async def read_setting(session: AsyncSession) -> Bundle:
    """Return what is in force in the Huis. Open to all: it holds partners and rules, and nothing of any client."""
    return await archive.bundle(session, await archive.setting(session), "")


async def read_evidence(office: Office, session: AsyncSession, party: str, query: EvidenceQuery, now: int) -> Bundle:
    """Return all that a message between two parties about these persons would be judged by.

    For the sender and the recipient, and for the persons themselves. To know a person's id is what lets a partner ask:
    ids are 128 random bits, and there is no list of them. Raises `Forbidden`.
    """
    sender, to = query.sender.key, query.to.key
    is_person = party.startswith("person:")
    if not (await _concerns(session, party, query.persons, now) if is_person else party in (sender, to)):
        raise Forbidden("evidence.party", "Only sender, recipient and the persons themselves may see this.")
    asked: list[Flow] = [(person, sender, to) for person in query.persons]
    exhibits = await office.exhibits(session, query.persons, asked, whole=not is_person)
    if is_person:
        exhibits += await _told_beside(session, party.removeprefix("person:"), now)
    if query.thread is not None:
        began = await archive.manifest_by_id(session, query.thread)
        if began is not None and await _took_part(session, began.d, party):
            exhibits.append(began)
    own = records.own_subjects(await office.trust(session), query) if not is_person else []
    asked_for = [*records.subjects_asked(query), *own]
    found = await records.look_up(session, dict.fromkeys(asked_for))
    found = await tables.seen_by(session, found, party, now)
    by = party.removeprefix("person:") if is_person else None
    between = None if is_person else (query.sender, query.to)
    exhibits += await records.of_people(session, found, query.persons, between=between, by=by)
    if query.answers is not None:
        answered = [item for item in await archive.by_digest(session, [query.answers]) if item.kind == Manifest.KIND]
        answered = [item for item in answered if await _took_part(session, item.d, party)]
        findings = await archive.by_subject(session, (Finding.KIND,), [item.d for item in answered])
        if is_person:
            findings = await erasures.without_foreign(session, party.removeprefix("person:"), findings)
        exhibits += [*answered, *findings]
    if query.request is not None:
        exhibits += await _own_request(session, query.request, party)
    statuses = await office.signed_statuses(session, asked, now)
    return await archive.bundle(session, [*await office.setting(session), *exhibits, *statuses], party)


async def _told_beside(session: AsyncSession, person: str, now: int) -> list[Exhibit]:
    """Who is told beside the person that asks, a young person's trusted adults: their phone seals to them too."""
    own = await archive.newest(session, Person.KIND, person)
    beside = set(told_of(read_payload(own.envelope, Person)[0], now)) - {person} if own is not None else set[str]()
    return await archive.clients(session, beside)


async def _own_request(session: AsyncSession, d: str, party: str) -> list[Exhibit]:
    """The request `d`, to the partner who asked it: to others, what was asked and not answered is not there."""
    shown = [item for item in await archive.by_digest(session, [d]) if item.kind == ConsentRequest.KIND]
    return [item for item in shown if f"partner:{read_payload(item.envelope, ConsentRequest)[0].partner}" == party]


async def _concerns(session: AsyncSession, party: str, persons: Iterable[str], now: int) -> bool:
    """Whether `party` is one of the persons, or says yes for each of the others."""
    asking = party.removeprefix("person:")
    shown = await archive.by_subject(session, (Person.KIND,), persons)
    newest = {person.person: person for person in (read_payload(item.envelope, Person)[0] for item in shown)}
    return all(person == asking or asking in who_signs(newest[person], now) for person in persons if person in newest)


def _children_of(person: str, people: Iterable[Person], now: int) -> set[str]:
    """Return those for whom this person says yes now.

    Nothing of anybody else is shown to a holder of authority: not of who turned 12, whose help is their own, and not
    to one who is silenced, who must not even learn of that.
    """
    return {item.person for item in people if person != item.person and person in who_signs(item, now)}


async def _took_part(session: AsyncSession, d: str, party: str) -> bool:
    delivery = await session.get(MessageDelivery, (d, party))
    # Without a position it is there for nobody yet: whoever names it must not learn that it exists.
    if delivery is not None and delivery.position is not None:
        return True
    return await session.scalar(select(Message.sender).where(Message.d == d)) == party


async def read_prekeys(office: Office, session: AsyncSession, partner: str, party: str = "") -> Bundle:
    """Return the newest sealing keys of a partner's inbox devices, with the setting to check them by.

    To that partner itself (`party`), those of all its devices: one gives another the keys of a message.
    """
    trust, own = await office.trust(session), party == f"partner:{partner}"
    devices = [device.device for device in trust.devices(partner, None) if device.inbox or own]
    shown = await archive.prekeys(session, partner, devices)
    return await archive.bundle(session, [*await office.setting(session), *shown], "")


async def read_notices(session: AsyncSession, person: str, after: int) -> NoticePage:
    """Return a person's notices from position `after` on, in their order; one that is held back is not there at all.

    It has no position yet, and gets one behind all that its person may have seen.
    """
    matching = StoredNotice.person == person, StoredNotice.position >= after
    query = select(StoredNotice).where(*matching).order_by(StoredNotice.position).limit(NOTICES)
    rows = (await session.scalars(query)).all()
    items = tuple(NoticeItem(manifest=row.message_d, notice=Raw(row.envelope), position=row.position) for row in rows)
    return NoticePage(items=items, cursor=(items[-1].position or 0) + 1 if items else after)


async def read_requests(session: AsyncSession, person: str, now: int) -> Bundle:
    """Return the consent requests that ask this person, or someone for whom they say yes, with the setting."""
    own = await archive.by_subject(session, (Person.KIND,), [person])
    households = {read_payload(item.envelope, Person)[0].household for item in own}
    shown = await archive.by_subject(session, (ConsentRequest.KIND,), households)
    people = await archive.household(session, households)
    children = _children_of(person, people.values(), now)
    # Who is asked themselves sees who else is; who is asked for a child only, sees nothing that is of somebody else.
    asked = [item for item in shown if person in _asked(item) or (_asked(item) & children and _asked(item) <= children)]
    clients = await archive.clients(session, {person, *children})
    return await archive.bundle(session, [*await archive.setting(session), *clients, *asked], f"person:{person}")


def _asked(request: Exhibit) -> set[str]:
    return set(read_payload(request.envelope, ConsentRequest)[0].persons)


async def read_consents(office: Office, session: AsyncSession, person: str, now: int) -> Bundle:
    """Return every consent and revocation about a person, or someone for whom they say yes, with statuses."""
    own = await archive.by_subject(session, (Person.KIND,), [person])
    households = {read_payload(item.envelope, Person)[0].household for item in own}
    people = await archive.household(session, households)
    about = {person, *_children_of(person, people.values(), now)}
    rows = await session.execute(
        select(ChainEntry.person, ChainEntry.sender, ChainEntry.recipient)
        .where(ChainEntry.person.in_(about))
        .distinct()
    )
    flows: list[Flow] = [(row.person, row.sender, row.recipient) for row in rows]
    exhibits = await office.exhibits(session, about, flows, whole=False)
    statuses = await office.signed_statuses(session, flows, now)
    return await archive.bundle(session, [*await office.setting(session), *exhibits, *statuses], f"person:{person}")


async def read_events(session: AsyncSession, party: str, d: str, now: int) -> Bundle:
    """Return the acknowledgements of a message, for its sender, its readers and the persons it is about.

    A person does not see what other persons did with their own copies or said, nor the answer to a revocation that is
    not theirs to know of. What a person says to everyone is seen by sender and recipient. Raises `NotFound`.
    """
    person = party.removeprefix("person:")
    told = await session.scalar(
        select(StoredNotice.d).where(StoredNotice.message_d == d, StoredNotice.person == person)
    )
    if (told is None and not await _took_part(session, d, party)) or await is_early(session, party, d):
        raise NotFound("message.unknown", "No such message is known here for you.")
    seen = or_(MessageEvent.reader.startswith("partner:"), MessageEvent.reader == party)
    if not party.startswith("person:"):
        sender = await _is_sender(session, d, party)
        seen = MessageEvent.message_d == d if sender else or_(seen, MessageEvent.event.not_in(READING))
    digests = await session.scalars(select(MessageEvent.d).where(MessageEvent.message_d == d, seen))
    shown = [item for item in await archive.by_digest(session, digests) if item.kind == Acknowledgement.KIND]
    said = {item.d: read_payload(item.envelope, Acknowledgement)[0] for item in shown}
    if party.startswith("person:"):
        asked = {word.of for word in said.values() if word.of is not None}
        known = {of for of in asked if await erasures.may_know(session, person, of, now)}
        shown = [item for item in shown if said[item.d].of is None or said[item.d].of in known]
        shown = await _before_silence(session, person, d, shown)
    # Who checks what a person said needs that person's keys.
    people = await archive.clients(session, {word.by.person for word in said.values() if word.by.person is not None})
    # What the steward found is everyone's to see who was told of that section, and the sides'.
    found = await _findings(session, person if party.startswith("person:") else None, d)
    return await archive.bundle(session, [*people, *shown, *found], party)


async def _findings(session: AsyncSession, person: str | None, d: str) -> list[Exhibit]:
    """The steward's findings about a message; to a person, those of which a notice told them."""
    shown = await archive.by_subject(session, (Finding.KIND,), [d])
    if person is None:
        return shown
    return await _before_silence(session, person, d, await erasures.without_foreign(session, person, shown))


async def _before_silence(session: AsyncSession, person: str, d: str, shown: list[Exhibit]) -> list[Exhibit]:
    """Return these objects without what came after a flag that silences the person, but for what they said."""
    since = await silenced_since(session, person, d)
    if since is None:
        return shown
    return [item for item in shown if _is_of(item, person) or (item.place is not None and item.place.index < since)]


def _is_of(item: Exhibit, person: str) -> bool:
    return item.kind == Acknowledgement.KIND and read_payload(item.envelope, Acknowledgement)[0].by.person == person


async def _is_sender(session: AsyncSession, d: str, party: str) -> bool:
    return await session.scalar(select(Message.sender).where(Message.d == d)) == party


async def read_receipt(session: AsyncSession, party: str, d: str) -> bytes:
    """Return the receipt that is a party's to see. Raises `NotFound`."""
    sender = await _is_sender(session, d, party)
    found = await archive.receipt(session, d, "" if sender else party)
    if found is None or await is_early(session, party, d):
        raise NotFound("receipt.unknown", "There is no receipt for you under this name.")
    return found


async def find_key(office: Office, session: AsyncSession, keyid: str, now: int) -> str | None:
    """Return the public key that signs requests as `keyid` (`device:<partner>/<device>` or `person:<id>`), or None."""
    kind, _, name = keyid.partition(":")
    if kind == "device":
        partner, _, device = name.partition("/")
        found = find_device(await office.trust(session), partner, device, now)
        return found.sign_key if found is not None else None
    if kind == "person":
        case = await office.case(session, [name], ())
        client = case.clients.get(name)
        held = client.key_now(now) if client is not None else None
        return held.payload.identity_key if held is not None else None
    return None


def find_device(trust: Trust, partner: str, device: str, now: int) -> Device | None:
    """Return a device that may ask for its partner at `now`, or None.

    One whose dates are over, or whose whole list is, reads nothing more.
    """
    if trust.listed is not None and partner not in trust.listed:
        return None
    return next((item for item in trust.devices(partner, Place(MAX_INT, now)) if item.device == device), None)
