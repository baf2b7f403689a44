"""Large ciphertexts that come in over more than one request: begun, continued where they were cut off, then a blob.

The row says how many bytes are durable; it is written after they are, so it never promises more than there is. One
connection at a time writes (`PartialFile`). A ciphertext becomes a blob only when all of it is there and its digest is
its name; bytes of another file are thrown away whole, since nobody can say which of them are wrong.
"""

import asyncio
import hashlib
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Final

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_protocol import b64
from zegel_protocol.api import UploadState
from zegel_protocol.errors import MalformedError
from zegel_relay.services.blobs import check_bound, require_free, store_row, with_room
from zegel_relay.services.errors import Conflict, NotFound
from zegel_relay.storage.blobs import ABANDONED_AFTER, BlobStore
from zegel_relay.storage.database import Sessions, writing
from zegel_relay.storage.errors import StorageError, Unavailable
from zegel_relay.storage.models import Blob, Upload
from zegel_relay.storage.partial_file import PartialFile

DURABLE_BYTES: Final = 32 * 1024 * 1024
"""Bytes after which what came is made durable at the latest: so much has to be sent again after a crash."""
DURABLE_SECONDS: Final = 5.0
"""The same for a slow line."""
MOST_UNFINISHED: Final = 64
"""Uploads that one party may have begun and not ended: as many as one message has sections."""
_PIECE: Final = 1024 * 1024


async def begin(
    sessions: Sessions, store: BlobStore, uploader: str, ct: str, size: int, limit: int, now: int
) -> UploadState:
    """Begin the upload of a ciphertext of `size` bytes, or find it where it was; return how much is durable.

    `uploader` is a `Party.key`. Raises `MalformedError` (`blob.too-large`), `Conflict` (`blob.bound`; `upload.size`: it
    was begun with another size; `upload.too-many`) or `StorageError` (`relay.full`).
    """
    if size > limit:
        raise MalformedError("blob.too-large", f"more than the {limit} bytes that are allowed")
    async with sessions() as session:
        if await _is_there(session, store, uploader, ct):
            return UploadState(size=size, received=size, complete=True)
        row = await session.get(Upload, (ct, uploader))
    if row is None:
        await asyncio.to_thread(require_free, store, size)
        row = await _insert(sessions, uploader, ct, size, now)
    if row.size != size:
        raise Conflict("upload.size", f"This upload was begun as one of {row.size} bytes. Its address names its bytes.")
    file = await asyncio.to_thread(store.partial(row.file).exists)
    if row.received and not file:
        # Kept under its name, and the relay ended before it said so; or swept away, and then all has to come again.
        if await asyncio.to_thread(store.path(ct).is_file):
            await _settle(sessions, store, uploader, ct, size, now)
            return UploadState(size=size, received=size, complete=True)
        await _move(sessions, row, 0, now)
        return UploadState(size=size, received=0, complete=False)
    await asyncio.to_thread(require_free, store, size - row.received)
    return UploadState(size=size, received=row.received, complete=False)


async def append(
    sessions: Sessions,
    store: BlobStore,
    uploader: str,
    ct: str,
    start: int,
    chunks: AsyncIterator[bytes],
    clock: Callable[[], int],
) -> UploadState:
    """Add bytes from `start` on, which is how much was durable; return how much is now. The last make it a blob.

    Whatever ends it early, what came until then is made durable. Raises `NotFound` (`upload.unknown`), `Unavailable`
    (`upload.busy`: another connection sends it), `Conflict` (`upload.offset`, `upload.size`, `blob.bound`),
    `MalformedError` (`blob.digest`: all of it was thrown away) or `StorageError` (`relay.full`).
    """
    async with sessions() as session:
        begun = await session.get(Upload, (ct, uploader))
    if begun is None:
        raise NotFound("upload.unknown", "No such upload was begun, or it ended. Begin it.")
    file = await asyncio.to_thread(PartialFile.take, store.partial(begun.file))
    if file is None:
        raise Unavailable("upload.busy", "Another connection is sending this very upload. Try again in a minute.")
    try:
        async with sessions() as session:
            row = await session.get(Upload, (ct, uploader))
        if row is None:
            file.discard()
            raise NotFound("upload.unknown", "No such upload was begun, or it ended. Begin it.")
        if row.received != start or file.size < start:
            raise Conflict("upload.offset", "The bytes do not begin where the upload stands. Ask where it stands.")
        incoming = _Incoming(sessions, row, file, clock)
        await incoming.take(with_room(store, chunks))
        if incoming.written < row.size:
            return UploadState(size=row.size, received=incoming.written, complete=False)
        found = incoming.digest() or await asyncio.to_thread(file.digest)
        if found != ct:
            file.discard()
            await _forget(sessions, uploader, ct)
            raise MalformedError("blob.digest", "the bytes received are not those that the address names")
        await asyncio.to_thread(file.keep, store.path(ct))
        try:
            await _settle(sessions, store, uploader, ct, row.size, clock())
        except Conflict:
            # The same bytes under the same name, but another's: nothing is left to continue here.
            await _forget(sessions, uploader, ct)
            raise
        return UploadState(size=row.size, received=row.size, complete=True)
    finally:
        file.close()


async def sweep(sessions: Sessions, store: BlobStore, now: int) -> int:
    """Throw away uploads that nobody continued for a day; return how many."""
    async with sessions() as session:
        old = list(await session.scalars(select(Upload).where(Upload.changed_at < now - ABANDONED_AFTER)))
    swept = 0
    for row in old:
        file = await asyncio.to_thread(PartialFile.take, store.partial(row.file))
        if file is not None:
            file.discard()
            await _forget(sessions, row.uploader, row.ct)
            swept += 1
    return swept


class _Incoming:
    """Bytes on their way from a connection to the partial file: the next are received while the last are written."""

    def __init__(self, sessions: Sessions, row: Upload, file: PartialFile, clock: Callable[[], int]) -> None:
        self._sessions, self._row, self._file, self._clock = sessions, row, file, clock
        self.written = self._durable = row.received
        self._hash = hashlib.sha256() if row.received == 0 else None
        self._at = time.monotonic()

    async def take(self, chunks: AsyncIterator[bytes]) -> None:
        """Write everything that comes, and make it durable also when it ends in the middle."""
        await asyncio.to_thread(self._file.begin_at, self.written)
        waiting: asyncio.Future[None] | None = None
        try:
            async for piece in _gathered(chunks):
                if waiting is not None:
                    # Shielded: a task that is cancelled does not stop its thread.
                    await asyncio.shield(waiting)
                    waiting = None
                    await self._make_durable()
                if self.written + len(piece) > self._row.size:
                    raise Conflict("upload.size", f"More came than the {self._row.size} bytes that it was begun with.")
                waiting = asyncio.ensure_future(asyncio.to_thread(self._write, piece))
            if waiting is not None:
                await asyncio.shield(waiting)
                waiting = None
        except BaseException:
            if waiting is not None:
                with suppress(StorageError):
                    await asyncio.shield(waiting)
            # What fails here was never promised: the row still says what was durable before.
            with suppress(StorageError, OSError, SQLAlchemyError, Conflict):
                await self._make_durable(now=True)
            raise
        await self._make_durable(now=True)

    def digest(self) -> str | None:
        """Return the digest of the whole, if all of it came through here."""
        return b64.encode(self._hash.digest()) if self._hash is not None else None

    def _write(self, piece: bytearray) -> None:
        self._file.write(piece)
        if self._hash is not None:
            self._hash.update(piece)
        self.written += len(piece)

    async def _make_durable(self, *, now: bool = False) -> None:
        due = self.written - self._durable >= DURABLE_BYTES or time.monotonic() - self._at >= DURABLE_SECONDS
        if self.written == self._durable or not (now or due):
            return
        written = self.written
        await asyncio.to_thread(self._file.sync)
        await _move(self._sessions, self._row, written, self._clock())
        self._durable, self._at = written, time.monotonic()


async def _gathered(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytearray]:
    """Yield what comes in larger pieces; what is left when it breaks off is yielded before the error goes on."""
    held = bytearray()
    try:
        async for chunk in chunks:
            held += chunk
            if len(held) >= _PIECE:
                yield held
                held = bytearray()
    except (Exception, asyncio.CancelledError):
        # Whatever the server calls a line that was cut, a sender that stalls, or its own end.
        if held:
            yield held
        raise
    if held:
        yield held


async def _insert(sessions: Sessions, uploader: str, ct: str, size: int, now: int) -> Upload:
    values = {
        "ct": ct, "uploader": uploader, "size": size, "received": 0, "file": secrets.token_hex(16), "changed_at": now,
    }  # fmt: skip
    try:
        async with writing(sessions) as session:
            row = await session.get(Upload, (ct, uploader))
            if row is not None:
                return row
            unfinished = select(func.count()).select_from(Upload).where(Upload.uploader == uploader)
            if (await session.scalar(unfinished) or 0) >= MOST_UNFINISHED:
                raise Conflict("upload.too-many", f"{MOST_UNFINISHED} uploads are unfinished. End one, or wait a day.")
            await session.execute(insert(Upload).values(values))
        return Upload(**values)
    except IntegrityError:
        # Another process was first; where it stands is committed.
        async with sessions() as session:
            return (await session.scalars(select(Upload).where(Upload.ct == ct, Upload.uploader == uploader))).one()


async def _move(sessions: Sessions, row: Upload, received: int, now: int) -> None:
    """Say that so much is durable, unless somebody else moved it meanwhile. Raises `Conflict` (`upload.offset`)."""
    standing = (Upload.ct == row.ct, Upload.uploader == row.uploader, Upload.received == row.received)
    async with writing(sessions) as session:
        done = await session.execute(
            update(Upload).where(*standing).values(received=received, changed_at=now).returning(Upload.ct)
        )
        if done.first() is None:
            raise Conflict("upload.offset", "Somebody else continued this upload. Ask where it stands.")
    row.received = received


async def _settle(sessions: Sessions, store: BlobStore, uploader: str, ct: str, size: int, now: int) -> None:
    """Make a blob of it in one transaction. Raises as `store_row`."""
    row = {"ct": ct, "size": size, "uploader": uploader, "created_at": now, "message_d": None, "body": None}
    gone = delete(Upload).where(Upload.ct == ct, Upload.uploader == uploader)
    await store_row(sessions, store, row, gone)


async def _forget(sessions: Sessions, uploader: str, ct: str) -> None:
    async with writing(sessions) as session:
        await session.execute(delete(Upload).where(Upload.ct == ct, Upload.uploader == uploader))


async def _is_there(session: AsyncSession, store: BlobStore, uploader: str, ct: str) -> bool:
    blob = await session.get(Blob, ct)
    check_bound(blob.uploader if blob is not None else None, uploader)
    if blob is None:
        return False
    return blob.body is not None or await asyncio.to_thread(store.path(ct).is_file)
