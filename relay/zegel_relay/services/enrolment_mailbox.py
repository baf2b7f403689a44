"""Two devices at one table that cannot speak to each other: the relay keeps a note for each until the other fetches it.

Nothing here is believed by anybody: the tag and both signatures protect what passes (`docs/spec/enrolment.md`). Only a
listed device opens a mailbox, so that strangers store nothing; its name is a digest that nobody guesses.
"""

from typing import Final

from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from zegel_relay.services.errors import Conflict, Forbidden, NotFound
from zegel_relay.storage.database import writing
from zegel_relay.storage.models import EnrolmentSlot

LIFE_SECONDS: Final = 15 * 60
"""From opening on: the ten minutes of the code, and some for the signatures."""
MOST: Final = 1_000
"""Rows at one time; a Huis enrols a few people an hour."""
OPENED: Final = "opened"


async def open_mailbox(sessions: async_sessionmaker[AsyncSession], mailbox: str, partner: str | None, now: int) -> None:
    """Open a mailbox for a device of `partner`; again changes nothing. What has expired is erased on the way.

    Raises `Forbidden` (`enrolment.device`: a person asks) or `Conflict` (`enrolment.busy`).
    """
    if partner is None:
        raise Forbidden("enrolment.device", "A worker's device opens an enrolment.")
    try:
        async with writing(sessions) as session:
            await session.execute(delete(EnrolmentSlot).where(EnrolmentSlot.expires_at <= now))
            if await _row(session, mailbox, OPENED, now) is not None:
                return
            if (await session.scalar(select(func.count()).select_from(EnrolmentSlot)) or 0) >= MOST:
                raise Conflict(
                    "enrolment.busy", "Too many enrolments are open. Nothing was stored; try in some minutes."
                )
            await session.execute(insert(EnrolmentSlot).values(_values(mailbox, OPENED, b"", now + LIFE_SECONDS)))
    except IntegrityError:
        # Another process opened the same mailbox meanwhile.
        return


async def leave(sessions: async_sessionmaker[AsyncSession], mailbox: str, slot: str, body: bytes, now: int) -> None:
    """Keep a note; the first one stays, and the same again changes nothing.

    Raises `NotFound` (`enrolment.unknown`: not open, or over) or `Conflict` (`enrolment.taken`: another note is there).
    """
    # Looked at first: strangers who try names must not hold up whoever writes.
    async with sessions() as session:
        opened = await _row(session, mailbox, OPENED, now)
        known = await _row(session, mailbox, slot, now)
    if opened is None:
        raise NotFound("enrolment.unknown", "No such enrolment is open. Ask the worker for a new code.")
    if known is None:
        try:
            async with writing(sessions) as session:
                known = await _row(session, mailbox, slot, now)
                if known is None:
                    await session.execute(insert(EnrolmentSlot).values(_values(mailbox, slot, body, opened.expires_at)))
        except IntegrityError:
            async with sessions() as session:
                known = await _row(session, mailbox, slot, now)
    if known is not None and known.body != body:
        raise Conflict("enrolment.taken", "Another device has answered in this enrolment. Stop, and begin anew.")


async def is_open(session: AsyncSession, mailbox: str, now: int) -> bool:
    """Whether a mailbox is open: only then is there anything to wait for."""
    return await _row(session, mailbox, OPENED, now) is not None


async def fetch(session: AsyncSession, mailbox: str, slot: str, now: int) -> bytes | None:
    """Return a note, or None where there is none yet, or no longer."""
    row = await _row(session, mailbox, slot, now)
    return row.body if row is not None else None


async def _row(session: AsyncSession, mailbox: str, slot: str, now: int) -> EnrolmentSlot | None:
    row = await session.get(EnrolmentSlot, (mailbox, slot))
    return row if row is not None and row.expires_at > now else None


def _values(mailbox: str, slot: str, body: bytes, expires_at: int) -> dict[str, object]:
    return {"mailbox": mailbox, "slot": slot, "body": body, "expires_at": expires_at}
