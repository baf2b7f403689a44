"""Which notices a person is not to be told of yet: those that were dated later than their message was accepted.

One that was to be told of at once is told of, also when this clock stepped back since, or another relay's is a second
ahead: readers go on from the last one that they saw, and would never come back to it.
"""

from sqlalchemy import ColumnElement, and_, func, select

from zegel_relay.storage.models import Message, StoredNotice


def is_held_back(now: int) -> ColumnElement[bool]:
    """Return the condition that a row of `StoredNotice` is of a notice that is not to be told of at `now`."""
    accepted = select(Message.accepted_at).where(Message.d == StoredNotice.message_d).correlate(StoredNotice)
    return and_(StoredNotice.not_before > now, StoredNotice.not_before > func.coalesce(accepted.scalar_subquery(), 0))
