"""What a signer says that they saw of the log: held against the log, before others take it for the relay's own word.

A reader who finds that `seen` contradicts what they saw themselves has caught the relay with two views of its log, and
stops. So a sender who could make it up would make every reader of the message stop, clients on all their notices, and
the relay would look guilty.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from zegel_protocol import b64
from zegel_protocol.errors import LogError
from zegel_protocol.objects.manifest import Seen
from zegel_relay.storage.log import root_at


async def check_seen(session: AsyncSession, seen: Seen) -> None:
    """Return if the log was once just as `seen` says. Raises `LogError` (`log.seen`)."""
    root = await root_at(session, seen.size)
    if root is None or b64.encode(root) != seen.root:
        raise LogError("log.seen", "the log was never as its signer says that they saw it")
