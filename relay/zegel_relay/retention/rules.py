"""The retention rules in force: those of the rulebook that the newest directory names."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.verification import read_payload
from zegel_protocol.objects import Directory, Rulebook
from zegel_protocol.objects.rulebook import RetentionRules
from zegel_relay.services import archive

BATCH: Final = 200
"""Rows that one transaction ends at most: whoever accepts or hands out messages waits no longer than that."""
ADVICE: Final = "advice"
IMPROVEMENT: Final = "improvement"
"""The kinds of message that name no client: no notice and no consent keeps them (decision 0021)."""


async def in_force(session: AsyncSession) -> RetentionRules | None:
    """Return the rules, or None while the Huis has no directory: then nothing ends."""
    directory = await archive.newest(session, Directory.KIND, "")
    if directory is None:
        return None
    named = await archive.by_digest(session, [archive.read_directory(directory).rulebook])
    return read_payload(named[0].envelope, Rulebook)[0].retention if named else None
