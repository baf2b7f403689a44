"""From the pinned id of the Huis to everything in force: roots, directory, rulebook, members and their devices."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from zegel_keys import epochs, signing
from zegel_keys.exhibit import Exhibit
from zegel_keys.verification import read_payload, verify
from zegel_protocol import b64
from zegel_protocol.errors import ChainError, SignatureError
from zegel_protocol.evidence import Client, Setting
from zegel_protocol.objects import DeviceList, Directory, Epoch, Membership, Payload, Root, Rulebook
from zegel_protocol.objects.devices import Device, possession
from zegel_protocol.objects.root import huis_id
from zegel_protocol.signed import Place, Signed

P = TypeVar("P", bound=Payload)


LEEWAY = 300
"""Seconds that the clock of whoever dated a device may be ahead of the relay's."""


@dataclass(frozen=True)
class Trust:
    """What is believed of a Huis, grown step by step from `huis`; a `KeySource` for `verification`.

    `epochs` are the steward's words that the log was set back, by rising number (`docs/spec/log.md`).
    """

    huis: str
    roots: tuple[Signed[Root], ...] = ()
    directories: Mapping[str, Signed[Directory]] = field(default_factory=dict)
    setting: Setting | None = None
    members: Mapping[str, tuple[Signed[Membership], ...]] = field(default_factory=dict)
    lists: Mapping[str, tuple[Signed[DeviceList], ...]] = field(default_factory=dict)
    clients: Mapping[str, Client] = field(default_factory=dict)
    directory: Signed[Directory] | None = None
    listed: frozenset[str] | None = None
    epochs: tuple[Signed[Epoch], ...] = ()

    @property
    def relay_key(self) -> str | None:
        """The relay's public key, from the directory."""
        return self.directory.payload.relay_key if self.directory is not None else None

    @property
    def rp_id(self) -> str:
        """The portal's relying party id, from the directory."""
        return self.directory.payload.rp_id if self.directory is not None else ""

    @property
    def origins(self) -> tuple[str, ...]:
        """The portal's origins, from the directory."""
        return self.directory.payload.origins if self.directory is not None else ()

    def steward_keys(self, place: Place | None) -> tuple[Root, ...]:
        """The roots that counted at a place in the log: a root that was replaced signs nothing new."""
        return tuple(held.payload for held in _counting(self.roots, place))

    def freshness_key(self, base: str | None) -> str | None:
        """The freshness key that the steward named in the directory `base`."""
        held = self.directories.get(base or "")
        return held.payload.freshness_key if held is not None else None

    def root_keys(self, partner: str, place: Place | None) -> tuple[str, ...]:
        """The root key of the partner's membership that counted at a place in the log, while it lasted."""
        counting = (held.payload for held in _counting(self.members.get(partner, ()), place))
        return tuple(member.root_key for member in counting if place is None or place.at < member.not_after)

    def devices(self, partner: str, place: Place | None) -> tuple[Device, ...]:
        """The devices that the partner's list of that place holds, within their dates there.

        A partner that the directory lists no more has none now; what its devices signed before stays signed.
        """
        if place is None:
            if self.listed is not None and partner not in self.listed:
                return ()
            newest = self.lists.get(partner, ())[-1:]
            return newest[0].payload.devices if newest else ()
        counted: DeviceList | None = None
        for held in self.lists.get(partner, ()):
            if held.place is not None and held.place.index > place.index:
                break
            counted = held.payload
        if counted is None or place.at >= counted.expires:
            return ()
        return tuple(item for item in counted.devices if item.not_before - LEEWAY <= place.at < item.not_after)

    def partners(self) -> tuple[str, ...]:
        """Every partner that has or had a device list."""
        return tuple(sorted(self.lists))

    def client(self, person: str) -> Client | None:
        """What is known of a person."""
        return self.clients.get(person)

    def with_clients(self, clients: Mapping[str, Client]) -> "Trust":
        """Return the same trust, that also knows these clients."""
        return replace(self, clients={**self.clients, **clients})


def _counting(chain: tuple[Signed[P], ...], place: Place | None) -> tuple[Signed[P], ...]:
    """Return the version of a chain that counted at a place (None: the newest); more, where the log does not tell."""
    if place is None:
        return chain[-1:]
    counted: list[Signed[P]] = []
    for held in chain:
        if held.place is None:
            counted.append(held)
        elif held.place.index < place.index:
            counted = [held]
    return tuple(counted)


def establish(huis: str, exhibits: Iterable[Exhibit], place_of: "PlaceOf") -> Trust:
    """Return the trust that the exhibits support, starting from nothing but the id of the Huis.

    `place_of` gives an exhibit's place in the log (from a database, or by checking its receipt); it is called once the
    directory, and so the relay's key, is known.

    Raises `ChainError` (`root.foreign`, `chain.gap`, `directory.missing`, `directory.refresh`, ...) and whatever
    verification raises. Nothing that is not reachable from the pinned id is believed.
    """
    shown = tuple(exhibits)
    # Their places count only once the directory says whose receipts do.
    roots = tuple(replace(held, place=None) for held in read_roots(huis, shown))
    trust = Trust(huis=huis, roots=roots)
    trust = _directory(trust, shown)
    directory = trust.directory
    if directory is None:
        raise ChainError("directory.missing", "no directory came with the evidence")
    # Which log a receipt may be of has to be known before any is read.
    trust = replace(trust, epochs=epochs.read_epochs(trust, shown, ANY_ROOT))
    trust = replace(trust, roots=_placed_roots(trust, shown, place_of))
    _check_directories(trust, shown, place_of)
    trust = replace(trust, epochs=_placed_epochs(trust, shown, place_of))
    trust = replace(trust, members=_chains(trust, shown, Membership, place_of))
    listed = _listed(trust, directory.payload)
    # What partners signed before they left is still to be judged, so all chains are kept; only those listed act now.
    of_members = tuple(item for item in shown if _is_of_member(trust, item))
    trust = replace(trust, lists=_chains(trust, of_members, DeviceList, place_of), listed=frozenset(listed))
    base = trust.directories.get(directory.payload.base or "")
    for stated in (directory, *([base] if base is not None else [])):
        _check_lists(trust, stated.payload)
    for chain in trust.lists.values():
        check_possession(huis, chain[-1].payload)
    rulebook = next((item for item in shown if item.d == directory.payload.rulebook), None)
    if rulebook is None:
        raise ChainError("directory.incomplete", "the rulebook that the directory names is missing")
    rules = verify(rulebook.envelope, Rulebook, trust, place_of(trust, rulebook))
    return replace(trust, setting=Setting(directory, rules, listed, trust.lists))


PlaceOf = Callable[["Trust", Exhibit], Place | None]
ANY_ROOT = Place(0, 0)
"""A place at which every root counts whose own place is not known yet."""


def _listed(trust: Trust, directory: Directory) -> dict[str, tuple[Signed[Membership], ...]]:
    """Return the membership chains up to what the directory lists: later ones are not in force yet, others no more."""
    listed: dict[str, tuple[Signed[Membership], ...]] = {}
    named = set(directory.memberships)
    for partner, chain in trust.members.items():
        last = next((number for number, held in enumerate(chain) if held.d in named), None)
        if last is not None:
            listed[partner] = chain[: last + 1]
    if len(listed) != len(named):
        raise ChainError("directory.incomplete", "a membership that the directory lists is missing")
    return listed


def _check_lists(trust: Trust, directory: Directory) -> None:
    """Every device list that a directory names must be there: a refresh cannot go back behind the one it refreshes."""
    for current in directory.devices:
        if current.devices not in {held.d for held in trust.lists.get(current.partner, ())}:
            raise ChainError("directory.incomplete", "a device list that the directory names is missing")


def _check_directories(trust: Trust, shown: tuple[Exhibit, ...], place_of: PlaceOf) -> None:
    """Return if each of the steward's directories was signed by the root that counted where it stands in the log.

    Only now, because the first says whose receipts count. Raises `SignatureError` (`signature.missing`).
    """
    for item in shown:
        held = trust.directories.get(item.d)
        if held is None or held.payload.base is not None:
            continue
        signed = {signer.key for signer in held.signers}
        counting = _counting(trust.roots, place_of(trust, item))
        if not any(len(signed & set(root.payload.roots)) >= root.payload.threshold for root in counting):
            raise SignatureError("signature.missing", "a directory is signed by a root that was replaced before it")


def _placed_epochs(trust: Trust, shown: tuple[Exhibit, ...], place_of: PlaceOf) -> tuple[Signed[Epoch], ...]:
    """Return the epochs, each held against its place and the root that counted there."""
    places = {item.d: place_of(trust, item) for item in shown if item.kind == Epoch.KIND}
    for held in trust.epochs:
        signed = {signer.key for signer in held.signers}
        counting = _counting(trust.roots, places.get(held.d))
        if not any(len(signed & set(root.payload.roots)) >= root.payload.threshold for root in counting):
            raise SignatureError("signature.missing", "an epoch is signed by a root that was replaced before it")
    return tuple(epochs.check_place(replace(held, place=places.get(held.d))) for held in trust.epochs)


def _is_of_member(trust: Trust, item: Exhibit) -> bool:
    return item.kind == DeviceList.KIND and read_payload(item.envelope, DeviceList)[0].partner in trust.members


def read_root(envelope: bytes, before: Signed[Root] | None, huis: str) -> Signed[Root]:
    """Return a root, signed by enough keys of the one before it; the first is what the id of the Huis commits to.

    Raises `ChainError` (`root.foreign`, `chain.gap`) or `SignatureError`.
    """
    payload, _ = read_payload(envelope, Root)
    if before is None:
        if payload.version != 1 or huis_id(payload.roots, payload.threshold) != huis:
            raise ChainError("root.foreign", "not the roots that this Huis was founded with")
        signed_by = Signed("", payload, frozenset())
    else:
        if payload.version != before.payload.version + 1 or payload.prev != before.d:
            raise ChainError("chain.gap", "a root does not follow the one before it")
        signed_by = before
    held = verify(envelope, Root, Trust(huis=huis, roots=(signed_by,)))
    return Signed(held.d, held.payload, held.signers)


def read_roots(huis: str, shown: Iterable[Exhibit]) -> tuple[Signed[Root], ...]:
    """Return the roots among the exhibits as one chain, each with the place that its exhibit has.

    Raises `ChainError` (`root.missing`, `root.foreign`, `chain.gap`), `SignatureError` or `MalformedError`.
    """
    found = [(read_payload(item.envelope, Root)[0].version, item) for item in shown if item.kind == Root.KIND]
    chain: list[Signed[Root]] = []
    for _, item in sorted(found, key=lambda pair: pair[0]):
        held = read_root(item.envelope, chain[-1] if chain else None, huis)
        chain.append(replace(held, place=item.place))
    if not chain:
        raise ChainError("root.missing", "no root of this Huis's steward is there")
    return tuple(chain)


def _placed_roots(trust: Trust, shown: tuple[Exhibit, ...], place_of: "PlaceOf") -> tuple[Signed[Root], ...]:
    """Return the roots with their places, once the directory says whose receipts count."""
    places = {item.d: place_of(trust, item) for item in shown if item.kind == Root.KIND}
    return tuple(replace(held, place=places.get(held.d)) for held in trust.roots)


def _directory(trust: Trust, shown: tuple[Exhibit, ...]) -> Trust:
    """Believe the newest directory: signed by the steward, or a refresh of one that is."""
    found = [(read_payload(item.envelope, Directory)[0], item) for item in shown if item.kind == Directory.KIND]
    newest: Signed[Directory] | None = None
    for payload, item in sorted(found, key=lambda pair: pair[0].version):
        # Any root in the chain for now; `_check_directories` asks which one counted.
        held = replace(verify(item.envelope, Directory, trust, ANY_ROOT), place=None)
        if payload.base is not None:
            check_refresh(held, trust.directories.get(payload.base))
        trust = replace(trust, directories={**trust.directories, held.d: held}, directory=held)
        newest = held
    return replace(trust, directory=newest)


def check_refresh(held: Signed[Directory], base: Signed[Directory] | None) -> None:
    """Return if a refresh changes nothing that only the steward may change, and is within its time.

    Raises `ChainError` (`directory.refresh`).
    """
    new = held.payload
    if base is None or base.payload.base is not None or base.payload.refresh_until is None:
        raise ChainError("directory.refresh", "a refresh names a directory of the steward's that allows it")
    old = base.payload
    same = (
        new.memberships == old.memberships
        and new.rulebook == old.rulebook
        and (new.relay_key, new.log_key, new.rp_id) == (old.relay_key, old.log_key, old.rp_id)
        and (new.origins, new.bundles) == (old.origins, old.bundles)
        and (new.freshness_key, new.refresh_until) == (old.freshness_key, old.refresh_until)
    )
    if not same or new.version <= old.version or new.expires > base.payload.refresh_until:
        raise ChainError("directory.refresh", "a refresh may change times and device lists only")


Versioned = TypeVar("Versioned", Membership, DeviceList)


def _chains(
    trust: Trust,
    shown: tuple[Exhibit, ...],
    kind: type[Versioned],
    place_of: PlaceOf,
) -> dict[str, tuple[Signed[Versioned], ...]]:
    found: dict[str, list[tuple[int, Exhibit]]] = {}
    for item in shown:
        if item.kind == kind.KIND:
            payload, _ = read_payload(item.envelope, kind)
            found.setdefault(payload.partner, []).append((payload.version, item))
    chains: dict[str, tuple[Signed[Versioned], ...]] = {}
    for partner, items in found.items():
        chain: list[Signed[Versioned]] = []
        for _, item in sorted(items, key=lambda pair: pair[0]):
            held = verify(item.envelope, kind, trust, place_of(trust, item))
            check_follows(held.payload.version, held.payload.prev, held.place, chain[-1] if chain else None)
            chain.append(held)
        chains[partner] = tuple(chain)
    return chains


def check_follows(version: int, prev: str | None, place: Place | None, before: Signed[Payload] | None) -> None:
    """Return if an object of this version and `prev` follows `before` (None: begins). Raises `ChainError`.

    `chain.gap`: something between is missing; `chain.order`: the log has them the other way round.
    """
    number = getattr(before.payload, "version", 0) if before is not None else 0
    if version != number + 1 or prev != (before.d if before is not None else None):
        raise ChainError("chain.gap", "an object does not follow the one before it")
    if before is not None and place is not None and before.place is not None and place.index <= before.place.index:
        raise ChainError("chain.order", "a later version stands earlier in the log")


def check_possession(huis: str, devices: DeviceList) -> None:
    """Return if every device of a list showed that it holds its key. Raises `SignatureError` (`devices.proof`)."""
    for device in devices.devices:
        message = possession(huis, devices.partner, device.device, device.worker, device.sign_key)
        try:
            signing.check(device.sign_key, message, b64.decode(device.proof, 64))
        except SignatureError as error:
            raise SignatureError("devices.proof", "a device did not show that it holds its key") from error
