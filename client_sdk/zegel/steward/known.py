"""What is known of a Huis, verified from its pinned id: everything that is signed, also before a first directory.

`zegel_keys.trust` says what is *in force*, which only a directory can. A steward who makes that directory, and a
partner who makes a device list before it, need the chains themselves: this reads them with the same checks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from zegel_keys.casefile import Reader
from zegel_keys.exhibit import Exhibit, read
from zegel_keys.trust import ANY_ROOT, Trust, check_follows, check_possession, establish, read_roots
from zegel_keys.verification import read_payload, verify
from zegel_protocol.objects import DeviceList, Directory, Membership, Root, Rulebook
from zegel_protocol.signed import Signed

Versioned = TypeVar("Versioned", Membership, DeviceList)


@dataclass(frozen=True)
class Known:
    """Verified chains, oldest first. `directory` is the newest, `base` the one of the steward's that it rests on.
    `trust` is what is in force, once there is a directory.

    `exhibits` are what all this was read from, each once.
    """

    huis: str
    exhibits: tuple[Exhibit, ...]
    roots: tuple[Signed[Root], ...]
    members: Mapping[str, tuple[Signed[Membership], ...]] = field(default_factory=dict)
    lists: Mapping[str, tuple[Signed[DeviceList], ...]] = field(default_factory=dict)
    rulebooks: tuple[Signed[Rulebook], ...] = ()
    directory: Signed[Directory] | None = None
    base: Signed[Directory] | None = None
    trust: Trust | None = None

    @property
    def root(self) -> Root:
        """The steward's keys now."""
        return self.roots[-1].payload

    @property
    def listed(self) -> dict[str, Signed[Membership]]:
        """The memberships that the directory lists, by partner."""
        named = set(self.directory.payload.memberships) if self.directory is not None else set()
        return {partner: held for partner, chain in self.members.items() for held in chain if held.d in named}

    @property
    def rulebook(self) -> Signed[Rulebook] | None:
        """The rulebook that the directory names."""
        return self.find_rulebook(self.directory.payload.rulebook if self.directory is not None else "")

    def find_rulebook(self, d: str) -> Signed[Rulebook] | None:
        """Return the rulebook with this `D`, or None."""
        return next((held for held in self.rulebooks if held.d == d), None)

    def envelope(self, d: str) -> bytes:
        """Return the envelope that an object was read from. Raises `KeyError`."""
        return {item.d: item.envelope for item in self.exhibits}[d]

    def with_more(self, envelopes: Iterable[bytes]) -> "Known":
        """Return what is known with these objects too. Raises as `read_known`."""
        return read_known(self.huis, [*self.exhibits, *map(read, envelopes)])


def read_known(huis: str, exhibits: Iterable[Exhibit]) -> Known:
    """Return what the exhibits show, starting from nothing but the id of the Huis.

    Raises `ChainError` (`root.missing`, `root.foreign`, `chain.gap`, and what `trust.establish` raises once there is a
    directory), `SignatureError` or `MalformedError`: nothing that does not verify is passed over.
    """
    shown = tuple({item.d: item for item in reversed(tuple(exhibits))}.values())[::-1]
    if any(item.kind == Directory.KIND for item in shown):
        return _in_force(huis, shown)
    # Before the first directory nothing says whose receipts count, so nothing has a place yet.
    trust = Trust(huis=huis, roots=read_roots(huis, shown))
    trust = replace(trust, members=_chains(shown, Membership, trust))
    trust = replace(trust, lists=_chains(shown, DeviceList, trust))
    for chain in trust.lists.values():
        check_possession(huis, chain[-1].payload)
    books = [verify(item.envelope, Rulebook, trust, ANY_ROOT) for item in shown if item.kind == Rulebook.KIND]
    return _known(shown, trust, books)


def _in_force(huis: str, shown: tuple[Exhibit, ...]) -> Known:
    """Return what is known of a Huis that has a directory: each object by the keys of its place in the log."""
    reader = Reader()
    trust = establish(huis, shown, reader.place)
    books = [
        verify(item.envelope, Rulebook, trust, reader.place(trust, item))
        for item in shown
        if item.kind == Rulebook.KIND
    ]
    named = trust.directory.payload.base if trust.directory is not None else None
    base = trust.directory if named is None else trust.directories[named]
    return replace(_known(shown, trust, books), directory=trust.directory, base=base, trust=trust)


def _known(shown: tuple[Exhibit, ...], trust: Trust, books: list[Signed[Rulebook]]) -> Known:
    return Known(
        huis=trust.huis,
        exhibits=shown,
        roots=trust.roots,
        members=trust.members,
        lists=trust.lists,
        rulebooks=tuple(sorted(books, key=lambda held: held.payload.version)),
    )


def _chains(
    shown: tuple[Exhibit, ...], kind: type[Versioned], trust: Trust
) -> dict[str, tuple[Signed[Versioned], ...]]:
    found = [(read_payload(item.envelope, kind)[0], item) for item in shown if item.kind == kind.KIND]
    chains: dict[str, list[Signed[Versioned]]] = {}
    for payload, item in sorted(found, key=lambda pair: (pair[0].partner, pair[0].version)):
        chain = chains.setdefault(payload.partner, [])
        held = replace(verify(item.envelope, kind, trust, ANY_ROOT), place=None)
        check_follows(payload.version, payload.prev, None, chain[-1] if chain else None)
        chain.append(held)
    return {partner: tuple(chain) for partner, chain in chains.items()}
