"""The epochs of a log: the steward's signed words that it was restored, and from where it goes on.

Without them a log that was set back would be two logs under one name. Nothing here asks a relay; who compares logs does
that (`zegel.view`). Rules: `docs/spec/log.md`.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from zegel_keys.exhibit import Exhibit
from zegel_keys.roles import KeySource
from zegel_keys.verification import verify
from zegel_protocol import tlog
from zegel_protocol.errors import ChainError, LogError
from zegel_protocol.objects import Epoch
from zegel_protocol.objects.manifest import Seen
from zegel_protocol.signed import Place, Signed


class LogSource(KeySource, Protocol):
    """A `KeySource` that knows the epochs of its log too, by rising number."""

    @property
    def epochs(self) -> tuple[Signed[Epoch], ...]:
        """The epochs that the steward signed."""


def read_epochs(source: KeySource, shown: Iterable[Exhibit], place: Place) -> tuple[Signed[Epoch], ...]:
    """Return the epochs among the exhibits by rising number, signed by keys that counted at `place`; none is placed.

    Raises `ChainError` (`epoch.number`: two of one number), `SignatureError` or `MalformedError`.
    """
    verified = (verify(item.envelope, Epoch, source, place) for item in shown if item.kind == Epoch.KIND)
    found = {held.d: replace(held, place=None) for held in verified}
    if len({held.payload.number for held in found.values()}) != len(found):
        raise ChainError("epoch.number", "two epochs of the log have one number")
    return tuple(sorted(found.values(), key=lambda held: held.payload.number))


def check_place(held: Signed[Epoch]) -> Signed[Epoch]:
    """Return an epoch if its place in the log, where it is known, is right behind what was restored.

    Raises `LogError` (`log.epoch`).
    """
    if held.place is not None and held.place.index != held.payload.last.size:
        raise LogError("log.epoch", "an epoch does not stand right behind the log that it goes on from")
    return held


def origin_now(source: LogSource) -> str:
    """Return the origin of the log that counts now."""
    return tlog.log_origin(source.huis, source.epochs[-1].payload.number if source.epochs else 0)


def origin_of_proof(proof: str, source: LogSource) -> str:
    """Return the origin of the log that a proof is of, if it is this Huis's log in one of its epochs.

    Raises `LogError`: `log.foreign` (another log, or an epoch that is not known), `log.dropped` (a state of the log
    that the steward said was lost), `log.malformed`.
    """
    if not source.epochs:
        return tlog.log_origin(source.huis)
    head = tlog.parse_proof(proof).checkpoint
    numbers = (0, *(held.payload.number for held in source.epochs))
    number = next((number for number in numbers if tlog.log_origin(source.huis, number) == head.origin), None)
    if number is None:
        raise LogError("log.foreign", "a proof of another log")
    if any(number < held.payload.number and head.size > held.payload.last.size for held in source.epochs):
        raise LogError("log.dropped", "a receipt of what the log lost when it was restored: offer the same bytes again")
    return head.origin


def is_dropped(source: LogSource, seen: Seen, made_at: int) -> bool:
    """Whether whoever saw the log like that, in an object they made at `made_at` (seconds), saw what was lost since.

    Such a state is compared with nothing: the log that it was is no more.
    """
    return any(made_at < held.payload.at and seen.size > held.payload.last.size for held in source.epochs)
