"""The steward's folder: key files, `huis.json`, and every object that was signed here.

    huis.json                       public, for partners (`huis_file`)
    steward-root-1.zk ...           one for each root key; they may be kept elsewhere
    freshness.zk                    the freshness key
    pending/                        memberships and rulebooks that no directory names yet
    signed/                         roots, directories, epochs, and what was pending before

What stands in `pending/` is what the steward means to publish. The relay has copies of all, but what is here was never
out of the steward's hands: a relay that shows an older directory than was signed here is found out.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from zegel.steward.errors import SetupError
from zegel.steward.huis_file import FILE_NAME, HuisFile, read_huis
from zegel_keys.exhibit import Exhibit, read
from zegel_keys.keystore import files
from zegel_keys.keystore.key_file import file_name
from zegel_keys.verification import read_payload
from zegel_protocol.dsse import MAX_ENVELOPE_BYTES
from zegel_protocol.errors import MalformedError
from zegel_protocol.objects import Directory, Epoch, Membership, Root, Rulebook

_ORDER: Final = (Root.KIND, Epoch.KIND, Membership.KIND, Rulebook.KIND, Directory.KIND)
"""The order in which a relay must be given them: each leans on those before it."""


class StewardFolder:
    """The folder at `path`; nothing is read until it is asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def huis_path(self) -> Path:
        """The file that partners are given."""
        return self.path / FILE_NAME

    @property
    def freshness_path(self) -> Path:
        """The freshness key's file."""
        return self.path / file_name("freshness")

    @property
    def huis(self) -> HuisFile:
        """Which Huis this is. Raises `OSError` or `MalformedError`."""
        return read_huis(self.huis_path)

    def root_paths(self) -> list[Path]:
        """Return the root key files that are here, by number."""
        numbers = range(1, 17)
        return [path for path in (self.path / file_name("steward-root", n) for n in numbers) if path.exists()]

    def keep(self, envelope: bytes, *, pending: bool = False) -> Path:
        """Write an object that was signed here, durably, and return its file. Raises as `keystore.files.write`."""
        place = self.path / ("pending" if pending else "signed")
        private_folder(place)
        path = place / f"{_label(read(envelope))}.json"
        files.write(path, envelope)
        return path

    def pending(self) -> tuple[Exhibit, ...]:
        """Return what waits to be published, in the order in which a relay takes it."""
        return in_order(self._read("pending"))

    def signed(self, *kinds: str) -> tuple[Exhibit, ...]:
        """Return what was signed here, of these kinds, in that same order."""
        return in_order(item for item in self._read("signed") if item.kind in kinds)

    def kept(self) -> tuple[Exhibit, ...]:
        """Return all that chains are made of: roots, memberships and rulebooks, published or not."""
        return in_order([*self.signed(Root.KIND, Membership.KIND, Rulebook.KIND), *self.pending()])

    def all_signed(self) -> tuple[Exhibit, ...]:
        """Return all that was signed here and published, epochs apart: those are given by themselves."""
        return self.signed(Root.KIND, Membership.KIND, Rulebook.KIND, Directory.KIND)

    @property
    def newest_directory(self) -> int:
        """The version of the newest directory that was signed here; 0 before the first."""
        return max((_version(item) for item in self.signed(Directory.KIND)), default=0)

    def settle(self) -> None:
        """What was pending is published: it waits no more."""
        place = self.path / "signed"
        for file in self._files("pending"):
            with files.system_errors(file):
                file.rename(place / file.name)

    def _issued(self, version: int) -> int:
        made = (read_payload(item.envelope, Directory)[0] for item in self.signed(Directory.KIND))
        return max((directory.issued for directory in made if directory.version == version), default=0)

    def require_not_older(self, given: Iterable[Exhibit]) -> None:
        """Return unless a relay shows a directory older than the newest that was signed here.

        An epoch that was signed here later, and that the relay shows, says that it lost that one. Raises `SetupError`
        (`directory.older`).
        """
        ours, shown = self.newest_directory, tuple(given)
        held = {item.d for item in shown}
        ends = [read_payload(item.envelope, Epoch)[0].at for item in self.signed(Epoch.KIND) if item.d in held]
        if ends and self._issued(ours) <= max(ends):
            return
        theirs = max((_version(item) for item in shown if item.kind == Directory.KIND), default=0)
        if theirs < ours:
            raise SetupError(
                "directory.older",
                f"The relay shows directory {theirs or 'none'}, where {ours} was published from here.",
                "Ask its operator: it was restored from a backup, or it is hiding something.",
            )

    def _files(self, name: str) -> list[Path]:
        return sorted((self.path / name).glob("*.json"))

    def _read(self, name: str) -> list[Exhibit]:
        return [read(files.read(file, MAX_ENVELOPE_BYTES)) for file in self._files(name)]


def in_order(exhibits: Iterable[Exhibit]) -> tuple[Exhibit, ...]:
    """Return roots, epochs, memberships, rulebooks and directories in the order in which a relay takes them."""
    return tuple(sorted(exhibits, key=lambda item: (_ORDER.index(item.kind), _version(item))))


def private_folder(path: Path) -> None:
    """Make the folder `path` (0700, with those above it) if it is absent; it must be its owner's alone.

    Raises as `keystore.files`.
    """
    with files.system_errors(path):
        path.mkdir(files.FOLDER_MODE, parents=True, exist_ok=True)
        if not any(path.iterdir()):
            # An empty folder holds nothing yet that anybody could have tampered with.
            path.chmod(files.FOLDER_MODE)
    files.require_private(path)


def _version(item: Exhibit) -> int:
    if item.kind == Epoch.KIND:
        return read_payload(item.envelope, Epoch)[0].number
    kinds: dict[str, type[Root | Membership | Rulebook | Directory]] = {
        kind.KIND: kind for kind in (Root, Membership, Rulebook, Directory)
    }
    if item.kind not in kinds:
        raise MalformedError("envelope.type", f"a {item.kind} is nothing that a steward signs")
    return read_payload(item.envelope, kinds[item.kind])[0].version


def _label(item: Exhibit) -> str:
    if item.kind == Membership.KIND:
        return f"{item.kind}-{read_payload(item.envelope, Membership)[0].partner}-{_version(item)}"
    return f"{item.kind}-{_version(item)}"
