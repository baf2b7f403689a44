"""The advisory lock under which identities and key files change: one writer among all processes and threads.

Reading needs no lock, since files are replaced in one step, and the state database has locks of its own.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from zegel_keys.keystore.errors import BusyError
from zegel_keys.keystore.files import FILE_MODE, system_errors

_PAUSE: Final = 0.02


@contextmanager
def exclusive(path: Path, timeout: float) -> Iterator[None]:
    """Hold the lock file `path` (made if absent, never removed) while the body runs.

    Waits for at most `timeout` seconds, then raises `BusyError`. Not re-entrant: asking again inside the body waits for
    itself and ends as busy, so a task can never slip into the middle of another's change. The system lets go of the
    lock when the process dies, so no stale lock is ever left.
    """
    with system_errors(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE)
    try:
        _acquire(descriptor, path, timeout)
        try:
            yield
        finally:
            # Said aloud, not left to `close`: a child forked meanwhile shares the lock and would keep it held.
            fcntl.flock(descriptor, fcntl.LOCK_UN)
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            if time.monotonic() >= deadline:
                raise BusyError.at(path, timeout) from error
        time.sleep(_PAUSE)
