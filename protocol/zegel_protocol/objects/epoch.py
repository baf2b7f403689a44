"""The steward's word that the log was restored from a backup, and from where it goes on."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from zegel_protocol.fields import Time
from zegel_protocol.objects.header import Payload
from zegel_protocol.objects.manifest import Seen


class Epoch(Payload, frozen=True, kw_only=True):
    """Restoring a backup forks the log: this says so. `number` counts from 1; `last` is the log that was restored."""

    KIND: ClassVar[str] = "epoch"

    number: Annotated[int, Meta(ge=1, le=10_000)]
    last: Seen
    reason: Literal["restored-backup", "key-replaced"]
    at: Time
