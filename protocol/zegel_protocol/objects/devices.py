"""A partner's device list: one list replaces the last, so leaving a device out is revoking it."""

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from zegel_protocol import dsse, encoding
from zegel_protocol.fields import Digest, Key32, PartnerId, Random128, Sig64, Time
from zegel_protocol.objects.header import Payload, require_set

MAX_INBOX_DEVICES = 16

Function = Literal[
    "social-worker", "nurse", "doctor", "psychologist", "midwife", "teacher", "care-coordinator", "counsellor",
    "team-lead", "administration", "volunteer", "educator", "legal", "safety-desk", "service",
]  # fmt: skip
"""What someone does, as a client reads it: never a name. Closed list."""


class Device(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One device of one human (`worker`, a pseudonymous id) or of a service.

    A service sends and receives, but never witnesses, vouches or signs alarms. `proof` is the device key's own
    signature over `possession`, so that nobody lists a key that they do not hold.
    """

    device: Random128
    worker: Random128 | None = None
    service: bool
    function: Function
    alg: Literal["ed25519"]
    sign_key: Key32
    inbox: bool
    not_before: Time
    not_after: Time
    proof: Sig64

    def __post_init__(self) -> None:
        if self.service == (self.worker is not None):
            raise ValueError("a device is a worker's, or a service's")


class DeviceList(Payload, frozen=True, kw_only=True):
    """All devices of a partner, signed by the partner root. `version` counts from 1, each with its `prev`.

    `rules` is the `D` of the partner's own narrower rules in force (`objects.partner_rules`): the directory names the
    list, so nobody can serve older rules than these.
    """

    KIND: ClassVar[str] = "devices"

    partner: PartnerId
    version: Annotated[int, Meta(ge=1, le=2**31)]
    issued: Time
    expires: Time
    devices: tuple[Device, ...]
    prev: Digest | None = None
    rules: Digest | None = None

    def __post_init__(self) -> None:
        require_set("devices", (item.device for item in self.devices), most=500)
        if sum(item.inbox for item in self.devices) > MAX_INBOX_DEVICES:
            raise ValueError(f"at most {MAX_INBOX_DEVICES} inbox devices")
        if len({item.sign_key for item in self.devices}) != len(self.devices):
            raise ValueError("a signing key belongs to one device")
        if (self.version == 1) != (self.prev is None):
            raise ValueError("prev belongs to every version but the first")

    def find(self, device: str) -> Device | None:
        """Return the device with this id, or None."""
        return next((item for item in self.devices if item.device == device), None)


class Possession(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a device signs to show that it holds its key."""

    huis: Digest
    partner: PartnerId
    device: Random128
    worker: Random128 | None = None
    sign_key: Key32


def possession(huis: str, partner: str, device: str, worker: str | None, sign_key: str) -> bytes:
    """Return the message that a device's proof of possession signs."""
    body = encoding.encode(Possession(huis=huis, partner=partner, device=device, worker=worker, sign_key=sign_key))
    return dsse.pae("application/vnd.zegel.possession.v1+json", body)
