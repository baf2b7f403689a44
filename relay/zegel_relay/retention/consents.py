"""Consents, revocations and the requests they answer, once they are over and no message rests on them any more.

A chain is verified from its first link, and one object may stand in the chains of several persons. So the chains of one
household from one sender to one recipient go together and whole, or stay together and whole.
"""

from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.exhibit import Exhibit
from zegel_keys.verification import read_payload
from zegel_protocol.durations import DAY
from zegel_protocol.objects import Consent, ConsentRequest, Revocation
from zegel_protocol.objects.rulebook import RetentionRules
from zegel_relay.outbox.workroom import Workroom
from zegel_relay.retention.records import minors_until
from zegel_relay.retention.rules import BATCH
from zegel_relay.services import archive
from zegel_relay.storage.database import writing
from zegel_relay.storage.models import ChainEntry, Message, MessageConsent, OutboxItem, StoredObject, StoredReceipt
from zegel_relay.storage.postgres import hold_log

_LINKS: Final = (Consent.KIND, Revocation.KIND)


async def remove_consents(room: Workroom, rules: RetentionRules, now: int, dry: bool) -> int:
    """Remove what is over of consents, revocations and requests; return how many objects. `dry`: only count."""
    removed, after = 0, ""
    while True:
        async with room.sessions() as session:
            households = await _old_households(session, rules, now, after)
        if not households:
            return removed
        after = households[-1]
        for household in households:
            async with writing(room.sessions) as session:
                # Nothing is accepted between the look and the deed.
                await hold_log(session, shared=False)
                over = await _over(session, household, rules, now)
                removed += len(over)
                if over and not dry:
                    await _remove(session, over)


async def _old_households(session: AsyncSession, rules: RetentionRules, now: int, after: str) -> list[str]:
    # Of all these kinds the subject is the household.
    old = (
        StoredObject.kind.in_((*_LINKS, ConsentRequest.KIND)),
        StoredObject.accepted_at <= now - rules.record_days * DAY,
        StoredObject.subject > after,
    )
    query = select(StoredObject.subject).where(*old).distinct().order_by(StoredObject.subject).limit(BATCH)
    return list(await session.scalars(query))


async def _over(session: AsyncSession, household: str, rules: RetentionRules, now: int) -> list[str]:
    """Return the `D` of a household's consents, revocations and requests that are over."""
    before = now - rules.record_days * DAY
    objects = await _objects(session, household)
    flows: dict[tuple[str, str], list[Exhibit]] = {}
    for item in objects:
        if item.kind in _LINKS:
            link = _link(item)
            flows.setdefault((link.sender.key, link.to.key), []).append(item)
    over: set[str] = set()
    for chained in flows.values():
        if await _is_over(session, chained, rules, before, now):
            over |= {item.d for item in chained}
    staying = (item for item in objects if item.kind == Consent.KIND and item.d not in over)
    kept = {read_payload(item.envelope, Consent)[0].request for item in staying}
    asked = (item for item in objects if item.kind == ConsentRequest.KIND and item.d not in kept)
    return sorted(over | {item.d for item in asked if item.place is not None and item.place.at <= before})


async def _is_over(session: AsyncSession, chained: list[Exhibit], rules: RetentionRules, before: int, now: int) -> bool:
    people: set[str] = set()
    for item in chained:
        link = _link(item)
        people |= set(link.about)
        # A consent is over when its period is, a revocation when it was given.
        ended = link.not_after if isinstance(link, Consent) else 0
        if item.place is None or max(ended, item.place.at) > before:
            return False
    resting = (
        select(func.count())
        .select_from(MessageConsent)
        .join(Message, Message.d == MessageConsent.message_d)
        .where(MessageConsent.consent_d.in_([item.d for item in chained]))
    )
    if await session.scalar(resting):
        return False
    return await minors_until(session, people, rules) <= now


def _link(item: Exhibit) -> Consent | Revocation:
    if item.kind == Consent.KIND:
        return read_payload(item.envelope, Consent)[0]
    return read_payload(item.envelope, Revocation)[0]


async def _objects(session: AsyncSession, household: str) -> list[Exhibit]:
    kinds = (*_LINKS, ConsentRequest.KIND)
    query = select(StoredObject.d).where(StoredObject.subject == household, StoredObject.kind.in_(kinds))
    return await archive.by_digest(session, await session.scalars(query))


async def _remove(session: AsyncSession, over: list[str]) -> None:
    for statement in (
        delete(ChainEntry).where(ChainEntry.d.in_(over)),
        delete(StoredReceipt).where(StoredReceipt.object_d.in_(over)),
        delete(OutboxItem).where(OutboxItem.object_d.in_(over)),
        delete(StoredObject).where(StoredObject.d.in_(over)),
    ):
        _ = await session.execute(statement)
