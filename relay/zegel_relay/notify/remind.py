"""Reminders of what is owed: the owner's software is woken when a thing falls due, and again until it is done.

Once a working day, for a month; the acceptance of the code each time that the rulebook says (articles 1 and 5). A
reminder says nothing: the list of deadlines that the software then reads says which are due.
"""

import logging
from typing import Final

from zegel_protocol.durations import DAY
from zegel_protocol.rulebook.working_days import end_of_working_day
from zegel_relay.outbox.handler import Done, Later, Result
from zegel_relay.outbox.workroom import Workroom
from zegel_relay.services.deadlines import ACCEPT_CODE, RUNNING
from zegel_relay.services.rules_in_force import rulebook_in_force
from zegel_relay.storage.models import Deadline, OutboxItem

REMINDED_SECONDS: Final = 30 * DAY
"""How long after its due day a thing is reminded of; that it is late stays shown for as long as it is."""

_log = logging.getLogger(__name__)


async def remind(room: Workroom, item: OutboxItem, now: int) -> Result:
    """Wake whoever owes (`item.subject`) a deadline (`item.object_d`), if it is still owed."""
    async with room.sessions() as session:
        row = await session.get(Deadline, item.object_d)
        rulebook = await rulebook_in_force(session)
    if row is None or rulebook is None or row.state not in RUNNING or now > row.due_at + REMINDED_SECONDS:
        return Done()
    _log.info("a deadline is reminded of", extra={"stage": row.kind})
    room.wakeups.notify(item.subject)
    if row.kind == ACCEPT_CODE and rulebook.code is not None:
        return Later(now + rulebook.code.reminder_days * DAY)
    return Later(end_of_working_day(now, 1, rulebook.holidays))
