"""The worker's private key to contact addresses, in a file of its own that only its owner reads.

Only processes that do promised work need it: a relay whose workers run elsewhere has the public half, in its keys file,
and can open no address.
"""

import os
from pathlib import Path
from typing import Literal

import msgspec

from zegel_keys.contact_box import ContactKeyPair
from zegel_protocol import b64, encoding
from zegel_protocol.errors import ProtocolError
from zegel_protocol.fields import Key32
from zegel_relay.storage.errors import StorageError


class _ContactKeyFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    v: Literal[1]
    private: Key32


def create_or_load(path: Path) -> ContactKeyPair:
    """Return the key of `path`, made and written there (0600, durably) if there is none.

    Raises `StorageError`: `keys.unwritable`, and as `load`.
    """
    key = ContactKeyPair.generate()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return parse(load(path))
    except OSError as error:
        raise StorageError("keys.unwritable", f"{path} cannot be written: {error.strerror}.") from error
    with os.fdopen(handle, "wb") as file:
        file.write(encoding.encode(_ContactKeyFile(v=1, private=b64.encode(key.private))))
        file.flush()
        os.fsync(file.fileno())
    return key


def load(path: Path) -> bytes:
    """Return what stands in `path`, for `parse`.

    Raises `StorageError` with `keys.missing`, `keys.unreadable` or `keys.open` (others than the owner may read it).
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(4096)
    except FileNotFoundError as error:
        raise StorageError("keys.missing", f"There is no {path}: take it from the backup.") from error
    except OSError as error:
        raise StorageError("keys.unreadable", f"{path} cannot be read: {error.strerror}.") from error
    if mode & 0o077:
        raise StorageError("keys.open", f"Others may read {path}. Find out who did, then `chmod 600` it.")
    return data


def parse(data: bytes) -> ContactKeyPair:
    """Return the key of a file's bytes. Raises `StorageError` (`keys.malformed`); no text quotes the file."""
    try:
        return ContactKeyPair(b64.decode(encoding.decode(data, _ContactKeyFile).private, 32))
    except ProtocolError as error:
        raise StorageError("keys.malformed", "This is no contact key file. Take it from the backup.") from error
