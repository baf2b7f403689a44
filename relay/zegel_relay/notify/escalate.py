"""An alarm that nobody opens goes on (article 10): a second device, then the phone, the team lead, the steward.

Each level is reached once, at its time, and ends with the word that it was opened (`services.alarm_course`). What is
written names the message and two partners; the steward sees no more than that.
"""

import logging

from sqlalchemy import func, select, update

from zegel_relay.outbox.handler import Done, Later, Result
from zegel_relay.outbox.workroom import Workroom
from zegel_relay.services.alarm_course import KINDS, STEWARD, levels
from zegel_relay.services.deadlines import open_deadline
from zegel_relay.services.rules_in_force import rulebook_in_force
from zegel_relay.storage.database import writing
from zegel_relay.storage.log import hold_still
from zegel_relay.storage.models import Deadline, Message, MessageDelivery, OutboxItem

_log = logging.getLogger(__name__)


async def escalate(room: Workroom, item: OutboxItem, now: int) -> Result:
    """Bring an alarm (`item.object_d`) to the levels that its recipient (`item.subject`) let come; wait for the next.

    A relay that was down reaches at once whatever came meanwhile.
    """
    return await _escalate(room, item.object_d, item.subject, now)


async def escalate_all(room: Workroom, now: int) -> None:
    """Bring every alarm that is not opened to the levels that came: also one whose promise failed and is put off."""
    async with room.sessions() as session:
        there = MessageDelivery.withdrawn_at.is_(None), MessageDelivery.erased_at.is_(None)
        came_to = select(func.count()).where(Deadline.object_d == MessageDelivery.message_d, Deadline.kind.in_(KINDS))
        # What has come to every level stays with people.
        going_on = came_to.correlate(MessageDelivery).scalar_subquery() < len(KINDS)
        waiting = MessageDelivery.called_at.is_not(None), *there, going_on
        found = await session.execute(select(MessageDelivery.message_d, MessageDelivery.reader).where(*waiting))
        alarms = [(row.message_d, row.reader) for row in found]
    for d, recipient in alarms:
        _ = await _escalate(room, d, recipient, now)


async def _escalate(room: Workroom, d: str, recipient: str, now: int) -> Result:
    async with writing(room.sessions) as session:
        # Nothing is accepted meanwhile: an opening is either seen here, or ends what is written here.
        await hold_still(session)
        message = await session.get(Message, d)
        # Held, so that of two who look at once the second finds what the first has written.
        delivery = await session.get(MessageDelivery, (d, recipient), with_for_update=True)
        rulebook = await rulebook_in_force(session)
        if message is None or delivery is None or delivery.called_at is None or rulebook is None:
            return Done()
        if delivery.withdrawn_at is not None or delivery.erased_at is not None:
            return Done()
        course = [(message.accepted_at + level.after, level) for level in levels(rulebook.safety)]
        kinds = {level.kind for _, level in course}
        known = set(
            await session.scalars(select(Deadline.kind).where(Deadline.object_d == d, Deadline.kind.in_(kinds)))
        )
        reached = [(at, level) for at, level in course if at <= now and level.kind not in known]
        parties = {"sender": message.sender, "recipient": message.recipient}
        for at, level in reached:
            session.add(open_deadline(level.kind, parties[level.owner], d, at, now, message_d=d))
        if reached:
            which = MessageDelivery.message_d == d, MessageDelivery.reader == recipient
            await session.execute(update(MessageDelivery).where(*which).values(called_at=now))
    for _, level in reached:
        urgency = logging.ERROR if level.kind == STEWARD else logging.WARNING
        _log.log(urgency, "an alarm is not opened", extra={"code": level.kind})
    for party in sorted(parties.values() if reached else ()):
        room.wakeups.notify(party)
    coming = [at for at, _ in course if at > now]
    return Later(min(coming)) if coming else Done()
