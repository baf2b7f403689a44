"""An object as it was handed over: an envelope, perhaps with its receipt, not believed yet."""

from dataclasses import dataclass, replace

from zegel_keys.parsed import parse
from zegel_keys.verification import read_kind
from zegel_protocol.api import Bundle, given
from zegel_protocol.signed import Place


@dataclass(frozen=True, slots=True)
class Exhibit:
    """An envelope, the kind its payload type names, its `D`; and receipt or place, for an object a relay accepted.

    `place` is set by whoever knows it: the relay from its own database, everyone else from a verified receipt.
    """

    kind: str
    d: str
    envelope: bytes
    receipt: bytes | None = None
    place: Place | None = None

    def at(self, place: Place) -> "Exhibit":
        """Return the exhibit with its place in the log."""
        return replace(self, place=place)


def read(envelope: bytes, receipt: bytes | None = None, place: Place | None = None) -> Exhibit:
    """Return an envelope as an exhibit. Raises `MalformedError`."""
    parsed = parse(envelope)
    return Exhibit(read_kind(parsed.media_type), parsed.d, envelope, receipt, place)


def read_bundle(bundle: Bundle) -> tuple[Exhibit, ...]:
    """Return the exhibits of a bundle, each object once. Raises `MalformedError`."""
    found: dict[str, Exhibit] = {}
    for held in bundle.items:
        exhibit = read(bytes(held.object), given(held.receipt))
        found.setdefault(exhibit.d, exhibit)
    return tuple(found.values())
