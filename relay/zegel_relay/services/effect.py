"""What accepting an object changes besides storing it."""

from dataclasses import dataclass

from zegel_relay.storage.models import Base
from zegel_relay.storage.operation import Update


@dataclass(frozen=True)
class Effect:
    """Rows to add, statements to run, parties (`Party.key`) to wake; and the number of the epoch that begins."""

    rows: tuple[Base, ...] = ()
    updates: tuple[Update, ...] = ()
    wake: tuple[str, ...] = ()
    epoch: int | None = None
