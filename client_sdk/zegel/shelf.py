"""Which messages were opened and dealt with at this keystore, so that several programs share one inbox.

Opening takes a message for ten minutes; acknowledging settles it. Whoever crashed in between leaves it to be taken
again: a message may come twice to a program, but is never lost to all of them.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgspec

from zegel.errors import MessageTaken
from zegel.message import Waiting
from zegel_keys.keystore import rows
from zegel_keys.keystore.state import State, Transaction
from zegel_protocol.signed import Place

LEASE = 600
"""Seconds for which an opened message belongs to the program that opened it."""
_TABLE = "seen"
_CURSOR = "inbox.cursor"


class _Taken(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who took a message, when (UTC seconds), and whether it is dealt with; then `after` is one past its log index."""

    owner: str
    at: int
    settled: bool
    after: int = 0


class Shelf:
    """The opened messages of one keystore, as one program sees them."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._owner = os.urandom(8).hex()

    @property
    def cursor(self) -> int:
        """The log index before which every message was dealt with."""
        return int(self._state.get("values", _CURSOR) or b"0")

    def sort(self, shown: Sequence[Waiting], now: int) -> list[Waiting]:
        """Return those of `shown` that are free to be opened; the cursor moves past what was dealt with.

        It moves no further than a receipt showed: a relay's own word could make it jump over what waits.
        """
        with self._state.transaction() as transaction:
            taken = {item.manifest: rows.load(transaction, _TABLE, item.manifest, _Taken) for item in shown}
            left = [item for item in shown if not _settled(taken[item.manifest])]
            settled = max((row.after for row in taken.values() if row is not None and row.settled), default=0)
            reached = min([settled, *(item.index for item in left)])
            if reached > int(transaction.get("values", _CURSOR) or b"0"):
                transaction.put("values", _CURSOR, str(reached).encode())
        return [item for item in left if self._is_free(taken[item.manifest], now)]

    @contextmanager
    def taking(self, manifest: str, now: int, *, again: bool) -> Iterator[None]:
        """Take a message while the body opens it; if that fails, it is free again.

        `again`: also one that was dealt with, to be read once more. Raises `MessageTaken`.
        """
        with self._state.transaction() as transaction:
            before = rows.load(transaction, _TABLE, manifest, _Taken)
            if before is not None and before.settled and not again:
                raise MessageTaken(
                    "Another program at this keystore has dealt with this message since.",
                    "It is acknowledged, so nobody waits for it.",
                    "Take the next one.",
                )
            if before is not None and not before.settled and before.owner != self._owner and now - before.at < LEASE:
                raise MessageTaken(
                    "Another program at this keystore is dealing with this message.",
                    "It is not lost: unless it is acknowledged within ten minutes, it comes back.",
                    "Take the next one.",
                )
            if before is None or not before.settled:
                rows.store(transaction, _TABLE, manifest, _Taken(owner=self._owner, at=now, settled=False))
        try:
            yield
        except BaseException:
            self._release(manifest, before)
            raise

    def settle(self, manifest: str, place: Place, now: int) -> None:
        """Note that a message was dealt with, which the relay accepted at `place`: it does not come again."""
        row = _Taken(owner=self._owner, at=now, settled=True, after=place.index + 1)
        rows.store(self._state, _TABLE, manifest, row)

    def _release(self, manifest: str, before: _Taken | None) -> None:
        with self._state.transaction() as transaction:
            current = rows.load(transaction, _TABLE, manifest, _Taken)
            if current is None or current.settled or current.owner != self._owner:
                return
            _put_back(transaction, manifest, before)

    def _is_free(self, taken: _Taken | None, now: int) -> bool:
        return taken is None or now - taken.at >= LEASE


def _settled(taken: _Taken | None) -> bool:
    return taken is not None and taken.settled


def _put_back(transaction: Transaction, manifest: str, before: _Taken | None) -> None:
    if before is None:
        transaction.delete(_TABLE, manifest)
    else:
        rows.store(transaction, _TABLE, manifest, before)


def set_back(transaction: Transaction, size: int) -> None:
    """Look again from log index `size` on: the log was set back to so many entries, and others take those places.

    What was dealt with here stays dealt with, also if it comes again at another place.
    """
    if int(transaction.get("values", _CURSOR) or b"0") > size:
        transaction.put("values", _CURSOR, str(size).encode())
    for manifest, taken in rows.load_all(transaction, _TABLE, _Taken):
        if taken.after > size:
            moved = _Taken(owner=taken.owner, at=taken.at, settled=taken.settled, after=size)
            rows.store(transaction, _TABLE, manifest, moved)
