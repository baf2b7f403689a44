"""What a service gives to the writer: an operation, and what it writes if it is accepted.

A service decides in `apply` and writes nothing there; rows are inserted by `storage.writer`, for a whole batch at once.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_relay.storage.models import Base
from zegel_relay.storage.new_row import NewRow

Update = Executable
"""A statement to run after the rows were inserted, such as the withdrawing of deliveries."""

SUBMITTER = ""
"""The audience of the receipt that whoever submits gets."""


@dataclass(frozen=True)
class ReceiptPlan:
    """A receipt to make: for whom (a `Party.key`, or `SUBMITTER`), with the `D` of which wraps and notices."""

    audience: str
    wraps: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What one accepted operation writes: all of it in one transaction, or nothing.

    `d` is the object's identity, and its leaf in the log; `rows` are new; `wake` are the `Party.key` to
    wake once it is committed. `receipts` holds exactly one plan for the `SUBMITTER`. `epoch`: the object is the
    steward's epoch of this number, and the log goes on under it.
    """

    d: str
    rows: tuple[Base | NewRow, ...]
    receipts: tuple[ReceiptPlan, ...]
    updates: tuple[Update, ...] = ()
    wake: tuple[str, ...] = ()
    epoch: int | None = None


@dataclass(frozen=True)
class Repeat:
    """The same bytes were accepted before: the receipt's envelope that was given then."""

    receipt: bytes


@dataclass(frozen=True)
class Transaction:
    """Where an operation decides: the accepting transaction, its time, and the log index that it gets if accepted.

    `restored`: the database comes from a backup, and takes an epoch object only.

    The session shows what is committed, never the rows of earlier operations of the batch: that none of them matters
    here is what conflict keys say.
    """

    session: AsyncSession
    now: int
    index: int
    restored: bool = False


class Operation(Protocol):
    """One thing to be accepted, or not.

    `reads` and `writes` are conflict keys, such as `object:<d>` or `chain:<person>|<from>|<to>`: an operation that
    reads or writes what an earlier one of the batch writes waits for the next batch, and so sees it committed.
    """

    @property
    def reads(self) -> AbstractSet[str]:
        """Keys of all that `apply` looks at and another operation may change."""
        ...

    @property
    def writes(self) -> AbstractSet[str]:
        """Keys of all that the outcome changes."""
        ...

    async def apply(self, tx: Transaction) -> Outcome | Repeat:
        """Decide. Whatever it raises is this operation's answer, and harms no other.

        Must not write, and may be called again in a later transaction when the batch has to begin anew.
        """
        ...
