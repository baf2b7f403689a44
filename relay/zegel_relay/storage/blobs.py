"""Ciphertexts on the disk: files named by the SHA-256 of their bytes, for bodies above 64 KiB.

A file that is there is whole: it was written under another name, held against its digest, flushed and then renamed.
Who may upload or read one is for `services.blobs`; what a ciphertext must look like is in `docs/spec/sealing.md`.
"""

import asyncio
import hashlib
import os
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from zegel_protocol import b64
from zegel_protocol.errors import MalformedError
from zegel_relay.storage.errors import StorageError
from zegel_relay.storage.partial_file import name, no_room

INLINE_BYTES: Final = 64 * 1024
"""A body up to this many bytes stands in its database row."""
ABANDONED_AFTER: Final = 24 * 3600
"""Seconds after which a file that was being written has no writer any more."""
_PARTIAL: Final = "partial"


@dataclass(frozen=True)
class Received:
    """A body that was received whole and is what its name says: `body` is set if it belongs in its row."""

    size: int
    body: bytes | None


class BlobStore:
    """The blob folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepare(self, now: int) -> None:
        """Make the folder (0700), and clear away what uploads left that were cut off a day ago or longer."""
        partial = self._folder / _PARTIAL
        partial.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        for file in partial.iterdir():
            # Another process may be writing here, so only what is old goes.
            if file.stat().st_mtime < now - ABANDONED_AFTER:
                file.unlink(missing_ok=True)

    def path(self, ct: str) -> Path:
        """Return where the body named `ct` stands if it is a file. `ct` must have been parsed as a `Digest`."""
        b64.decode(ct, 32)
        return self._folder / ct[:2] / ct

    def partial(self, name: str) -> Path:
        """Return where an upload in parts stands until all of it is there; `name` was made by this relay."""
        return self._folder / _PARTIAL / name

    def free(self) -> int:
        """Return how many bytes the disk of the folder still takes."""
        return shutil.disk_usage(self._folder).free

    def kept(self, ct: str, size: int) -> Path:
        """Return the file of a body whose row says that it is one of `size` bytes.

        Raises `StorageError` (`blob.missing`; `blob.damaged`: of another size). That its bytes are the right ones, its
        reader finds out: taking the digest of gigabytes for each request would cost more than it tells.
        """
        path = self.path(ct)
        if not path.is_file():
            raise StorageError("blob.missing", "A section that the relay should have is not there. Tell its operator.")
        if path.stat().st_size != size:
            raise StorageError("blob.damaged", "A section is damaged on the relay's disk. Tell its operator.")
        return path

    async def receive(self, ct: str, chunks: AsyncIterator[bytes], limit: int) -> Received:
        """Take a body in; when this returns, a large one is durable under its name, a small one is in the result.

        Raises `MalformedError` with `blob.too-large` (more than `limit` bytes) or `blob.digest` (not what `ct` names);
        nothing stays behind then, nor when the sender stops in the middle.
        """
        digest = hashlib.sha256()
        head = bytearray()
        size = 0
        upload: _Upload | None = None
        try:
            async for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise MalformedError("blob.too-large", f"more than the {limit} bytes that are allowed")
                digest.update(chunk)
                if upload is None:
                    head += chunk
                    if size > INLINE_BYTES:
                        upload = await asyncio.to_thread(_Upload, self._folder / _PARTIAL)
                        await asyncio.to_thread(upload.write, bytes(head))
                else:
                    await asyncio.to_thread(upload.write, chunk)
            if b64.encode(digest.digest()) != ct:
                raise MalformedError("blob.digest", "the bytes received are not those that the address names")
            if upload is None:
                return Received(size, bytes(head))
            await asyncio.to_thread(upload.keep, self.path(ct))
            return Received(size, None)
        finally:
            if upload is not None:
                upload.close()


class _Upload:
    """A file that is being written. Blocking: for a thread."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / secrets.token_hex(16)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with no_room():
            self._file: BinaryIO = os.fdopen(os.open(self._path, flags, 0o600), "wb")

    def write(self, data: bytes) -> None:
        with no_room():
            self._file.write(data)

    def keep(self, path: Path) -> None:
        """Make it durable as `path`: the bytes first, then the name, then the folder that holds the name."""
        with no_room():
            self._file.flush()
            os.fsync(self._file.fileno())
        name(self._path, path)

    def close(self) -> None:
        """Let go of the file, and remove it unless it was kept."""
        with suppress(OSError):
            # Only an unflushed rest of an upload that is given up can fail here.
            self._file.close()
        self._path.unlink(missing_ok=True)
