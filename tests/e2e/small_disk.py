"""A disk of a few megabytes that a test fills, empties and makes read-only: a tmpfs, which takes root to mount."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from servers.databases import FILE, SqliteDatabases

MIB = 1024 * 1024
_BALLAST = "ballast"


class SmallDisk:
    """The disk mounted at `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self) -> None:
        """Leave not a byte of room."""
        with (self.folder / _BALLAST).open("ab", buffering=0) as ballast:
            for size in (MIB, 4096, 1):
                try:
                    while ballast.write(bytes(size)) == size:
                        pass
                except OSError:
                    continue
        free = os.statvfs(self.folder).f_bavail
        if free:
            raise RuntimeError(f"{free} blocks are still free")

    def make_room(self) -> None:
        """Take the ballast away."""
        (self.folder / _BALLAST).unlink()

    def only_read(self, yes: bool) -> None:
        """Let nobody write on it, as a system does with a disk that fails; or let them again.

        No file of it may be open for writing then.
        """
        _run("mount", "-o", f"remount,{'ro' if yes else 'rw'}", self.folder)


class OnDisk(SqliteDatabases):
    """Gives a relay a file for its database on a disk of its own."""

    def __init__(self, disk: SmallDisk) -> None:
        self._disk = disk

    def fresh(self) -> str:
        return f"sqlite:///{self._disk.folder}/{FILE}"


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[SmallDisk]:
    """Mount a disk of `size` bytes at `folder`, which is made; skip the test where this user may not."""
    if os.geteuid() != 0:
        pytest.skip("mounting a disk takes root")
    folder.mkdir(parents=True)
    _run("mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", folder)
    try:
        yield SmallDisk(folder)
    finally:
        # Lazy: a test that failed may have left a process with open files there.
        _run("umount", "--lazy", folder)


def _run(*command: str | Path) -> None:
    done = subprocess.run([os.fspath(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
