"""What accepting a message makes somebody owe, and what it ends: agreements, steps, questions, answers.

Articles 4 to 6. A due day that a worker promised is held against no clock: one that is past is late at once.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from zegel_protocol.durations import DAY
from zegel_protocol.fields import MAX_TIME
from zegel_protocol.objects.manifest import Manifest
from zegel_protocol.objects.rulebook import Rulebook
from zegel_protocol.rulebook.working_days import end_of_working_day
from zegel_protocol.words import ANSWER, REPLY, REPORT_BACK, STEP, asks_partner, asks_person
from zegel_relay.outbox.promise import REMIND, promise
from zegel_relay.services.deadlines import close_deadlines, open_deadline
from zegel_relay.storage.models import Deadline, OutboxItem
from zegel_relay.storage.operation import Update

_LAST: Final = MAX_TIME - 60 * DAY
"""Later than this nothing has a working day after it that the calendar knows."""


def deadlines_of(d: str, manifest: Manifest, rulebook: Rulebook, now: int) -> list[Deadline]:
    """Return what is owed from now on because the message `d` was accepted at `now`."""
    found = [
        _open(
            item.code,
            (manifest.to if item.by == "recipient" else manifest.sender.party).key,
            d,
            item.due,
            rulebook,
            now,
        )
        for item in manifest.follow_up
        if item.due is not None
    ]
    found += [_open(STEP, step.by.key, d, step.due, rulebook, now, step.n) for step in manifest.steps]
    if asks_person(manifest, rulebook):
        due = now + rulebook.follow_up.request_days * DAY
        found.append(open_deadline(ANSWER, manifest.to.key, d, due, now, message_d=d))
    to_partner = manifest.sender.person is not None and manifest.to.partner is not None and manifest.answers is None
    agreed = {item.code for item in manifest.follow_up if item.by == "recipient" and item.due is not None}
    # Where a day was agreed for telling how it goes, that is the answer.
    if to_partner or (asks_partner(manifest, rulebook) and REPORT_BACK not in agreed):
        due = end_of_working_day(now, rulebook.follow_up.first_contact_days, rulebook.holidays)
        found.append(_open(REPLY, manifest.to.key, d, due, rulebook, now))
    return found


def reminders_of(rows: Iterable[Deadline], now: int) -> Iterator[OutboxItem]:
    """Yield the reminders of what partners owe, from the day on which it is due."""
    for row in rows:
        if row.owner.startswith("partner:"):
            yield promise(REMIND, row.owner, row.d, max(row.due_at, now), now)


def ended_by(d: str, manifest: Manifest, began: str | None, now: int, *, to_asker: bool = False) -> list[Update]:
    """Return what ends with the message `d`: whoever sends an answer owes it no more.

    `began`: the `D` of the message that began the thread, if there is one here. `to_asker`: this one goes to the
    partner that began it, and is no question itself (`is_to_asker`).
    """
    sender = manifest.sender.party.key
    about = manifest.answers if manifest.answers is not None else began
    kinds = {ANSWER, REPLY} if manifest.answers is not None else set()
    if manifest.kind == REPORT_BACK:
        kinds.add(REPORT_BACK)
    if to_asker:
        kinds.add(REPLY)
    if about is None:
        return []
    return [close_deadlines(kind, about, now, owner=sender, by_d=d) for kind in sorted(kinds)]


def is_to_asker(manifest: Manifest, began: Manifest | None, rulebook: Rulebook) -> bool:
    """Whether a message tells something to the partner that began its thread, and does not ask back."""
    if began is None or began.sender.partner is None or asks_partner(manifest, rulebook):
        return False
    return manifest.to == began.sender.party


def late_from(due: int, rulebook: Rulebook) -> int:
    """Return when what was due at a time counts as late: some working days after it (article 5)."""
    if due > _LAST:
        return due
    return end_of_working_day(due, rulebook.follow_up.overdue_days, rulebook.holidays)


def _open(kind: str, owner: str, d: str, due: int, rulebook: Rulebook, now: int, number: int = 0) -> Deadline:
    late = late_from(due, rulebook)
    return open_deadline(kind, owner, d, due, now, message_d=d, number=number, overdue_at=late)
