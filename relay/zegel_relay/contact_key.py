"""The worker's private key to contact addresses, in a file of its own that only its owner reads.

Only processes that do promised work need it: a relay whose workers run elsewhere has the public half, in its keys file,
and can open no address.
"""

from pathlib import Path
from typing import Literal

import msgspec

from zegel_keys.contact_box import ContactKeyPair
from zegel_protocol import b64, encoding
from zegel_protocol.errors import ProtocolError
from zegel_protocol.fields import Key32
from zegel_relay import private_file
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
        private_file.write_new(path, encoding.encode(_ContactKeyFile(v=1, private=b64.encode(key.private))))
    except FileExistsError:
        return parse(load(path))
    return key


def load(path: Path) -> bytes:
    """Return what stands in `path`, for `parse`.

    Raises `StorageError` with `keys.missing`, `keys.unreadable` or `keys.open` (others than the owner may read it).
    """
    return private_file.read(path, "Take it from your copy of the keys; backups hold none.")


def parse(data: bytes) -> ContactKeyPair:
    """Return the key of a file's bytes. Raises `StorageError` (`keys.malformed`); no text quotes the file."""
    try:
        return ContactKeyPair(b64.decode(encoding.decode(data, _ContactKeyFile).private, 32))
    except ProtocolError as error:
        raise StorageError(
            "keys.malformed", "This is no contact key file. Take it from your copy of the keys."
        ) from error
