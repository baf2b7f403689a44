"""A partner's shared inbox: accepting who deals with a message and who is away, and showing both to that partner.

Nobody else is shown any of it: how a team divides its work is its own. Article 5 of the duties.
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_protocol.api import Bundle
from zegel_protocol.objects import Absence, Assignment
from zegel_protocol.signed import Signed
from zegel_relay.services import archive
from zegel_relay.services.effect import Effect
from zegel_relay.services.errors import Conflict, NotFound
from zegel_relay.services.office import Office
from zegel_relay.storage.models import MessageDelivery, StoredObject
from zegel_relay.storage.operation import Transaction


async def check_assignment(office: Office, tx: Transaction, held: Signed[Assignment]) -> Effect:
    """A message that this partner received, given to a worker who has a device there."""
    said = held.payload
    if await tx.session.get(MessageDelivery, (said.manifest, f"partner:{said.partner}")) is None:
        raise NotFound("message.unknown", "No such message is known here for this reader.")
    await _check_workers(office, tx, said.partner, said.worker)
    return Effect(wake=(f"partner:{said.partner}",))


async def check_absence(office: Office, tx: Transaction, held: Signed[Absence]) -> Effect:
    """Both are workers of the partner."""
    said = held.payload
    await _check_workers(office, tx, said.partner, said.worker, said.substitute)
    return Effect(wake=(f"partner:{said.partner}",))


async def _check_workers(office: Office, tx: Transaction, partner: str, *workers: str) -> None:
    trust = await office.trust(tx.session)
    known = {device.worker for device in trust.devices(partner, None)}
    if not set(workers) <= known:
        raise Conflict("worker.unknown", "No device of this partner belongs to that worker.")


async def read_desk(session: AsyncSession, partner: str) -> Bundle:
    """Return a partner's assignments and absences, with the setting to check them by."""
    received = select(MessageDelivery.message_d).where(MessageDelivery.reader == f"partner:{partner}")
    assigned = StoredObject.kind == Assignment.KIND, StoredObject.subject.in_(received)
    shown = await archive.matching(session, *assigned)
    # A message has one partner that receives it, so what stands under it is that partner's own.
    shown += await archive.by_subject(session, (Absence.KIND,), [partner])
    return await archive.bundle(session, [*await archive.setting(session), *shown], f"partner:{partner}")
