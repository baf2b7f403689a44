"""Who was told of a message, and is to learn no more of it since: a holder of authority whom a safety flag silences.

What they were shown before is theirs. What happens from the flag on is not: neither a word, nor a finding, nor what is
owed. For a notice that still waits, `services.duties` says who is told at all. Nor does one who is silenced for one
person learn of that one through another.
"""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.verification import read_payload
from zegel_protocol.decision.age import silenced_for, who_signs
from zegel_protocol.encoding import decode
from zegel_protocol.objects import Entry, Notice, Person
from zegel_relay.services import archive
from zegel_relay.services.errors import Conflict
from zegel_relay.storage.models import MessageEntry, StoredNotice


async def silenced_since(session: AsyncSession, person: str, message_d: str) -> int | None:
    """Return the place in the log from which on `person` learns nothing of a message, or None.

    That is where the first flag that still holds was set by somebody whom the lines of their notice are about.
    """
    entries = (await session.scalars(select(MessageEntry).where(MessageEntry.message_d == message_d))).all()
    if not entries:
        return None
    own = StoredNotice.message_d == message_d, StoredNotice.person == person
    notices = await session.scalars(select(StoredNotice.envelope).where(*own))
    named = {entry for envelope in notices for entry in read_payload(envelope, Notice)[0].entries}
    about = {who for row in entries if row.d in named for who in decode(row.payload, Entry).about} - {person}
    since: dict[str, int] = {}
    for item in await archive.by_subject(session, (Person.KIND,), about):
        known, _ = read_payload(item.envelope, Person)
        if person not in known.silenced:
            since.pop(known.person, None)
        elif item.place is not None:
            since.setdefault(known.person, item.place.index)
    return min(since.values(), default=None)


def require_apart(people: Iterable[Person], now: int) -> None:
    """Return if what names all of these people may stand in the chains of each.

    Whoever says yes for one is shown that one's chain, and whoever else a consent in it names. Raises `Conflict`
    (`person.apart`) where one of these silences them.
    """
    subjects = tuple(people)
    silenced = silenced_for(subjects)
    if any(silenced & (who_signs(person, now) | {person.person}) for person in subjects):
        detail = "One of these people silences somebody who sees what is asked about another. Ask about each apart."
        raise Conflict("person.apart", detail)
