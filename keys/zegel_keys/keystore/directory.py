"""The keystore folder of one device: identity, state, spool, and the lock under which the identity changes.

    identity.zk   the encrypted identity (`keystore.vault`, `keystore.identity`)
    state.db      what the device remembers (`keystore.state`), with SQLite's -wal and -shm beside it
    spool/        large sections on their way (`keystore.spool`)
    lock          the advisory lock
    creating      stands there only while the folder is being made

Any number of processes and threads may have the same folder open. No secret is ever passed on: no environment, no log.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final

from zegel_keys.keystore import database, files
from zegel_keys.keystore.box import new_key
from zegel_keys.keystore.errors import BusyError, DamagedError, ExistsError, previous_of
from zegel_keys.keystore.identity import Identity
from zegel_keys.keystore.lock import exclusive
from zegel_keys.keystore.spool import Spool
from zegel_keys.keystore.state import State
from zegel_keys.keystore.vault import Cost, Vault, require_passphrase
from zegel_protocol import encoding
from zegel_protocol.errors import MalformedError

LOCK_WAIT: Final = 10.0
"""Seconds to wait for another process that changes the identity."""


@dataclass(frozen=True, slots=True)
class Paths:
    """Where the parts of the keystore in `folder` stand."""

    folder: Path

    @property
    def identity(self) -> Path:
        """The encrypted identity."""
        return self.folder / "identity.zk"

    @property
    def state(self) -> Path:
        """The state database."""
        return self.folder / "state.db"

    @property
    def spool(self) -> Path:
        """The folder for large ciphertexts."""
        return self.folder / "spool"

    @property
    def lock(self) -> Path:
        """The lock file."""
        return self.folder / "lock"

    @property
    def creating(self) -> Path:
        """The mark of a creation that has not ended."""
        return self.folder / "creating"


class Keystore:
    """An opened keystore: `paths`, the `identity` as last read, `state` and `spool`. Close it, or use `with`."""

    def __init__(self, paths: Paths, vault: Vault, store_key: bytes, identity: Identity, state: State) -> None:
        self.paths = paths
        self.identity = identity
        self.state = state
        self.spool = Spool(paths.spool)
        self._vault = vault
        self._store_key = store_key

    @classmethod
    def create(
        cls,
        path: Path | str,
        passphrase: str,
        identity: Identity,
        cost: Cost = "moderate",
        timeout: float = LOCK_WAIT,
    ) -> "Keystore":
        """Make the keystore folder `path` (0700, with the folders above it if absent) and open it.

        All or nothing: what an interrupted creation left is made anew by the next. Raises `ExistsError` (never
        overwrites), `EmptyPassphraseError`, `BusyError`, `PermissionsError`, `OutOfMemoryError` or `StorageError`; and
        `MalformedError` for an identity whose fields are not what they should be.
        """
        paths = Paths(Path(path))
        payload = _encode(identity)
        require_passphrase(paths.identity, passphrase)
        with files.system_errors(paths.folder):
            paths.folder.mkdir(files.FOLDER_MODE, parents=True, exist_ok=True)
            if not any(paths.folder.iterdir()):
                # An empty folder (a fresh volume, say) holds nothing that anybody could have tampered with.
                paths.folder.chmod(files.FOLDER_MODE)
        files.require_private(paths.folder)
        vault = Vault(paths.identity, "identity")
        with exclusive(paths.lock, timeout):
            _make_room(paths)
            files.write(paths.creating, b"")
            with files.system_errors(paths.spool):
                paths.spool.mkdir(files.FOLDER_MODE, exist_ok=True)
            # The identity comes last: while it is not there, nobody can have used the state.
            store_key = new_key()
            State.create(paths.state, store_key).close()
            vault.create(payload, passphrase, cost, store_key)
            files.discard(paths.creating)
        return cls(paths, vault, store_key, identity, State.open(paths.state, store_key))

    @classmethod
    def open(cls, path: Path | str, passphrase: str) -> "Keystore":
        """Open the keystore folder `path`.

        Raises `MissingError`, `PassphraseError`, `DamagedError`, `VersionError`, `PermissionsError`, `BusyError` (the
        state only: reading an identity waits for nobody), `OutOfMemoryError` or `StorageError`.
        """
        paths = Paths(Path(path))
        files.require_private(paths.folder)
        vault = Vault(paths.identity, "identity")
        store_key, payload = vault.open(passphrase)
        identity = _decode(paths.identity, payload)
        keystore = cls(paths, vault, store_key, identity, State.open(paths.state, store_key))
        keystore._settle()
        return keystore

    @contextmanager
    def exclusive(self, timeout: float = LOCK_WAIT) -> Iterator["Custody"]:
        """Hold the identity: nobody else, in any process or thread, can change it while the body runs.

        `identity` is read anew first. Waits for at most `timeout` seconds, blocking the thread, then raises
        `BusyError`. Not re-entrant.
        """
        with exclusive(self.paths.lock, timeout):
            self.reload()
            custody = Custody(self, self._vault, self._store_key)
            try:
                yield custody
            finally:
                custody.end()

    def reload(self) -> Identity:
        """Read the identity anew, which another process may have replaced, and return it. Needs no passphrase.

        Raises as `Vault.read`.
        """
        self.identity = _decode(self.paths.identity, self._vault.read(self._store_key))
        return self.identity

    def close(self) -> None:
        """Close the state. Keys stay in memory until Python frees them: it offers no way to wipe them."""
        self.state.close()

    def __enter__(self) -> "Keystore":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Keystore({str(self.paths.folder)!r})"

    def _settle(self) -> None:
        """End what an interrupted change of the identity left: the present one opens, so the one before may go."""
        if not previous_of(self.paths.identity).exists():
            return
        try:
            with exclusive(self.paths.lock, 0):
                # Read again under the lock: what was opened before may have been replaced since.
                self.reload()
                self._vault.settle()
        except BusyError:
            # Somebody is changing it right now, and will end it themselves.
            return


class Custody:
    """The right to change the identity, from `Keystore.exclusive`; usable until its `with` block ends."""

    def __init__(self, keystore: Keystore, vault: Vault, store_key: bytes) -> None:
        self._keystore: Keystore | None = keystore
        self._vault = vault
        self._store_key = store_key

    @property
    def identity(self) -> Identity:
        """The identity as it is on disk."""
        return self._held().identity

    def replace_identity(self, identity: Identity) -> None:
        """Replace the identity (a rotated device key, another relay); huis and partner stay, since the state is theirs.

        Once this returns it survives a crash; if it raises, the identity before it is in force, or kept as `.previous`.
        Other processes see it at their next `reload` or `exclusive`. Raises as `Vault.replace`,
        and `MalformedError`.
        """
        keystore = self._held()
        if (identity.huis, identity.partner) != (keystore.identity.huis, keystore.identity.partner):
            raise ValueError("another huis or partner needs a keystore of its own")
        self._vault.replace(self._store_key, _encode(identity))
        keystore.identity = identity

    def change_passphrase(self, old: str, new: str, cost: Cost = "moderate") -> None:
        """Replace the passphrase. Processes that have the keystore open go on.

        The old passphrase opens it no more, but still opens an earlier copy of the folder.

        Raises `PassphraseError` (`old` is wrong), `EmptyPassphraseError`, and as `Vault.rewrap`.
        """
        self._held()
        self._vault.rewrap(old, new, cost)

    def end(self) -> None:
        """Give the right back."""
        self._keystore = None

    def _held(self) -> Keystore:
        if self._keystore is None:
            raise RuntimeError("the identity is no longer held")
        return self._keystore


def _make_room(paths: Paths) -> None:
    """Return if a keystore may be made here; remove the state of a creation that never came to an identity.

    Raises `ExistsError`. Other files are let be: a partner root may rest in the same folder.
    """
    if paths.identity.exists() or previous_of(paths.identity).exists():
        raise ExistsError.at(paths.identity)
    if paths.creating.exists():
        database.remove(paths.state)
    elif paths.state.exists():
        # Without the mark it may be somebody's state whose identity waits in a backup.
        raise ExistsError.at(paths.state)


def _encode(identity: Identity) -> bytes:
    """Return the payload. Raises `MalformedError` for what could not be read back: constructors check no field."""
    payload = encoding.encode(identity)
    encoding.decode(payload, Identity)
    return payload


def _decode(path: Path, payload: bytes) -> Identity:
    try:
        return encoding.decode(payload, Identity)
    except MalformedError as error:
        raise DamagedError.at(path, error.detail or error.code) from error
