"""What can go wrong with a keystore: one family, stable codes, texts for the person at the keyboard.

Each text says what happened, what is safe and what to do. These are no `ProtocolError`: nothing foreign was parsed,
something of one's own could not be used.
"""

from pathlib import Path
from typing import ClassVar


class KeystoreError(Exception):
    """A keystore or key file can't be used as asked. Only its subclasses are raised.

    `code` is stable and is what tests and callers compare; `path` is the file or folder; `detail` is for people.
    """

    code: ClassVar[str] = "keystore.unusable"

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(f"{self.code}: {detail}")
        self.path = path
        self.detail = detail

    def __reduce__(self) -> tuple[type["KeystoreError"], tuple[Path, str]]:
        return type(self), (self.path, self.detail)


class PassphraseError(KeystoreError):
    """The file is whole, but this passphrase does not open it."""

    code = "keystore.passphrase"

    @classmethod
    def at(cls, path: Path) -> "PassphraseError":
        """Return the error for `path`."""
        return cls(path, f"The passphrase does not open {path}. Nothing is lost or changed: try again.")


class EmptyPassphraseError(KeystoreError):
    """A passphrase without a single character protects nothing."""

    code = "keystore.passphrase-empty"

    @classmethod
    def at(cls, path: Path) -> "EmptyPassphraseError":
        """Return the error for `path`."""
        return cls(path, f"An empty passphrase would leave {path} open. Nothing was written: choose one.")


class DamagedError(KeystoreError):
    """The bytes on disk are not what was written there."""

    code = "keystore.damaged"

    @classmethod
    def at(cls, path: Path, reason: str) -> "DamagedError":
        """Return the error for `path`, a file written whole, with the way back that there is."""
        previous = previous_of(path)
        if previous.exists():
            way = (
                f"The previous generation is kept in {previous}, under the passphrase of that time. "
                f"To restore it, move {path.name} aside and rename {previous.name} to {path.name}."
            )
        else:
            way = f"No previous generation stands beside it: put {path.name} back from your backup."
        return cls(path, f"{path} is damaged ({reason}). It was left as it is. {way}")

    @classmethod
    def in_state(cls, path: Path, reason: str) -> "DamagedError":
        """Return the error for `path`, the state database."""
        return cls(
            path,
            f"{path} is damaged ({reason}). It was left as it is, and the identity beside it is not touched. Stop what "
            f"uses this keystore, keep a copy, and put {path.name} back from your backup.",
        )


class KindError(KeystoreError):
    """The file is whole, but holds another kind of key than the one asked for."""

    code = "keystore.kind"

    @classmethod
    def at(cls, path: Path, found: str, wanted: str) -> "KindError":
        """Return the error for `path`; `found` and `wanted` are kinds."""
        return cls(path, f"{path} holds a key of kind {found}, not {wanted}. Nothing was changed: give the other file.")


class ExistsError(KeystoreError):
    """Something is there already, and is never overwritten."""

    code = "keystore.exists"

    @classmethod
    def at(cls, path: Path) -> "ExistsError":
        """Return the error for `path`."""
        return cls(path, f"{path} exists already and was left as it is. Open it, or choose another place.")


class MissingError(KeystoreError):
    """A file or folder that belongs here is not here."""

    code = "keystore.missing"

    @classmethod
    def at(cls, path: Path) -> "MissingError":
        """Return the error for `path`."""
        return cls(path, f"{path} is not there. Nothing was made in its place: check the path, or restore a backup.")


class BusyError(KeystoreError):
    """Another process or thread holds what this one needs."""

    code = "keystore.busy"

    @classmethod
    def at(cls, path: Path, seconds: float) -> "BusyError":
        """Return the error for `path` after having waited `seconds`."""
        return cls(
            path,
            f"Another process is changing {path.parent} and did not finish within {seconds:g} s. Nothing was changed "
            f"here: wait until it is done and try again.",
        )


class VersionError(KeystoreError):
    """The file is whole, but of a version that this software does not know."""

    code = "keystore.version"

    @classmethod
    def at(cls, path: Path, found: int) -> "VersionError":
        """Return the error for `path` of format version `found`."""
        return cls(
            path,
            f"{path} is of version {found}, which this software does not know. It was left as it is: use the newer "
            f"software that wrote it.",
        )


class PermissionsError(KeystoreError):
    """Others may reach what only its owner may, or its owner may not."""

    code = "keystore.permissions"

    @classmethod
    def too_open(cls, path: Path, mode: int) -> "PermissionsError":
        """Return the error for `path` with permission bits `mode`."""
        wanted = "700" if path.is_dir() else "600"
        return cls(
            path,
            f"Others on this machine may reach {path} (mode {mode:03o}). It was not opened. If it is yours and nobody "
            f"tampered with it: chmod {wanted} {path}",
        )

    @classmethod
    def foreign(cls, path: Path) -> "PermissionsError":
        """Return the error for `path` that belongs to another user of the machine."""
        return cls(path, f"{path} belongs to another user, who could replace it. It was not opened: use your own.")

    @classmethod
    def denied(cls, path: Path) -> "PermissionsError":
        """Return the error for `path` that the system refuses to this user."""
        return cls(path, f"This user may not read or write {path}. Nothing was changed: mend its owner and mode.")


class StorageError(KeystoreError):
    """The disk is full or failing."""

    code = "keystore.storage"

    @classmethod
    def at(cls, path: Path, reason: str) -> "StorageError":
        """Return the error for `path`; `reason` is the system's own word."""
        return cls(
            path,
            f"{path} could not be read or written ({reason}). What was reported as stored before is kept: make room or "
            f"mend the disk, and try again.",
        )


class OutOfMemoryError(KeystoreError):
    """The machine does not have the memory that the passphrase check needs."""

    code = "keystore.memory"

    @classmethod
    def at(cls, path: Path, needed: int) -> "OutOfMemoryError":
        """Return the error for `path` whose passphrase takes `needed` bytes to check."""
        return cls(
            path,
            f"Checking the passphrase of {path} takes {needed // 2**20} MiB of memory, and this machine did not give "
            f"it. Nothing is lost or changed: free memory and try again.",
        )


def previous_of(path: Path) -> Path:
    """Return where the previous generation of the file `path` is kept while a new one is being written."""
    return path.with_name(path.name + ".previous")
