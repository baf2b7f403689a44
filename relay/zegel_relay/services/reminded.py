"""Whoever opens a message was reminded of the secrecy they owe (article 7): said, signed, before keys are handed out.

The word comes with the request that hands the message out, so it costs no second one; it is accepted and logged as any
record, first. A worker says it once for a message, and a partner's services once for all of them.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.casefile import CaseFile
from zegel_keys.exhibit import read
from zegel_keys.verification import read_payload
from zegel_protocol.errors import MalformedError
from zegel_protocol.objects import Declaration
from zegel_relay.services import archive
from zegel_relay.services.accept_object import accept_object
from zegel_relay.services.errors import Conflict
from zegel_relay.services.office import Office
from zegel_relay.services.reading import find_device


async def accept_reminded(office: Office, envelope: bytes, d: str) -> None:
    """Accept the word that came with asking for the message `d`.

    Raises `MalformedError` (`envelope.type`) for anything else, and as `accept_object`.
    """
    exhibit = read(envelope)
    payload = read_payload(envelope, Declaration)[0] if exhibit.kind == Declaration.KIND else None
    if payload is None or payload.manifest != d:
        raise MalformedError("envelope.type", "that one was reminded of secrecy for this message belongs here")
    await accept_object(office, envelope)


async def require_reminded(
    session: AsyncSession, case: CaseFile, d: str, partner: str, device: str | None, now: int
) -> None:
    """Return if who uses this device of a partner was reminded of secrecy for the message `d`.

    Under a rulebook without rules for the code nobody is asked. Raises `Conflict` (`secrecy.not-reminded`).
    """
    if case.setting.rulebook.payload.code is None:
        return
    asking = find_device(case.trust, partner, device, now) if device is not None else None
    shown = await archive.by_subject(session, (Declaration.KIND,), [d])
    said = [read_payload(item.envelope, Declaration)[0] for item in shown]
    if not any(
        item.partner == partner and (asking is None or item.worker == asking.worker)
        for item in said
        if item.manifest == d
    ):
        detail = "Whoever opens this message has not said that they were reminded of secrecy. Nothing was handed out."
        raise Conflict("secrecy.not-reminded", detail)
