"""An alarm, as a worker of any partner sees it who was told its name: without a word of content."""

from zegel_protocol.api import Bundle
from zegel_relay.api.inbox import MessagePath
from zegel_relay.api.route import Call
from zegel_relay.services.alarm_look import read_alarm
from zegel_relay.services.errors import Forbidden


async def look(call: Call) -> Bundle:
    """Return the manifest of an alarm to a partner's device that was told its digest."""
    path: MessagePath = call.path
    partner = call.asker.partner
    if partner is None:
        raise Forbidden("alarm.partner", "Who signs an alarm is a worker of a partner. Nothing was shown.")
    async with call.relay.sessions() as session:
        return await read_alarm(call.relay.office, session, path.d, partner)
