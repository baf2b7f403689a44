"""Joining a Huis as a partner: a root key, a request to join, devices with their keystores, and the device list.

The root signs device lists and nothing of daily work; it is best kept offline, and never stands on a device. A device
makes its own key and describes itself; who holds the root lists it. What a list means: `docs/spec/setting.md`.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from zegel.steward.envelope import building, sign
from zegel.steward.errors import SetupError
from zegel.steward.folder import private_folder
from zegel.steward.huis_file import HuisFile
from zegel.steward.joining import join_request
from zegel_keys.envelopes import new_nonce
from zegel_keys.keystore.directory import Keystore
from zegel_keys.keystore.identity import Identity
from zegel_keys.keystore.key_file import KeyFile, file_name
from zegel_keys.keystore.vault import Cost
from zegel_keys.signing import SigningKey
from zegel_keys.trust import check_possession
from zegel_keys.verification import read_payload
from zegel_protocol import b64, encoding
from zegel_protocol.durations import DAY
from zegel_protocol.errors import ChainError
from zegel_protocol.fields import Digest, PartnerId
from zegel_protocol.objects import DeviceList
from zegel_protocol.objects.devices import Device, Function, possession

__all__ = [
    "DeviceRequest",
    "NewDevice",
    "describe_device",
    "device_list",
    "join_request",
    "make_device",
    "make_keystore",
    "make_root",
    "new_id",
    "read_device_request",
    "renewed",
    "with_device",
    "without_device",
]

DEVICE_TERM = 730 * DAY
"""Seconds that a device may sign for, unless its partner says otherwise."""
LIST_TERM = 365 * DAY
"""Seconds until a device list must be renewed, unless its partner says otherwise."""


class DeviceRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A device describes itself to whoever holds the partner's root. Public; `device.proof` binds all but the dates."""

    huis: Digest
    partner: PartnerId
    device: Device


@dataclass(frozen=True)
class NewDevice:
    """An opened keystore, how its device describes itself, and the envelope of the device list that has it."""

    keystore: Keystore
    request: DeviceRequest
    list_envelope: bytes


def make_root(folder: Path, passphrase: str, label: str, cost: Cost = "moderate") -> KeyFile:
    """Make the partner's root key, `partner-root.zk` in `folder` (made if absent); `label` is the partner's name.

    Raises `ExistsError` (never overwrites), `MalformedError` (the label), or as `KeyFile.create`.
    """
    private_folder(folder)
    return KeyFile.create(folder / file_name("partner-root"), passphrase, "partner-root", label, cost)


def make_keystore(
    folder: Path,
    passphrase: str,
    huis: HuisFile,
    *,
    partner: str,
    name: str,
    relay: str,
    function: Function,
    worker: str | None = None,
    cost: Cost = "moderate",
) -> Keystore:
    """Make the keystore of a new device, with a key of its own, and open it.

    `worker` is the pseudonymous id of the one human who uses it (`new_id` for a new one; the same for each of their
    devices); None for a service. `relay` is the relay's origin. Raises as `Keystore.create`.
    """
    with building():
        identity = Identity(
            huis=huis.huis, partner=partner, partner_name=name, worker=worker, function=function, device=new_id(),
            seed=b64.encode(SigningKey.generate().seed), relay=relay, genesis=huis.genesis,
        )  # fmt: skip
    return Keystore.create(folder, passphrase, identity, cost)


def describe_device(identity: Identity, now: int, *, inbox: bool = True, term: int = DEVICE_TERM) -> DeviceRequest:
    """Return how a device describes itself, with the proof that it holds its key. `now` in UTC seconds.

    `inbox`: whether messages are sealed to it (at most 16 of a partner's devices). `term`: seconds that it may sign.
    """
    key = identity.signing_key
    proof = key.sign(possession(identity.huis, identity.partner, identity.device, identity.worker, key.public))
    device = Device(
        device=identity.device, worker=identity.worker, service=identity.service, function=identity.function,
        alg="ed25519", sign_key=key.public, inbox=inbox, not_before=now, not_after=now + term, proof=b64.encode(proof),
    )  # fmt: skip
    return DeviceRequest(huis=identity.huis, partner=identity.partner, device=device)


def read_device_request(data: bytes, huis: str, partner: str) -> Device:
    """Return the device that a request describes, for this partner of this Huis; its proof is checked by `device_list`.

    Raises `MalformedError` or `ChainError` (`huis.foreign`, `partner.foreign`).
    """
    request = encoding.decode(data.rstrip(b"\r\n"), DeviceRequest)
    if request.huis != huis:
        raise ChainError("huis.foreign", "a device of another Huis")
    if request.partner != partner:
        raise ChainError("partner.foreign", "a device of another partner")
    return request.device


def device_list(
    root: KeyFile,
    huis: str,
    partner: str,
    devices: Iterable[Device],
    now: int,
    *,
    before: bytes | None = None,
    term: int = LIST_TERM,
    rules: str | None = None,
) -> bytes:
    """Return the envelope of the partner's next device list: exactly these devices, and no other counts from then on.

    `before` is the envelope of the list that it replaces (None: this is the first); it expires `term` seconds after
    `now`. `rules` is the `D` of the partner's own rules (None: those of the list before stay in force).

    Raises `SignatureError` (`devices.proof`: a device does not hold its key), `SetupError` (`devices.dates`),
    `ChainError` (`partner.foreign`) or `MalformedError` (more than 16 inbox devices or 500 devices, ...).
    """
    if term < DAY:
        raise SetupError("devices.dates", "A device list lasts at least a day.", "Give another number of days.")
    version, prev, kept = 1, None, None
    if before is not None:
        last, prev = read_payload(before, DeviceList)
        version, kept = last.version + 1, last.rules
        if (last.huis, last.partner) != (huis, partner):
            raise ChainError("partner.foreign", "the list before is another partner's")
    with building():
        made = DeviceList(
            v=1, huis=huis, nonce=new_nonce(), partner=partner, version=version, issued=now, expires=now + term,
            devices=tuple(sorted(devices, key=lambda item: item.device)), prev=prev, rules=rules or kept,
        )  # fmt: skip
    check_possession(huis, made)
    return sign(made, [root.signing_key])


def make_device(
    folder: Path,
    passphrase: str,
    root: KeyFile,
    huis: HuisFile,
    now: int,
    *,
    partner: str,
    name: str,
    relay: str,
    function: Function,
    worker: str | None = None,
    inbox: bool = True,
    term: int = DEVICE_TERM,
    before: bytes | None = None,
    cost: Cost = "moderate",
) -> NewDevice:
    """Make a device and the list that has it, where root and device are in one place: the two steps above in one.

    `before` is the envelope of the list to add it to. Raises as `make_keystore` and `device_list`.
    """
    keystore = make_keystore(
        folder, passphrase, huis, partner=partner, name=name, relay=relay, function=function, worker=worker, cost=cost
    )
    request = describe_device(keystore.identity, now, inbox=inbox, term=term)
    listed = read_payload(before, DeviceList)[0].devices if before is not None else ()
    envelope = device_list(root, huis.huis, partner, with_device(listed, request.device), now, before=before)
    return NewDevice(keystore, request, envelope)


def with_device(devices: Iterable[Device], device: Device) -> tuple[Device, ...]:
    """Return the devices and one more. Raises `SetupError` (`devices.twice`)."""
    listed = tuple(devices)
    if any(device.device == item.device or device.sign_key == item.sign_key for item in listed):
        raise SetupError("devices.twice", f"Device {device.device} is listed already.", "There is nothing to be done.")
    return (*listed, device)


def without_device(devices: Iterable[Device], device: str) -> tuple[Device, ...]:
    """Return the devices but one: leaving it out is revoking it. Raises `SetupError` (`devices.unknown`)."""
    listed = tuple(devices)
    left = tuple(item for item in listed if item.device != device)
    if len(left) == len(listed):
        raise SetupError("devices.unknown", f"No device {device} is listed.", "Look it up: `zegel partner devices`.")
    return left


def renewed(devices: Iterable[Device], now: int, term: int = DEVICE_TERM) -> tuple[Device, ...]:
    """Return the same devices, which may sign until `term` seconds after `now`; their proofs hold no dates."""
    return tuple(msgspec.structs.replace(item, not_after=now + term) for item in devices)


def new_id() -> str:
    """Return a new device or worker id: 128 random bits in hex, which say nothing of whoever it stands for."""
    return os.urandom(16).hex()
