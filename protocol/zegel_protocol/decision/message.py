"""What kind of message it is, and what such a message must carry."""

from collections.abc import Iterator

from zegel_protocol.decision.age import silenced_for, told_together
from zegel_protocol.decision.case import Case
from zegel_protocol.objects.manifest import OnConsent
from zegel_protocol.objects.rulebook import KindRule
from zegel_protocol.refusal import Code, Refusal, Step, refuse

STEPS = "steps"
"""The part that says in words what the steps of a hand-over plan are."""


def judge(case: Case) -> Iterator[Refusal]:
    """Yield refusals about kind, purpose, basis, how it is carried, follow-up, thread and required parts."""
    manifest, kind, purpose = case.manifest, case.kind, case.purpose
    if kind is None:
        yield refuse(Code.KIND_UNKNOWN, "$.kind", Step.OTHER_PURPOSE, kind=manifest.kind)
    if purpose is None:
        yield refuse(Code.PURPOSE_UNKNOWN, "$.purpose", Step.OTHER_PURPOSE, purpose=manifest.purpose)
    if kind is None or purpose is None:
        return
    if kind.id not in purpose.kinds:
        yield refuse(Code.PURPOSE_KIND, "$.purpose", Step.OTHER_PURPOSE, purpose=purpose.id, kind=kind.id)
    yield from _basis(case)
    # Where the client was not asked, they took no part that could be told.
    if kind.client and kind.carried and manifest.carried is None and case.basis_rule is None:
        yield refuse(Code.CARRIED_MISSING, "$.carried", Step.ADD, ("carried",))
    if kind.follow_up and not manifest.follow_up:
        yield refuse(Code.FOLLOW_UP_MISSING, "$.follow_up", Step.ADD, ("follow-up",))
    sides = {manifest.sender.partner, manifest.to.partner} - {None}
    if kind.client and "partner" in kind.senders and manifest.notice_by not in sides:
        yield refuse(Code.NOTICE_BY, "$.notice_by", Step.ADD, ("notice-by",))
    if kind.thread == "required" and not kind.conference:
        yield from _thread(case)
    elif kind.thread == "none" and manifest.thread is not None:
        yield refuse(Code.THREAD_OTHER, "$.thread", Step.LEAVE_OUT, ("thread",), thread=manifest.thread)
    present = {entry.payload.type for entry in case.evidence.entries}
    required = {*kind.parts, *(case.basis_rule.parts if case.basis_rule is not None else ())}
    for part in sorted(required - present):
        yield refuse(Code.PART_MISSING, "$.entries", Step.ADD, (part,), part=part)
    yield from _steps(case, kind)


def _basis(case: Case) -> Iterator[Refusal]:
    kind, basis = case.kind, case.manifest.basis
    if kind is None:
        return
    if not kind.client or not kind.bases:
        if basis is not None:
            yield refuse(Code.BASIS_ANONYMOUS, "$.basis", Step.LEAVE_OUT, ("basis",), kind=kind.id)
        if kind.client and case.manifest.sender.person is None and case.manifest.to.person is None:
            # Fail closed: a kind that needs no basis is one between a client and a partner, never between partners.
            yield refuse(Code.BASIS_MISSING, "$.basis", Step.ASK_CONSENT)
    elif basis is None:
        if "consent" not in kind.bases:
            yield refuse(Code.BASIS_MISSING, "$.basis", Step.ADD, ("basis",))
        # Else `consents` says what is missing, for whom.
    elif "consent" not in kind.bases:
        if case.basis_rule is None:
            # An alarm asks for nobody's yes: it says why it cannot wait.
            yield refuse(Code.BASIS_NOT_ALLOWED, "$.basis", Step.ADD, ("basis",), kind=kind.id)
    elif case.basis_rule is None and not isinstance(basis, OnConsent):
        # The other bases ask for more than a code; without a rule that says what, none of them is a basis.
        yield refuse(Code.BASIS_NOT_ALLOWED, "$.basis", Step.ASK_CONSENT, kind=kind.id)


def _thread(case: Case) -> Iterator[Refusal]:
    if case.manifest.thread is None:
        yield refuse(Code.THREAD_MISSING, "$.thread", Step.ADD, ("thread",))
    elif case.manifest.to.person is not None:
        return  # What goes to a person says by name what it answers, and `answers` holds it to that conversation.
    elif case.evidence.thread is None:
        yield refuse(Code.THREAD_UNKNOWN, "$.thread", Step.OTHER_PURPOSE, thread=case.manifest.thread)
    elif not case.answers_own_thread:
        yield refuse(Code.THREAD_OTHER, "$.thread", Step.OTHER_PURPOSE, thread=case.manifest.thread)


def _steps(case: Case, kind: KindRule) -> Iterator[Refusal]:
    """A joint hand-over plan belongs to the kinds that have one; whoever takes a step knows of it (article 4)."""
    steps = case.manifest.steps
    if not steps:
        if STEPS in kind.parts:
            yield refuse(Code.STEPS_MISSING, "$.steps", Step.ADD, ("steps",))
        return
    if STEPS not in kind.parts:
        yield refuse(Code.STEPS_OTHER, "$.steps", Step.LEAVE_OUT, ("steps",))
    known = {case.manifest.sender.party.key, case.manifest.to.key}
    for entry in case.evidence.entries:
        people = case.people(entry.payload.about)
        names = {person.person for person in people} | told_together(people, case.sent_at)
        known |= {f"person:{name}" for name in names - silenced_for(people)}
    for index, step in enumerate(steps):
        for party in (step.by, *step.others):
            if party.key not in known:
                yield refuse(Code.STEPS_PARTY, f"$.steps[{index}]", Step.LEAVE_OUT, (party.key,))
