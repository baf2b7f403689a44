"""Showing deadlines: to partners what they owe and are owed, to persons those of what they were told of."""

from typing import Final

from sqlalchemy import ColumnElement, and_, case, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_protocol.api import DeadlineItem, DeadlinePage
from zegel_protocol.words import ERASURE, FIRST_CONTACT, REPLY, REPORT_BACK, REPORT_CLIENT, STEP
from zegel_relay.services import erasures
from zegel_relay.services.deadlines import RUNNING, State
from zegel_relay.services.held_back import is_held_back
from zegel_relay.services.office import party_of
from zegel_relay.services.silence import silenced_since
from zegel_relay.storage.models import Deadline, Message, StoredNotice

ITEMS: Final = 500
"""Most deadlines at once: what is still owed first, the soonest due before all; then what ended last."""
ENDED_SECONDS: Final = 30 * 86_400
"""How long one that ended is still shown as such."""
SHARED: Final = (FIRST_CONTACT, REPORT_CLIENT, REPORT_BACK, STEP, REPLY)
"""Kinds that everyone sees who is told of the message. How an alarm is followed up is for partners."""

_STATES: Final[dict[str, State]] = {"open": "open", "overdue": "overdue", "done": "done", "lapsed": "lapsed"}


async def read_deadlines(session: AsyncSession, party: str, now: int) -> DeadlinePage:
    """Return the deadlines that `party` may see: its own, and those of messages that it sent, got or was told of.

    A person sees nothing of a message whose notice is held back, no question to somebody else, and no erasure that a
    revocation asked for which is not theirs to know of.
    """
    running = Deadline.state.in_(RUNNING)
    shown = or_(running, Deadline.closed_at > now - ENDED_SECONDS)
    own = Deadline.owner == party
    is_person = party.startswith("person:")
    seen = _of_person(party.removeprefix("person:")) if is_person else _of_partner(party)
    order = case((running, 0), else_=1), case((running, Deadline.due_at), else_=-Deadline.closed_at), Deadline.d
    rows = await session.scalars(select(Deadline).where(shown, or_(own, seen)).order_by(*order).limit(ITEMS))
    items: list[DeadlineItem] = []
    for row in rows:
        if not is_person or await may_see(session, row, party, now):
            items.append(_item(row))
    return DeadlinePage(items=tuple(items))


async def may_see(session: AsyncSession, row: Deadline, party: str, now: int) -> bool:
    """Whether a person who is told of a deadline's message may see it; who asked to erase is not for all to know.

    Nor is anything for whom a safety flag silences since.
    """
    if row.owner == party:
        return True
    person = party.removeprefix("person:")
    if row.message_d is not None and await silenced_since(session, person, row.message_d) is not None:
        return False
    if row.kind == ERASURE:
        return await erasures.may_know(session, person, row.object_d, now)
    return row.kind in SHARED


def _of_partner(party: str) -> ColumnElement[bool]:
    took_part = or_(Message.sender == party, Message.recipient == party)
    return Deadline.message_d.in_(select(Message.d).where(took_part))


def _of_person(person: str) -> ColumnElement[bool]:
    told = select(StoredNotice.message_d).where(StoredNotice.person == person, ~is_held_back())
    return and_(Deadline.kind.in_((*SHARED, ERASURE)), Deadline.message_d.in_(told))


def _item(row: Deadline) -> DeadlineItem:
    return DeadlineItem(
        kind=row.kind, owner=party_of(row.owner), object=row.object_d, message=row.message_d, number=row.number,
        since=row.since, due=row.due_at, state=_STATES[row.state], closed=row.closed_at,
    )  # fmt: skip
