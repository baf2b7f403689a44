"""A notice that waited falls due: it gets its place among those of its person, and only now the telling is promised.

Until then nothing shows that it is there; from then on nothing shows that it was not, but its code. The place is behind
all that was accepted before, so no reader's cursor has passed it (`zegel_protocol.positions`).
"""

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.verification import read_payload
from zegel_protocol.objects import Manifest, Notice
from zegel_protocol.objects.notice import WITHOUT_DEVICE
from zegel_protocol.positions import positions_due
from zegel_relay.outbox.handler import Done, Later, Result
from zegel_relay.outbox.workroom import Workroom
from zegel_relay.services import archive
from zegel_relay.services.duties import is_still_told
from zegel_relay.services.notices import telling_of
from zegel_relay.services.rules_in_force import rulebook_in_force
from zegel_relay.storage.batch import OUTBOX_KEY
from zegel_relay.storage.database import writing
from zegel_relay.storage.log import read_head
from zegel_relay.storage.models import MessageDelivery, OutboxItem, StoredNotice
from zegel_relay.storage.postgres import hold_log

CROWDED_SECONDS = 3_600
"""How long a notice waits for the log to grow, when every place behind its last entry is taken."""
FLAGGED_SECONDS = 86_400
"""How long it takes until one looks again whether somebody is still not to be told."""
BATCH = 200


async def release(room: Workroom, item: OutboxItem, now: int) -> Result:
    """Let a notice (`item.object_d`) reach its person (`item.subject`), if a review has not moved its time."""
    return await _release(room, item.object_d, now)


async def release_due(room: Workroom, now: int) -> int:
    """Let every notice whose time has come reach its person; return how many did.

    Finds those whose time a review brought forward while their promise was put off, or whose promise was given up.
    """
    due = StoredNotice.position.is_(None), StoredNotice.due_at <= now
    async with room.sessions() as session:
        found = list(
            await session.scalars(select(StoredNotice.d).where(*due).order_by(StoredNotice.due_at).limit(BATCH))
        )
    return sum([isinstance(await _release(room, d, now), Done) for d in found])


async def _release(room: Workroom, d: str, now: int) -> Result:
    async with writing(room.sessions) as session:
        # Alone with the log: what is accepted from here on stands behind this, and what was before is committed.
        await hold_log(session, shared=False)
        row = await session.get(StoredNotice, d)
        if row is None or row.position is not None:
            return Done()
        if row.due_at > now:
            return Later(row.due_at)
        if await archive.by_digest(session, [row.message_d]) and not await is_still_told(session, row):
            # A safety flag came while it waited: they are not told, unless it is taken away again.
            again = now + FLAGGED_SECONDS
            await session.execute(update(StoredNotice).where(StoredNotice.d == d).values(due_at=again))
            return Later(again)
        position = await _next_position(session, row.person)
        if position is None:
            return Later(now + CROWDED_SECONDS)
        waits = MessageDelivery.message_d == row.message_d, MessageDelivery.position.is_(None)
        own = update(MessageDelivery).where(*waits, MessageDelivery.reader == f"person:{row.person}")
        await session.execute(own.values(position=position))
        await session.execute(update(StoredNotice).where(StoredNotice.d == d).values(position=position, due_at=now))
        session.add_all(await _telling(session, row, now))
        person = row.person
    for key in (f"person:{person}", OUTBOX_KEY):
        room.wakeups.notify(key)
    return Done()


async def _next_position(session: AsyncSession, person: str) -> int | None:
    """Return the first free place behind all that was accepted; None where somebody's notices have taken them all."""
    places = positions_due((await read_head(session)).size)
    taken = StoredNotice.person == person, StoredNotice.position >= places.start
    last = await session.scalar(select(func.max(StoredNotice.position)).where(*taken))
    position = places.start if last is None else last + 1
    return position if position in places else None


async def _telling(session: AsyncSession, row: StoredNotice, now: int) -> list[OutboxItem]:
    shown = await archive.by_digest(session, [row.message_d])
    rulebook = await rulebook_in_force(session)
    if rulebook is None or not shown:
        # Nobody knows by when, or of what: the notice is there all the same.
        return []
    without = WITHOUT_DEVICE in read_payload(row.envelope, Notice)[0].codes
    payload = read_payload(shown[0].envelope, Manifest)[0]
    return list(telling_of(row, payload, rulebook, now, without_device=without))
