"""What both sides took upon themselves: the code of ethics (1), a pledge (0), and a partner's own rules (3).

Judged as of acceptance only: what is declared or closed later changes nothing about a message that went before.
"""

from collections.abc import Iterator

from zegel_protocol.decision.case import Case
from zegel_protocol.durations import DAY
from zegel_protocol.objects.declaration import Declaration
from zegel_protocol.objects.membership import Membership
from zegel_protocol.objects.partner_rules import Closed, PartnerRules
from zegel_protocol.refusal import Code, Refusal, Step, refuse
from zegel_protocol.rulebook.consistency import FLOOR
from zegel_protocol.signed import Signed


def judge(case: Case) -> Iterator[Refusal]:
    """Yield refusals about what sender and recipient declared, pledged and closed; never of an alarm."""
    kind = case.kind
    if kind is None or kind.urgent or kind.free_of_code:
        return
    yield from _code(case)
    yield from _pledges(case)
    if kind.id not in FLOOR:
        yield from _own_rules(case, case.manifest.sender.partner, "send")
        yield from _own_rules(case, case.manifest.to.partner, "receive")


def _code(case: Case) -> Iterator[Refusal]:
    """The sending worker accepted the code that is in force, or still has days to do so (article 1)."""
    sender, book, place = case.manifest.sender, case.rulebook, case.evidence.manifest.place
    if sender.partner is None or sender.device is None:
        return
    device = case.evidence.setting.device_at(sender.partner, sender.device, place)
    if device is None:
        return
    if _declared(case, "code", f"{sender.partner}/{device.worker or ''}"):
        return
    until = book.accept_by(case.evidence.setting.listed_since(sender.partner, device.worker))
    if until is not None and case.sent_at >= until:
        yield refuse(
            Code.CODE_NOT_ACCEPTED, "$.from.device", Step.ACCEPT_CODE, (book.code_version,), version=book.code_version
        )


def _declared(case: Case, what: str, subject: str, *, any_version: bool = False) -> bool:
    """Whether a declaration about the code in force (or about any) stood before the message."""
    return any(
        held.payload.what == what
        and _own_word(held)
        and (any_version or case.rulebook.is_code(held.payload.code_version, held.payload.code_digest))
        for held in case.evidence.records.all(Declaration, subject, case.evidence.manifest.place)
    )


def _own_word(held: Signed[Declaration]) -> bool:
    """Whether a worker's acceptance is signed by a device of that worker: a colleague's word for them is none."""
    worker = held.payload.worker
    return worker is None or any(signer.worker == worker for signer in held.signed_by("device"))


def _pledges(case: Case) -> Iterator[Refusal]:
    """Who is under no secrecy of law pledged it; of a new code the pledge is renewed within the days that it gives."""
    book = case.rulebook
    if book.code is None or book.code_from is None:
        return
    renewing = case.sent_at < book.code_from + book.code.grace_days * DAY

    def missing(member: Membership | None) -> bool:
        if member is None or case.secrecy(member) != "pledge":
            return False
        return not _declared(case, "pledge", member.partner, any_version=renewing)

    if missing(case.sender):
        partner = case.manifest.sender.partner or ""
        yield refuse(Code.PLEDGE_MISSING, "$.from.partner", Step.PLEDGE, (book.code_version,), partner=partner)
    if missing(case.recipient):
        partner = case.manifest.to.partner or ""
        yield refuse(Code.PLEDGE_MISSING, "$.to.partner", Step.OTHER_RECIPIENT, partner=partner)


def _own_rules(case: Case, partner: str | None, way: str) -> Iterator[Refusal]:
    """What a partner closed for itself is closed (article 3); its device list names the rules that count."""
    counted = case.evidence.setting.list_at(partner, case.evidence.manifest.place) if partner is not None else None
    if partner is None or counted is None or counted.rules is None:
        return
    path = "$.from.partner" if way == "send" else "$.to.partner"
    held = case.evidence.records.named(PartnerRules, counted.rules)
    if held is None or held.payload.partner != partner:
        yield refuse(Code.PARTNER_RULES_MISSING, path, Step.REFRESH, partner=partner)
        return
    for closed in held.payload.closed:
        if closed.way == way:
            yield from _closing(case, partner, closed, path)


def _closing(case: Case, partner: str, closed: Closed, path: str) -> Iterator[Refusal]:
    """Yield where a message fits a closing: at its section if it names a type, else at what can be chosen otherwise."""
    manifest = case.manifest
    other = case.recipient if closed.way == "send" else case.sender
    fits = (
        closed.purpose in (None, manifest.purpose)
        and closed.kind in (None, manifest.kind)
        and (closed.sector is None or (other is not None and other.sector == closed.sector))
    )
    if not fits:
        return
    if closed.type is not None:
        for index, held in enumerate(case.evidence.entries):
            if held.payload.type == closed.type and manifest.to in held.payload.readers:
                yield refuse(
                    Code.PARTNER_CLOSED, f"$.entries[{index}].type", Step.LEAVE_OUT, (closed.type,),
                    partner=partner, type=closed.type,
                )  # fmt: skip
    elif closed.sector is not None or closed.way == "receive":
        yield refuse(Code.PARTNER_CLOSED, path, Step.OTHER_RECIPIENT, partner=partner, sector=closed.sector or "")
    else:
        yield refuse(
            Code.PARTNER_CLOSED, "$.purpose", Step.OTHER_PURPOSE, partner=partner,
            purpose=closed.purpose or "", kind=closed.kind or "",
        )  # fmt: skip
