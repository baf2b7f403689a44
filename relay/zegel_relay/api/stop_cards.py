"""The stop code of a printed letter, as a worker of any partner looks it up while somebody is on the telephone."""

import logging

import msgspec

from zegel_protocol.api import Bundle
from zegel_protocol.fields import Digest
from zegel_relay.api.route import Call
from zegel_relay.services import stop_cards
from zegel_relay.services.errors import Forbidden, NotFound

_log = logging.getLogger(__name__)


class NamePath(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The name that a code gives."""

    name: Digest


async def look(call: Call) -> Bundle:
    """Return what a code stops, to a worker's device; after too many that name nothing none is answered for a while."""
    path: NamePath = call.path
    partner, device = call.asker.partner, call.asker.device
    if partner is None or device is None:
        raise Forbidden("stop-code.worker", "A worker answers the telephone. Nothing was shown.")
    limits, keyid = call.relay.limits, call.asker.keyid
    limits.check_misses(keyid, "stop-code", call.now, stop_cards.MISSES)
    async with call.relay.sessions() as session:
        try:
            return await stop_cards.look(call.relay.office, session, (partner, device), path.name, call.now)
        except NotFound as error:
            await limits.miss(keyid, "stop-code", call.now)
            # Whose device it was, and which name, is nothing for a log.
            _log.warning("a stop code was tried that names nothing", extra={"code": error.code})
            raise
