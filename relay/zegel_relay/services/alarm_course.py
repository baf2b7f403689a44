"""The course of an alarm (article 10): what begins when it is accepted, at which times it goes on, and what ends it.

It goes on while its recipient has not said that it was opened: received by some software is not seen by anybody. The
deed itself, at its times, is `notify.escalate`.
"""

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from sqlalchemy import update

from zegel_protocol.durations import HOUR
from zegel_protocol.objects import Manifest
from zegel_protocol.objects.rulebook import Rulebook, SafetyRules
from zegel_protocol.words import SECOND_SIGNATURE
from zegel_relay.outbox.promise import ALARM, DONE, promise
from zegel_relay.services.deadlines import close_deadlines, open_deadline
from zegel_relay.storage.models import Deadline, MessageDelivery, OutboxItem
from zegel_relay.storage.operation import Update

SECOND_DEVICE: Final = "alarm-second-device"
PHONE: Final = "alarm-phone"
TEAM_LEAD: Final = "alarm-team-lead"
STEWARD: Final = "alarm-steward"
KINDS: Final = (SECOND_DEVICE, PHONE, TEAM_LEAD, STEWARD)
"""Kinds of deadline that an unopened alarm comes to."""


class Level(NamedTuple):
    """What an alarm comes to `after` so many seconds unopened: a deadline of this `kind`, which one side owes."""

    after: int
    kind: str
    owner: Literal["sender", "recipient"]


def levels(rules: SafetyRules) -> tuple[Level, ...]:
    """Return what an unopened alarm comes to, in order. Only the recipient can end the steward's level too."""
    return tuple(
        sorted(
            (
                Level(rules.second_device_minutes * 60, SECOND_DEVICE, "recipient"),
                Level(rules.phone_minutes * 60, PHONE, "sender"),
                Level(rules.team_lead_minutes * 60, TEAM_LEAD, "recipient"),
                Level(rules.steward_minutes * 60, STEWARD, "recipient"),
            )
        )
    )


def is_urgent(manifest: Manifest, rulebook: Rulebook) -> bool:
    """Whether a message is an alarm, by the rulebook."""
    rule = rulebook.kind_rule(manifest.kind)
    return rule is not None and rule.urgent


def asks_second_signature(manifest: Manifest, rulebook: Rulebook) -> bool:
    """Whether another worker is to sign: an alarm, or a message whose basis says so; never what a person sends."""
    if manifest.sender.partner is None:
        return False
    name = manifest.basis.__struct_config__.tag if manifest.basis is not None else None
    basis = next((rule for rule in rulebook.bases if rule.id == name), None)
    return is_urgent(manifest, rulebook) or (basis is not None and basis.second_signature)


def begun(d: str, manifest: Manifest, rulebook: Rulebook, now: int) -> Iterator[OutboxItem | Deadline]:
    """Yield what begins when the message `d` is accepted: an alarm's course, and who owes a second signature."""
    if is_urgent(manifest, rulebook):
        yield promise(ALARM, manifest.to.key, d, now + levels(rulebook.safety)[0].after, now)
    if asks_second_signature(manifest, rulebook):
        due = now + rulebook.safety.second_signature_hours * HOUR
        yield open_deadline(SECOND_SIGNATURE, manifest.sender.party.key, d, due, now, message_d=d)


def opened(d: str, recipient: str, now: int, by_d: str) -> tuple[Update, ...]:
    """Return the statements that end the course of the message `d`: its recipient said, by `by_d`, that it was opened.

    Of a message that is no alarm they change nothing.
    """
    delivery = MessageDelivery.message_d == d, MessageDelivery.reader == recipient
    going_on = OutboxItem.kind == ALARM, OutboxItem.object_d == d, OutboxItem.state != DONE
    return (
        update(MessageDelivery).where(*delivery, MessageDelivery.called_at.is_not(None)).values(called_at=None),
        update(OutboxItem).where(*going_on).values(state=DONE, ended_at=now, error=None),
        *(close_deadlines(kind, d, now, by_d=by_d) for kind in KINDS),
    )
