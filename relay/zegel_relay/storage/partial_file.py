"""A large ciphertext while it comes in: one file that one connection writes, and that a later one goes on with.

The lock is the operating system's (`flock`), so a relay that is killed lets go of it at once, and any number of relay
processes may share the folder. How much of the file counts stands in the database (`services.uploads`): what was
written behind that and never made durable is cut off before anything is added. Blocking: for a thread.
"""

import errno
import fcntl
import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

from zegel_protocol import b64
from zegel_relay.storage.errors import StorageError

_PIECE: Final = 1024 * 1024
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class PartialFile:
    """The partial file at a path, held by whoever has this object until `close`, `keep` or `discard`."""

    def __init__(self, path: Path, handle: int) -> None:
        self._path, self._handle = path, handle
        # A thread may still be writing when its task is cancelled: closing waits for it, or the number of the closed
        # file would soon be another file's.
        self._busy = threading.Lock()

    @classmethod
    def take(cls, path: Path) -> Self | None:
        """Return the file at `path`, made (0600) if it is not there; None while somebody else holds it."""
        while True:
            with no_room():
                handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(handle)
                return None
            if _is_at(path, handle):
                return cls(path, handle)
            # It was kept or thrown away between opening and locking; what stands there now is another file.
            os.close(handle)

    @property
    def size(self) -> int:
        """How many bytes are in it, durable or not."""
        return os.fstat(self._handle).st_size

    def begin_at(self, offset: int) -> None:
        """Cut off what stands behind `offset`, and write there next."""
        os.ftruncate(self._handle, offset)
        os.lseek(self._handle, offset, os.SEEK_SET)

    def write(self, data: bytes | bytearray) -> None:
        """Write all of `data` at the end. Raises `StorageError` (`relay.full`) when there is no room for it."""
        rest = memoryview(data)
        with self._busy, no_room():
            while rest:
                rest = rest[os.write(self._handle, rest) :]

    def sync(self) -> None:
        """Make all that was written durable. Raises `StorageError` (`relay.full`)."""
        with self._busy, no_room():
            os.fdatasync(self._handle)

    def digest(self) -> str:
        """Return the SHA-256 of the whole file, base64url, read in pieces."""
        digest, position = hashlib.sha256(), 0
        with self._busy:
            while piece := os.pread(self._handle, _PIECE, position):
                digest.update(piece)
                position += len(piece)
        return b64.encode(digest.digest())

    def keep(self, path: Path) -> None:
        """Make it durable as `path`: the bytes first, then the name, then the folders that hold the name."""
        with self._busy, no_room():
            os.fsync(self._handle)
        name(self._path, path)
        self.close()

    def discard(self) -> None:
        """Remove it, and let go of it."""
        self._path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Let go of it; what it holds stays. Again changes nothing."""
        with self._busy:
            if self._handle >= 0:
                os.close(self._handle)
                self._handle = -1


@contextmanager
def no_room() -> Iterator[None]:
    """Turn what the disk says of writing into `StorageError`: `relay.full`, else `relay.disk`."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            detail = "The relay's disk is full. What it said that it has, it has. Send the rest later."
            raise StorageError("relay.full", detail) from error
        raise disk_error() from error


def disk_error() -> StorageError:
    """Return what is told of a disk that fails, or that may only be read."""
    detail = "The relay's disk does not do what it must. What it said that it has, it has. Send the rest later."
    return StorageError("relay.disk", detail)


def name(written: Path, path: Path) -> None:
    """Give a file that is on the disk its name, durably: first the name, then the folders that hold it.

    Raises `StorageError` (`relay.full`, `relay.disk`).
    """
    with no_room():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        # The same name is the same bytes, so replacing one that is there changes nothing.
        written.replace(path)
        for folder in (path.parent, path.parent.parent):
            sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Force the names in `folder` to disk: without it a power cut can undo a rename."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_at(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False
