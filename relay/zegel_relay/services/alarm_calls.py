"""Alarms that nobody has opened yet, as their recipient's devices are shown them: beside everything else, and first.

Which device is called follows from the desk's rota: the first of the shift, and after the rulebook's minutes the others
too. With no shift, every device is called: whoever sent it was told so, and nobody is to miss it.
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.verification import read_payload
from zegel_protocol.api import UrgentItem
from zegel_protocol.objects import Rota
from zegel_relay.services import archive
from zegel_relay.services.alarm_course import SECOND_DEVICE
from zegel_relay.storage.models import Deadline, Message, MessageDelivery

MOST = 50
"""Most unopened alarms that are shown at once; the others show as these are opened."""


async def unopened_alarms(session: AsyncSession, reader: str, device: str | None, now: int) -> tuple[UrgentItem, ...]:
    """Return the alarms that `reader` (a `Party.key`) has not opened, the oldest first, as `device` is shown them."""
    query = (
        select(MessageDelivery, Message.accepted_at)
        .join(Message, Message.d == MessageDelivery.message_d)
        .where(
            MessageDelivery.reader == reader,
            MessageDelivery.called_at.is_not(None),
            MessageDelivery.withdrawn_at.is_(None),
            MessageDelivery.erased_at.is_(None),
        )
        .order_by(MessageDelivery.log_index)
        .limit(MOST)
    )
    rows = (await session.execute(query)).all()
    if not rows:
        return ()
    on_call = await _on_call(session, reader, now)
    waiting = [delivery.message_d for delivery, _ in rows]
    further = select(Deadline.object_d).where(Deadline.object_d.in_(waiting), Deadline.kind == SECOND_DEVICE)
    all_called = set(await session.scalars(further))
    return tuple(
        UrgentItem(
            index=delivery.log_index,
            manifest=delivery.message_d,
            since=since,
            called=delivery.called_at or since,
            yours=_is_called(device, on_call, everyone=delivery.message_d in all_called),
        )
        for delivery, since in rows
    )


def _is_called(device: str | None, on_call: tuple[str, ...], *, everyone: bool) -> bool:
    return not on_call or device in (on_call if everyone else on_call[:1])


async def _on_call(session: AsyncSession, reader: str, now: int) -> tuple[str, ...]:
    """Return the devices of the shift that is on call, in the order of calling; none where nobody is."""
    held = await archive.newest(session, Rota.KIND, reader.removeprefix("partner:"))
    shift = read_payload(held.envelope, Rota)[0].shift_at(now) if held is not None else None
    return shift.devices if shift is not None else ()
