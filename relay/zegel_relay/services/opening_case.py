"""The case of an opening proof: all that a steward needs to check one without the relay, and not a byte of content.

A reader reveals one section's key to the steward (`docs/spec/sealing.md`). Whether the sender signed that section is
shown by the manifest, its entries, and the keys of the setting as they were at the message's place in the log.
"""

import msgspec
from msgspec import Raw
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.verification import read_payload
from zegel_protocol import b64
from zegel_protocol.api import Bundle
from zegel_protocol.objects import Manifest
from zegel_relay.services import archive
from zegel_relay.services.errors import NotFound
from zegel_relay.storage.models import (
    Equivocation,
    LogHead,
    Message,
    MessageEntry,
    MessageEvent,
    MessageWraps,
    StoredReceipt,
)


class AudienceReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt's envelope, and whom it was for: a `Party.key`, or nothing for the sender."""

    audience: str
    receipt: Raw


class OpeningCase(msgspec.Struct, frozen=True, kw_only=True):
    """One message as the relay holds it. Envelopes stand as they were signed; `entries` are payloads as base64url.

    - `evidence`: the setting of the Huis, with receipts; and the keys of the person who sent it, if one did.
    - `wraps`: what the sender wrapped for each reader, as far as it was not erased.
    - `receipts`: what each audience was given, with the proof of the message's place in the log.
    - `acknowledgements`: what readers said became of it, with receipts.
    - `equivocations`: other manifests that the sender signed under the same id.
    - `checkpoint`: the log's newest signed checkpoint.
    """

    v: int = 1
    manifest: Raw
    entries: tuple[str, ...]
    wraps: tuple[Raw, ...]
    receipts: tuple[AudienceReceipt, ...]
    acknowledgements: Bundle
    equivocations: tuple[Raw, ...]
    evidence: Bundle
    checkpoint: str


async def read_case(session: AsyncSession, name: str) -> OpeningCase:
    """Return the case of the message whose id or manifest `D` is `name`. Raises `NotFound` (`message.unknown`)."""
    message = await session.scalar(select(Message).where(or_(Message.id == name, Message.d == name)))
    found = await archive.by_digest(session, [message.d]) if message is not None else []
    if message is None or not found:
        raise NotFound("message.unknown", "The relay holds no message of this id or digest, or holds it no longer.")
    manifest, _ = read_payload(found[0].envelope, Manifest)
    sender = [manifest.sender.person] if manifest.sender.person is not None else []
    setting = [*await archive.setting(session), *await archive.clients(session, sender)]
    said = await session.scalars(select(MessageEvent.d).where(MessageEvent.message_d == message.d))
    entries = select(MessageEntry.payload).where(MessageEntry.message_d == message.d).order_by(MessageEntry.n)
    wraps = select(MessageWraps.envelope).where(MessageWraps.message_d == message.d).order_by(MessageWraps.reader)
    given = select(StoredReceipt).where(StoredReceipt.object_d == message.d).order_by(StoredReceipt.audience)
    twice = select(Equivocation.envelope).where(Equivocation.id == message.id).order_by(Equivocation.refused_at)
    return OpeningCase(
        manifest=Raw(found[0].envelope),
        entries=tuple(b64.encode(payload) for payload in await session.scalars(entries)),
        wraps=tuple(Raw(envelope) for envelope in await session.scalars(wraps)),
        receipts=tuple(
            AudienceReceipt(audience=row.audience, receipt=Raw(row.envelope)) for row in await session.scalars(given)
        ),
        acknowledgements=await archive.bundle(session, await archive.by_digest(session, said), ""),
        equivocations=tuple(Raw(envelope) for envelope in await session.scalars(twice)),
        evidence=await archive.bundle(session, setting, ""),
        checkpoint=await session.scalar(select(LogHead.checkpoint)) or "",
    )
