"""Whether this relay can accept: for a supervisor, and for an SDK that wants to know whom it talks to."""

import msgspec

from zegel_protocol.fields import Digest, Time
from zegel_relay.api.route import Call
from zegel_relay.storage.errors import Unavailable


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The relay accepts: which Huis it serves, and its time."""

    huis: Digest
    now: Time


async def health(call: Call) -> Health:
    """Answer only if the writer runs and the database answers."""
    if not call.relay.accepting:
        raise Unavailable("relay.stopping", "The relay accepts nothing now. Send later what you have.")
    async with call.relay.sessions() as session:
        await call.relay.log.checkpoint(session)
    return Health(huis=call.relay.keys.huis, now=call.now)
