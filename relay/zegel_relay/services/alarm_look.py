"""Showing an alarm to who is asked to sign it second: a manifest that holds no content, to whoever was told its name.

Who works alone asks a worker elsewhere, by phone, and reads them its digest: 256 bits that nobody guesses (article 10,
`docs/decisions/0045-a-second-signature-from-elsewhere.md`). Nothing else goes along: no line of any entry, no key, no
notice, nothing of a household, and no word of who signed before.
"""

from msgspec import Raw
from msgspec.structs import replace
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.envelopes import new_nonce
from zegel_keys.verification import read_payload
from zegel_protocol.api import Bundle, Held
from zegel_protocol.objects import Manifest, Receipt
from zegel_protocol.words import SECOND_SIGNATURE
from zegel_relay.services import archive
from zegel_relay.services.errors import NotFound
from zegel_relay.services.office import Office
from zegel_relay.storage.models import Deadline


async def read_alarm(office: Office, session: AsyncSession, d: str, partner: str) -> Bundle:
    """Return to `partner` the manifest of a message that a second signature is owed for, or was given, and the setting.

    One that names a person is shown to its sender's colleagues alone.

    Raises `NotFound` (`alarm.unknown`): no such message is here, or it asks for no second signature.
    """
    owed = Deadline.kind == SECOND_SIGNATURE, Deadline.object_d == d
    shown = await archive.by_digest(session, [d]) if await session.scalar(select(Deadline.d).where(*owed)) else []
    receipt = await archive.receipt(session, d)
    if not shown or receipt is None or not _may_look(read_payload(shown[0].envelope, Manifest)[0], partner):
        raise NotFound("alarm.unknown", "No message of this code waits for a second signature. Have it read out again.")
    setting = await archive.bundle(session, await office.setting(session), "")
    return Bundle(items=(*setting.items, Held(object=Raw(shown[0].envelope), receipt=Raw(_bare(office, receipt)))))


def _may_look(manifest: Manifest, partner: str) -> bool:
    """Whether `partner` may see it: a plan can name a person, and who knows a person's id may ask about them."""
    parties = [manifest.to, *(party for step in manifest.steps for party in (step.by, *step.others))]
    return manifest.sender.partner == partner or all(party.person is None for party in parties)


def _bare(office: Office, receipt: bytes) -> bytes:
    """Return a receipt for others than sender and reader: the place in the log, and how many were told stays out."""
    accepted = read_payload(receipt, Receipt)[0]
    return office.sign(replace(accepted, nonce=new_nonce(), wraps=(), notices=()))
