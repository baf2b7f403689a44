"""Making notices: for each person who is told, the entries that concern them and no others; and promising the telling.

A notice and the work that follows from it (a ping, a duty to tell in person) are rows of one transaction.
"""

from collections.abc import Iterator, Sequence

from zegel_keys.casefile import CaseFile
from zegel_keys.envelopes import new_nonce
from zegel_keys.exhibit import read
from zegel_protocol.decision.age import told
from zegel_protocol.objects import Entry, Manifest, Notice
from zegel_protocol.signed import Signed
from zegel_protocol.telling import due_to_tell, owes_telling
from zegel_relay.outbox.promise import PING, TELL, promise
from zegel_relay.services.office import Office
from zegel_relay.storage.models import OutboxItem, StoredNotice
from zegel_relay.storage.operation import Transaction

WITHOUT_DEVICE = "without-device"
"""Code: this person has no keys, so someone tells them in person or by letter."""
PARTLY_WITHHELD = "partly-withheld"
"""Code: something that concerns this person is kept from them, for a reason on the list."""


def make_notices(
    office: Office,
    case: CaseFile,
    manifest: Signed[Manifest],
    entries: Sequence[Signed[Entry]],
    tx: Transaction,
) -> list[StoredNotice]:
    """Return a signed notice a person who is told, as rows.

    Told are the persons that sections are about, and for a child under 12 those who hold authority over it and are not
    silenced (`docs/spec/persons.md`). Nobody is told of a section that is about someone else only.
    """
    concerned: dict[str, list[Signed[Entry]]] = {}
    for held in entries:
        people = {
            person
            for about in held.payload.about
            if about in case.clients
            for person in told(case.clients[about].current, tx.now)
        }
        for person in people:
            concerned.setdefault(person, []).append(held)
    return [_row(office, case, manifest, person, concerned[person], tx) for person in sorted(concerned)]


def promise_telling(
    notices: Sequence[StoredNotice], case: CaseFile, manifest: Manifest, tx: Transaction
) -> Iterator[OutboxItem]:
    """Yield the work that notices promise: a ping each, and for who has no keys the duty of a partner to tell them.

    Whoever chose no pings, or no contact, is found to be so when the ping is due. Nothing is due before the notice.
    """
    rulebook, owing = case.setting.rulebook.payload, owes_telling(manifest)
    for row in notices:
        begins = max(tx.now, row.not_before)
        yield promise(PING, f"person:{row.person}", row.d, begins, tx.now)
        client = case.clients.get(row.person)
        if owing is not None and (client is None or client.key_now(tx.now) is None):
            yield promise(TELL, f"partner:{owing}", row.d, due_to_tell(begins, rulebook), tx.now)


def _row(
    office: Office,
    case: CaseFile,
    manifest: Signed[Manifest],
    person: str,
    entries: list[Signed[Entry]],
    tx: Transaction,
) -> StoredNotice:
    client = case.clients.get(person)
    codes = set()
    if client is None or client.key_now(tx.now) is None:
        codes.add(WITHOUT_DEVICE)
    if any(item.person == person for held in entries for item in held.payload.withheld):
        codes.add(PARTLY_WITHHELD)
    notice = Notice(
        v=1,
        huis=office.huis,
        nonce=new_nonce(),
        person=person,
        manifest=manifest.d,
        entries=tuple(held.d for held in entries),
        codes=tuple(sorted(codes)),
        not_before=tx.now,
    )
    exhibit = read(office.sign(notice))
    return StoredNotice(
        d=exhibit.d, person=person, message_d=manifest.d, envelope=exhibit.envelope, not_before=tx.now,
        log_index=tx.index,
    )  # fmt: skip
