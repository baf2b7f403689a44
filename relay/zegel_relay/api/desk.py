"""A partner's shared inbox, for its own devices: whose message it is, who is away, keys for a colleague's device."""

from zegel_protocol.api import Bundle
from zegel_relay.api.inbox import MessagePath
from zegel_relay.api.route import Call
from zegel_relay.services.errors import Forbidden
from zegel_relay.services.inbox_share import read_desk
from zegel_relay.services.rewraps import give_keys


async def desk(call: Call) -> Bundle:
    """Return the assignments and absences of the partner that asks."""
    partner = call.asker.partner
    if partner is None:
        raise Forbidden("desk.partner", "How a partner divides its work is shown to its own devices.")
    async with call.relay.sessions() as session:
        return await read_desk(session, partner)


async def give(call: Call) -> None:
    """Take the keys of a message that a device of the partner that asks wrapped for another one of its devices."""
    path: MessagePath = call.path
    partner = call.asker.partner
    if partner is None:
        raise Forbidden("desk.partner", "How a partner divides its work is shown to its own devices.")
    await give_keys(call.relay.office, partner, path.d, call.raw, call.now)
