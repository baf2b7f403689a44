"""Looking objects up: what was accepted, as exhibits with their place in the log, or as a bundle for others."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from msgspec import Raw
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.exhibit import Exhibit
from zegel_keys.verification import read_payload
from zegel_protocol.api import NOTHING, Bundle, Held
from zegel_protocol.errors import ProtocolError
from zegel_protocol.evidence import Flow
from zegel_protocol.objects import (
    ClientKey,
    DeviceList,
    Directory,
    Epoch,
    Manifest,
    Membership,
    Person,
    Prekeys,
    Root,
    Rulebook,
    Vouch,
)
from zegel_protocol.signed import Place
from zegel_relay.services import read_ahead
from zegel_relay.storage.errors import StorageError
from zegel_relay.storage.models import Message, StoredObject, StoredReceipt
from zegel_relay.storage.operation import SUBMITTER


@contextmanager
def own_rows() -> Iterator[None]:
    """Tell of rows that do not read or verify any more as what they are: the relay's own damage, and nobody's mistake.

    Raises `StorageError` (`database.damaged`) in the place of any `ProtocolError`.
    """
    try:
        yield
    except ProtocolError as error:
        detail = "A row of the relay's database is not what was written there. Nothing was stored. Tell its operator."
        raise StorageError("database.damaged", detail) from error


SETTING_KINDS = (Root.KIND, Directory.KIND, Membership.KIND, DeviceList.KIND, Rulebook.KIND, Epoch.KIND)
"""The kinds that the setting of a Huis is made of."""


def _exhibit(row: StoredObject) -> Exhibit:
    return Exhibit(row.kind, row.d, row.envelope, place=Place(row.log_index, row.accepted_at))


async def _fetch(session: AsyncSession, query: Select[StoredObject]) -> list[Exhibit]:
    rows = await session.scalars(query.order_by(StoredObject.log_index))
    return [_exhibit(row) for row in rows]


def _in_order(exhibits: Iterable[Exhibit]) -> list[Exhibit]:
    return sorted(exhibits, key=lambda exhibit: exhibit.place.index if exhibit.place is not None else -1)


async def by_digest(session: AsyncSession, digests: Iterable[str]) -> list[Exhibit]:
    """Return the accepted objects with these `D`."""
    wanted, ahead = sorted(set(digests)), read_ahead.of(session)
    await ahead.find_objects(session, wanted)
    return _in_order(exhibit for d in wanted if (exhibit := ahead.objects[d]) is not None)


async def by_subject(session: AsyncSession, kinds: Sequence[str], subjects: Iterable[str]) -> list[Exhibit]:
    """Return all versions of the objects of these kinds about these subjects."""
    wanted, ahead = [(kind, subject) for subject in sorted(set(subjects)) for kind in kinds], read_ahead.of(session)
    await ahead.find_subjects(session, wanted)
    return _in_order(exhibit for pair in wanted for exhibit in ahead.subjects[pair])


async def matching(session: AsyncSession, *conditions: ColumnElement[bool]) -> list[Exhibit]:
    """Return the accepted objects that these conditions on `StoredObject` hold for, in the order of the log."""
    return await _fetch(session, select(StoredObject).where(*conditions))


async def newest(session: AsyncSession, kind: str, subject: str) -> Exhibit | None:
    """Return the object of the highest version, or None."""
    matching = StoredObject.kind == kind, StoredObject.subject == subject
    query = select(StoredObject).where(*matching).order_by(StoredObject.version.desc()).limit(1)
    row = await session.scalar(query)
    return _exhibit(row) if row is not None else None


async def setting_mark(session: AsyncSession) -> int:
    """Return a number that grows whenever something of the setting is accepted; -1 while there is nothing."""
    ahead = read_ahead.of(session)
    if ahead.mark is None:
        query = select(func.max(StoredObject.log_index)).where(StoredObject.kind.in_(SETTING_KINDS))
        found = await session.scalar(query)
        ahead.mark = -1 if found is None else found
    return ahead.mark


async def setting(session: AsyncSession) -> list[Exhibit]:
    """Return everything the setting in force rests on: roots, epochs, directories, memberships, lists, rulebook."""
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
        or_(StoredObject.kind.in_((Root.KIND, Epoch.KIND, Membership.KIND, DeviceList.KIND)), StoredObject.d.in_(named))
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
    wanted, ahead = set(flows), read_ahead.of(session)
    await ahead.find_chains(session, wanted)
    return await by_digest(session, [d for flow in wanted for _, d in ahead.chains[flow]])


async def chain_head(session: AsyncSession, flow: Flow) -> tuple[int, str | None]:
    """Return length and last `D` of a chain; (0, None) where there is none."""
    ahead = read_ahead.of(session)
    await ahead.find_chains(session, [flow])
    links = ahead.chains[flow]
    return links[-1] if links else (0, None)


async def manifest_by_id(session: AsyncSession, message: str) -> Exhibit | None:
    """Return the manifest of the message with this id, or None."""
    ahead = read_ahead.of(session)
    await ahead.find_messages(session, [message])
    d = ahead.messages[message]
    found = await by_digest(session, [d]) if d is not None else []
    return found[0] if found else None


async def prekeys(session: AsyncSession, partner: str, devices: Iterable[str]) -> list[Exhibit]:
    """Return the newest prekeys of each of a partner's devices."""
    wanted, ahead = [(Prekeys.KIND, f"{partner}/{device}") for device in devices], read_ahead.of(session)
    await ahead.find_subjects(session, wanted)
    # Versions are accepted in their order, so the newest is the last in the log.
    return [ahead.subjects[pair][-1] for pair in wanted if ahead.subjects[pair]]


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
