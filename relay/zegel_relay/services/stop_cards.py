"""The cards of printed letters: registered by who tells somebody, looked at by who answers the telephone (article 7).

A look shows what is needed to judge and to prepare the stop, and nothing else of the family: no message, no other flow,
no request. It changes nothing, and what follows is a revocation like any other. Rules: `docs/spec/letter.md`.
"""

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.exhibit import Exhibit
from zegel_keys.verification import read_payload
from zegel_protocol.api import Bundle
from zegel_protocol.decision.age import who_signs
from zegel_protocol.evidence import Flow
from zegel_protocol.objects import Consent, Manifest, Person, Revocation, StopCard
from zegel_protocol.objects.consent import ByPasskey
from zegel_protocol.objects.manifest import OnConsent
from zegel_protocol.signed import Signed
from zegel_relay.outbox.promise import TELL
from zegel_relay.services import archive
from zegel_relay.services.effect import Effect
from zegel_relay.services.errors import Conflict, Forbidden, NotFound
from zegel_relay.services.held_back import is_held_back
from zegel_relay.services.mentions import signers_of
from zegel_relay.services.office import Office
from zegel_relay.services.reading import find_device
from zegel_relay.storage.models import OutboxItem, StoredNotice
from zegel_relay.storage.operation import Transaction

MISSES: Final = 6
"""Codes a minute that name nothing, of one device: who listens and types mishears no oftener."""


async def check_card(office: Office, tx: Transaction, held: Signed[StopCard]) -> Effect:
    """By the partner that owes it to the person to tell them, of consents that its message rests on.

    Raises `Conflict`: `stop-card.taken` (another card has this name), `stop-card.not-owed`, `stop-card.consents`,
    `stop-card.person` (they may not stop this for somebody whom the card names).
    """
    card = held.payload
    if await archive.newest(tx.session, StopCard.KIND, card.name) is not None:
        raise Conflict("stop-card.taken", "A card of this name is there already. Print the letter with a new code.")
    manifest = await _told_by(tx.session, card)
    basis = manifest.basis
    chained = {flow: await _consents(tx.session, flow) for flow in _flows(card, card.about)}
    if (
        not isinstance(basis, OnConsent)
        or not set(card.consents) <= set(basis.consents)
        or (card.sender, card.to, card.household) != (manifest.sender.party, manifest.to, manifest.household)
        or any(not set(card.consents) & consents.keys() for consents in chained.values())
        or not set(card.consents) <= {d for consents in chained.values() for d in consents}
        or card.until > max(item.not_after for consents in chained.values() for item in consents.values())
    ):
        raise Conflict("stop-card.consents", "The message rests on other consents, or these end before the card does.")
    if await _stoppable(tx.session, card, tx.now) != set(card.about):
        raise Conflict("stop-card.person", "This person does not say yes or no for everyone whom the card names.")
    return Effect()


async def look(office: Office, session: AsyncSession, asker: tuple[str, str], name: str, now: int) -> Bundle:
    """Return a card with what a stop needs, to a worker's device (`asker`: partner and device) of any listed partner.

    The setting, the card, the persons whom it can stop for, their chains of this one flow with statuses, and who signed
    in these. Raises `Forbidden` (`stop-code.worker`) or `NotFound` (`stop-code.unknown`: there is none, its days are
    over, or its person may stop nothing any more).
    """
    device = find_device(await office.trust(session), *asker, now)
    if device is None or device.worker is None:
        raise Forbidden("stop-code.worker", "A worker answers the telephone; a service does not. Nothing was shown.")
    shown = await archive.newest(session, StopCard.KIND, name)
    card = read_payload(shown.envelope, StopCard)[0] if shown is not None else None
    about = await _stoppable(session, card, now) if card is not None and now < card.until else set()
    if shown is None or card is None or not about:
        raise NotFound(
            "stop-code.unknown",
            "No letter of this Huis has this code, or its days are over. Nothing was stopped. Have it read out again; "
            "the person can also say stop without a code, to the partner that wrote the letter.",
        )
    flows = _flows(card, sorted(about))
    chained = await archive.chains(session, flows)
    # Who signed by passkey: nobody else's keys are needed to check the chain.
    touched = [item for item in chained if isinstance(_link(item).evidence, ByPasskey)]
    people = await archive.clients(session, {*about, card.person, *signers_of(touched)})
    statuses = await office.signed_statuses(session, flows, now)
    return await archive.bundle(session, [*await office.setting(session), *people, shown, *chained, *statuses], "")


async def _told_by(session: AsyncSession, card: StopCard) -> Manifest:
    """Return the message of the card's notice. Raises `Conflict` (`stop-card.not-owed`)."""
    notice = await session.get(StoredNotice, card.notice)
    owed = OutboxItem.kind == TELL, OutboxItem.subject == f"partner:{card.partner}", OutboxItem.object_d == card.notice
    early = await session.scalar(select(StoredNotice.d).where(StoredNotice.d == card.notice, is_held_back()))
    owes = await session.scalar(select(OutboxItem.id).where(*owed))
    if notice is None or notice.person != card.person or early is not None or owes is None:
        raise Conflict("stop-card.not-owed", "This partner does not owe it to this person to tell them of that.")
    return read_payload((await archive.by_digest(session, [notice.message_d]))[0].envelope, Manifest)[0]


async def _consents(session: AsyncSession, flow: Flow) -> Mapping[str, Consent]:
    shown = await archive.chains(session, [flow])
    return {item.d: read_payload(item.envelope, Consent)[0] for item in shown if item.kind == Consent.KIND}


def _link(item: Exhibit) -> Consent | Revocation:
    if item.kind == Consent.KIND:
        return read_payload(item.envelope, Consent)[0]
    return read_payload(item.envelope, Revocation)[0]


def _flows(card: StopCard, about: Collection[str]) -> list[Flow]:
    return [(person, card.sender.key, card.to.key) for person in about]


async def _stoppable(session: AsyncSession, card: StopCard, now: int) -> set[str]:
    """Return for whom of a card its person may say stop by what is known now: themselves, and who cannot yet."""
    shown = await archive.by_subject(session, (Person.KIND,), card.about)
    newest = {item.person: item for item in (read_payload(held.envelope, Person)[0] for held in shown)}
    return {
        person
        for person, known in newest.items()
        if known.household == card.household and (person == card.person or card.person in who_signs(known, now))
    }
