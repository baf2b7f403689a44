"""Accepting a countersignature (article 10): the second signature of an alarm, or the review of a notice that waits.

A second signature is another worker's than the sender's, of any partner but the one that was warned, and counts also
when it is late. A notice waits longer only while partners that are neither sender nor recipient say so, each for a
while, each once; one that does not agree ends the waiting. `docs/spec/receipts.md`.
"""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.verification import read_payload
from zegel_protocol.durations import DAY
from zegel_protocol.objects import Countersignature, Manifest
from zegel_protocol.signed import Place, Signed
from zegel_protocol.words import SECOND_SIGNATURE
from zegel_relay.outbox.promise import RELEASE, WAITING
from zegel_relay.services import archive
from zegel_relay.services.alarm_course import asks_second_signature
from zegel_relay.services.deadlines import close_deadlines
from zegel_relay.services.effect import Effect
from zegel_relay.services.errors import Conflict, NotFound
from zegel_relay.services.held_back import is_held_back
from zegel_relay.services.office import Office
from zegel_relay.services.records import worker_of
from zegel_relay.storage.batch import OUTBOX_KEY
from zegel_relay.storage.models import Message, OutboxItem, StoredNotice
from zegel_relay.storage.operation import Transaction, Update


async def check_countersignature(office: Office, tx: Transaction, held: Signed[Countersignature]) -> Effect:
    """Return what a countersignature changes.

    Raises `NotFound` (`countersignature.unknown`) or `Conflict` (`countersignature.not-asked`, `.same-worker`,
    `.again`, `.party`, `.late`, `.too-long`).
    """
    payload = held.payload
    message = await tx.session.get(Message, payload.manifest)
    shown = await archive.by_digest(tx.session, [payload.manifest])
    if message is None or not shown or shown[0].place is None:
        raise NotFound("countersignature.unknown", "No such message is known here. Check its name; nothing was signed.")
    manifest, place = read_payload(shown[0].envelope, Manifest)[0], shown[0].place
    if payload.what == "second":
        await _check_second(office, tx, held, manifest, place)
        ended = close_deadlines(SECOND_SIGNATURE, message.d, tx.now, by_d=held.d)
        return Effect(updates=(ended,) if payload.agrees else (), wake=(message.sender, message.recipient))
    await _check_delay(office, tx, payload, message)
    moved = _moved(message.d, payload.until if payload.until is not None else tx.now)
    return Effect(updates=moved, wake=(message.sender, OUTBOX_KEY))


async def _reviews(session: AsyncSession, message_d: str) -> list[Countersignature]:
    """Return the reviews of a message's delay that were accepted before."""
    shown = await archive.by_subject(session, (Countersignature.KIND,), [message_d])
    said = (read_payload(item.envelope, Countersignature)[0] for item in shown)
    return [item for item in said if item.what == "delay"]


async def _check_second(
    office: Office,
    tx: Transaction,
    held: Signed[Countersignature],
    manifest: Manifest,
    place: Place,
) -> None:
    trust = await office.trust(tx.session)
    if trust.setting is None or not asks_second_signature(manifest, trust.setting.rulebook.payload):
        detail = "This message needs no second signature. It stands as it is; nothing was signed."
        raise Conflict("countersignature.not-asked", detail)
    if held.payload.partner == manifest.to.partner:
        detail = "Whoever was warned does not sign the warning. A colleague of the sender does, or another partner."
        raise Conflict("countersignature.party", detail)
    workers = {signer.worker for signer in held.signed_by("device")}
    if held.payload.partner == manifest.sender.partner and worker_of(trust, manifest, place) in workers:
        detail = "The second signature is another worker's than the one who sent it. Ask a colleague to look and sign."
        raise Conflict("countersignature.same-worker", detail)
    known = await _signed_by(office, tx, held.payload)
    if workers & known:
        raise Conflict("countersignature.again", "This worker has signed this message already. The first word stands.")


async def _signed_by(office: Office, tx: Transaction, payload: Countersignature) -> set[str | None]:
    """Return the workers of the same partner who said so before."""
    shown = await archive.by_subject(tx.session, (Countersignature.KIND,), [payload.manifest])
    case = await office.case(tx.session, (), (), shown, tx.now)
    said = case.records.all(Countersignature, payload.manifest)
    same = [held for held in said if held.payload.what == payload.what and held.payload.partner == payload.partner]
    return {signer.worker for held in same for signer in held.signed_by("device")}


async def _check_delay(office: Office, tx: Transaction, payload: Countersignature, message: Message) -> None:
    party = f"partner:{payload.partner}"
    if party in (message.sender, message.recipient):
        detail = "Sender and recipient do not review their own delay. Ask a partner that is neither."
        raise Conflict("countersignature.party", detail)
    if any(item.partner == payload.partner for item in await _reviews(tx.session, message.d)):
        detail = "This partner has reviewed this delay already. Each time another one does; the notice keeps its day."
        raise Conflict("countersignature.again", detail)
    own = StoredNotice.message_d == message.d
    delayed = select(StoredNotice.d).where(own, StoredNotice.not_before > message.accepted_at)
    if await tx.session.scalar(delayed) is None:
        raise Conflict("countersignature.not-asked", "The persons of this message were told at once. Nothing waits.")
    waiting = select(StoredNotice.due_at).where(own, is_held_back(), StoredNotice.due_at > tx.now)
    if await tx.session.scalar(waiting) is None:
        raise Conflict("countersignature.late", "The notice is not waiting any more: the persons are told.")
    if payload.until is None:
        return
    trust = await office.trust(tx.session)
    if trust.setting is None:
        raise Conflict("huis.not-founded", "This Huis has no directory yet.")
    rules = trust.setting.rulebook.payload.safety
    latest = min(tx.now + rules.delay_reviewed_days * DAY, message.accepted_at + rules.delay_absolute_days * DAY)
    if payload.until > latest:
        detail = (
            f"A review lets a notice wait {rules.delay_reviewed_days} days, and all of them together "
            f"{rules.delay_absolute_days}. The notice keeps its day; choose an earlier one."
        )
        raise Conflict("countersignature.too-long", detail)
    if payload.until <= tx.now:
        raise Conflict("countersignature.late", "This day is past. To end the waiting, say that you do not agree.")


def _moved(message_d: str, until: int) -> tuple[Update, ...]:
    """Return the statements that let the notices of a message that wait fall due at another time."""
    own = StoredNotice.message_d == message_d, is_held_back()
    notices = select(StoredNotice.d).where(*own)
    promised = OutboxItem.kind == RELEASE, OutboxItem.object_d.in_(notices), OutboxItem.state == WAITING
    return (
        update(StoredNotice).where(*own).values(due_at=until),
        update(OutboxItem).where(*promised).values(due_at=until),
    )
