"""What a signer says that they saw of the log: held against the log, before others take it for the relay's own word.

A reader who finds that `seen` contradicts what they saw themselves has caught the relay with two views of its log, and
stops. So a sender who could make it up would make every reader of the message stop, clients on all their notices, and
the relay would look guilty.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.epochs import is_dropped
from zegel_keys.trust import Trust
from zegel_protocol import b64
from zegel_protocol.errors import LogError
from zegel_protocol.objects.manifest import Seen
from zegel_relay.services import read_ahead


async def check_seen(session: AsyncSession, seen: Seen, trust: Trust, made_at: int) -> None:
    """Return if the log was once just as `seen` says, or was so before it was restored from a backup.

    `made_at` is when the signer says that they made it (seconds): readers compare the same. Raises `LogError`
    (`log.seen`).
    """
    if is_dropped(trust, seen, made_at):
        return
    ahead = read_ahead.of(session)
    await ahead.find_roots(session, [seen.size])
    root = ahead.roots[seen.size]
    if root is None or b64.encode(root) != seen.root:
        raise LogError("log.seen", "the log was never as its signer says that they saw it")
