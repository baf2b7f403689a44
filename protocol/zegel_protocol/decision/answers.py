"""What a message answers: by name, with the parties the other way round, in one conversation (articles 5 and 6)."""

from collections.abc import Iterator

from zegel_protocol.decision.case import Case
from zegel_protocol.objects.manifest import Manifest
from zegel_protocol.refusal import Code, Refusal, Step, refuse

PATH = "$.answers"


def judge(case: Case) -> Iterator[Refusal]:
    """Yield refusals about what a message answers.

    A kind that lists what it answers names such a message; it may name none where it also begins conversations
    (`thread` is not `required`), or where the message that began its thread is one of those kinds and the rule of
    threads holds for it. A kind that lists nothing answers nothing by name: whoever is named as answered is shown.
    """
    kind, named, answered = case.kind, case.manifest.answers, case.evidence.answered
    if kind is None:
        return
    if named is None:
        if kind.answers and kind.thread == "required" and _needs_name(case):
            yield refuse(Code.ANSWERS_MISSING, PATH, Step.ADD, ("answers",))
    elif not kind.answers:
        yield refuse(Code.ANSWERS_OTHER, PATH, Step.LEAVE_OUT, ("answers",), answers=named)
    elif answered is None or answered.d != named:
        yield refuse(Code.ANSWERS_UNKNOWN, PATH, Step.OTHER_PURPOSE, answers=named)
    elif answered.payload.kind not in kind.answers or not _turned_round(case.manifest, answered.payload):
        yield refuse(Code.ANSWERS_OTHER, PATH, Step.OTHER_PURPOSE, answers=named)


def _needs_name(case: Case) -> bool:
    """Whether the thread does not say by itself what is answered; where it is wrong, the rule of threads says so."""
    if case.manifest.to.person is not None:
        return True
    thread, kind = case.evidence.thread, case.kind
    known = thread is not None and kind is not None and thread.payload.kind in kind.answers
    return case.answers_own_thread and not known


def _turned_round(manifest: Manifest, answered: Manifest) -> bool:
    """Whether the message goes back where the answered one came from, in the same family and conversation."""
    return (
        answered.huis == manifest.huis
        and answered.household == manifest.household
        and (answered.thread or answered.id) == manifest.thread
        and answered.sender.party == manifest.to
        and answered.to == manifest.sender.party
    )
