"""Each section by itself: is its type known, relevant for this recipient, small enough, and read by whom it should?"""

from collections.abc import Iterator

from zegel_protocol.decision.age import Age, age, silenced_for, told_together
from zegel_protocol.decision.alarm_scope import alarm_allowance
from zegel_protocol.decision.case import Case
from zegel_protocol.decision.person_recipient import may_read
from zegel_protocol.objects.entry import Entry
from zegel_protocol.objects.rulebook import Allowance, CategoryRule, PartRule
from zegel_protocol.padme import LARGEST_CONTENT, padded_size
from zegel_protocol.refusal import Code, Refusal, Step, refuse

NOTE = "application/vnd.zegel.note.v1+json"
"""Media type of a section that is text: a form's fields as canonical JSON."""

WHOLE = "whole"
NOTE_OVERHEAD = 2048
FILE_OVERHEAD = 1024
"""Room for field names and file names beside the content, in bytes."""


def allowance(case: Case, entry: Entry) -> Allowance | None:
    """Return what the rulebook allows of this entry's category to this recipient, or None.

    A report-back in a thread that its recipient began may also carry the rulebook's `report_back` types.
    """
    if case.urgent:
        return alarm_allowance(case, entry)
    found = case.relevance.find(entry.type) if case.relevance is not None else None
    if found is None and case.answers_own_thread:
        found = next((item for item in case.rulebook.report_back if item.type == entry.type), None)
    return found


def judge(case: Case) -> Iterator[Refusal]:
    """Yield refusals about single sections."""
    files: dict[str, int] = {}
    for index, held in enumerate(case.evidence.entries):
        entry, path = held.payload, f"$.entries[{index}]"
        category, part = case.categories.get(entry.type), case.parts.get(entry.type)
        yield from _about(case, entry, path)
        if category is not None:
            yield from _category(case, category, entry, path)
            if entry.media != NOTE:
                files[entry.type] = files.get(entry.type, 0) + 1
                if files[entry.type] > category.file_count:
                    yield refuse(Code.FILE_COUNT, path, Step.LEAVE_OUT, (entry.type,), most=str(category.file_count))
        elif part is not None:
            yield from _part(case, part, entry, path)
        else:
            yield refuse(Code.TYPE_UNKNOWN, f"{path}.type", Step.LEAVE_OUT, (entry.type,), type=entry.type)
        if part is None or "client" in part.readers:
            yield from _client_copy(case, entry, path)


def _about(case: Case, entry: Entry, path: str) -> Iterator[Refusal]:
    kind = case.kind
    if kind is not None and not kind.client:
        if entry.about or case.manifest.household is not None:
            yield refuse(Code.ABOUT_ANONYMOUS, f"{path}.about", Step.LEAVE_OUT, ("about",))
        if entry.type in case.categories:
            yield refuse(Code.NOT_RELEVANT, f"{path}.type", Step.LEAVE_OUT, (entry.type,), type=entry.type, to="")
        return
    if not entry.about:
        yield refuse(Code.ABOUT_MISSING, f"{path}.about", Step.ADD, ("about",))
    silenced = silenced_for(case.people(entry.about))
    for person in entry.about:
        known = case.person(person)
        if person in silenced:
            # They are told of what is about them, always, and of the other never: not in one breath.
            yield refuse(Code.ABOUT_APART, f"{path}.about", Step.LEAVE_OUT, (person,), person=person)
        if known is None:
            yield refuse(Code.PERSON_UNKNOWN, f"{path}.about", Step.LEAVE_OUT, (person,), person=person)
        elif known.household != case.manifest.household:
            yield refuse(Code.PERSON_HOUSEHOLD, f"{path}.about", Step.LEAVE_OUT, (person,), person=person)
        elif case.manifest.sender.person is not None and not _speaks_for(case, case.manifest.sender.person, person):
            yield refuse(Code.PERSON_UNKNOWN, f"{path}.about", Step.LEAVE_OUT, (person,), person=person)


def _speaks_for(case: Case, speaker: str, person: str) -> bool:
    """Whether a client who sends may speak about `person`: themselves, or a child under 12 in their authority."""
    known = case.person(person)
    if known is None:
        return False
    child = age(known, case.sent_at) is Age.CHILD
    return speaker == person or (child and speaker in known.authority and speaker not in known.silenced)


def _category(case: Case, rule: CategoryRule, entry: Entry, path: str) -> Iterator[Refusal]:
    if entry.form not in rule.forms or entry.form not in {form.id for form in case.rulebook.forms}:
        yield refuse(Code.FORM_UNKNOWN, f"{path}.form", Step.NARROW, rule.forms, type=entry.type, form=entry.form)
    if entry.media != NOTE and (entry.media not in rule.files or entry.form != WHOLE):
        yield refuse(Code.MEDIA, f"{path}.media", Step.LEAVE_OUT, (entry.type,), type=entry.type, media=entry.media)
    content = rule.limit * 6 + NOTE_OVERHEAD if entry.media == NOTE else rule.file_bytes + FILE_OVERHEAD
    # A rulebook may allow more than any section holds.
    largest = padded_size(min(content, LARGEST_CONTENT))
    if entry.padded > largest:
        yield refuse(Code.SIZE, f"{path}.padded", Step.SHORTEN, (entry.type,), type=entry.type, most=str(largest))
    yield from _readers(case, entry, path, partner_may=True, person_may=True)
    if case.purpose is None or case.free or case.recipient is None:
        return
    if case.kind is not None and not case.kind.client:
        return
    allowed = allowance(case, entry)
    to, purpose = case.recipient.sector, case.purpose.id
    if case.relevance is None and allowed is None and not (case.urgent and case.to_host):
        yield refuse(Code.RECIPIENT_CLOSED, "$.purpose", Step.OTHER_RECIPIENT, purpose=purpose, to=to)
    elif allowed is None:
        yield refuse(
            Code.NOT_RELEVANT, f"{path}.type", Step.LEAVE_OUT, (entry.type,), type=entry.type, purpose=purpose, to=to
        )
    elif entry.form not in allowed.forms:
        yield refuse(
            Code.FORM_NOT_RELEVANT, f"{path}.form", Step.NARROW, allowed.forms,
            type=entry.type, form=entry.form, purpose=purpose, to=to,
        )  # fmt: skip
    elif allowed.condition is not None:
        # No field of a message can state a condition yet, so a conditional row never opens (fail closed).
        yield refuse(
            Code.CONDITION, f"{path}.type", Step.LEAVE_OUT, (entry.type,), type=entry.type, condition=allowed.condition
        )


def _part(case: Case, rule: PartRule, entry: Entry, path: str) -> Iterator[Refusal]:
    if entry.form != WHOLE:
        yield refuse(Code.FORM_UNKNOWN, f"{path}.form", Step.NARROW, (WHOLE,), type=entry.type, form=entry.form)
    if entry.media != NOTE:
        yield refuse(Code.MEDIA, f"{path}.media", Step.LEAVE_OUT, (entry.type,), type=entry.type, media=entry.media)
    largest = padded_size(min(rule.limit * 6 + NOTE_OVERHEAD, LARGEST_CONTENT))
    if entry.padded > largest:
        yield refuse(Code.SIZE, f"{path}.padded", Step.SHORTEN, (entry.type,), type=entry.type, most=str(largest))
    recipient_may = "recipient" in rule.readers or "participants" in rule.readers
    yield from _readers(case, entry, path, partner_may=recipient_may, person_may="client" in rule.readers)
    if recipient_may and case.manifest.to not in entry.readers:
        yield refuse(Code.READER, f"{path}.readers", Step.GIVE_READER, (case.manifest.to.key,), type=entry.type)


def _readers(case: Case, entry: Entry, path: str, *, partner_may: bool, person_may: bool) -> Iterator[Refusal]:
    """A partner reads only as the recipient; a person only what is about them or a child they are told for."""
    allowed = may_read(case, entry.about)
    for reader in entry.readers:
        fits = (
            partner_may and reader == case.manifest.to
            if reader.partner is not None
            else person_may and reader.person in allowed
        )
        if not fits:
            yield refuse(Code.READER, f"{path}.readers", Step.LEAVE_OUT, (reader.key,), type=entry.type)


def _client_copy(case: Case, entry: Entry, path: str) -> Iterator[Refusal]:
    """Everyone who is told and has keys reads the section, or it is withheld from them for a reason on the list."""
    reading = {reader.person for reader in entry.readers}
    withheld = {item.person: item.reason for item in entry.withheld}
    for person in sorted(told_together(case.people(entry.about), case.sent_at)):
        has_keys = case.has_keys(person)
        if has_keys and person not in reading and person not in withheld:
            yield refuse(
                Code.CLIENT_COPY, f"{path}.readers", Step.GIVE_READER, (f"person:{person}",),
                person=person, type=entry.type,
            )  # fmt: skip
    for person, reason in withheld.items():
        if reason not in case.rulebook.withheld_reasons or person not in _may_be_withheld(case, entry):
            yield refuse(
                Code.WITHHELD_REASON, f"{path}.withheld", Step.GIVE_READER, (f"person:{person}",),
                person=person, reason=reason,
            )  # fmt: skip


def _may_be_withheld(case: Case, entry: Entry) -> set[str]:
    named = set(entry.about)
    for person in entry.about:
        known = case.person(person)
        if known is not None:
            named.update(known.authority, known.trusted)
    return named
