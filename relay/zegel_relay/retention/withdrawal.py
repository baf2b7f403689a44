"""Messages that nobody has fetched and whose consents have all ended are withdrawn: no delivery can be allowed again.

A revocation withdraws at once, in its own transaction; delivery judges anew in any case. This is for what waits after
its last day.
"""

from sqlalchemy import select, update

from zegel_keys.verification import read_payload
from zegel_protocol.objects import Consent
from zegel_relay.outbox.workroom import Workroom
from zegel_relay.services import archive
from zegel_relay.storage.database import writing
from zegel_relay.storage.models import Message, MessageConsent, MessageDelivery

_WAITING = (
    MessageDelivery.reader.startswith("partner:", autoescape=True),
    MessageDelivery.delivered_at.is_(None),
    MessageDelivery.withdrawn_at.is_(None),
)


async def withdraw_ended(room: Workroom, now: int, dry: bool = False) -> int:
    """Withdraw what waits for a partner and rests on consents that are all over; return how many messages.

    `dry`: only count. Their senders are woken.
    """
    async with room.sessions() as session:
        waiting = select(MessageDelivery.message_d).where(*_WAITING)
        query = select(MessageConsent.message_d, MessageConsent.consent_d)
        resting: dict[str, set[str]] = {}
        for row in await session.execute(query.where(MessageConsent.message_d.in_(waiting))):
            resting.setdefault(row.message_d, set()).add(row.consent_d)
        consents = await archive.by_digest(session, {d for named in resting.values() for d in named})
        ended = {item.d for item in consents if read_payload(item.envelope, Consent)[0].not_after <= now}
        over = sorted(d for d, named in resting.items() if named <= ended)
        senders = sorted(set(await session.scalars(select(Message.sender).where(Message.d.in_(over)))))
    if over and not dry:
        async with writing(room.sessions) as session:
            which = MessageDelivery.message_d.in_(over), *_WAITING
            _ = await session.execute(update(MessageDelivery).where(*which).values(withdrawn_at=now))
        for sender in senders:
            room.wakeups.notify(sender)
    return len(over)
