"""A file on the disk that is the content of a section: read in pieces, and the same from check to seal.

A worker's own file stays theirs. An opened one stands in the keystore's spool, reachable by its owner only, until
whoever was given it lets go.
"""

import os
import shutil
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from zegel.content.errors import ContentCode, ContentError

PIECE: Final = 1024 * 1024
_MODE: Final = 0o600


class Stamp(NamedTuple):
    """What tells a file that was changed: where it stands, its size, when it was last written (nanoseconds)."""

    device: int
    inode: int
    size: int
    written: int


class DiskFile:
    """The file at `path`; `release` is called once, when it is closed or forgotten."""

    def __init__(self, path: Path, release: Callable[[], None] | None = None) -> None:
        self.path = path
        self._finalizer = weakref.finalize(self, release) if release is not None else None

    def __repr__(self) -> str:
        return "<DiskFile>"

    @property
    def size(self) -> int:
        """Bytes in it now. Raises `OSError`."""
        return self.path.stat().st_size

    @property
    def is_ours(self) -> bool:
        """Whether it was opened from a message, so that nobody else knows of it."""
        return self._finalizer is not None

    def stamp(self) -> Stamp:
        """Return what tells it from a changed one. Raises `ContentError` (`content.changed`) when it is gone."""
        try:
            found = self.path.stat()
        except OSError as error:
            raise changed() from error
        return Stamp(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)

    def pieces(self) -> Iterator[bytes]:
        """Yield its bytes. Raises `OSError`."""
        with self.path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece

    def close(self) -> None:
        """Let go of it; an opened file is then removed. Again changes nothing."""
        if self._finalizer is not None:
            self._finalizer()


def opened_file(path: Path, held: BinaryIO) -> DiskFile:
    """Return the file at `path` as one that was opened: it is removed when it is closed; `held` keeps it until then."""

    def release() -> None:
        path.unlink(missing_ok=True)
        held.close()

    return DiskFile(path, release)


def changed() -> ContentError:
    """Return the error for a file that is not the one that was checked."""
    return ContentError(
        ContentCode.CHANGED, "the file was changed or taken away meanwhile; nothing was sent, try again"
    )


def save(content: bytes | DiskFile, path: Path, *, overwrite: bool) -> None:
    """Put content at `path`, whole or not at all, for its owner only (0600); durable when this returns.

    A file that is there stays, unless `overwrite`. Raises `FileExistsError` and what the disk raises.
    """
    fresh = path.with_name(f".{path.name[:100]}.{os.urandom(6).hex()}.new")
    try:
        _write(content, fresh)
        if overwrite:
            fresh.replace(path)
        else:
            # A link, not a rename: it fails where a name is taken, also one that was taken this very moment.
            path.hardlink_to(fresh)
    finally:
        fresh.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _write(content: bytes | DiskFile, fresh: Path) -> None:
    if isinstance(content, DiskFile) and content.is_ours and _linked(content.path, fresh):
        return
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE), "wb") as file:
        if isinstance(content, bytes):
            file.write(content)
        else:
            with content.path.open("rb") as source:
                shutil.copyfileobj(source, file, PIECE)
        file.flush()
        os.fsync(file.fileno())


def _linked(path: Path, fresh: Path) -> bool:
    """Whether an opened file could be given a second name, durably: without a copy, where both are on one disk."""
    try:
        fresh.hardlink_to(path)
    except OSError:
        return False
    handle = os.open(fresh, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return True
