"""Promising work: a row that is written in the transaction it follows from, so that neither is there without the other.

Services put what `promise` returns among the rows of their outcome, and know no more of who does the work.
"""

import secrets

from zegel_relay.storage.models import OutboxItem

PING, TELL = "ping", "tell"
"""Kinds of promised work: mail that something is new (`notify.ping`), a partner who tells in person (`notify.tell`)."""
RELEASE, ALARM = "release", "alarm"
"""A notice that falls due (`notify.release`), and an alarm that goes on while nobody opens it (`notify.escalate`)."""
REMIND = "remind"
"""A deadline that its owner is reminded of (`notify.remind`)."""
KEYRING = "keyring"
"""Ways into keys that are replaced, erased when the new keys begin to count (`retention.keyrings`)."""
WAITING = "waiting"
DONE = "done"
DEAD = "dead"


def promise(kind: str, subject: str, object_d: str, due_at: int, now: int) -> OutboxItem:
    """Return a new row: `kind` names the handler, `subject` is a `Party.key`, `object_d` the `D` that is the reason.

    `due_at` is the earliest second at which it is done. The same (kind, subject, object_d) can be promised once; an
    object is accepted once, so an accepting operation promises with its own `D`, or with that of a notice it makes.
    """
    return OutboxItem(
        id=secrets.token_hex(16),
        kind=kind,
        subject=subject,
        object_d=object_d,
        state=WAITING,
        due_at=due_at,
        claimed_until=0,
        attempts=0,
        error=None,
        created_at=now,
        ended_at=None,
    )
