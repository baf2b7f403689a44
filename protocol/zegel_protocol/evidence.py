"""The one value that `decide()` judges: a message and everything that speaks for or against it.

The sender before sealing, the relay at acceptance and at delivery, and the recipient before unwrapping all build this
same value from verified objects (`zegel_keys.evidence_check`), so that they cannot decide differently.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from zegel_protocol import client_keys
from zegel_protocol.fields import MAX_INT
from zegel_protocol.objects.client_key import ClientKey, Vouch
from zegel_protocol.objects.consent import Consent, Revocation, Status
from zegel_protocol.objects.consent_request import ConsentRequest
from zegel_protocol.objects.devices import Device, DeviceList
from zegel_protocol.objects.directory import Directory
from zegel_protocol.objects.entry import Entry
from zegel_protocol.objects.manifest import Manifest
from zegel_protocol.objects.membership import Membership, Secrecy
from zegel_protocol.objects.person import Person
from zegel_protocol.objects.rulebook import Rulebook
from zegel_protocol.records import Records
from zegel_protocol.signed import Place, Signed

Flow = tuple[str, str, str]
"""Key of a consent chain: person, `Party.key` of the sender, `Party.key` of the recipient."""

_WEAKER: tuple[Secrecy, ...] = ("penal", "office", "pledge")


@dataclass(frozen=True, slots=True)
class Setting:
    """What is in force in the Huis: the directory, its rulebook, members and device lists, each as its whole chain."""

    directory: Signed[Directory]
    rulebook: Signed[Rulebook]
    memberships: Mapping[str, tuple[Signed[Membership], ...]]
    devices: Mapping[str, tuple[Signed[DeviceList], ...]]

    def member(self, partner: str | None) -> Membership | None:
        """Return the membership in force for a partner, or None when the directory does not list one."""
        chain = self.memberships.get(partner or "", ())
        return chain[-1].payload if chain else None

    def secrecy(self, member: Membership) -> Secrecy:
        """The duty that a partner's people are under, by its membership or by its sector: the weaker word counts."""
        sectors = self.rulebook.payload.sectors
        by_sector = next((rule.secrecy for rule in sectors if rule.id == member.sector), member.secrecy)
        return max(member.secrecy, by_sector, key=_WEAKER.index)

    def member_at(self, partner: str | None, place: Place | None) -> Membership | None:
        """Return the membership that counted at `place` (None: the newest): one renewed later began later."""
        counted: Membership | None = None
        for held in self.memberships.get(partner or "", ()):
            late = place is not None and held.place is not None and held.place.index > place.index
            if late and counted is not None:
                break
            counted = held.payload
        return counted

    def names(self, partner: str | None) -> tuple[str, ...]:
        """Return every name the partner has had, newest first: an old consent shows the name of its day."""
        chain = self.memberships.get(partner or "", ())
        return tuple(dict.fromkeys(held.payload.name for held in reversed(chain)))

    def list_at(self, partner: str, place: Place | None) -> DeviceList | None:
        """Return the partner's device list that counted at `place` (None: the newest), or None."""
        current: DeviceList | None = None
        for held in self.devices.get(partner, ()):
            if place is not None and held.place is not None and held.place.index > place.index:
                break
            current = held.payload
        return current

    def listed_since(self, partner: str, worker: str | None) -> int:
        """Return when a worker (None: a service) first stood in a list of the partner, in seconds; 0 for never."""
        for held in self.devices.get(partner, ()):
            if any(item.worker == worker for item in held.payload.devices):
                return held.place.at if held.place is not None else held.payload.issued
        return 0

    def device_at(self, partner: str, device: str, place: Place | None) -> Device | None:
        """Return a device if the partner's list that counted at `place` held it (None: the newest list).

        A device is judged at an object's place in the log, never by a time that its holder wrote, so a removed device
        cannot backdate.
        """
        counted = self.list_at(partner, place)
        return counted.find(device) if counted is not None else None


@dataclass(frozen=True, slots=True)
class Client:
    """What is known of one person: each chain in order, oldest first, and who vouched for each of their keys."""

    versions: tuple[Signed[Person], ...]
    keys: tuple[Signed[ClientKey], ...] = ()
    vouches: tuple[Signed[Vouch], ...] = ()

    @property
    def current(self) -> Person:
        """The newest version of the person."""
        return self.versions[-1].payload

    def version_at(self, place: Place | None) -> Person:
        """Return the version that counted at `place`; before the first, the first."""
        counted = self.versions[0].payload
        for held in self.versions:
            if place is not None and held.place is not None and held.place.index > place.index:
                break
            counted = held.payload
        return counted

    def key_at(self, place: Place | None) -> Signed[ClientKey] | None:
        """Return the client key that counted at `place`, or None; at None the newest that needs no time to count."""
        return client_keys.in_force(self.keys, self.vouches, place)[0]

    def key_now(self, now: int) -> Signed[ClientKey] | None:
        """Return the client key in force at `now` (seconds), after everything in the log, or None."""
        return self.key_at(Place(MAX_INT, now))

    def waiting_at(self, place: Place | None) -> Signed[ClientKey] | None:
        """Return the replacement of lost keys that waits at `place`, or None."""
        return client_keys.in_force(self.keys, self.vouches, place)[1]

    def waiting_now(self, now: int) -> Signed[ClientKey] | None:
        """Return the replacement of lost keys that waits at `now` (seconds), or None."""
        return self.waiting_at(Place(MAX_INT, now))

    def until_key(self, d: str | None) -> "Client":
        """Return the same client with the keys up to and including the record `d`; with none, where `d` is None."""
        count = next((number for number, held in enumerate(self.keys, 1) if held.d == d), 0)
        return replace(self, keys=self.keys[:count])

    def vouchers(self, key: Signed[ClientKey]) -> frozenset[str]:
        """Return the partners whose workers vouched for the keys of this record, in whichever record they stood."""
        same = [held for held in self.keys if client_keys.same_keys(held.payload, key.payload)] or [key]
        names = {held.d for held in same}
        signed = {signer.partner for held in same for signer in held.signed_by("device")}
        signed |= {vouch.payload.partner for vouch in self.vouches if vouch.payload.client_key in names}
        return frozenset(partner for partner in signed if partner is not None)


ChainObject = Signed[Consent] | Signed[Revocation]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A message with its setting, clients, consent chains (oldest first), requests, statuses, thread and records.

    `thread` is the manifest that began the conversation, where the message names one; `answered` the one that it
    answers by name. `records` are what else rules look at (`zegel_protocol.records`).
    """

    setting: Setting
    manifest: Signed[Manifest]
    entries: tuple[Signed[Entry], ...]
    clients: Mapping[str, Client]
    chains: Mapping[Flow, tuple[ChainObject, ...]] = field(default_factory=dict)
    requests: Mapping[str, Signed[ConsentRequest]] = field(default_factory=dict)
    statuses: Mapping[Flow, Signed[Status]] = field(default_factory=dict)
    thread: Signed[Manifest] | None = None
    answered: Signed[Manifest] | None = None
    records: Records = field(default_factory=Records)
