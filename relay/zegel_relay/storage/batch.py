"""One batch of the group commit: who may be in it, and how all of it is written."""

from asyncio import Future
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, inspect
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.signing import SigningKey
from zegel_protocol import b64, tlog
from zegel_relay.storage.log import LogTail
from zegel_relay.storage.models import Base, OutboxItem
from zegel_relay.storage.new_row import NewRow, table_of
from zegel_relay.storage.operation import SUBMITTER, Operation, Outcome
from zegel_relay.storage.receipts import sign_receipt

OUTBOX_KEY = "outbox"
"""The wake-up for whoever does promised work."""


@dataclass(eq=False)
class Waiting:
    """An operation in the queue, and where its answer goes.

    `alone`: it is to have a transaction of its own. `urgent`: it is an alarm, and goes before what is not.
    """

    operation: Operation
    answer: Future[bytes]
    alone: bool = False
    urgent: bool = False

    def accept(self, receipt: bytes) -> None:
        """Answer with the receipt. Who submitted may have gone; the operation stands all the same."""
        if not self.answer.done():
            self.answer.set_result(receipt)

    def fail(self, error: BaseException) -> None:
        """Answer with an error."""
        if not self.answer.done():
            self.answer.set_exception(error)


@dataclass
class Batch:
    """Operations that were accepted in the running transaction, not yet written."""

    accepted: list[tuple[Waiting, Outcome]] = field(default_factory=list)
    _written: set[str] = field(default_factory=set)

    def meets(self, operation: Operation) -> bool:
        """Whether `operation` touches what this batch writes, so that it has to see it committed first."""
        return not self._written.isdisjoint(operation.reads | operation.writes)

    def holds(self, d: str) -> bool:
        """Whether the object `d` is in this batch."""
        return any(outcome.d == d for _, outcome in self.accepted)

    def add(self, waiting: Waiting, outcome: Outcome) -> None:
        """Take an accepted operation in."""
        self.accepted.append((waiting, outcome))
        self._written |= waiting.operation.writes


async def write(
    batch: Batch, session: AsyncSession, tail: LogTail, relay_key: SigningKey, huis: str, now: int
) -> list[bytes]:
    """Write all of a batch into the transaction: rows, log, receipts, then updates. Return the submitters' receipts.

    Each receipt's proof leads to the batch's one checkpoint.
    """
    outcomes = [outcome for _, outcome in batch.accepted]
    for outcome in outcomes:
        if outcome.epoch is not None:
            # Alone in its batch: whatever else is accepted reads the setting, which an epoch changes.
            tail.begin(outcome.epoch)
    indexes = tail.append(b64.decode(outcome.d, 32) for outcome in outcomes)
    checkpoint = tail.sign()
    receipts: list[NewRow] = []
    answers: list[bytes] = []
    for index, outcome in zip(indexes, outcomes, strict=True):
        proof = tlog.format_proof(index, tail.inclusion(index), checkpoint)
        for plan in outcome.receipts:
            receipt = sign_receipt(relay_key, huis, outcome.d, plan, now, proof)
            receipts.append(receipt)
            if plan.audience == SUBMITTER:
                answers.append(receipt.values["envelope"])
    await _insert(session, [*(row for outcome in outcomes for row in outcome.rows), *receipts])
    await tail.save(session, checkpoint)
    for outcome in outcomes:
        for statement in outcome.updates:
            await session.execute(statement)
    return answers


def check_outcome(outcome: Outcome) -> None:
    """Raise `ValueError` for an outcome that the writer can't keep its word on: a mistake in a service."""
    if [plan.audience for plan in outcome.receipts].count(SUBMITTER) != 1:
        raise ValueError("an outcome has exactly one receipt for whoever submits")


async def _insert(session: AsyncSession, rows: Iterable[Base | NewRow]) -> None:
    """Insert rows with one statement a table."""
    tables: dict[type[Base], list[dict[str, Any]]] = {}
    for row in rows:
        if isinstance(row, NewRow):
            tables.setdefault(row.model, []).append(row.values)
        else:
            values = {column.name: getattr(row, key) for key, column in inspect(type(row)).columns.items()}
            tables.setdefault(type(row), []).append(values)
    connection = await session.connection()
    for model, values_of in tables.items():
        await connection.execute(insert(table_of(model)), values_of)


def keys_to_wake(outcomes: Iterable[Outcome]) -> list[str]:
    """Return whom to wake once all of these are committed, each once."""
    keys: set[str] = set()
    for outcome in outcomes:
        keys |= set(outcome.wake)
        if any(isinstance(row, OutboxItem) for row in outcome.rows):
            keys.add(OUTBOX_KEY)
    return sorted(keys)
