"""An alarm (article 10): by a worker, about who is in danger, no more than needed, to a desk where somebody is.

Judged as of acceptance: what was on call then settles it, for good.
"""

from collections.abc import Iterator

from zegel_protocol.decision.basis import SAFETY_DESK
from zegel_protocol.decision.case import Case
from zegel_protocol.durations import HOUR
from zegel_protocol.objects.desk import Rota
from zegel_protocol.objects.manifest import OnNecessity
from zegel_protocol.refusal import Code, Refusal, Step, refuse

MOTIVATION = "motivation"
"""The part that says why, and of whom."""


def judge(case: Case) -> Iterator[Refusal]:
    """Yield refusals about an alarm, and about a delayed notice of whatever message."""
    yield from _delay(case)
    if not case.urgent:
        return
    yield from _closed(case)
    yield from _worker(case)
    yield from _concerned(case)
    yield from _on_call(case)


def _closed(case: Case) -> Iterator[Refusal]:
    """Also with no more than a motivation it goes where alarms go, or to who stands behind its sender."""
    recipient, purpose = case.recipient, case.purpose
    if recipient is None or purpose is None or case.relevance is not None or case.to_host:
        return
    if all(held.payload.type in case.parts for held in case.evidence.entries):
        yield refuse(
            Code.RECIPIENT_CLOSED, "$.purpose", Step.OTHER_RECIPIENT, purpose=purpose.id, to=recipient.sector
        )  # fmt: skip


def _worker(case: Case) -> Iterator[Refusal]:
    """A person looked, and answers for it."""
    sender = case.manifest.sender
    if sender.partner is None or sender.device is None:
        return
    device = case.evidence.setting.device_at(sender.partner, sender.device, case.evidence.manifest.place)
    if device is not None and device.service:
        yield refuse(Code.ALARM_SERVICE, "$.from.device", Step.BY_WORKER, device=sender.device)


def _concerned(case: Case) -> Iterator[Refusal]:
    """Only about those whom the motivation is about, and of categories that no danger consists of a few at most."""
    others: dict[str, None] = {}
    rules = case.rulebook.safety
    concerned = {
        person for held in case.evidence.entries if held.payload.type == MOTIVATION for person in held.payload.about
    }
    for index, held in enumerate(case.evidence.entries):
        entry = held.payload
        if entry.type not in case.categories:
            continue
        if concerned:
            for person in entry.about:
                if person not in concerned:
                    yield refuse(
                        Code.ALARM_ABOUT, f"$.entries[{index}].about", Step.LEAVE_OUT, (person,), person=person
                    )
        if entry.type not in rules.core:
            others[entry.type] = None
            if len(others) > rules.other_categories:
                yield refuse(
                    Code.ALARM_TOO_MANY, f"$.entries[{index}].type", Step.LEAVE_OUT, (entry.type,),
                    type=entry.type, most=str(rules.other_categories),
                )  # fmt: skip


def _on_call(case: Case) -> Iterator[Refusal]:
    """A desk where nobody is on call is never chosen silently: the sender phones, or says that they know."""
    recipient, basis = case.recipient, case.manifest.basis
    if recipient is None or (isinstance(basis, OnNecessity) and basis.off_call):
        return
    held = case.evidence.records.newest(Rota, recipient.partner, case.evidence.manifest.place)
    if held is None:
        # A relay that withholds the rota of a safety desk gains nothing.
        if recipient.sector == SAFETY_DESK:
            yield refuse(
                Code.DESK_OFF_CALL, "$.to.partner", Step.PHONE, partner=recipient.partner, phone="", next=""
            )  # fmt: skip
        return
    rota, at = held.payload, case.sent_at
    if rota.shift_at(at) is None:
        after = rota.next_shift(at)
        yield refuse(
            Code.DESK_OFF_CALL, "$.to.partner", Step.PHONE, partner=recipient.partner, phone=rota.phone,
            next=str(after.opens) if after is not None else "",
        )  # fmt: skip


def _delay(case: Case) -> Iterator[Refusal]:
    """Only the notice of an alarm waits, for a reason on the list, and never for long."""
    delay, rules = case.manifest.delay, case.rulebook.safety
    if delay is None or case.kind is None:
        return
    if not case.urgent:
        yield refuse(Code.DELAY_NOT_ALARM, "$.delay", Step.LEAVE_OUT, ("delay",), kind=case.manifest.kind)
        return
    if delay.code not in rules.delay_codes:
        yield refuse(Code.DELAY_CODE, "$.delay.code", Step.LEAVE_OUT, ("delay",), stated=delay.code)
    if delay.until > case.sent_at + rules.delay_hours * HOUR:
        yield refuse(
            Code.DELAY_TOO_LONG, "$.delay.until", Step.SHORTEN, ("delay",), hours=str(rules.delay_hours)
        )  # fmt: skip
