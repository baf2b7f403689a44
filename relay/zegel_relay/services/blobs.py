"""Ciphertexts: who uploads one, and who may read it.

A ciphertext without its key says nothing but its size; even so it is handed only to whoever sent it and whoever it was
delivered to, so that what was withdrawn stays so (article 7: know with whom you share).
"""

from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from sqlalchemy import and_, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from zegel_relay.services.errors import Conflict, NotFound
from zegel_relay.storage.blobs import BlobStore
from zegel_relay.storage.database import writing
from zegel_relay.storage.models import Blob, MessageDelivery, MessageEntry, StoredNotice

_PERSON = "person:"


def join_readers(parties: Iterable[str]) -> str:
    """Return `Party.key` texts as `MessageEntry.readers` holds them: joined by spaces, which no key has."""
    return " ".join(parties)


async def upload(
    sessions: async_sessionmaker[AsyncSession],
    store: BlobStore,
    uploader: str,
    ct: str,
    chunks: AsyncIterator[bytes],
    limit: int,
    now: int,
) -> None:
    """Keep a ciphertext for its uploader (a `Party.key`); durable when this returns. The same again changes nothing.

    Raises `Conflict` (`blob.bound`) when another uploaded these bytes: a copied ciphertext can't be sent as one's own
    (attack 29). Raises `MalformedError` as `BlobStore.receive` does.
    """
    async with sessions() as session:
        _check_bound(await _uploader(session, ct), uploader)
    received = await store.receive(ct, chunks, limit)
    row = {
        "ct": ct,
        "size": received.size,
        "uploader": uploader,
        "created_at": now,
        "message_d": None,
        "body": received.body,
    }
    try:
        async with writing(sessions) as session:
            known = await _uploader(session, ct)
            _check_bound(known, uploader)
            if known is None:
                await session.execute(insert(Blob).values(row))
    except IntegrityError:
        # Another process was first; whose it is now stands committed.
        async with sessions() as session:
            _check_bound(await _uploader(session, ct), uploader)


async def may_read(session: AsyncSession, ct: str, party: str, now: int) -> bool:
    """Whether `party` (a `Party.key`) may have the ciphertext `ct`.

    Its uploader may; a partner, once an entry with it was delivered to them and not withdrawn since; a person, as a
    reader of an entry with it, but not before the notice of it may reach them.
    """
    if await _uploader(session, ct) == party:
        return True
    delivery = and_(MessageDelivery.message_d == MessageEntry.message_d, MessageDelivery.reader == party)
    query = (
        select(MessageEntry.readers, MessageEntry.message_d, MessageDelivery.delivered_at, MessageDelivery.withdrawn_at)
        .outerjoin(MessageDelivery, delivery)
        .where(MessageEntry.ct == ct)
    )
    for row in await session.execute(query):
        if party not in row.readers.split(" "):
            continue
        if party.startswith(_PERSON):
            if not await _is_early(session, party.removeprefix(_PERSON), row.message_d, now):
                return True
        elif row.delivered_at is not None and row.withdrawn_at is None:
            return True
    return False


async def find(session: AsyncSession, store: BlobStore, ct: str, party: str, now: int) -> bytes | Path:
    """Return a ciphertext that `party` may read: its bytes, or the file that holds them.

    Raises `NotFound` (`blob.unknown`), whether it is not there or not theirs.
    """
    blob = await session.get(Blob, ct)
    if blob is None or not await may_read(session, ct, party, now):
        raise NotFound("blob.unknown", "There is no such section that you may read.")
    return blob.body if blob.body is not None else store.kept(ct)


async def _uploader(session: AsyncSession, ct: str) -> str | None:
    return await session.scalar(select(Blob.uploader).where(Blob.ct == ct))


async def _is_early(session: AsyncSession, person: str, message_d: str, now: int) -> bool:
    """Whether this person is not to be told of this message yet; nothing may betray a delayed notice."""
    held_back = select(StoredNotice.d).where(
        StoredNotice.person == person, StoredNotice.message_d == message_d, StoredNotice.not_before > now
    )
    return await session.scalar(held_back.limit(1)) is not None


def _check_bound(uploader: str | None, party: str) -> None:
    if uploader not in {None, party}:
        raise Conflict(
            "blob.bound", "Another sender uploaded these bytes. Seal the section anew; keys are never reused."
        )
