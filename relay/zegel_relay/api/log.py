"""The log for everyone: the newest checkpoint, and proofs that nothing in it was rewritten."""

import msgspec

from zegel_protocol import b64
from zegel_protocol.api import LogConsistency, LogState
from zegel_protocol.fields import Count
from zegel_relay.api.route import Call


class ConsistencyQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two sizes of the log, `old` at most `new`."""

    old: Count
    new: Count


async def checkpoint(call: Call) -> LogState:
    """Return the newest checkpoint."""
    async with call.relay.sessions() as session:
        text = await call.relay.log.checkpoint(session)
    return LogState(checkpoint=text, now=call.now)


async def consistency(call: Call) -> LogConsistency:
    """Return the proof between two sizes, and the newest checkpoint from the same state of the database."""
    query: ConsistencyQuery = call.query
    async with call.relay.sessions() as session:
        hashes = await call.relay.log.consistency(session, query.old, query.new)
        text = await call.relay.log.checkpoint(session)
    return LogConsistency(old=query.old, new=query.new, hashes=tuple(map(b64.encode, hashes)), checkpoint=text)
