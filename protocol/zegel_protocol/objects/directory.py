"""The directory: the one signed list of what is in force in a Huis."""

from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from zegel_protocol.fields import Digest, Key32, PartnerId, Time, Url
from zegel_protocol.objects.header import Payload, require_set

MAX_LIFE = 14 * 86_400
"""A directory is valid for 14 days at most, so that an old one can't be served for long (`docs/spec/setting.md`)."""
MAX_BUNDLES = 64
"""Digests of the files of the portal's page, and of their list."""

Host = Annotated[str, Meta(pattern=r"^[a-z0-9-]+(?:\.[a-z0-9-]+)*$(?!\n)", max_length=253)]


class CurrentDevices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The device list in force for one partner."""

    partner: PartnerId
    devices: Digest


class Directory(Payload, frozen=True, kw_only=True):
    """What is in force: members, their device lists, the rulebook, the relay's keys and the portal's origins.

    Signed by the steward; or, as a refresh, by `freshness_key`: then `base` is the `D` of the steward's directory that
    it refreshes, and only `version`, `issued`, `expires`, `devices` and `nonce` may differ from it. `refresh_until`
    bounds how long the freshness key may go on.
    """

    KIND: ClassVar[str] = "directory"

    version: Annotated[int, Meta(ge=1, le=2**31)]
    issued: Time
    expires: Time
    memberships: tuple[Digest, ...]
    devices: tuple[CurrentDevices, ...]
    rulebook: Digest
    relay_key: Key32
    log_key: Key32
    rp_id: Host
    origins: tuple[Url, ...]
    bundles: tuple[Digest, ...]
    freshness_key: Key32 | None = None
    refresh_until: Time | None = None
    base: Digest | None = None

    def __post_init__(self) -> None:
        require_set("memberships", self.memberships, most=5000)
        require_set("devices", (item.partner for item in self.devices), most=5000)
        require_set("origins", self.origins, most=16)
        require_set("bundles", self.bundles, most=MAX_BUNDLES)
        if not self.issued < self.expires <= self.issued + MAX_LIFE:
            raise ValueError("a directory expires within 14 days of its issue")
        if (self.freshness_key is None) != (self.refresh_until is None):
            raise ValueError("freshness_key and refresh_until go together")
