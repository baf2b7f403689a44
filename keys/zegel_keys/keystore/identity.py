"""Who a device is: what an SDK identity holds, as the payload of its vault.

The device's signing seed is inside; the seeds of its prekeys are not (they come and go, see `keystore.prekeys`), and
neither are roots of a partner or steward, which rest in files of their own (`keystore.key_file`).
"""

from typing import Literal

import msgspec

from zegel_keys.signing import SigningKey
from zegel_protocol import b64
from zegel_protocol.fields import Digest, Key32, Name, PartnerId, Random128, Url
from zegel_protocol.objects.devices import Function
from zegel_protocol.objects.root import Genesis, huis_id


class Identity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One device of a partner in a Huis.

    `worker` is the pseudonymous id of the one human who uses it, absent for a service (as `objects.devices.Device`);
    `seed` is the Ed25519 seed, base64url; `relay` the relay's origin; `genesis` the first roots of the steward, which
    `huis` is the digest of: the one thing trusted because it was typed in or scanned, and not because it was signed.
    """

    v: Literal[1] = 1
    huis: Digest
    partner: PartnerId
    partner_name: Name
    worker: Random128 | None = None
    function: Function
    device: Random128
    seed: Key32
    relay: Url
    genesis: Genesis

    def __post_init__(self) -> None:
        if huis_id(self.genesis.roots, self.genesis.threshold) != self.huis:
            raise ValueError("huis is not the digest of these genesis roots")

    @property
    def service(self) -> bool:
        """Whether this is a service's device: it sends and receives, but never witnesses, vouches or signs alarms."""
        return self.worker is None

    @property
    def signing_key(self) -> SigningKey:
        """The device's private signing key."""
        return SigningKey(b64.decode(self.seed, 32))

    def __repr__(self) -> str:
        # Written out, so that the seed reaches no log and no traceback.
        return f"Identity(huis={self.huis!r}, partner={self.partner!r}, device={self.device!r})"
