"""Who turns 12 or 18: the partners in what was agreed for them are to ask them anew, and they are pinged.

A parent's yes ends some weeks after the twelfth birthday, and at once at the eighteenth: that says `decide()`. Here the
partners hear of it in time, once a birthday. A birthday is known by its month.
"""

from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.verification import read_payload
from zegel_protocol.decision.age import month_start
from zegel_protocol.durations import DAY
from zegel_protocol.objects import ClientKey, Consent, Person, Revocation
from zegel_protocol.objects.rulebook import Rulebook
from zegel_protocol.rulebook.working_days import end_of_working_day
from zegel_relay.outbox.promise import PING, REMIND, promise
from zegel_relay.outbox.workroom import Workroom
from zegel_relay.services import archive
from zegel_relay.services.deadlines import INVITE, deadline_d, open_deadline
from zegel_relay.services.rules_in_force import rulebook_in_force
from zegel_relay.storage.batch import OUTBOX_KEY
from zegel_relay.storage.database import writing
from zegel_relay.storage.models import ChainEntry, StoredObject
from zegel_relay.storage.once import put_once

LOOK_BACK: Final = 90 * DAY
"""How long after a birthday a relay that was down still finds it."""
PAGE: Final = 500


class _Birthday(NamedTuple):
    """A person who turned an `age` in a month that began at `since`; `root` is the `D` of their first version."""

    person: str
    root: str
    age: int
    since: int


async def invite(room: Workroom, now: int) -> int:
    """Open the invitations that birthdays of this month ask for; return how many."""
    opened, after = 0, ""
    async with room.sessions() as session:
        rulebook = await rulebook_in_force(session)
    while rulebook is not None:
        async with room.sessions() as session:
            page = StoredObject.kind == Person.KIND, StoredObject.version == 1, StoredObject.subject > after
            query = select(StoredObject.subject, StoredObject.d).where(*page).order_by(StoredObject.subject)
            rows = (await session.execute(query.limit(PAGE))).all()
            newest = await _newest(session, [row.subject for row in rows])
            born = [found for row in rows for found in _birthdays(newest[row.subject], row.d, now)]
            asked = [(item, await _partners(session, item, now)) for item in born]
        for item, partners in asked:
            opened += await _open(room, item, partners, rulebook, now)
        if len(rows) < PAGE:
            break
        after = rows[-1].subject
    if opened:
        room.wakeups.notify(OUTBOX_KEY)
    return opened


async def _newest(session: AsyncSession, persons: list[str]) -> dict[str, Person]:
    """Return the last version of each of these people; versions are accepted in their order."""
    shown = await archive.by_subject(session, (Person.KIND,), persons)
    return {known.person: known for known in (read_payload(item.envelope, Person)[0] for item in shown)}


def _birthdays(known: Person, root: str, now: int) -> list[_Birthday]:
    months = ((12, known.turns12), (18, known.turns18))
    found = [_Birthday(known.person, root, age, month_start(month)) for age, month in months if month is not None]
    return [item for item in found if item.since <= now < item.since + LOOK_BACK]


async def _partners(session: AsyncSession, item: _Birthday, now: int) -> list[str]:
    """Return the partners (`Party.key`) in consents about a person that somebody else gave and that run still."""
    query = select(ChainEntry.d).where(ChainEntry.person == item.person).distinct()
    shown = await archive.by_digest(session, await session.scalars(query))
    consents = [(held.d, read_payload(held.envelope, Consent)[0]) for held in shown if held.kind == Consent.KIND]
    ended = {d for _, consent in consents for d in consent.replaces}
    for held in shown:
        if held.kind == Revocation.KIND:
            ended |= set(read_payload(held.envelope, Revocation)[0].revokes)
    running = [one for d, one in consents if d not in ended and one.not_after > max(now, item.since)]
    given = [one for one in running if item.person not in {signer.person for signer in one.signers}]
    parties = {party.key for one in given for party in (one.sender, one.to) if party.partner is not None}
    return sorted(parties)


async def _open(room: Workroom, item: _Birthday, partners: list[str], rulebook: Rulebook, now: int) -> int:
    due = end_of_working_day(now, rulebook.follow_up.first_contact_days, rulebook.holidays)
    opened = []
    async with writing(room.sessions) as session:
        for owner in partners:
            row = open_deadline(INVITE, owner, item.root, due, now, number=item.age)
            if await put_once(session, row):
                await put_once(session, promise(REMIND, owner, row.d, due, now))
                opened.append(owner)
        if opened:
            party = f"person:{item.person}"
            # Whoever has no keys yet is asked by the partner, in person.
            reason = deadline_d(INVITE, party, item.root, None, item.age)
            if await archive.newest(session, ClientKey.KIND, item.person) is not None:
                await put_once(session, promise(PING, party, reason, now, now))
            opened.append(party)
    for party in opened:
        room.wakeups.notify(party)
    return max(0, len(opened) - 1)
