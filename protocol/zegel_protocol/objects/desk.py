"""What a partner has ready for an alarm (article 10): who is on call when, its procedure, and who was trained in it."""

from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from zegel_protocol.fields import Date, Digest, Name, PartnerId, Phone, Random128, Time
from zegel_protocol.objects.header import Payload, require_set


class Shift(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From `opens` until `closes` (not included) these devices are watched by somebody, in the order of calling."""

    opens: Time
    closes: Time
    devices: tuple[Random128, ...]

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError("a shift ends after it begins")
        if not 1 <= len(self.devices) <= 8 or len(set(self.devices)) != len(self.devices):
            raise ValueError("a shift has 1 to 8 devices, each once")


class Rota(Payload, frozen=True, kw_only=True):
    """A desk's on-call rota; a higher `version` replaces it. Signed by a worker of the desk.

    `phone` is the number to call for who finds nobody on call, with words for people in `otherwise`.
    """

    KIND: ClassVar[str] = "rota"

    partner: PartnerId
    version: Annotated[int, Meta(ge=1, le=2**31)]
    shifts: tuple[Shift, ...]
    phone: Phone
    otherwise: Name
    at: Time
    prev: Digest | None = None

    def __post_init__(self) -> None:
        opens = [shift.opens for shift in self.shifts]
        if opens != sorted(set(opens)) or len(opens) > 500:
            raise ValueError("shifts in order of their beginning, 500 at most")
        if (self.version == 1) != (self.prev is None):
            raise ValueError("prev belongs to every version but the first")

    @property
    def subject(self) -> str:
        """Whose desk."""
        return self.partner

    def shift_at(self, at: int) -> Shift | None:
        """Return the shift that is on call at a time in seconds, or None."""
        return next((shift for shift in self.shifts if shift.opens <= at < shift.closes), None)

    def next_shift(self, at: int) -> Shift | None:
        """Return the next shift that begins after a time in seconds, or None."""
        return next((shift for shift in self.shifts if shift.opens > at), None)


class Training(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A worker was trained in the procedure on a day."""

    worker: Random128
    on: Date


class Procedure(Payload, frozen=True, kw_only=True):
    """A partner's own procedure for alarm, registered: its name, the digest of its text, and who was trained when."""

    KIND: ClassVar[str] = "procedure"

    partner: PartnerId
    version: Annotated[int, Meta(ge=1, le=2**31)]
    title: Name
    digest: Digest
    trained: tuple[Training, ...]
    at: Time
    prev: Digest | None = None

    def __post_init__(self) -> None:
        require_set("trained", (item.worker for item in self.trained), most=500)
        if (self.version == 1) != (self.prev is None):
            raise ValueError("prev belongs to every version but the first")

    @property
    def subject(self) -> str:
        """Whose procedure."""
        return self.partner
