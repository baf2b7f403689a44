"""An object whose signatures were checked, with who made them; and its receipt, where it was accepted by a relay.

Made only by `zegel_keys.verification`; `decide()` takes these and nothing less.
"""

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from zegel_protocol.objects.header import Payload

P = TypeVar("P", bound=Payload, covariant=True)

Role = Literal["steward", "freshness", "partner-root", "device", "identity", "passkey", "relay"]


@dataclass(frozen=True, slots=True)
class Signer:
    """Who made one valid signature. Only the fields that belong to the role are set.

    `partner`, `device` and `worker` for a device (`worker` None: a service), `partner` for a partner root, `person`
    for an identity key or passkey. `key` tells two keys of one role apart.
    """

    role: Role
    key: str
    partner: str | None = None
    device: str | None = None
    worker: str | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when an object was accepted: its index in the log, and the relay's time in seconds."""

    index: int
    at: int


@dataclass(frozen=True, slots=True)
class Signed(Generic[P]):
    """A payload with its identity `d`, the signers whose signatures held, and its place in the log if it has one."""

    d: str
    payload: P
    signers: frozenset[Signer]
    place: Place | None = None

    def signed_by(self, role: Role) -> tuple[Signer, ...]:
        """Return the signers of one role, in a fixed order."""
        return tuple(sorted((item for item in self.signers if item.role == role), key=lambda item: item.key))
