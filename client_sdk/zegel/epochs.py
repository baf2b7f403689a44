"""A log that was set back: what a device does with the steward's epochs. Rules: `docs/spec/log.md`, Epoch.

A larger state that was seen is on the branch that was dropped then: it is kept as evidence, people are told once, and
what this device had signed and the relay lost is offered again. Pins of versions and of consent chains stay: a yes does
not come back because a relay lost the no.
"""

from collections.abc import Awaitable, Callable, Iterator
from typing import Final

import msgspec

from zegel import shelf
from zegel.errors import ZegelError
from zegel_keys.keystore import rows
from zegel_keys.keystore.pins import LogPin, Pins
from zegel_keys.keystore.state import State, Transaction
from zegel_protocol.errors import ChainError
from zegel_protocol.objects import Epoch
from zegel_protocol.objects.manifest import Seen
from zegel_protocol.signed import Place, Signed

PROVEN: Final = "log.proven/"
"""Rows of states that were proven to be of the one log: size to root."""
_KNOWN: Final = "log.epoch"
_DROPPED: Final = "log.dropped/"
_OWN: Final = "log.own/"
_NEXT: Final = "log.own-next"
_OWED: Final = "log.owed"
KEPT: Final = 256
"""How many of the objects that were submitted here last are kept, to be offered again after a restore."""

Prove = Callable[[Seen, Seen], Awaitable[None]]


class LogSetBack(ZegelError):
    """The steward says that the log was restored from a backup, and this device had seen more of it.

    Raised once; the call that it ended may be made again. `seen` and `kept` are numbers of entries.
    """

    code = "log.set-back"

    def __init__(self, seen: int, kept: int) -> None:
        self.seen, self.kept = seen, kept
        super().__init__(
            f"The relay was restored from a backup, and {seen - kept} of the {seen} entries seen here are lost there.",
            "The steward has confirmed it. Nothing was sent by this call; what was seen before is kept here.",
            "Try again, then look which of your messages the relay lost (`Partner.lost`), and send those anew.",
        )


class _Known(msgspec.Struct, frozen=True, kw_only=True):
    """The newest epoch that was accepted: its number and `D`."""

    number: int
    d: str


class _Own(msgspec.Struct, frozen=True, kw_only=True):
    """An object that was submitted here, and its index in the log."""

    index: int
    envelope: bytes


async def follow(state: State, epochs: tuple[Signed[Epoch], ...], prove: Prove) -> None:
    """Accept the epochs that a verified case file shows, by rising number.

    `prove(old, new)` returns if the relay proves that the log `new` continues the log `old`. Raises `ChainError`
    (`pin.rollback`, `pin.forked`: fewer epochs than were seen, or others), what `prove` raises, and `LogSetBack` once
    it is noted that a larger log was seen than the steward's epochs go on from.
    """
    known = rows.load(state, "values", _KNOWN, _Known)
    newest = epochs[-1] if epochs else None
    if known is not None and (newest is None or newest.payload.number < known.number):
        raise ChainError("pin.rollback", "an epoch of the log was seen, and is shown no more")
    if newest is None or (known is not None and newest.payload.number == known.number):
        if known is not None and newest is not None and newest.d != known.d:
            raise ChainError("pin.forked", "another epoch of the log has the number of the one that was seen")
        return
    new = [held.payload.last for held in epochs if known is None or held.payload.number > known.number]
    last, pin = min(new, key=lambda seen: seen.size), Pins(state).log_pin()
    accepted = _Known(number=newest.payload.number, d=newest.d)
    if pin is None or pin.size <= last.size:
        if pin is not None and pin.size > 0:
            await prove(Seen(size=pin.size, root=pin.root), last)
        rows.store(state, "values", _KNOWN, accepted)
        return
    before = max((seen for seen in _proven(state) if seen.size <= last.size), key=lambda seen: seen.size, default=None)
    if before is not None:
        await prove(before, last)
    with state.transaction() as transaction:
        if rows.load(transaction, "values", _KNOWN, _Known) != known:
            # Another program at this keystore was first, and told its people.
            return
        _set_back(transaction, accepted, pin, last)
    raise LogSetBack(pin.size, last.size)


def _set_back(transaction: Transaction, accepted: _Known, pin: LogPin, last: Seen) -> None:
    rows.store(transaction, "values", f"{_DROPPED}{accepted.number}", pin)
    Pins(transaction).restart_log(last.size, last.root)
    for seen in list(_proven(transaction)):
        if seen.size > last.size:
            transaction.delete("values", f"{PROVEN}{seen.size}")
    shelf.set_back(transaction, last.size)
    transaction.put("values", _OWED, str(last.size).encode())
    rows.store(transaction, "values", _KNOWN, accepted)


def _proven(records: State | Transaction) -> Iterator[Seen]:
    for name, value in records.items("values"):
        if name.startswith(PROVEN):
            yield Seen(size=int(name.removeprefix(PROVEN)), root=value.decode())


def keep_own(state: State, envelope: bytes, place: Place) -> None:
    """Keep an object that was submitted here, in the place of the oldest of `KEPT`."""
    with state.transaction() as transaction:
        slot = int(transaction.get("values", _NEXT) or b"0")
        rows.store(transaction, "values", f"{_OWN}{slot}", _Own(index=place.index, envelope=envelope))
        transaction.put("values", _NEXT, str((slot + 1) % KEPT).encode())


def owed(state: State) -> list[bytes]:
    """Return the objects that were submitted here and that the relay lost, in their order; empty when nothing is."""
    size = state.get("values", _OWED)
    if size is None:
        return []
    own = (rows.decode(state, value, _Own) for name, value in state.items("values") if name.startswith(_OWN))
    return [item.envelope for item in sorted(own, key=lambda item: item.index) if item.index >= int(size)]


def settle_owed(state: State) -> None:
    """Note that what the relay lost was offered again."""
    state.delete("values", _OWED)


def dropped(state: State) -> list[LogPin]:
    """Return the largest states of the log that were seen here and that it lost: evidence, for whoever asks."""
    return [rows.decode(state, value, LogPin) for name, value in state.items("values") if name.startswith(_DROPPED)]
