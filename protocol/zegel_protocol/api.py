"""Bodies of the HTTP API, shared by relay and SDK; OpenAPI is generated from these.

Envelopes travel as raw JSON inside these bodies: their bytes stay as they were signed.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Raw

from zegel_protocol.assertion import Assertion, Credential
from zegel_protocol.fields import Binary, Count, Digest, Key32, Language, Random128, SeedWrap, Term, Time, Uuid7
from zegel_protocol.objects.parties import Party
from zegel_protocol.refusal import Refusal

PROBLEM_BASE = "https://zegel.invalid/problems/"
"""Prefix of problem types; `.invalid` (RFC 2606) because it names, and is not to be fetched."""


NOTHING = Raw(b"null")
"""Stands for an envelope that is not there: msgspec knows no optional `Raw`."""


def _nothing() -> Raw:
    return NOTHING


def given(envelope: Raw) -> bytes | None:
    """Return an envelope's bytes, or None where there is none."""
    data = bytes(envelope)
    return None if data == b"null" else data


class Held(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An object's envelope and the receipt under which the relay holds it."""

    object: Raw
    receipt: Raw = msgspec.field(default_factory=_nothing)


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """Objects with their receipts, in the order in which the relay accepted them."""

    items: tuple[Held, ...]


class InlineSection(msgspec.Struct, frozen=True, kw_only=True):
    """A ciphertext of at most 64 KiB that travels with its message: `ct` names it, `body` is base64url."""

    ct: Digest
    body: Annotated[str, Meta(max_length=131_072)]


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """A message to be accepted: manifest envelope, entry payloads (base64url), wraps envelopes, small sections."""

    manifest: Raw
    entries: tuple[Binary, ...]
    wraps: tuple[Raw, ...]
    sections: tuple[InlineSection, ...]


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """The receipt's envelope."""

    receipt: Raw


class InboxItem(msgspec.Struct, frozen=True, kw_only=True):
    """One message that waits: its manifest's `D`, and where it stands: in the log, or for a person as their notice."""

    index: Count
    manifest: Digest


class UrgentItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An alarm that its recipient has not opened: since when, and when somebody there was last called to it.

    `yours`: the device that asks is called now; with nobody on call, every device is.
    """

    index: Count
    manifest: Digest
    since: Time
    called: Time
    yours: bool


class InboxPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Messages after a cursor, and the cursor to go on from.

    `urgent`: every alarm that was not opened, wherever the cursor stands, the oldest first. `called`: when somebody was
    last called to one of them; a reader that gives it back waits for the next call (`GET /v1/inbox`).
    """

    items: tuple[InboxItem, ...]
    cursor: Count
    urgent: tuple[UrgentItem, ...] = ()
    called: Count = 0


class Delivery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message handed to a reader: its manifest, their entries, wraps and receipt, and the evidence to judge it by.

    A person who is told and reads nothing of it gets no `wraps`.
    """

    manifest: Raw
    entries: tuple[Binary, ...]
    receipt: Raw
    evidence: Bundle
    wraps: Raw = msgspec.field(default_factory=_nothing)
    notice: Raw = msgspec.field(default_factory=_nothing)


class EvidenceQuery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"sender": "from"}):
    """What a message would be judged by: about whom, from whom, to whom, answering which thread.

    `request`: also a consent request of the asker's own (`D`), which no consent answers yet. `worker` and `household`:
    whose acceptance of the code, and whose objections, the message would be judged by. `answers`: the message (`D`)
    that it answers.
    """

    persons: Annotated[tuple[Random128, ...], Meta(max_length=16)]
    sender: Party
    to: Party
    thread: Uuid7 | None = None
    request: Digest | None = None
    worker: Random128 | None = None
    household: Random128 | None = None
    answers: Digest | None = None


class NoticeItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One notice and the manifest it is about.

    `position`, for its person: where it stands among theirs (`zegel_protocol.positions`). `due`, for the sender of the
    message: when it reaches or reached its person, where a review moved that.
    """

    manifest: Digest
    notice: Raw
    position: Count | None = None
    due: Time | None = None


class NoticePage(msgspec.Struct, frozen=True, kw_only=True):
    """Notices after a cursor, and the cursor to go on from."""

    items: tuple[NoticeItem, ...]
    cursor: Count


class UploadState(msgspec.Struct, frozen=True, kw_only=True):
    """How far the upload of a ciphertext of `size` bytes is: `received` are durable; `complete`: it is a blob."""

    size: Count
    received: Count
    complete: bool


class EnrolmentNote(msgspec.Struct, frozen=True, kw_only=True):
    """What one device leaves for the other at an enrolment: bytes as base64url, which the relay does not look into."""

    content: Annotated[str, Meta(max_length=24_576)]


Way = Literal["prf", "device", "code"]
"""What opens a wrapped seed: a passkey's PRF, a device's secret with the relay's share, or the printed code."""


class KeyringEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A seed, wrapped for one way in: `prf` with its credential, `device` with a share too, `code` with neither."""

    kind: Way
    credential: Credential | None = None
    wrap: SeedWrap
    share: Key32 | None = None

    def __post_init__(self) -> None:
        if (self.credential is None) != (self.kind == "code") or (self.share is None) != (self.kind != "device"):
            raise ValueError("a passkey's entry has a credential, a device's a share too, and a code's neither")


class KeyringLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An entry of a person's keyring without what opens anything."""

    name: Digest
    kind: Way
    credential: Credential | None = None
    made_at: Time


class Keyring(msgspec.Struct, frozen=True, kw_only=True):
    """All ways in that a person has, the oldest first."""

    items: tuple[KeyringLine, ...]


class KeyringOpening(msgspec.Struct, frozen=True, kw_only=True):
    """Whose seed it is, and the seed as it was wrapped."""

    huis: Digest
    household: Random128
    person: Random128
    wrap: SeedWrap


class LoginNonce(msgspec.Struct, frozen=True, kw_only=True):
    """What a login's challenge is built from; 32 bytes, for two minutes."""

    nonce: Key32


class Login(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A passkey's answer to the login challenge of `nonce` (`assertion.login_challenge`); its batch is empty."""

    nonce: Key32
    assertion: Assertion


class LoginOpening(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a login gives: the entry of its passkey; `share` for a `device`."""

    huis: Digest
    household: Random128
    person: Random128
    kind: Way
    credential: Credential
    wrap: SeedWrap
    share: Key32 | None = None


class DutyItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A notice that a partner owes it to a person to tell: with the message's manifest, the lines that the partner may
    know, its own receipt, since when, and the language that the person chose, if they did.
    """

    notice: Raw
    manifest: Raw
    entries: tuple[Binary, ...]
    receipt: Raw
    since: Time
    language: Language | None = None


class DutyPage(msgspec.Struct, frozen=True, kw_only=True):
    """What a partner owes, and the objects to check it by."""

    items: tuple[DutyItem, ...]
    evidence: Bundle


class DeadlineItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What `owner` owes about `object`, by when (articles 5, 7 and 10).

    `kind`: first-contact, report-client, report-back, step, answer, reply, erasure, second-signature,
    alarm-second-device, alarm-phone, alarm-team-lead, alarm-steward, accept-code or invite. `message`: whose agreement
    it is; `number`: which step. `state`: `lapsed` where silence is an answer too. `closed`: since when it is done or
    lapsed.
    """

    kind: Term
    owner: Party
    object: Digest
    message: Digest | None = None
    number: Count
    since: Time
    due: Time
    state: Literal["open", "overdue", "done", "lapsed"]
    closed: Time | None = None

    @property
    def running(self) -> bool:
        """Whether it is owed still, late or not."""
        return self.state in ("open", "overdue")


class DeadlinePage(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed, and what was done of late: the soonest due first."""

    items: tuple[DeadlineItem, ...]


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`application/problem+json` (RFC 9457) with all refusals.

    `detail` says what happened, what is safe, what to do.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    refusals: tuple[Refusal, ...] = ()


class LogState(msgspec.Struct, frozen=True, kw_only=True):
    """The newest checkpoint (C2SP `tlog-checkpoint`) and the relay's time."""

    checkpoint: str
    now: Time


class LogConsistency(msgspec.Struct, frozen=True, kw_only=True):
    """Hashes (base64url) that prove that the log of `old` leaves is a prefix of the log of `new` leaves."""

    old: Count
    new: Count
    hashes: tuple[Digest, ...]
    checkpoint: str
