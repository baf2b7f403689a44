"""Ciphertexts: who uploads one, and who may read it.

A ciphertext without its key says nothing but its size; even so it is handed only to whoever sent it and whoever it was
delivered to, so that what was withdrawn stays so (article 7: know with whom you share).
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Executable, and_, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from zegel_relay.services.errors import Conflict, NotFound
from zegel_relay.services.held_back import is_held_back
from zegel_relay.storage.blobs import BlobStore
from zegel_relay.storage.database import writing
from zegel_relay.storage.errors import StorageError, Unavailable
from zegel_relay.storage.models import Blob, MessageDelivery, MessageEntry, StoredNotice

_PERSON = "person:"
RESERVE: Final = 64 * 1024 * 1024
"""Bytes that an upload leaves free: the database and the log have to go on."""
LOOK_BYTES: Final = 1024 * 1024
"""Bytes of one upload after which it is looked whether there still is room."""


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
    """Keep a ciphertext for its uploader (a `Party.key`); durable when this returns. The same again is as new.

    Raises `Conflict` (`blob.bound`) when another uploaded these bytes: a copied ciphertext can't be sent as one's own
    (attack 29). Raises `MalformedError` as `BlobStore.receive` does, `StorageError` (`relay.full`), and as
    `store_row`.
    """
    async with sessions() as session:
        check_bound(await _uploader(session, ct), uploader)
    received = await store.receive(ct, with_room(store, chunks), limit)
    row = {
        "ct": ct,
        "size": received.size,
        "uploader": uploader,
        "created_at": now,
        "message_d": None,
        "body": received.body,
    }
    await store_row(sessions, store, row)


async def store_row(
    sessions: async_sessionmaker[AsyncSession], store: BlobStore, row: dict[str, Any], *more: Executable
) -> None:
    """Write the row of a ciphertext that is durable, with what belongs to the same step.

    A row that is there keeps its message; it is as new again, and no longer erased. Raises `Conflict` (`blob.bound`),
    and `Unavailable` (`relay.not-stored`) where retention removed the bytes while they came: send them again.
    """
    ct, uploader = row["ct"], row["uploader"]
    again = {name: row[name] for name in ("created_at", "body")} | {"erased_at": None}
    for last in (False, True):
        try:
            async with writing(sessions) as session:
                check_bound(await _uploader(session, ct), uploader)
                # Retention removes files while it holds their rows: this waits for it, or has it pass this one over.
                own = Blob.ct == ct, Blob.uploader == uploader
                mended = await session.execute(update(Blob).where(*own).values(again).returning(Blob.ct))
                if mended.first() is None:
                    await session.execute(insert(Blob).values(row))
                for statement in more:
                    await session.execute(statement)
                if row["body"] is None and not await asyncio.to_thread(store.path(ct).is_file):
                    raise Unavailable("relay.not-stored", "These bytes were not kept. Send the same again: they count.")
            return
        except IntegrityError:
            # Another process was first; whose it is stands committed, so the second time it is seen.
            if last:
                raise


def require_free(store: BlobStore, size: int) -> None:
    """Return if there is room for `size` more bytes. Raises `StorageError` (`relay.full`)."""
    if store.free() < size + RESERVE:
        raise StorageError("relay.full", "The relay's disk has no room for this. Nothing was stored. Send it later.")


async def with_room(store: BlobStore, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the chunks of a body while there is room for them: many that come at once fill the disk as one does.

    What is left is for the database: an alarm is not held up by anybody's files. Raises `StorageError` (`relay.full`).
    """
    unseen = LOOK_BYTES
    async for chunk in chunks:
        unseen += len(chunk)
        if unseen >= LOOK_BYTES:
            await asyncio.to_thread(require_free, store, LOOK_BYTES)
            unseen = 0
        yield chunk


async def may_read(session: AsyncSession, ct: str, party: str) -> bool:
    """Whether `party` (a `Party.key`) may have the ciphertext `ct`.

    Its uploader may; a partner, once an entry with it was delivered to them and not withdrawn since; a person, as a
    reader of an entry with it, but not before the notice of it may reach them. Raises `Conflict` (`message.erased`) for
    a reader whose period is over.
    """
    if await _uploader(session, ct) == party:
        return True
    delivery = and_(MessageDelivery.message_d == MessageEntry.message_d, MessageDelivery.reader == party)
    query = (
        select(
            MessageEntry.readers,
            MessageEntry.message_d,
            MessageDelivery.delivered_at,
            MessageDelivery.withdrawn_at,
            MessageDelivery.erased_at,
        )
        .outerjoin(MessageDelivery, delivery)
        .where(MessageEntry.ct == ct)
    )
    for row in await session.execute(query):
        if party not in row.readers.split(" "):
            continue
        if row.erased_at is not None and row.withdrawn_at is None:
            raise _erased()
        if party.startswith(_PERSON):
            if not await is_early(session, party, row.message_d):
                return True
        elif row.delivered_at is not None and row.withdrawn_at is None:
            return True
    return False


async def find(session: AsyncSession, store: BlobStore, ct: str, party: str) -> bytes | Path:
    """Return a ciphertext that `party` may read: its bytes, or the file that holds them.

    Raises `NotFound` (`blob.unknown`), whether it is not there or not theirs, and `Conflict` (`message.erased`).
    """
    blob = await session.get(Blob, ct)
    if blob is None or not await may_read(session, ct, party):
        raise NotFound("blob.unknown", "There is no such section that you may read.")
    if blob.erased_at is not None:
        raise _erased()
    return blob.body if blob.body is not None else store.kept(ct, blob.size)


def _erased() -> Conflict:
    return Conflict("message.erased", "The period for which this message is kept is over. It is not here any more.")


async def _uploader(session: AsyncSession, ct: str) -> str | None:
    return await session.scalar(select(Blob.uploader).where(Blob.ct == ct))


async def is_early(session: AsyncSession, party: str, message_d: str) -> bool:
    """Whether `party` is a person who is not to be told of this message yet; nothing may betray a delayed notice."""
    if not party.startswith(_PERSON):
        return False
    own = StoredNotice.person == party.removeprefix(_PERSON), StoredNotice.message_d == message_d
    return await session.scalar(select(StoredNotice.d).where(*own, is_held_back()).limit(1)) is not None


def check_bound(uploader: str | None, party: str) -> None:
    """Return if bytes that `uploader` (None: nobody) sent may be sent by `party`. Raises `Conflict` (`blob.bound`)."""
    if uploader not in {None, party}:
        raise Conflict(
            "blob.bound", "Another sender uploaded these bytes. Seal the section anew; keys are never reused."
        )
