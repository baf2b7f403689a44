"""The bytes of ciphertexts: gone when no reader's period runs any more, or when no message ever named them.

A file goes before its row says so: a row that says too little is mended by the next run, one that says too much hides
bytes that are still there.
"""

import asyncio
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import delete, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_protocol.durations import DAY
from zegel_relay.outbox.workroom import Workroom
from zegel_relay.retention.rules import BATCH
from zegel_relay.services import uploads
from zegel_relay.storage.database import writing
from zegel_relay.storage.models import Blob, MessageDelivery, MessageEntry, Upload
from zegel_relay.storage.partial_file import sync_folder
from zegel_relay.storage.postgres import hold_log

UNNAMED_SECONDS = DAY
"""How long an uploaded ciphertext waits for the message that names it."""

_READING = (
    (literal(" ") + MessageEntry.readers + literal(" ")).contains(literal(" ") + MessageDelivery.reader + literal(" ")),
    MessageDelivery.erased_at.is_(None),
)
_STILL_READ = (
    select(MessageEntry.d)
    .join(MessageDelivery, MessageDelivery.message_d == MessageEntry.message_d)
    .where(MessageEntry.ct == Blob.ct, *_READING)
    .correlate(Blob)
    .exists()
)


async def erase_bodies(room: Workroom, now: int, dry: bool) -> int:
    """Erase the bytes of ciphertexts that no reader may have any more; return how many. `dry`: only count."""
    ended, after = 0, ""
    while True:
        query = (
            select(Blob.ct)
            .where(Blob.message_d.is_not(None), Blob.erased_at.is_(None), ~_STILL_READ, Blob.ct > after)
            .order_by(Blob.ct)
            .limit(BATCH)
        )
        async with room.sessions() if dry else writing(room.sessions) as session:
            # Held until the files are gone: who uploads one of them again comes before or after that.
            found = list(await session.scalars(query if dry else query.with_for_update()))
            if found and not dry:
                await asyncio.to_thread(remove_files, [room.blobs.path(ct) for ct in found])
                values = {"body": None, "erased_at": now}
                _ = await session.execute(update(Blob).where(Blob.ct.in_(found)).values(values))
        if not found:
            return ended
        after = found[-1]
        ended += len(found)


async def sweep_unnamed(room: Workroom, now: int, dry: bool) -> int:
    """Remove ciphertexts that no message named for a day, with their rows; return how many. `dry`: only count.

    Under the log's lock, so that no message that names one is being accepted; and holding the rows, so that who uploads
    one of them again comes before or after.
    """
    swept = 0
    while True:
        async with writing(room.sessions) as session:
            await hold_log(session, shared=False)
            named = select(MessageEntry.d).where(MessageEntry.ct == Blob.ct).exists()
            old = Blob.message_d.is_(None), Blob.created_at < now - UNNAMED_SECONDS, ~named
            query = select(Blob.ct).where(*old)
            found = list(await session.scalars(query if dry else query.limit(BATCH).with_for_update()))
            if dry or not found:
                return swept + len(found)
            await asyncio.to_thread(remove_files, [room.blobs.path(ct) for ct in found])
            _ = await session.execute(delete(Blob).where(Blob.ct.in_(found)))
            swept += len(found)


async def sweep_uploads(room: Workroom, now: int, dry: bool) -> int:
    """Throw away uploads that nobody continued for a day; return how many. `dry`: only count."""
    if not dry:
        return await uploads.sweep(room.sessions, room.blobs, now)
    async with room.sessions() as session:
        return len(list(await session.scalars(select(Upload.ct).where(Upload.changed_at < now - UNNAMED_SECONDS))))


async def files_of(session: AsyncSession, room: Workroom, cts: Iterable[str]) -> list[Path]:
    """Return the files of those ciphertexts that were not erased yet and stand in one."""
    held = Blob.ct.in_(list(cts)), Blob.erased_at.is_(None), Blob.body.is_(None)
    return [room.blobs.path(ct) for ct in await session.scalars(select(Blob.ct).where(*held))]


def remove_files(paths: Iterable[Path]) -> None:
    """Remove files durably; one that is not there is as it should be. Blocking: for a thread."""
    folders = set()
    for path in paths:
        if path.exists():
            path.unlink(missing_ok=True)
            folders.add(path.parent)
    for folder in folders:
        sync_folder(folder)
