"""One run of retention: everything whose period is over, in an order in which nothing refers to what is gone."""

from dataclasses import dataclass

from zegel_relay.outbox.workroom import Workroom
from zegel_relay.retention import (
    ciphertexts,
    consents,
    counts,
    deliveries,
    household_records,
    leftovers,
    records,
    rules,
    withdrawal,
)


@dataclass(frozen=True)
class Ended:
    """How much of what ended, or would end, in one run.

    `withdrawn`: messages; `deliveries`: readers whose period was over; `bodies`: ciphertexts whose bytes were erased;
    `unnamed`: ciphertexts that no message names; `uploads`: abandoned ones; `messages`: whole records; `consents`:
    consents, revocations, requests, conferences and objections; `counts`: small counts of refusals; `leftovers`: ended
    enrolments, old pings, and what was owed about no message.
    """

    withdrawn: int
    deliveries: int
    bodies: int
    unnamed: int
    uploads: int
    messages: int
    consents: int
    counts: int
    leftovers: int


async def run_retention(room: Workroom, now: int, dry: bool = False) -> Ended:
    """End everything whose period is over at `now`; may be cut off anywhere, and the next run finds the rest.

    `dry`: end nothing, and say how much would end. What only ends because something before it did is not counted then.
    Without a rulebook in force only what belongs to no message ends.
    """
    async with room.sessions() as session:
        periods = await rules.in_force(session)
    unnamed = await ciphertexts.sweep_unnamed(room, now, dry)
    swept = await ciphertexts.sweep_uploads(room, now, dry)
    left = await leftovers.drop_leftovers(room, now, dry)
    withdrawn = await withdrawal.withdraw_ended(room, now, dry)
    if periods is None:
        return Ended(withdrawn, 0, 0, unnamed, swept, 0, 0, 0, left)
    return Ended(
        withdrawn=withdrawn,
        deliveries=await deliveries.end_deliveries(room, periods, now, dry),
        bodies=await ciphertexts.erase_bodies(room, now, dry),
        unnamed=unnamed,
        uploads=swept,
        messages=await records.remove_messages(room, periods, now, dry),
        consents=await consents.remove_consents(room, periods, now, dry)
        + await household_records.remove_records(room, periods, now, dry),
        counts=await counts.drop_small_counts(room, periods, now, dry),
        leftovers=left,
    )
