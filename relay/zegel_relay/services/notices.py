"""Making notices: for each person who is told, the entries that concern them and no others; and promising the telling.

A notice and the work that follows from it (a ping, a duty to tell in person) are rows of one transaction. Of a notice
that waits (article 10), only its release is promised: nothing else of it is anywhere before (`notify.release`).
"""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import select

from zegel_keys.casefile import CaseFile
from zegel_keys.envelopes import new_nonce
from zegel_keys.exhibit import read
from zegel_protocol.decision.age import told_together
from zegel_protocol.objects import Consent, Entry, Manifest, Notice
from zegel_protocol.objects.manifest import OnConsent
from zegel_protocol.objects.notice import (
    ALARM,
    CODE_FIRST,
    DELAYED,
    EXPIRED_DIRECTORY,
    NO_CONSENT,
    PARTLY_WITHHELD,
    WITHOUT_DEVICE,
)
from zegel_protocol.objects.rulebook import Rulebook
from zegel_protocol.positions import first_position
from zegel_protocol.signed import Signed
from zegel_protocol.telling import due_to_tell, owes_telling
from zegel_relay.outbox.promise import PING, RELEASE, TELL, promise
from zegel_relay.services.alarm_course import is_urgent
from zegel_relay.services.office import Office
from zegel_relay.storage.models import ChainEntry, OutboxItem, StoredNotice
from zegel_relay.storage.operation import Transaction


async def make_notices(
    office: Office,
    case: CaseFile,
    manifest: Signed[Manifest],
    entries: Sequence[Signed[Entry]],
    tx: Transaction,
) -> list[StoredNotice]:
    """Return a signed notice a person who is told, as rows.

    Told are the persons that sections are about, and for a child under 12 those who hold authority over it and are not
    silenced for anyone in the section (`docs/spec/persons.md`). Nobody is told of a section about someone else only.
    """
    concerned: dict[str, list[Signed[Entry]]] = {}
    for held in entries:
        known = (case.clients.get(about) for about in held.payload.about)
        for person in told_together((client.current for client in known if client is not None), tx.now):
            concerned.setdefault(person, []).append(held)
    new = await _newcomers(case, concerned, tx)
    common = _codes_of_all(manifest.payload, case.setting.rulebook.payload, tx.now)
    if tx.now >= case.setting.directory.payload.expires:
        common |= {EXPIRED_DIRECTORY}
    rows = []
    for person in sorted(concerned):
        codes = common | _codes_of_one(case, person, concerned[person], tx.now)
        codes |= {CODE_FIRST} if person in new else set()
        rows.append(_row(office, manifest, person, concerned[person], codes, tx))
    return rows


def told_from(manifest: Manifest, now: int) -> int:
    """Return from when the persons of a message that is accepted at `now` are told: now, or as long as it may wait."""
    return max(now, manifest.delay.until) if manifest.delay is not None else now


def promise_telling(
    notices: Sequence[StoredNotice], case: CaseFile, manifest: Manifest, tx: Transaction
) -> Iterator[OutboxItem]:
    """Yield the work that notices promise: of those that wait, their release; of the others, the telling."""
    rulebook = case.setting.rulebook.payload
    for row in notices:
        if row.position is None:
            yield promise(RELEASE, f"person:{row.person}", row.d, row.due_at, tx.now)
        else:
            client = case.clients.get(row.person)
            without = client is None or client.key_now(tx.now) is None
            yield from telling_of(row, manifest, rulebook, tx.now, without_device=without)


def telling_of(
    row: StoredNotice, manifest: Manifest, rulebook: Rulebook, now: int, *, without_device: bool
) -> Iterator[OutboxItem]:
    """Yield the work of a notice that is there from `now` on: a ping, and for who has no keys a partner's duty to tell.

    Whoever chose no pings, or no contact, is found to be so when the ping is due.
    """
    yield promise(PING, f"person:{row.person}", row.d, now, now)
    owing = owes_telling(manifest)
    if owing is not None and without_device:
        yield promise(TELL, f"partner:{owing}", row.d, due_to_tell(now, rulebook), now)


async def _newcomers(case: CaseFile, people: Iterable[str], tx: Transaction) -> set[str]:
    """Return those who never signed a consent and were never told of anything: nobody showed them the code.

    A notice that waits does not count: the next one is then what it would be without it.
    """
    met = {
        signer.person
        for chain in case.chains.values()
        for held in chain
        if isinstance(held.payload, Consent)
        for signer in held.payload.signers
    }
    left = {person for person in people if person not in met}
    if left:
        told_before = StoredNotice.person.in_(sorted(left)), StoredNotice.position.is_not(None)
        left -= set(await tx.session.scalars(select(StoredNotice.person).where(*told_before).distinct()))
    if left:
        asked = ChainEntry.person.in_(sorted(left))
        left -= set(await tx.session.scalars(select(ChainEntry.person).where(asked).distinct()))
    return left


def _codes_of_all(manifest: Manifest, rulebook: Rulebook, now: int) -> set[str]:
    """Return the codes that every notice of a message has: they say how it was shared."""
    codes = set()
    if is_urgent(manifest, rulebook):
        codes.add(ALARM)
    if manifest.basis is not None and not isinstance(manifest.basis, OnConsent):
        codes.add(NO_CONSENT)
    if told_from(manifest, now) > now:
        codes.add(DELAYED)
    return codes


def _codes_of_one(case: CaseFile, person: str, entries: Sequence[Signed[Entry]], now: int) -> set[str]:
    client = case.clients.get(person)
    codes = set()
    if client is None or client.key_now(now) is None:
        codes.add(WITHOUT_DEVICE)
    if any(item.person == person for held in entries for item in held.payload.withheld):
        codes.add(PARTLY_WITHHELD)
    return codes


def _row(
    office: Office,
    manifest: Signed[Manifest],
    person: str,
    entries: list[Signed[Entry]],
    codes: set[str],
    tx: Transaction,
) -> StoredNotice:
    begins = told_from(manifest.payload, tx.now)
    notice = Notice(
        v=1,
        huis=office.huis,
        nonce=new_nonce(),
        person=person,
        manifest=manifest.d,
        entries=tuple(held.d for held in entries),
        codes=tuple(sorted(codes)),
        not_before=begins,
    )
    exhibit = read(office.sign(notice))
    return StoredNotice(
        d=exhibit.d, person=person, message_d=manifest.d, envelope=exhibit.envelope, not_before=begins,
        log_index=tx.index, due_at=begins, position=None if begins > tx.now else first_position(tx.index),
    )  # fmt: skip
