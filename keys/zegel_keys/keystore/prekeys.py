"""The device's sealing keys by period: made ahead, published, and erased for good (`docs/spec/setting.md`).

A key is used by senders for one period of 30 days. Its private half is erased 90 days after the period's end: what was
sealed to it can then be opened by nobody, even with this device and its passphrase in hand. Seeds rest in the encrypted
state; signing and publishing the public halves is the SDK's.
"""

from typing import Annotated, Final, NamedTuple

import msgspec
from msgspec import Meta

from zegel_keys.hybrid import SealPrivateKey
from zegel_keys.keystore import rows
from zegel_keys.keystore.state import State, Transaction
from zegel_protocol import b64
from zegel_protocol.fields import Count, Key32, SealKey, Time
from zegel_protocol.objects.prekeys import MAX_PERIODS

PERIOD: Final = 30 * 86_400
"""Seconds in which senders use one key."""
KEPT_AFTER_END: Final = 90 * 86_400
"""Seconds that a private half outlives its period: a message may wait that long for its reader."""

_TABLE: Final = "prekeys"
_SET: Final = "prekeys.set"


class Period(NamedTuple):
    """A public sealing key (base64url) and the half-open period `not_before <= time < not_after`, in seconds."""

    seal_key: str
    not_before: int
    not_after: int


class Held(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row of the table: seed, public key, period, and the version of the set that it came with.

    Its name is the digest of the public key, which is what a wrap names.
    """

    seed: Key32
    seal_key: SealKey
    not_before: Time
    not_after: Time
    version: Annotated[int, Meta(ge=1)]

    @property
    def period(self) -> Period:
        """The public part."""
        return Period(self.seal_key, self.not_before, self.not_after)

    def __repr__(self) -> str:
        return f"Held(not_before={self.not_before}, not_after={self.not_after}, version={self.version})"


class KeySet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The newest set to publish, `count` periods from `first` on, and its version; `origin` starts the grid."""

    origin: Time
    version: Count
    first: Time
    count: Count


def ensure_periods(state: State | Transaction, now: int, ahead: int = 3) -> list[Period]:
    """Return the periods to publish: the one that `now` falls in and `ahead` more (1 to 23), making what is lacking.

    Periods lie on a grid that begins when the first was made: contiguous, never overlapping, and none for a time that
    passed while the device was off. Whenever the list is another than before, `set_version` grows by one, and the list
    is to be published under that version. Several processes may call this at once; they get the same periods.

    A clock that runs wrong for a while does no lasting harm: the list follows it, and follows it back.
    Raises `DamagedError` or `BusyError`; `ValueError` for an `ahead` or `now` out of range.
    """
    if not 1 <= ahead < MAX_PERIODS or now < 0:
        raise ValueError(f"1 to {MAX_PERIODS - 1} periods ahead, of a time since 1970")
    with state.transaction() as transaction:
        known = rows.load(transaction, "values", _SET, KeySet) or KeySet(origin=now, version=0, first=now, count=0)
        # Floor division: a clock set back before the origin falls in a period too, one to the left on the grid.
        first = max(0, known.origin + (now - known.origin) // PERIOD * PERIOD)
        # A process that asks for fewer than another did gets the same list, so that the two don't replace each other's.
        count = max(ahead + 1, known.count) if first == known.first else ahead + 1
        if (first, count) != (known.first, known.count):
            known = KeySet(origin=known.origin, version=known.version + 1, first=first, count=count)
            rows.store(transaction, "values", _SET, known)
        held = {entry.not_before: entry for _, entry in rows.load_all(transaction, _TABLE, Held)}
        start = first
        periods: list[Period] = []
        while len(periods) < count:
            entry = held.get(start) or _make(transaction, start, known)
            periods.append(entry.period)
            start = entry.not_after
        return periods


def set_version(state: State | Transaction) -> int:
    """Return the version of the newest set; 0 before the first. Erasing never lowers it."""
    known = rows.load(state, "values", _SET, KeySet)
    return 0 if known is None else known.version


def private_for(state: State | Transaction, key_digest: str) -> SealPrivateKey | None:
    """Return the private half of the key whose base64url SHA-256 is `key_digest`; None if erased or never held.

    Raises `DamagedError`.
    """
    entry = rows.load(state, _TABLE, key_digest, Held)
    return None if entry is None else SealPrivateKey(b64.decode(entry.seed, 32))


def erase_expired(state: State, now: int) -> int:
    """Erase every private half whose period ended 90 days or more before `now`, and return how many.

    `now` should come from something signed (a directory, a checkpoint), not from the device's clock alone: a clock that
    runs years ahead would erase keys that messages still wait for.

    No VACUUM is needed: SQLite's `secure_delete` overwrites the deleted row in its page with zeros, and the write-ahead
    log, which may hold the page as it was, is emptied here (or, if another process is reading just now, the next time).
    What a file system or a flash disk keeps of overwritten blocks is out of reach: ciphertext under the store key.
    """
    with state.transaction() as transaction:
        held = rows.load_all(transaction, _TABLE, Held)
        ended = [name for name, entry in held if entry.not_after + KEPT_AFTER_END <= now]
        for name in ended:
            transaction.delete(_TABLE, name)
    # Also when nothing was erased: the last erasure may have found the log in use.
    state.scrub()
    return len(ended)


def _make(transaction: Transaction, start: int, known: KeySet) -> Held:
    private = SealPrivateKey.generate()
    entry = Held(
        seed=b64.encode(private.seed),
        seal_key=private.public.text,
        not_before=start,
        # The end on the grid; only a period cut off at 1970 is shorter than the others.
        not_after=known.origin + ((start - known.origin) // PERIOD + 1) * PERIOD,
        version=known.version,
    )
    rows.store(transaction, _TABLE, private.public.digest, entry)
    return entry
