"""The rulebook in force: the one that the newest directory names. For whoever works without a case file."""

from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.verification import read_payload
from zegel_protocol.objects import Directory, Rulebook
from zegel_relay.services import archive


async def rulebook_in_force(session: AsyncSession) -> Rulebook | None:
    """Return the rulebook, or None while the Huis has no directory. It was verified when it was accepted."""
    directory = await archive.newest(session, Directory.KIND, "")
    if directory is None:
        return None
    named = await archive.by_digest(session, [archive.read_directory(directory).rulebook])
    return read_payload(named[0].envelope, Rulebook)[0] if named else None
