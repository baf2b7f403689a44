"""Who sends, who receives, and when: the directory, memberships, devices and clocks."""

from collections.abc import Iterator

from zegel_protocol.decision import person_recipient
from zegel_protocol.decision.case import Case
from zegel_protocol.durations import DAY
from zegel_protocol.objects.membership import Membership
from zegel_protocol.refusal import Code, Refusal, Step, refuse

MAX_SKEW = DAY
"""How far a message's own time may be from the time it is judged at (a day, `docs/spec/message.md`)."""

ALARM_DAYS = 90
"""How long an expired directory still carries alarms. The end of a device list is not stretched: whatever is signed
under one that has ended counts for nobody, and the partner renews it without the steward."""


def judge(case: Case) -> Iterator[Refusal]:
    """Yield refusals about sender, recipient and time."""
    yield from _setting(case)
    yield from _sender(case)
    yield from _recipient(case)


def uuid7_time(message: str) -> int:
    """Return the time inside a UUIDv7, in whole seconds since 1970 UTC (RFC 9562, 5.7: 48 bits of milliseconds)."""
    return int(message.replace("-", "")[:12], 16) // 1000


def _setting(case: Case) -> Iterator[Refusal]:
    directory = case.evidence.setting.directory.payload
    manifest = case.manifest
    if any(held.payload.huis != directory.huis for held in (case.evidence.manifest, *case.evidence.entries)):
        yield refuse(Code.HUIS_FOREIGN, "$.huis", Step.OTHER_RECIPIENT)
    # Whether the steward renewed in time must not decide whether a child is safe (article 10).
    grace = ALARM_DAYS * DAY if case.urgent else 0
    if case.at >= directory.expires + grace:
        yield refuse(Code.DIRECTORY_EXPIRED, "$.directory", Step.REFRESH, expires=str(directory.expires))
    judged_at = case.evidence.manifest.place.at if case.evidence.manifest.place is not None else case.at
    for path, stated in (("$.created", manifest.created), ("$.id", uuid7_time(manifest.id))):
        if abs(stated - judged_at) > MAX_SKEW:
            yield refuse(Code.TIME_SKEW, path, Step.SET_CLOCK, stated=str(stated), expected=str(judged_at))


def _sender(case: Case) -> Iterator[Refusal]:
    evidence, sender = case.evidence, case.manifest.sender
    kind = "person" if sender.person is not None else "partner"
    if case.kind is not None and kind not in case.kind.senders:
        yield refuse(Code.SENDER_KIND, "$.from", Step.OTHER_PURPOSE, kind=case.manifest.kind, sender=kind)
    if sender.person is not None:
        if not any(signer.person == sender.person for signer in evidence.manifest.signed_by("identity")):
            yield refuse(Code.SENDER_SIGNATURE, "$.from", Step.ASK_STEWARD)
        return
    member = case.sender
    if member is None or sender.partner is None or sender.device is None:
        yield refuse(Code.SENDER_UNKNOWN, "$.from.partner", Step.ASK_STEWARD, partner=sender.partner or "")
        return
    if not _lasts(case, member):
        yield refuse(Code.SENDER_EXPIRED, "$.from.partner", Step.ASK_STEWARD, partner=member.partner)
    if member.sector not in {rule.id for rule in case.rulebook.sectors}:
        yield refuse(Code.SECTOR_UNKNOWN, "$.from.partner", Step.ASK_STEWARD, sector=member.sector)
    place = evidence.manifest.place
    counted = evidence.setting.list_at(sender.partner, place)
    device = counted.find(sender.device) if counted is not None else None
    judged_at = place.at if place is not None else case.at
    listed = {held.d for held in evidence.setting.devices.get(sender.partner, ())}
    in_force = (
        counted is not None
        and device is not None
        and judged_at < counted.expires
        and device.not_before <= judged_at < device.not_after
        and case.manifest.devices in listed
    )
    if not in_force:
        yield refuse(Code.SENDER_DEVICE, "$.from.device", Step.ASK_STEWARD, device=sender.device)
    by_device = evidence.manifest.signed_by("device")
    if not any((item.partner, item.device) == (sender.partner, sender.device) for item in by_device):
        yield refuse(Code.SENDER_SIGNATURE, "$.from.device", Step.ASK_STEWARD)


def _lasts(case: Case, member: Membership) -> bool:
    """Whether the version of this membership that counted at the place judged by holds at the time judged at."""
    dated = case.evidence.setting.member_at(member.partner, case.place) or member
    return dated.not_before <= case.at < dated.not_after


def _recipient(case: Case) -> Iterator[Refusal]:
    to = case.manifest.to
    if to.partner is None:
        yield from person_recipient.judge(case, to.person or "")
        return
    if case.kind is not None and "partner" not in case.kind.recipients:
        yield refuse(Code.RECIPIENT_CLOSED, "$.to", Step.OTHER_RECIPIENT, purpose=case.manifest.purpose)
    member = case.recipient
    if member is None:
        yield refuse(Code.RECIPIENT_UNKNOWN, "$.to.partner", Step.OTHER_RECIPIENT, partner=to.partner)
        return
    if to.partner == case.manifest.sender.partner:
        yield refuse(Code.RECIPIENT_SELF, "$.to.partner", Step.OTHER_RECIPIENT, partner=to.partner)
    if not _lasts(case, member):
        yield refuse(Code.RECIPIENT_EXPIRED, "$.to.partner", Step.OTHER_RECIPIENT, partner=to.partner)
    if member.sector not in {rule.id for rule in case.rulebook.sectors}:
        yield refuse(Code.SECTOR_UNKNOWN, "$.to.partner", Step.ASK_STEWARD, sector=member.sector)
