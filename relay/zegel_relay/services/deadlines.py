"""Deadlines: opening and closing them, as rows and statements of the transaction that they follow from.

What opens one on accepting a message stands in `services.owed`; what passes its time, in `outbox.overdue`.
"""

import hashlib
from typing import Final, Literal

from sqlalchemy import update

from zegel_protocol import b64
from zegel_relay.storage.models import Deadline
from zegel_relay.storage.operation import Update

State = Literal["open", "overdue", "done", "lapsed"]

OPEN: Final = "open"
OVERDUE: Final = "overdue"
DONE: Final = "done"
LAPSED: Final = "lapsed"

ACCEPT_CODE: Final = "accept-code"
INVITE: Final = "invite"
"""Kinds of deadline that follow from no message: of a worker about the code, of a partner about who grew up."""

RUNNING: Final = (OPEN, OVERDUE)
"""What is late is still owed."""


def deadline_d(kind: str, owner: str, object_d: str, message_d: str | None = None, number: int = 0) -> str:
    """Return the name of the one deadline of this kind, owner, object, message and number: a digest, base64url."""
    text = "\x01".join(("zegel/deadline", kind, owner, object_d, message_d or "", str(number)))
    return b64.encode(hashlib.sha256(text.encode()).digest())


def worker_number(worker: str | None) -> int:
    """Return the number by which a deadline names a worker of its partner; 0 for the partner's services.

    The first seven digits of the id: enough to tell a partner's workers apart, and small enough for a database.
    """
    return int(worker[:7], 16) if worker is not None else 0


def open_deadline(
    kind: str,
    owner: str,
    object_d: str,
    due_at: int,
    now: int,
    *,
    message_d: str | None = None,
    number: int = 0,
    overdue_at: int | None = None,
) -> Deadline:
    """Return a new row: `owner` (a `Party.key`) owes `kind` about the object `object_d` by `due_at`.

    `message_d`: the message whose sender, recipient and persons see it. `overdue_at`: when it counts as late, `due_at`
    unless stated. The same (kind, owner, object_d, message_d, number) can be opened once.
    """
    return Deadline(
        d=deadline_d(kind, owner, object_d, message_d, number),
        kind=kind,
        owner=owner,
        object_d=object_d,
        message_d=message_d,
        number=number,
        since=now,
        due_at=due_at,
        overdue_at=due_at if overdue_at is None else overdue_at,
        state=OPEN,
        closed_at=None,
        by_d=None,
    )


def close_deadlines(
    kind: str,
    object_d: str,
    now: int,
    *,
    by_d: str,
    owner: str | None = None,
    message_d: str | None = None,
    number: int | None = None,
    state: State = DONE,
) -> Update:
    """Return the statement that ends what is still owed of a kind about an object; `by_d` is the object that does so.

    Only `owner`'s, only of a message, only of `number`, where they are stated. What was ended before stays as it is.
    """
    which = [Deadline.kind == kind, Deadline.object_d == object_d, Deadline.state.in_(RUNNING)]
    if owner is not None:
        which.append(Deadline.owner == owner)
    if message_d is not None:
        which.append(Deadline.message_d == message_d)
    if number is not None:
        which.append(Deadline.number == number)
    return update(Deadline).where(*which).values(state=state, closed_at=now, by_d=by_d)
