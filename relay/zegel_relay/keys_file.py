"""The relay's own two Ed25519 keys, and the Huis it serves, in one file that only its owner reads.

The relay key signs receipts, notices and statuses; the log key signs checkpoints. Neither opens anything: no key to a
section or to a client is ever here. Whoever copies this file can speak as this relay until the directory names other
keys.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from zegel_keys.signing import SigningKey
from zegel_protocol import b64, encoding
from zegel_protocol.errors import ProtocolError
from zegel_protocol.fields import Digest, Key32
from zegel_relay import private_file
from zegel_relay.storage.errors import StorageError


class _KeysFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    v: Literal[1]
    huis: Digest
    relay_seed: Key32
    log_seed: Key32
    contact_key: Key32 | None = None


class _PublicKeys(msgspec.Struct, frozen=True, kw_only=True):
    huis: Digest
    relay_key: Key32
    log_key: Key32


@dataclass(frozen=True)
class RelayKeys:
    """The id of the Huis, and the two keys that the directory names for its relay.

    `contact` is the worker's public key, that contact addresses are sealed to; None in a file that was made without.
    """

    huis: str
    relay: SigningKey
    log: SigningKey
    contact: str | None = None

    def public(self) -> bytes:
        """Return id and public keys as JSON, for the steward who puts them into the directory."""
        return encoding.encode(_PublicKeys(huis=self.huis, relay_key=self.relay.public, log_key=self.log.public))


def create(path: Path, huis: str, contact: str | None = None) -> RelayKeys:
    """Make new keys and write them to `path` (0600), durably. `contact` is the public key of the worker.

    Raises `StorageError` with `keys.exists` (never overwritten: with these keys the log began) or `keys.huis`.
    """
    try:
        b64.decode(huis, 32)
    except ProtocolError as error:
        raise StorageError("keys.huis", "The id of a Huis is 43 characters; the steward has it.") from error
    keys = RelayKeys(huis, SigningKey.generate(), SigningKey.generate(), contact)
    relay_seed, log_seed = b64.encode(keys.relay.seed), b64.encode(keys.log.seed)
    seeds = _KeysFile(v=1, huis=huis, relay_seed=relay_seed, log_seed=log_seed, contact_key=contact)
    try:
        private_file.write_new(path, encoding.encode(seeds))
    except FileExistsError as error:
        raise StorageError(
            "keys.exists",
            f"{path} is there already, and was left as it is. `zegel-relay serve` prints its public keys.",
        ) from error
    return keys


def load(path: Path) -> RelayKeys:
    """Return the keys in `path`.

    Raises `StorageError` with `keys.missing`, `keys.unreadable`, `keys.open` (others than the owner may read it) or
    `keys.malformed`. No text quotes what stands in the file.
    """
    data = private_file.read(path, "Make it with `zegel-relay init`.")
    try:
        stored = encoding.decode(data, _KeysFile)
        relay, log = SigningKey(b64.decode(stored.relay_seed, 32)), SigningKey(b64.decode(stored.log_seed, 32))
    except ProtocolError as error:
        raise StorageError(
            "keys.malformed", f"{path} is not a keys file. Take it from your copy of the keys."
        ) from error
    return RelayKeys(stored.huis, relay, log, stored.contact_key)
