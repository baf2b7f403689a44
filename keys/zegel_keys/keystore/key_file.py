"""A root in a file of its own: partner root, steward root, freshness key. Best kept offline.

Daily work never needs these, so they are no part of a device's identity: who takes the device takes no root.
`partner-root.zk`, `steward-root-1.zk`, `freshness.zk`: each a vault (`keystore.vault`).
"""

from pathlib import Path
from typing import Final, Literal

import msgspec

from zegel_keys.keystore.errors import DamagedError, KindError
from zegel_keys.keystore.lock import exclusive
from zegel_keys.keystore.vault import Cost, Vault, kind_of
from zegel_keys.signing import SigningKey
from zegel_protocol import b64, encoding
from zegel_protocol.errors import MalformedError
from zegel_protocol.fields import Key32, Name

RootKind = Literal["partner-root", "steward-root", "freshness"]

SUFFIX: Final = ".zk"


class KeyPayload(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a key file holds: the kind again, an Ed25519 seed in base64url, and a label for people."""

    v: Literal[1] = 1
    kind: RootKind
    seed: Key32
    label: Name

    def __repr__(self) -> str:
        return f"KeyPayload(kind={self.kind!r}, label={self.label!r})"


class KeyFile:
    """An opened key file: `path`, `kind`, `label`, and the `signing_key`."""

    def __init__(self, path: Path, payload: KeyPayload) -> None:
        self.path = path
        self.kind: RootKind = payload.kind
        self.label = payload.label
        self.signing_key = SigningKey(b64.decode(payload.seed, 32))

    @property
    def public(self) -> str:
        """The public key, base64url, 43 characters."""
        return self.signing_key.public

    @classmethod
    def create(
        cls,
        path: Path,
        passphrase: str,
        kind: RootKind,
        label: str,
        cost: Cost = "moderate",
        timeout: float = 10.0,
    ) -> "KeyFile":
        """Make a new key and write its file; `label` has 1 to 120 characters.

        Raises `ExistsError` (never overwrites), `BusyError`, `EmptyPassphraseError`, `OutOfMemoryError`, or as
        `files.write`; and `MalformedError` for a label that does not do.
        """
        payload = KeyPayload(kind=kind, seed=b64.encode(SigningKey.generate().seed), label=label)
        data = encoding.encode(payload)
        # A label that could not be read back must fail here, not years later.
        encoding.decode(data, KeyPayload)
        with exclusive(_lock_of(path), timeout):
            Vault(path, kind).create(data, passphrase, cost)
        return cls(path, payload)

    @classmethod
    def open(cls, path: Path, passphrase: str, kind: RootKind | None = None) -> "KeyFile":
        """Open a key file; with `kind`, only one that holds that.

        Raises `KindError`, and as `Vault.open`.
        """
        found = kind_of(path)
        if found == "identity":
            raise KindError.at(path, found, kind or "root")
        vault = Vault(path, kind or found)
        payload = _decode(path, vault.open(passphrase).payload)
        if payload.kind != vault.kind:
            raise DamagedError.at(path, "it holds another kind than it says")
        return cls(path, payload)

    def change_passphrase(self, old: str, new: str, cost: Cost = "moderate", timeout: float = 10.0) -> None:
        """Wrap the key under another passphrase. Earlier copies of the file still open with the old one.

        Raises `PassphraseError` (`old` is wrong), `BusyError`, and as `Vault.rewrap`.
        """
        with exclusive(_lock_of(self.path), timeout):
            vault = Vault(self.path, self.kind)
            vault.rewrap(old, new, cost)
            vault.settle()

    def __repr__(self) -> str:
        return f"KeyFile(kind={self.kind!r}, label={self.label!r}, public={self.public!r})"


def file_name(kind: RootKind, number: int | None = None) -> str:
    """Return the usual name of a key file; steward roots carry their `number`."""
    return f"{kind}{SUFFIX}" if number is None else f"{kind}-{number}{SUFFIX}"


def _lock_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.lock")


def _decode(path: Path, data: bytes) -> KeyPayload:
    try:
        return encoding.decode(data, KeyPayload)
    except MalformedError as error:
        raise DamagedError.at(path, error.detail or error.code) from error
