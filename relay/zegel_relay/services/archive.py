"""Looking objects up: what was accepted, as exhibits with their place in the log, or as a bundle for others."""

from collections.abc import Iterable, Sequence

from msgspec import Raw
from sqlalchemy import Select, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.exhibit import Exhibit
from zegel_keys.verification import read_payload
from zegel_protocol.api import NOTHING, Bundle, Held
from zegel_protocol.evidence import Flow
from zegel_protocol.objects import (
    ClientKey,
    DeviceList,
    Directory,
    Manifest,
    Membership,
    Person,
    Prekeys,
    Root,
    Rulebook,
    Vouch,
)
from zegel_protocol.signed import Place
from zegel_relay.storage.models import ChainEntry, Message, StoredObject, StoredReceipt
from zegel_relay.storage.operation import SUBMITTER

SETTING_KINDS = (Root.KIND, Directory.KIND, Membership.KIND, DeviceList.KIND, Rulebook.KIND)
"""The kinds that the setting of a Huis is made of."""


def _exhibit(row: StoredObject) -> Exhibit:
    return Exhibit(row.kind, row.d, row.envelope, place=Place(row.log_index, row.accepted_at))


async def _fetch(session: AsyncSession, query: Select[StoredObject]) -> list[Exhibit]:
    rows = await session.scalars(query.order_by(StoredObject.log_index))
    return [_exhibit(row) for row in rows]


async def by_digest(session: AsyncSession, digests: Iterable[str]) -> list[Exhibit]:
    """Return the accepted objects with these `D`."""
    wanted = sorted(set(digests))
    return await _fetch(session, select(StoredObject).where(StoredObject.d.in_(wanted))) if wanted else []


async def by_subject(session: AsyncSession, kinds: Sequence[str], subjects: Iterable[str]) -> list[Exhibit]:
    """Return all versions of the objects of these kinds about these subjects."""
    wanted = sorted(set(subjects))
    if not wanted:
        return []
    matching = StoredObject.kind.in_(kinds), StoredObject.subject.in_(wanted)
    return await _fetch(session, select(StoredObject).where(*matching))


async def newest(session: AsyncSession, kind: str, subject: str) -> Exhibit | None:
    """Return the object of the highest version, or None."""
    matching = StoredObject.kind == kind, StoredObject.subject == subject
    query = select(StoredObject).where(*matching).order_by(StoredObject.version.desc()).limit(1)
    row = await session.scalar(query)
    return _exhibit(row) if row is not None else None


async def setting_mark(session: AsyncSession) -> int:
    """Return a number that grows whenever something of the setting is accepted; -1 while there is nothing."""
    query = select(func.max(StoredObject.log_index)).where(StoredObject.kind.in_(SETTING_KINDS))
    found = await session.scalar(query)
    return -1 if found is None else found


async def setting(session: AsyncSession) -> list[Exhibit]:
    """Return everything the setting in force rests on: roots, newest directories, memberships, lists, rulebook."""
    directories = select(StoredObject).where(StoredObject.kind == Directory.KIND)
    latest = (await session.scalars(directories.order_by(StoredObject.version.desc()).limit(1))).all()
    shown = [_exhibit(row) for row in latest]
    named: set[str] = set()
    for exhibit in shown:
        directory = read_directory(exhibit)
        named.add(directory.rulebook)
        if directory.base is not None:
            named.add(directory.base)
    others = select(StoredObject).where(
        or_(StoredObject.kind.in_((Root.KIND, Membership.KIND, DeviceList.KIND)), StoredObject.d.in_(named))
    )
    return [*await _fetch(session, others), *shown]


def read_directory(exhibit: Exhibit) -> Directory:
    """Return a stored directory's payload; it was verified when it was accepted."""
    return read_payload(exhibit.envelope, Directory)[0]


async def clients(session: AsyncSession, persons: Iterable[str]) -> list[Exhibit]:
    """Return all versions, keys and vouches of persons."""
    shown = await by_subject(session, (Person.KIND, ClientKey.KIND), persons)
    keys = [exhibit.d for exhibit in shown if exhibit.kind == ClientKey.KIND]
    return [*shown, *await by_subject(session, (Vouch.KIND,), keys)]


async def household(session: AsyncSession, households: Iterable[str]) -> dict[str, Person]:
    """Return the newest version of every person of these households, by id."""
    found: dict[str, Person] = {}
    query = select(StoredObject).where(StoredObject.kind == Person.KIND, StoredObject.household.in_(set(households)))
    for exhibit in await _fetch(session, query):
        person, _ = read_payload(exhibit.envelope, Person)
        found[person.person] = person
    return found


async def chains(session: AsyncSession, flows: Iterable[Flow]) -> list[Exhibit]:
    """Return every consent and revocation of these chains."""
    wanted = sorted(set(flows))
    if not wanted:
        return []
    places = tuple_(ChainEntry.person, ChainEntry.sender, ChainEntry.recipient)
    found = await session.scalars(select(ChainEntry.d).where(places.in_(wanted)))
    return await by_digest(session, found)


async def chain_head(session: AsyncSession, flow: Flow) -> tuple[int, str | None]:
    """Return length and last `D` of a chain; (0, None) where there is none."""
    person, sender, recipient = flow
    matching = ChainEntry.person == person, ChainEntry.sender == sender, ChainEntry.recipient == recipient
    query = select(ChainEntry.seq, ChainEntry.d).where(*matching).order_by(ChainEntry.seq.desc()).limit(1)
    row = (await session.execute(query)).one_or_none()
    return (row.seq, row.d) if row is not None else (0, None)


async def manifest_by_id(session: AsyncSession, message: str) -> Exhibit | None:
    """Return the manifest of the message with this id, or None."""
    d = await session.scalar(select(Message.d).where(Message.id == message))
    found = await by_digest(session, [d]) if d is not None else []
    return found[0] if found else None


async def prekeys(session: AsyncSession, partner: str, devices: Iterable[str]) -> list[Exhibit]:
    """Return the newest prekeys of each of a partner's devices."""
    subjects = [f"{partner}/{device}" for device in devices]
    newest_of: dict[str, Exhibit] = {}
    matching = StoredObject.kind == Prekeys.KIND, StoredObject.subject.in_(subjects)
    query = select(StoredObject).where(*matching).order_by(StoredObject.version)
    for row in await session.scalars(query):
        newest_of[row.subject] = _exhibit(row)
    return list(newest_of.values())


async def receipt(session: AsyncSession, d: str, audience: str = SUBMITTER) -> bytes | None:
    """Return the envelope of the receipt that an audience has for an object, or None."""
    return await session.scalar(
        select(StoredReceipt.envelope).where(StoredReceipt.object_d == d, StoredReceipt.audience == audience)
    )


async def bundle(session: AsyncSession, exhibits: Iterable[Exhibit], audience: str) -> Bundle:
    """Return exhibits as they are handed out, each with the receipt that is this audience's to see.

    A manifest's receipt names wraps and notices, so only its own reader's version goes out; the receipts of all other
    objects name nothing else, and are the submitter's.
    """
    shown = {exhibit.d: exhibit for exhibit in exhibits}
    rows = await session.execute(
        select(StoredReceipt.object_d, StoredReceipt.audience, StoredReceipt.envelope).where(
            StoredReceipt.object_d.in_(shown), StoredReceipt.audience.in_((SUBMITTER, audience))
        )
    )
    receipts: dict[tuple[str, str], bytes] = {(row.object_d, row.audience): row.envelope for row in rows}
    items = []
    for d, exhibit in shown.items():
        found = receipts.get((d, audience))
        if found is None and (exhibit.kind != Manifest.KIND or await _is_sender(session, d, audience)):
            found = receipts.get((d, SUBMITTER))
        items.append(Held(object=Raw(exhibit.envelope), receipt=Raw(found) if found is not None else NOTHING))
    return Bundle(items=tuple(items))


async def _is_sender(session: AsyncSession, message: str, party: str) -> bool:
    return await session.scalar(select(Message.sender).where(Message.d == message)) == party
