"""`huis.json`: what a steward hands to every partner so that they can tell this Huis from any other. Public.

A partner pins what stands here, so it must come to them by a way that they trust, such as in person.
"""

from pathlib import Path
from typing import Final, Literal

import msgspec

from zegel_keys.keystore import files
from zegel_protocol import encoding
from zegel_protocol.fields import Digest, Key32, Name
from zegel_protocol.objects.root import Genesis, huis_id

FILE_NAME: Final = "huis.json"
MAX_BYTES: Final = 16 * 1024


class HuisFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The id of a Huis, its name for people, the first roots that the id is the digest of, and the freshness key."""

    v: Literal[1]
    huis: Digest
    name: Name
    genesis: Genesis
    freshness_key: Key32 | None = None

    def __post_init__(self) -> None:
        if huis_id(self.genesis.roots, self.genesis.threshold) != self.huis:
            raise ValueError("huis is not the digest of these genesis roots")


def read_huis(path: Path) -> HuisFile:
    """Return the Huis that the file `path` names. Raises `OSError`, or `MalformedError` for another file."""
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    return encoding.decode(data.rstrip(b"\r\n"), HuisFile, MAX_BYTES)


def write_huis(path: Path, huis: HuisFile) -> None:
    """Write the file `path`. Raises `MalformedError`, or as `keystore.files.write`."""
    data = encoding.encode(huis)
    encoding.decode(data, HuisFile, MAX_BYTES)
    files.write(path, data + b"\n")
