"""Refusals are values: a stable code, the part it is about, and the one step that would make it right.

The list of codes is closed; `docs/spec/refusals.md` documents each, and a test holds the two together.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta


class Code(StrEnum):
    """Why something is not allowed."""

    # Who and when
    HUIS_FOREIGN = "huis.foreign"
    DIRECTORY_EXPIRED = "directory.expired"
    DIRECTORY_UNKNOWN = "directory.unknown"
    SENDER_UNKNOWN = "sender.unknown"
    SENDER_EXPIRED = "sender.expired"
    SENDER_DEVICE = "sender.device"
    SENDER_SIGNATURE = "sender.signature"
    SENDER_KIND = "sender.kind"
    RECIPIENT_UNKNOWN = "recipient.unknown"
    RECIPIENT_EXPIRED = "recipient.expired"
    RECIPIENT_SELF = "recipient.self"
    RECIPIENT_CLOSED = "recipient.closed"
    RECIPIENT_NOT_CONCERNED = "recipient.not-concerned"
    RECIPIENT_WITHOUT_KEYS = "recipient.without-keys"
    RECIPIENT_OWN_WITNESS = "recipient.own-witness"
    RECIPIENT_OWN_VOUCH = "recipient.own-vouch"
    SECTOR_UNKNOWN = "sector.unknown"
    TIME_SKEW = "time.skew"
    # What the sides took upon themselves
    CODE_NOT_ACCEPTED = "code.not-accepted"
    PLEDGE_MISSING = "pledge.missing"
    PARTNER_RULES_MISSING = "partner.rules-missing"
    PARTNER_CLOSED = "partner.closed"
    # What kind of message
    KIND_UNKNOWN = "kind.unknown"
    PURPOSE_UNKNOWN = "purpose.unknown"
    PURPOSE_KIND = "purpose.kind"
    BASIS_MISSING = "basis.missing"
    BASIS_NOT_ALLOWED = "basis.not-allowed"
    BASIS_ANONYMOUS = "basis.anonymous"
    CARRIED_MISSING = "carried.missing"
    FOLLOW_UP_MISSING = "follow-up.missing"
    NOTICE_BY = "notice.by"
    PART_MISSING = "part.missing"
    THREAD_MISSING = "thread.missing"
    THREAD_UNKNOWN = "thread.unknown"
    THREAD_OTHER = "thread.other"
    STEPS_MISSING = "steps.missing"
    STEPS_OTHER = "steps.other"
    STEPS_PARTY = "steps.party"
    ANSWERS_MISSING = "answers.missing"
    ANSWERS_UNKNOWN = "answers.unknown"
    ANSWERS_OTHER = "answers.other"
    CONFERENCE_MISSING = "conference.missing"
    CONFERENCE_NOT_INVITED = "conference.not-invited"
    CONFERENCE_ABOUT = "conference.about"
    CONFERENCE_ENDED = "conference.ended"
    CONFERENCE_CHAIR = "conference.chair"
    CONFERENCE_NOT_DISCUSSED = "conference.not-discussed"
    OBJECTION_STANDS = "objection.stands"
    # Without the client's yes
    BASIS_CODE = "basis.code"
    BASIS_SENDER = "basis.sender"
    BASIS_RECIPIENT = "basis.recipient"
    ALARM_SERVICE = "alarm.service"
    ALARM_ABOUT = "alarm.about"
    ALARM_TOO_MANY = "alarm.too-many"
    DESK_OFF_CALL = "desk.off-call"
    DELAY_NOT_ALARM = "delay.not-alarm"
    DELAY_CODE = "delay.code"
    DELAY_TOO_LONG = "delay.too-long"
    # Each section
    TYPE_UNKNOWN = "category.unknown"
    FORM_UNKNOWN = "form.unknown"
    NOT_RELEVANT = "category.not-relevant"
    FORM_NOT_RELEVANT = "form.not-relevant"
    CONDITION = "category.condition"
    MEDIA = "media.not-allowed"
    SIZE = "size.too-large"
    FILE_COUNT = "files.too-many"
    ABOUT_MISSING = "about.missing"
    ABOUT_ANONYMOUS = "about.anonymous"
    ABOUT_APART = "about.apart"
    PERSON_UNKNOWN = "person.unknown"
    PERSON_HOUSEHOLD = "person.household"
    READER = "reader.not-allowed"
    CLIENT_COPY = "client-copy.missing"
    WITHHELD_REASON = "withheld.reason"
    # Consent
    CONSENT_MISSING = "consent.missing"
    CONSENT_UNKNOWN = "consent.unknown"
    CONSENT_REVOKED = "consent.revoked"
    CONSENT_REPLACED = "consent.replaced"
    CONSENT_EXPIRED = "consent.expired"
    CONSENT_NOT_YET = "consent.not-yet"
    CONSENT_PURPOSE = "consent.purpose"
    CONSENT_PARTY = "consent.party"
    CONSENT_PERSON = "consent.person"
    CONSENT_REQUEST = "consent.request"
    CONSENT_TOO_LONG = "consent.too-long"
    CONSENT_TEXT = "consent.text"
    CONSENT_LANGUAGE = "consent.language"
    CONSENT_INTERPRETER = "consent.interpreter"
    NOT_COVERED = "category.not-covered"
    NOT_SIGNED = "category.not-signed"
    STATUS_MISSING = "status.missing"
    STATUS_STALE = "status.stale"
    STATUS_HEAD = "status.head"
    SIGNER_NOT_ENTITLED = "signer.not-entitled"
    SIGNER_CONFLICT = "signer.conflict"
    SIGNER_SIGNATURE = "signer.signature"
    WITNESS_COUNT = "witness.count"
    WITNESS_SAME_WORKER = "witness.same-worker"
    WITNESS_NOT_WORKER = "witness.not-worker"
    WITNESS_HAS_PASSKEY = "witness.has-passkey"
    WITNESS_LEVEL = "witness.level"
    WITNESS_RENEWED = "witness.renewed"
    PLEDGE_SIGNED = "pledge.signed"


class Step(StrEnum):
    """The one step that would mend a refusal. Closed list; the words for people come from `zegel_protocol.texts`."""

    ASK_CONSENT = "ask-consent"
    LEAVE_OUT = "leave-out"
    NARROW = "narrow"
    SHORTEN = "shorten"
    OTHER_RECIPIENT = "other-recipient"
    OTHER_PURPOSE = "other-purpose"
    ADD = "add"
    GIVE_READER = "give-reader"
    ASK_SIGNATURE = "ask-signature"
    OTHER_WITNESS = "other-witness"
    SECOND_VOUCH = "second-vouch"
    REFRESH = "refresh"
    SET_CLOCK = "set-clock"
    ASK_STEWARD = "ask-steward"
    ACCEPT_CODE = "accept-code"
    PLEDGE = "pledge"
    BY_WORKER = "by-worker"
    PHONE = "phone"
    TALK = "talk"


class Mend(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A step and what it concerns: ids or terms, such as the categories to leave out."""

    step: Step
    what: tuple[str, ...]


Text = Annotated[str, Meta(max_length=400)]


class Param(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One named parameter of a refusal."""

    name: str
    value: Text


class Refusal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One reason why a message is not allowed.

    `path` is where: `$.purpose`, `$.entries[2].type`. `params` are facts to fill a sentence with; ids and terms only,
    never content.
    """

    code: Code
    path: str
    params: tuple[Param, ...]
    mend: Mend


PASSING = frozenset({Step.REFRESH, Step.ASK_STEWARD, Step.ACCEPT_CODE, Step.PLEDGE})
"""Steps after which the very same message may be allowed: something around it was out of date, or not in force."""


def passes(refusals: Iterable[Refusal]) -> bool:
    """Whether each refusal is of what surrounds a message and not of the message: it is kept then, and tried again."""
    return all(item.mend.step in PASSING for item in refusals)


def refuse(code: Code, path: str, step: Step, what: tuple[str, ...] = (), **params: str) -> Refusal:
    """Return a refusal; `params` are sorted by name, so that equal refusals are equal values."""
    named = tuple(Param(name=name, value=value) for name, value in sorted(params.items()))
    return Refusal(code=code, path=path, params=named, mend=Mend(step=step, what=what))
