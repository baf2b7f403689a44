"""The duty to tell in person or by letter: reminded each working day from its last day on, until somebody was told.

What ends it is an acknowledgement (`services.event_rules`), of a worker of the partner or of the person themselves. A
reminder wakes the partner's software, whose list of duties says which are late.
"""

import logging

from sqlalchemy import select

from zegel_keys.verification import read_payload
from zegel_protocol.objects import Rulebook
from zegel_protocol.rulebook.working_days import end_of_working_day
from zegel_relay.outbox.handler import Done, Later, Result
from zegel_relay.outbox.workroom import Workroom
from zegel_relay.services import archive
from zegel_relay.storage.models import MessageEvent, OutboxItem, StoredNotice, StoredObject

_log = logging.getLogger(__name__)


async def tell(room: Workroom, item: OutboxItem, now: int) -> Result:
    """Remind the partner (`item.subject`) of a notice (`item.object_d`) that nobody told its person yet."""
    async with room.sessions() as session:
        notice = await session.get(StoredNotice, item.object_d)
        if notice is None:
            return Done()
        told = MessageEvent.message_d == notice.message_d, MessageEvent.event == "told"
        reader = MessageEvent.reader == f"person:{notice.person}"
        # What somebody was told before is no word about a later notice of the same message.
        earlier = StoredObject.d == MessageEvent.d, StoredObject.log_index <= notice.log_index
        said = select(MessageEvent.d).where(*told, reader, ~select(StoredObject.d).where(*earlier).exists())
        if await session.scalar(said.limit(1)) is not None:
            return Done()
        shown = await archive.setting(session)
    rulebook = next((read_payload(held.envelope, Rulebook)[0] for held in shown if held.kind == Rulebook.KIND), None)
    holidays = rulebook.holidays if rulebook is not None else ()
    _log.warning("telling is overdue")
    room.wakeups.notify(item.subject)
    return Later(end_of_working_day(now, 1, holidays))
