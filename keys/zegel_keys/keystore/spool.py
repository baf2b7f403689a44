"""The spool folder of a keystore: files too large for a row of the state, each reachable by its owner only (0600).

Ciphertext on its way out or in, and, for as long as somebody looks at it, an opened file. What a file is, and under
which key, stands in the state: a file that no row names is what a program that ended left, and is swept away. Whoever
works on a file holds it with a lock of the operating system (`flock`), which ends with the process.
"""

import fcntl
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from zegel_keys.keystore import files
from zegel_keys.keystore.errors import StorageError

UNFINISHED: Final = ".part"
"""Ends the name of a download, which a later program goes on with for a day."""
LOCK: Final = ".lock"
_DAY: Final = 24 * 3600


class Spool:
    """The spool at `folder`. Raises `PermissionsError` or `StorageError` (a full disk among them) where it writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        """Return where the file `name` stands. Raises `ValueError` for what is no plain name."""
        if not name or "/" in name or name.startswith("."):
            raise ValueError("not the name of a spool file")
        return self.folder / name

    def create(self) -> tuple[str, BinaryIO]:
        """Return the name of a new file, and the file itself: open for writing and reading, held while it is open."""
        while True:
            name = os.urandom(16).hex()
            file = self.take(name)
            if file is not None:
                return name, file

    def take(self, name: str, *, make: bool = True) -> BinaryIO | None:
        """Return the file `name`, open and held; None while somebody else holds it.

        It is made if it is not there; unless `make`, that raises `MissingError`.
        """
        path = self.path(name)
        flags = os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if make else 0)
        while True:
            with files.system_errors(path):
                handle = os.open(path, flags, files.FILE_MODE)
            file = _SpoolFile(path, handle)
            if not _lock(handle):
                file.close()
                return None
            if _is_at(path, handle):
                return file
            # Swept away between opening and locking.
            file.close()

    @contextmanager
    def alone(self, name: str) -> Iterator[bool]:
        """Hold the lock `name` while the body runs; give whether it is held, without waiting for who holds it."""
        file = self.take(name + LOCK)
        try:
            yield file is not None
        finally:
            if file is not None:
                file.close()

    def discard(self, *names: str) -> None:
        """Remove files, held or not. What they held was under keys that go with their rows."""
        for name in names:
            path = self.path(name)
            with files.system_errors(path):
                path.unlink(missing_ok=True)

    def sweep(self, is_named: Callable[[str], bool], now: int) -> int:
        """Remove what no row names and nobody holds, and downloads that rest for a day; return how many files.

        `is_named` is asked while the file is locked, so that it sees the row of whoever held it until just now.
        """
        swept = 0
        for path in sorted(self.folder.iterdir()):
            if path.name.endswith(LOCK) or not path.is_file() or _is_fresh(path, now):
                continue
            handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            try:
                if _lock(handle) and not is_named(path.name):
                    path.unlink(missing_ok=True)
                    swept += 1
            finally:
                os.close(handle)
        return swept


class _SpoolFile(io.BufferedRandom):
    """A file that says in the keystore's own words when the disk takes no more."""

    def __init__(self, path: Path, handle: int) -> None:
        super().__init__(io.FileIO(handle, "r+b"))
        self._path = path

    def write(self, data: bytes | bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Write all of `data`. Raises `StorageError`."""
        with files.system_errors(self._path):
            return super().write(data)

    def flush(self) -> None:
        """Give what is held back to the system. Raises `StorageError`."""
        with files.system_errors(self._path):
            super().flush()

    def close(self) -> None:
        """Let go of it. What has to be whole was flushed before: an error here is of a file that is given up."""
        with suppress(StorageError, OSError):
            super().close()


def sync(file: BinaryIO) -> None:
    """Make what was written to a file durable. Raises `OSError`."""
    file.flush()
    os.fsync(file.fileno())


def _lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_fresh(path: Path, now: int) -> bool:
    """Whether it is a download that may still be gone on with."""
    return path.name.endswith(UNFINISHED) and path.stat().st_mtime > now - _DAY


def _is_at(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False
