"""The manifest: a message as the relay, the recipient and each client see it, without a word of its content."""

from datetime import date
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from zegel_protocol.fields import Count, Date, Digest, PartnerId, Random128, Term, Time, Uuid7
from zegel_protocol.objects.header import Payload, require_set
from zegel_protocol.objects.parties import Party, Sender

MAX_ENTRIES = 64


class OnConsent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="is", tag="consent"):
    """Shared on these consents, each named by its `D`."""

    consents: tuple[Digest, ...]

    def __post_init__(self) -> None:
        require_set("consents", self.consents, least=1, most=64)


class OnClientUnable(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="is", tag="client-unable"
):
    """The client cannot express a will and the help cannot wait (`code`: from the rulebook)."""

    code: Term


class OnNecessity(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="is",
    tag="necessity",
):
    """Serious danger (`code`: from the rulebook). `off_call`: sent knowing that nobody at the desk is on call."""

    code: Term
    off_call: bool = False


class OnLegalDuty(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="is", tag="legal-duty"
):
    """A duty of law (`citation`: from the rulebook's closed list, empty by default)."""

    citation: Term


Basis = OnConsent | OnClientUnable | OnNecessity | OnLegalDuty


class Carried(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How the client took part (article 6): they carry it, it goes with them, or it was discussed `on` a day."""

    how: Literal["by-client", "with-client", "in-consultation"]
    on: Date | None = None

    def __post_init__(self) -> None:
        if (self.how == "in-consultation") != (self.on is not None):
            raise ValueError("in-consultation states the day, the others do not")
        if self.on is not None:
            # A day that is none has no words either, and the client's page of the message would not be shown.
            date.fromisoformat(self.on)


class FollowUp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One agreement on follow-up (article 5); `due` is absent only for `none-ask`: no follow-up, ask whom it names.

    `by`: which side keeps it.
    """

    code: Literal["first-contact", "report-client", "report-back", "none-ask"]
    due: Time | None = None
    by: Literal["recipient", "sender"] = "recipient"

    def __post_init__(self) -> None:
        if (self.code == "none-ask") != (self.due is None):
            raise ValueError("due belongs to every follow-up but none-ask")


class PlanStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"others": "with"}):
    """One step of a joint hand-over plan (article 4): who takes it, together `with` whom, by when.

    `n` counts from 1; what the step is stands in the part `steps`, under the same number. Field `with` on the wire.
    """

    n: Annotated[int, Meta(ge=1, le=16)]
    by: Party
    others: tuple[Party, ...]
    due: Time

    def __post_init__(self) -> None:
        require_set("with", (item.key for item in self.others), most=8)
        if self.by in self.others:
            raise ValueError("nobody takes a step together with themselves")


class Delay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The notice of an alarm waits until a time, for a reason of the rulebook's list (article 10); never for long."""

    until: Time
    code: Term


class Seen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The log as its signer last saw it, so that parties can compare their views."""

    size: Count
    root: Digest


class Manifest(Payload, frozen=True, kw_only=True, rename={"sender": "from"}):
    """One message to one recipient. Field `from` on the wire.

    `devices` is the `D` of the sender's device list (absent when a person sends), `directory` the `D` of the directory
    that the sender acted under, `thread` the id of the message (or conference) that began the conversation, `answers`
    the `D` of the message that this one answers, `notice_by` the partner that tells the client in person when no device
    can. `steps` are numbered from 1 without gaps; `delay` belongs to alarms only (`decide()`).
    """

    KIND: ClassVar[str] = "manifest"

    id: Uuid7
    kind: Term
    sender: Sender
    devices: Digest | None = None
    directory: Digest
    to: Party
    household: Random128 | None = None
    purpose: Term
    basis: Basis | None = None
    carried: Carried | None = None
    thread: Uuid7 | None = None
    entries: tuple[Digest, ...]
    follow_up: tuple[FollowUp, ...]
    notice_by: PartnerId | None = None
    seen: Seen
    created: Time
    answers: Digest | None = None
    steps: tuple[PlanStep, ...] = ()
    delay: Delay | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.entries) <= MAX_ENTRIES:
            raise ValueError(f"1 to {MAX_ENTRIES} entries belong here")
        if len(set(self.entries)) != len(self.entries):
            raise ValueError("an entry stands once")
        require_set("follow_up", (item.code for item in self.follow_up), most=4)
        if [step.n for step in self.steps] != list(range(1, len(self.steps) + 1)):
            raise ValueError("steps are numbered from 1, without gaps")
        if (self.devices is None) != (self.sender.partner is None):
            raise ValueError("devices belongs to a partner's message")
