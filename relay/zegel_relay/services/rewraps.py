"""Giving a colleague's device the keys of a message: a device that holds them wraps them anew, for one other device.

The relay sees boxes, as when the message was sent. It checks that the partner was handed the message, that who wraps
and who gets it are devices of that partner, and that just the sections of its own are wrapped. Such keys stand under
the device's name beside the sender's, and go when those go. Rule: `docs/spec/sealing.md`.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.exhibit import read
from zegel_keys.trust import Trust
from zegel_keys.verification import read_payload, verify
from zegel_protocol.errors import MalformedError
from zegel_protocol.objects import Prekeys, Wraps
from zegel_protocol.objects.wraps import Wrap
from zegel_relay.services import archive
from zegel_relay.services.errors import Conflict, NotFound
from zegel_relay.services.office import Office
from zegel_relay.services.sealed_parts import check_wrap, key_digest
from zegel_relay.storage.database import writing
from zegel_relay.storage.models import MessageDelivery, MessageEntry, MessageWraps

FOR_DEVICE: Final = "rewrap:"
"""How the reader of such keys is named in `wraps`, before the device's id."""


async def give_keys(office: Office, partner: str, d: str, envelope: bytes, now: int) -> None:
    """Store the keys of message `d` that a device of `partner` wrapped for another one; the newest for a device counts.

    Raises `NotFound` (`message.unknown`), `Conflict` (`message.withdrawn`, `message.erased`, `wraps.key`,
    `wraps.held`), or `ProtocolError` (`wraps.*`, and what verification raises).
    """
    exhibit, own = read(envelope), f"partner:{partner}"
    async with writing(office.sessions) as session:
        row = await session.get(MessageDelivery, (d, own), with_for_update=True)
        if row is None or row.delivered_at is None:
            raise NotFound("message.unknown", "No such message is known here for this reader.")
        if row.withdrawn_at is not None:
            raise Conflict("message.withdrawn", "This message was withdrawn before it was handed out.")
        if row.erased_at is not None:
            raise Conflict("message.erased", "The period for which this message is kept is over. It is not here.")
        trust = await office.trust(session)
        wraps = verify(exhibit.envelope, Wraps, trust).payload
        if (wraps.manifest, wraps.reader.key, wraps.sealer.partner) != (d, own, partner) or len(wraps.wraps) != 1:
            raise MalformedError("wraps.foreign", "wraps belong to another manifest or sealer, or to several devices")
        (wrap,) = wraps.wraps
        check_wrap(wrap, await _due(session, d, own))
        device = await _device_of(session, trust, partner, wrap, now)
        await _check_needed(session, d, own, wrap)
        reader = f"{FOR_DEVICE}{device}"
        await session.execute(delete(MessageWraps).where(MessageWraps.message_d == d, MessageWraps.reader == reader))
        session.add(MessageWraps(d=exhibit.d, message_d=d, reader=reader, envelope=exhibit.envelope))


async def _check_needed(session: AsyncSession, d: str, own: str, wrap: Wrap) -> None:
    """Return if the sender wrapped nothing for this key: a colleague's box never takes the place of the sender's."""
    sent = await session.scalar(
        select(MessageWraps.envelope).where(MessageWraps.message_d == d, MessageWraps.reader == own)
    )
    if sent is not None and any(item.key == wrap.key for item in read_payload(sent, Wraps)[0].wraps):
        raise Conflict("wraps.held", "That device has the sender's own keys of this message. It needs no others.")


async def keys_for(session: AsyncSession, d: str, device: str | None) -> bytes | None:
    """Return the keys of a message that a colleague wrapped for this device, or None."""
    which = MessageWraps.message_d == d, MessageWraps.reader == f"{FOR_DEVICE}{device}"
    return await session.scalar(select(MessageWraps.envelope).where(*which)) if device is not None else None


async def forget_keys(session: AsyncSession, messages: Sequence[str]) -> None:
    """Delete what colleagues wrapped of these messages: with the keys of the partner whose they are."""
    rewrapped = MessageWraps.reader.startswith(FOR_DEVICE, autoescape=True)
    await session.execute(delete(MessageWraps).where(MessageWraps.message_d.in_(messages), rewrapped))


async def _due(session: AsyncSession, d: str, reader: str) -> set[int]:
    entries = await session.scalars(select(MessageEntry).where(MessageEntry.message_d == d))
    return {entry.n for entry in entries if reader in entry.readers.split(" ")}


async def _device_of(session: AsyncSession, trust: Trust, partner: str, wrap: Wrap, now: int) -> str:
    """Return the device of this partner whose key in force the keys are wrapped for. Raises `Conflict`."""
    listed = [device.device for device in trust.devices(partner, None)]
    for exhibit in await archive.prekeys(session, partner, listed):
        prekeys, d = read_payload(exhibit.envelope, Prekeys)
        current = prekeys.current(now)
        if d == wrap.source and current is not None and key_digest(current.seal_key) == wrap.key:
            return prekeys.device
    raise Conflict("wraps.key", "A key was sealed to that is not in force. Fetch the keys and seal anew.")
