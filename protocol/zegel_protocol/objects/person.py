"""A client: a person in a household, with what decides who may sign for them. Never a name, never a birth date."""

from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from zegel_protocol.fields import Digest, Month, PartnerId, Random128, Time
from zegel_protocol.objects.header import Payload, require_set


class Capability(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reasoned rebuttal, by two workers, of what the age presumes: `capable` holds until `until`."""

    capable: bool
    until: Time


class Person(Payload, frozen=True, kw_only=True):
    """One person, as a partner's device attests; versions are chained by `prev`.

    `turns12` and `turns18` are absent for adults. `authority` are the persons who hold parental authority, `silenced`
    those of them whom a safety flag or court order keeps from being told. `conflict`: known conflict between them.
    `trusted` are the trusted adults beside a young person: told what the young person is told, signing nothing.
    """

    KIND: ClassVar[str] = "person"

    household: Random128
    person: Random128
    partner: PartnerId
    version: Annotated[int, Meta(ge=1, le=2**31)]
    turns12: Month | None = None
    turns18: Month | None = None
    authority: tuple[Random128, ...]
    conflict: bool
    capability: Capability | None = None
    silenced: tuple[Random128, ...]
    attesting: tuple[Digest, ...]
    prev: Digest | None = None
    trusted: tuple[Random128, ...] = ()

    def __post_init__(self) -> None:
        require_set("authority", self.authority, most=8)
        require_set("silenced", self.silenced, most=8)
        require_set("attesting", self.attesting, most=16)
        require_set("trusted", self.trusted, most=4)
        if set(self.trusted) & {self.person, *self.silenced}:
            raise ValueError("a trusted adult is somebody else, whom nothing silences")
        if self.turns12 is not None and self.turns18 is None:
            raise ValueError("who turns 12 later turns 18 later too")
        if self.person in self.authority or not set(self.silenced) <= set(self.authority):
            raise ValueError("authority is held by others; silenced are some of those")
        if (self.version == 1) != (self.prev is None):
            raise ValueError("prev belongs to every version but the first")
