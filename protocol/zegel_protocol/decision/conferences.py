"""A case conference: only who sits at the table speaks and reads there, about whom it is for (article 8)."""

from collections.abc import Iterator

from zegel_protocol.decision.age import who_signs
from zegel_protocol.decision.alarm import MOTIVATION
from zegel_protocol.decision.case import Case
from zegel_protocol.objects.conference import Conference
from zegel_protocol.refusal import Code, Refusal, Step, refuse
from zegel_protocol.signed import Place

AGENDA, REPORT = "agenda", "report"
"""Parts by which a kind shows what it is: what opens a conference, what closes it."""

PATH = "$.thread"


def judge(case: Case) -> Iterator[Refusal]:
    """Yield refusals about the conference that a message belongs to.

    Judged by the table as it was when the message was accepted. Whoever left it since reads there no more, so the
    recipient is held against the newest table too.
    """
    kind = case.kind
    if kind is None or not kind.conference:
        return
    sent = case.evidence.manifest.place or case.place
    then, now = table(case, sent), table(case, case.place)
    if then is None or now is None:
        yield refuse(Code.CONFERENCE_MISSING, PATH, Step.ADD, ("conference",))
        return
    yield from _seats(case, then, now)
    parts = {*kind.parts, *(held.payload.type for held in case.evidence.entries)}
    if parts & {AGENDA, REPORT} and case.manifest.sender.partner != then.chair:
        yield refuse(Code.CONFERENCE_CHAIR, "$.from", Step.OTHER_PURPOSE, partner=then.chair)
    if then.ended and REPORT not in kind.parts:
        yield refuse(Code.CONFERENCE_ENDED, PATH, Step.OTHER_PURPOSE)
    for index, held in enumerate(case.evidence.entries):
        beyond = tuple(person for person in held.payload.about if person not in then.about)
        if beyond:
            yield refuse(Code.CONFERENCE_ABOUT, f"$.entries[{index}].about", Step.LEAVE_OUT, beyond)
    if AGENDA in kind.parts and not _with_client(case, then):
        yield from _among_professionals(case, then)


def table(case: Case, before: Place | None) -> Conference | None:
    """Return the conference of the message's thread as it stood before a place (None: now), or None.

    A version counts that follows the one before it, of the same chair and household: nobody else takes over a table.
    """
    counted: Conference | None = None
    last: str | None = None
    for held in case.evidence.records.all(Conference, case.manifest.thread or "", before):
        found = held.payload
        begins = counted is None and found.version == 1
        follows = (
            counted is not None
            and (found.prev, found.version) == (last, counted.version + 1)
            and (found.chair, found.household) == (counted.chair, counted.household)
        )
        if (begins or follows) and found.huis == case.manifest.huis:
            counted, last = found, held.d
    return counted if counted is not None and counted.household == case.manifest.household else None


def _seats(case: Case, then: Conference, now: Conference) -> Iterator[Refusal]:
    sender, to = case.manifest.sender.party, case.manifest.to
    if sender not in then.invitees:
        yield refuse(Code.CONFERENCE_NOT_INVITED, "$.from", Step.OTHER_PURPOSE, party=sender.key)
    if to not in then.invitees or to not in now.invitees:
        yield refuse(Code.CONFERENCE_NOT_INVITED, "$.to", Step.OTHER_RECIPIENT, party=to.key)


def _with_client(case: Case, conference: Conference) -> bool:
    """Whether somebody it is about, or who says yes for them, really has a seat."""
    seated = {party.person for party in conference.invitees if party.person is not None}
    own = set(conference.about)
    for person in conference.about:
        known = case.person(person)
        if known is not None:
            own |= who_signs(known, case.sent_at)
    return conference.with_client and bool(seated & own)


def _among_professionals(case: Case, conference: Conference) -> Iterator[Refusal]:
    """Without the client: the invitees were discussed with them, and they can read why it is held without them."""
    if conference.discussed is None:
        yield refuse(Code.CONFERENCE_NOT_DISCUSSED, PATH, Step.TALK, conference.about)
    entries = [held.payload for held in case.evidence.entries]
    about = {person for entry in entries for person in entry.about}
    given = {person for entry in entries if entry.type == MOTIVATION and not entry.withheld for person in entry.about}
    if not about <= given:
        yield refuse(Code.PART_MISSING, "$.entries", Step.ADD, (MOTIVATION,), part=MOTIVATION)
