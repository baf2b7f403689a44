"""The bases other than consent (articles 0 and 7): the code it names, who may rest on it, and who may receive on it.

Whether a kind may rest on a basis at all, and which parts it then holds, is judged with the message.
"""

from collections.abc import Iterator

from zegel_protocol.decision.case import Case
from zegel_protocol.decision.sections import allowance
from zegel_protocol.objects.manifest import OnClientUnable, OnLegalDuty, OnNecessity
from zegel_protocol.objects.rulebook import BasisRule
from zegel_protocol.refusal import Code, Refusal, Step, refuse

SAFETY_DESK = "safetydesk"
"""The sector of desks that take alarms: from anyone, and whose rota is known (article 10)."""


def judge(case: Case) -> Iterator[Refusal]:
    """Yield refusals about a basis that is not the client's yes."""
    rule = case.basis_rule
    if rule is None:
        return
    yield from _code(case)
    yield from _sides(case, rule)
    for index, held in enumerate(case.evidence.entries):
        entry = held.payload
        found = allowance(case, entry) if case.manifest.to in entry.readers else None
        if found is not None and found.signed:
            # What goes there on the client's own signature alone has none here.
            yield refuse(Code.NOT_SIGNED, f"$.entries[{index}].type", Step.LEAVE_OUT, (entry.type,), type=entry.type)


def _code(case: Case) -> Iterator[Refusal]:
    """Every code is on its closed list."""
    match case.manifest.basis:
        case OnClientUnable(code=code):
            known = case.rulebook.unable_codes
        case OnNecessity(code=code):
            known = case.rulebook.necessity_codes
        case OnLegalDuty(citation=code):
            known = case.rulebook.legal_citations
        case _:
            return
    if code not in known:
        yield refuse(Code.BASIS_CODE, "$.basis", Step.ADD, ("basis",), stated=code)


def _sides(case: Case, rule: BasisRule) -> Iterator[Refusal]:
    """A recipient is under a secrecy of the rule; who is under a pledge shares nothing so, and alarms whom it may."""
    sender, recipient = case.sender, case.recipient
    if recipient is None:
        return
    to_host = case.urgent and case.to_host
    if case.secrecy(recipient) not in rule.secrecies and not to_host:
        yield refuse(
            Code.BASIS_RECIPIENT, "$.to.partner", Step.OTHER_RECIPIENT, basis=rule.id, secrecy=case.secrecy(recipient)
        )
    if sender is None or case.secrecy(sender) != "pledge" or to_host:
        return
    if not case.urgent:
        yield refuse(Code.BASIS_SENDER, "$.basis", Step.ASK_CONSENT, basis=rule.id)
    elif recipient.sector != SAFETY_DESK:
        yield refuse(Code.BASIS_SENDER, "$.basis", Step.OTHER_RECIPIENT, basis=rule.id)
