"""Revocation that travels: whoever was handed what is no longer shared is asked to erase it, and answers (article 7).

Asked are recipients, by a revocation, by a consent that replaces a wider one, or by a finding of the steward. Nobody
learns here who asked: of one parent's yes or no, the other is told nothing that they could not see anyway.
"""

from collections.abc import Callable, Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.exhibit import Exhibit
from zegel_keys.verification import read_payload
from zegel_protocol.decision.age import who_signs
from zegel_protocol.durations import DAY
from zegel_protocol.encoding import decode
from zegel_protocol.objects import Consent, Entry, Finding, Notice, Person, Revocation
from zegel_protocol.objects.rulebook import Rulebook
from zegel_protocol.objects.scope import Scope
from zegel_protocol.words import ERASURE
from zegel_relay.services import archive
from zegel_relay.services.deadlines import open_deadline
from zegel_relay.services.held_back import is_held_back
from zegel_relay.storage.models import Deadline, MessageConsent, MessageDelivery, MessageEntry, StoredNotice
from zegel_relay.storage.operation import Transaction


def ask_erasure(asking: str, message_d: str, owner: str, rulebook: Rulebook, now: int) -> Deadline:
    """Return what `owner` (a `Party.key`) owes now: an answer to `asking`, the `D` of what asks it to erase."""
    due = now + rulebook.follow_up.erasure_days * DAY
    return open_deadline(ERASURE, owner, asking, due, now, message_d=message_d)


async def after_revocation(tx: Transaction, d: str, payload: Revocation, rulebook: Rulebook) -> tuple[Deadline, ...]:
    """Return what the recipient owes after a revocation: an answer for each message that it was handed."""
    handed = await _handed(tx.session, payload.revokes, payload.to.key)
    return tuple(ask_erasure(d, message, payload.to.key, rulebook, tx.now) for message in handed)


async def after_narrowing(tx: Transaction, d: str, payload: Consent, rulebook: Rulebook) -> tuple[Deadline, ...]:
    """Return what the recipient owes after a consent that replaces others: for each message that holds more than it."""
    if not payload.replaces:
        return ()
    categories = {item.id for item in rulebook.categories}
    replaced = await archive.by_digest(tx.session, payload.replaces)
    other = {item.d for item in replaced if read_payload(item.envelope, Consent)[0].purpose != payload.purpose}

    def is_beyond(entry: Entry) -> bool:
        concerned = entry.type in categories and not set(payload.about).isdisjoint(entry.about)
        return concerned and payload.to in entry.readers and not _covers(payload.types, entry)

    found: list[Deadline] = []
    for message in await _handed(tx.session, payload.replaces, payload.to.key):
        rests = select(MessageConsent.consent_d).where(MessageConsent.message_d == message)
        for_other = not other.isdisjoint(await tx.session.scalars(rests))
        if for_other or await _holds(tx.session, message, is_beyond):
            found.append(ask_erasure(d, message, payload.to.key, rulebook, tx.now))
    return tuple(found)


async def may_know(session: AsyncSession, person: str, asking: str, now: int) -> bool:
    """Whether a person may know that `asking` asked a partner to erase: those who signed it, or whose yes it is.

    Of a finding, everyone who is told of its section.
    """
    shown = await archive.by_digest(session, [asking])
    return any([await _may_know(session, person, item, now) for item in shown])


async def _may_know(session: AsyncSession, person: str, shown: Exhibit, now: int) -> bool:
    if shown.kind == Finding.KIND:
        found, _ = read_payload(shown.envelope, Finding)
        return await is_told_of(session, person, found.manifest, found.n)
    payload: Consent | Revocation
    if shown.kind == Consent.KIND:
        payload, _ = read_payload(shown.envelope, Consent)
    elif shown.kind == Revocation.KIND:
        payload, _ = read_payload(shown.envelope, Revocation)
    else:
        return False
    if person in payload.about or any(signer.person == person for signer in payload.signers):
        return True
    people = await archive.by_subject(session, (Person.KIND,), payload.about)
    newest = {item.person: item for item in (read_payload(held.envelope, Person)[0] for held in people)}
    # As with the consents themselves: whoever says yes for all of them sees what was taken back.
    return bool(newest) and all(person in who_signs(item, now) for item in newest.values())


async def is_told_of(session: AsyncSession, person: str, message: str, n: int) -> bool:
    """Whether a person is told, by now, of section `n` of a message."""
    matching = StoredNotice.message_d == message, StoredNotice.person == person, ~is_held_back()
    notices = await session.scalars(select(StoredNotice.envelope).where(*matching))
    named = {entry for envelope in notices for entry in read_payload(envelope, Notice)[0].entries}
    query = select(MessageEntry.d).where(MessageEntry.message_d == message, MessageEntry.n == n)
    return await session.scalar(query) in named


async def without_foreign(session: AsyncSession, person: str, shown: Iterable[Exhibit]) -> list[Exhibit]:
    """Return these objects without the findings about sections that a person is not told of."""
    found: list[Exhibit] = []
    for item in shown:
        if item.kind == Finding.KIND:
            finding, _ = read_payload(item.envelope, Finding)
            if not await is_told_of(session, person, finding.manifest, finding.n):
                continue
        found.append(item)
    return found


async def _handed(session: AsyncSession, consents: Iterable[str], reader: str) -> list[str]:
    """Return the messages on these consents that `reader` was handed, in the order of the log."""
    query = (
        select(MessageDelivery.message_d, MessageDelivery.log_index)
        .join(MessageConsent, MessageConsent.message_d == MessageDelivery.message_d)
        .where(
            MessageConsent.consent_d.in_(list(consents)),
            MessageDelivery.reader == reader,
            MessageDelivery.delivered_at.is_not(None),
        )
        .distinct()
        .order_by(MessageDelivery.log_index)
    )
    return [row.message_d for row in await session.execute(query)]


async def _holds(session: AsyncSession, message: str, is_beyond: Callable[[Entry], bool]) -> bool:
    payloads = await session.scalars(select(MessageEntry.payload).where(MessageEntry.message_d == message))
    return any(is_beyond(decode(payload, Entry)) for payload in payloads)


def _covers(types: tuple[Scope, ...], entry: Entry) -> bool:
    return any(item.type == entry.type and item.form in (entry.form, "whole") for item in types)
