"""Records: signed objects beside a message that a rule looks at, such as a rota, a conference, an objection.

One mechanism for all of them: the relay shows the records that a message's rules may look at, `zegel_keys.casefile`
verifies them, and `decide()` asks for those of a type and subject. A new record needs its struct, who signs it
(`zegel_keys.roles`), and a rule that reads it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar, cast

from zegel_protocol.objects import (
    Absence,
    Assignment,
    Conference,
    Countersignature,
    Declaration,
    Finding,
    Objection,
    PartnerRules,
    Payload,
    Procedure,
    Rota,
    StopCard,
)
from zegel_protocol.signed import Place, Signed

RECORDS: Final[dict[str, type[Payload]]] = {
    kind.KIND: kind
    for kind in (
        Absence, Assignment, Conference, Countersignature, Declaration, Finding, Objection, PartnerRules, Procedure,
        Rota, StopCard,
    )
}  # fmt: skip
"""The kinds that are records, by the word in their payload type."""


class Record(Protocol):
    """What every record says: what it is about, by which records are found."""

    @property
    def subject(self) -> str:
        """A partner, a household, a conference, or the `D` of a message."""


R = TypeVar("R", bound=Payload)


@dataclass(frozen=True)
class Records:
    """Verified records in the order of the log; those that no relay accepted yet stand last."""

    items: tuple[Signed[Payload], ...] = ()

    @classmethod
    def of_all(cls, items: Iterable[Signed[Payload]]) -> "Records":
        """Return these records, in order."""
        return cls(tuple(sorted(items, key=_order)))

    def all(self, kind: type[R], subject: str, before: Place | None = None) -> tuple[Signed[R], ...]:
        """Return the records of a kind about a subject, oldest first; `before`: only what stood before a place."""
        return tuple(
            cast(Signed[R], held)
            for held in self.items
            if isinstance(held.payload, kind)
            and cast(Record, held.payload).subject == subject
            and (before is None or (held.place is not None and held.place.index < before.index))
        )

    def newest(self, kind: type[R], subject: str, before: Place | None = None) -> Signed[R] | None:
        """Return the last of `all`, or None. Of versioned records it is the one in force."""
        found = self.all(kind, subject, before)
        return found[-1] if found else None

    def named(self, kind: type[R], d: str) -> Signed[R] | None:
        """Return the record of a kind with this `D`, or None."""
        return next(
            (cast(Signed[R], held) for held in self.items if held.d == d and isinstance(held.payload, kind)), None
        )


def _order(held: Signed[Any]) -> tuple[int, int, str]:
    return (held.place.index if held.place is not None else 2**63, getattr(held.payload, "version", 0), held.d)
