"""Files with keys: made once, durably, and read only where nobody but their owner can.

What stands in one is for `keys_file` and `contact_key`; no error text quotes it.
"""

import os
from pathlib import Path
from typing import Final

from zegel_relay.storage.errors import StorageError

MAX_BYTES: Final = 4096


def write_new(path: Path, data: bytes) -> None:
    """Write a file (0600) that is not there yet, durably.

    Raises `FileExistsError`, and `StorageError` (`keys.unwritable`).
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise
    except OSError as error:
        raise StorageError("keys.unwritable", f"{path} cannot be written: {error.strerror}.") from error
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def read(path: Path, if_missing: str) -> bytes:
    """Return what stands in a file, 4 KiB at most. `if_missing` says what to do where there is none.

    Raises `StorageError` with `keys.missing`, `keys.unreadable` or `keys.open` (others than the owner may read it).
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(MAX_BYTES)
    except FileNotFoundError as error:
        raise StorageError("keys.missing", f"There is no {path}. {if_missing}") from error
    except OSError as error:
        raise StorageError("keys.unreadable", f"{path} cannot be read: {error.strerror}.") from error
    if mode & 0o077:
        raise StorageError("keys.open", f"Others may read {path}. Find out who did, then `chmod 600` it.")
    return data
