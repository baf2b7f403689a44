"""What kind of message it is, and what such a message must carry."""

from collections.abc import Iterator

from zegel_protocol.decision.case import Case
from zegel_protocol.objects.manifest import OnConsent
from zegel_protocol.refusal import Code, Refusal, Step, refuse


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
    if kind.client and kind.carried and manifest.carried is None:
        yield refuse(Code.CARRIED_MISSING, "$.carried", Step.ADD, ("carried",))
    if kind.follow_up and not manifest.follow_up:
        yield refuse(Code.FOLLOW_UP_MISSING, "$.follow_up", Step.ADD, ("follow-up",))
    sides = {manifest.sender.partner, manifest.to.partner} - {None}
    if kind.client and "partner" in kind.senders and manifest.notice_by not in sides:
        yield refuse(Code.NOTICE_BY, "$.notice_by", Step.ADD, ("notice-by",))
    if kind.thread == "required":
        yield from _thread(case)
    elif kind.thread == "none" and manifest.thread is not None:
        yield refuse(Code.THREAD_OTHER, "$.thread", Step.LEAVE_OUT, ("thread",), thread=manifest.thread)
    present = {entry.payload.type for entry in case.evidence.entries}
    for part in kind.parts:
        if part not in present:
            yield refuse(Code.PART_MISSING, "$.entries", Step.ADD, (part,), part=part)


def _basis(case: Case) -> Iterator[Refusal]:
    kind, basis = case.kind, case.manifest.basis
    if kind is None:
        return
    if not kind.client or not kind.bases:
        if basis is not None:
            yield refuse(Code.BASIS_ANONYMOUS, "$.basis", Step.LEAVE_OUT, ("basis",), kind=kind.id)
        if kind.client and case.manifest.sender.person is None:
            # Fail closed: a kind that needs no basis is one that only clients send, about themselves.
            yield refuse(Code.BASIS_MISSING, "$.basis", Step.ASK_CONSENT)
    elif basis is None:
        if "consent" not in kind.bases:
            yield refuse(Code.BASIS_MISSING, "$.basis", Step.ASK_CONSENT)
        # Else `consents` says what is missing, for whom.
    elif not isinstance(basis, OnConsent) or "consent" not in kind.bases:
        # The other bases ask for more than a code; until a rule judges that, none of them is a basis.
        yield refuse(Code.BASIS_NOT_ALLOWED, "$.basis", Step.ASK_CONSENT, kind=kind.id)


def _thread(case: Case) -> Iterator[Refusal]:
    if case.manifest.thread is None:
        yield refuse(Code.THREAD_MISSING, "$.thread", Step.ADD, ("thread",))
    elif case.evidence.thread is None:
        yield refuse(Code.THREAD_UNKNOWN, "$.thread", Step.OTHER_PURPOSE, thread=case.manifest.thread)
    elif not case.answers_own_thread:
        yield refuse(Code.THREAD_OTHER, "$.thread", Step.OTHER_PURPOSE, thread=case.manifest.thread)
