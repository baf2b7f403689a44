"""Small secret files: read within a bound, written whole or not at all, reachable by their owner only.

Bytes only; what they mean is `keystore.vault`. Callers hold the lock (`keystore.lock`) while they write.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from zegel_keys.keystore.errors import (
    DamagedError,
    ExistsError,
    MissingError,
    PermissionsError,
    StorageError,
    previous_of,
)

FILE_MODE: Final = 0o600
FOLDER_MODE: Final = 0o700
_DENIED: Final = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextmanager
def system_errors(path: Path) -> Iterator[None]:
    """Turn an `OSError` about `path` into the keystore's own errors."""
    try:
        yield
    except FileExistsError as error:
        raise ExistsError.at(path) from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise MissingError.at(path) from error
    except OSError as error:
        if error.errno in _DENIED:
            raise PermissionsError.denied(path) from error
        raise StorageError.at(path, error.strerror or type(error).__name__) from error


def require_private(path: Path, found: os.stat_result | None = None) -> None:
    """Return if only its owner may reach `path`, and its owner is this user or root.

    Raises `PermissionsError` or `MissingError`. The contents are encrypted; but who may replace a file may roll pins
    back, and who may read it may guess passphrases for years.
    """
    if found is None:
        with system_errors(path):
            found = path.stat()
    user = os.geteuid()
    if user != 0 and found.st_uid not in (user, 0):
        raise PermissionsError.foreign(path)
    if found.st_mode & 0o077:
        raise PermissionsError.too_open(path, stat.S_IMODE(found.st_mode))


def read(path: Path, limit: int) -> bytes:
    """Return the bytes of a private regular file of at most `limit` bytes.

    Raises `MissingError`, `PermissionsError`, `DamagedError` (no regular file, or too large) or `StorageError`.
    """
    with system_errors(path):
        # Not blocking: a pipe put in the file's place must not hang whoever opens it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise DamagedError.at(path, "not a regular file")
            require_private(path, found)
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                data = file.read(limit + 1)
        finally:
            os.close(descriptor)
    if len(data) > limit:
        raise DamagedError.at(path, "too large")
    return data


def write(path: Path, data: bytes) -> None:
    """Put `data` at `path`, whole or not at all, with mode 0600; once this returns it survives a power cut.

    A new file is written beside it, forced to disk, and renamed over `path`, which is one step for the file system.
    Raises `MissingError` (no such folder), `PermissionsError` or `StorageError`; `path` is then as it was, or, where
    only forcing the folder to disk failed, the new file.
    """
    fresh = path.with_name(f".{path.name}.{os.urandom(8).hex()}.new")
    with system_errors(path):
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(descriptor)
            fresh.replace(path)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def renew(path: Path, data: bytes, limit: int) -> None:
    """Replace the file `path` (at most `limit` bytes) by `data`; until that reads back, the old is kept as `.previous`.

    The caller has seen the old one to be whole, so that a good `.previous` is never replaced by a bad one. Raises as
    `read` and `write`, and `DamagedError` if the disk gives other bytes back; the old file is then in `.previous`.
    """
    previous = previous_of(path)
    write(previous, read(path, limit))
    write(path, data)
    if read(path, len(data)) != data:
        raise DamagedError.at(path, "reads back differently from what was written")
    discard(previous)


def discard(path: Path) -> None:
    """Remove the file `path`, if it is there, for good."""
    with system_errors(path):
        path.unlink(missing_ok=True)
        sync_folder(path.parent)


def sweep(path: Path) -> None:
    """Remove what an interrupted `write` of `path` left beside it. Call it under the lock only."""
    with system_errors(path):
        for leftover in path.parent.glob(f".{path.name}.*.new"):
            leftover.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Force the names in `folder` to disk: without it a power cut can undo a rename."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
