"""Who takes part: a partner (an organisation) or a person (a client), named by id and never by name."""

import msgspec

from zegel_protocol.fields import PartnerId, Random128


class Party(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One partner or one person; exactly one of the two is set."""

    partner: PartnerId | None = None
    person: Random128 | None = None

    def __post_init__(self) -> None:
        if (self.partner is None) == (self.person is None):
            raise ValueError("exactly one of partner and person belongs here")

    @property
    def key(self) -> str:
        """A text that sorts and compares: `partner:ocmw-gent` or `person:<id>`."""
        return f"partner:{self.partner}" if self.partner is not None else f"person:{self.person}"


class Sender(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A partner's device, or a person writing with their identity key."""

    partner: PartnerId | None = None
    device: Random128 | None = None
    person: Random128 | None = None

    def __post_init__(self) -> None:
        by_partner = self.partner is not None and self.device is not None and self.person is None
        by_person = self.partner is None and self.device is None and self.person is not None
        if not (by_partner or by_person):
            raise ValueError("a partner with its device, or a person, belongs here")

    @property
    def party(self) -> Party:
        """The sender without the device."""
        return Party(partner=self.partner, person=self.person)
