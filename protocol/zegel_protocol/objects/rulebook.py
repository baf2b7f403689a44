"""The rulebook: the rules of a Huis as signed data. `decide()` reads rules from here and knows none by itself.

Every rule cites the article of the code of ethics that it serves. A Huis edits its own copy; what the format cannot
express cannot be allowed, because whatever is not listed is refused.
"""

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from zegel_protocol.durations import DAY
from zegel_protocol.fields import Count, Date, Digest, Language, Media, Name, Phone, Term, Time
from zegel_protocol.objects.header import Payload, require_set
from zegel_protocol.objects.membership import Secrecy

Days = Annotated[int, Meta(ge=0, le=36_500)]
Article = Annotated[int, Meta(ge=0, le=10)]
BasisName = Literal["consent", "client-unable", "necessity", "legal-duty"]


class _Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Shape of every rule."""


class PurposeRule(_Rule, frozen=True, kw_only=True):
    """A purpose: which message kinds may carry it, how long a consent for it may last, and its W3C DPV term.

    `days_highly` bounds a consent that holds a highly sensitive category, where that is shorter. `any_category`: what
    a client sends about themselves is not held against the relevance matrix.
    """

    id: Term
    article: Article
    kinds: tuple[Term, ...]
    days: Days
    days_highly: Days | None = None
    any_category: bool
    dpv: str | None = None


class KindRule(_Rule, frozen=True, kw_only=True):
    """A message kind: what it must carry. `client`: it is about clients; else it is anonymous and names nobody.

    `thread`: whether it answers (`required`: only in a thread that its recipient began). `parts` must be present.
    `senders`: whether a partner or a person sends it; `recipients`: who may receive it. `answers`: the kinds one of
    which it answers, by name. `urgent`: an alarm, which overtakes, is never held up by paperwork, and needs a second
    signature afterwards. `conference`: its thread is a conference of sender and recipient. `free_of_code`: goes also
    from who has not accepted the code in time.
    """

    id: Term
    article: Article
    client: bool
    bases: tuple[BasisName, ...]
    carried: bool
    follow_up: bool
    thread: Literal["none", "optional", "required"]
    parts: tuple[Term, ...]
    senders: tuple[Literal["partner", "person"], ...]
    recipients: tuple[Literal["partner", "person"], ...] = ("partner",)
    answers: tuple[Term, ...] = ()
    urgent: bool = False
    conference: bool = False
    free_of_code: bool = False


class BasisRule(_Rule, frozen=True, kw_only=True):
    """What a basis other than consent requires (article 7); a basis without a rule is none.

    `parts` must be present, `secrecies` are those under which its recipients are, `second_signature`: a second worker
    signs within the hours of `SafetyRules`.
    """

    id: Literal["client-unable", "necessity", "legal-duty"]
    article: Article
    parts: tuple[Term, ...]
    secrecies: tuple[Secrecy, ...]
    second_signature: bool


class CodeRules(_Rule, frozen=True, kw_only=True):
    """The code of ethics (article 1): days to accept a new version in, and how often a worker is reminded meanwhile."""

    grace_days: Days
    reminder_days: Annotated[int, Meta(ge=1, le=365)]


class PhoneRule(_Rule, frozen=True, kw_only=True):
    """Whom to phone first on alarm, in the order of `id`: a name and number for people, and when they answer."""

    id: Term
    name: Name
    number: Phone
    hours: Name


class SectorRule(_Rule, frozen=True, kw_only=True):
    """A sector and the secrecy that its people are under."""

    id: Term
    secrecy: Secrecy


class FormRule(_Rule, frozen=True, kw_only=True):
    """A form: how much of a category. `limit`: characters at most, where the form is shorter than the category."""

    id: Term
    limit: Count | None = None


class CategoryRule(_Rule, frozen=True, kw_only=True):
    """A category: how sensitive (O, S, H), the GDPR articles it falls under, its limits, and the forms it has.

    `limit`: characters of text. `files`: media types of files that may be sent; `file_bytes`: size of one, in bytes;
    `file_count`: how many a message. `others`: often about third parties.
    """

    id: Term
    level: Literal["O", "S", "H"]
    gdpr: tuple[Annotated[int, Meta(ge=1, le=99)], ...]
    others: bool
    limit: Count
    forms: tuple[Term, ...]
    files: tuple[Media, ...]
    file_bytes: Count
    file_count: Count


class PartRule(_Rule, frozen=True, kw_only=True):
    """What a message holds that is not a category: who reads it is given, not chosen."""

    id: Term
    article: Article
    limit: Count
    readers: tuple[Literal["client", "participants", "recipient", "steward"], ...]


class Allowance(_Rule, frozen=True, kw_only=True):
    """A category that may go to a sector, in which forms. `signed`: only when the client's own passkey said yes.

    `condition`: only when that holds; a condition that a message cannot state is never met.
    """

    type: Term
    forms: tuple[Term, ...]
    signed: bool
    condition: Term | None = None


class RelevanceRule(_Rule, frozen=True, kw_only=True):
    """The most that may go to a sector for a purpose; a pair without a rule is closed."""

    purpose: Term
    sector: Term
    types: tuple[Allowance, ...]

    def __post_init__(self) -> None:
        require_set("types", (item.type for item in self.types))

    def find(self, category: str) -> Allowance | None:
        """Return what is allowed of a category, or None."""
        return next((item for item in self.types if item.type == category), None)


class ConsentRules(_Rule, frozen=True, kw_only=True):
    """Durations and limits of consent, in days; the levels that a witnessed consent may hold; who may interpret."""

    pledge_days: Days
    witnessed_days: Days
    witnessed_renewals: Count
    witnessed_levels: tuple[Literal["O", "S", "H"], ...]
    witnesses: Annotated[int, Meta(ge=1, le=4)]
    status_seconds: Count
    interpreters: tuple[Term, ...] = ()


class PersonRules(_Rule, frozen=True, kw_only=True):
    """Who signs for whom: days that a parent's consent outlives the twelfth birthday, levels that both sign for."""

    at_12_days: Days
    conflict_levels: tuple[Literal["O", "S", "H"], ...]
    rebuttal_days: Days
    rebuttal_workers: Annotated[int, Meta(ge=1, le=4)]


class FollowUpRules(_Rule, frozen=True, kw_only=True):
    """Working days for first contact and report, after which overdue shows."""

    first_contact_days: Days
    report_client_days: Days
    overdue_days: Days
    request_days: Days
    erasure_days: Days


class SafetyRules(_Rule, frozen=True, kw_only=True):
    """Times of an alarm, in minutes and hours (article 10).

    `core` are the categories that an alarm may always hold; of others at most `other_categories`. `delay_codes`: why a
    notice may wait. `host_types`: what who has a host may tell it.
    """

    second_device_minutes: Count
    phone_minutes: Count
    team_lead_minutes: Count
    steward_minutes: Count
    second_signature_hours: Count
    delay_hours: Count
    delay_reviewed_days: Days
    delay_absolute_days: Days
    other_categories: Count
    core: tuple[Term, ...] = ()
    delay_codes: tuple[Term, ...] = ()
    host_types: tuple[Allowance, ...] = ()


class RetentionRules(_Rule, frozen=True, kw_only=True):
    """How long the relay keeps what, in days."""

    ciphertext_days: Days
    ciphertext_unopened_days: Days
    client_copy_days: Days
    record_days: Days
    record_minor_until_age: Count
    refusal_days: Days
    refusal_least_count: Count
    advice_days: Days
    feedback_days: Days


class Rulebook(Payload, frozen=True, kw_only=True):
    """All rules in force, signed by the steward. A higher `version` replaces a lower one.

    `code_from`: since when this version of the code of ethics is in force, where `code` says how long workers have to
    accept it. `kept_reasons`: why a partner may keep what it is asked to erase.
    """

    KIND: ClassVar[str] = "rulebook"

    version: Annotated[int, Meta(ge=1, le=2**31)]
    name: Name
    issued: Time
    languages: tuple[Language, ...]
    code_version: Term
    code_digest: Digest
    purposes: tuple[PurposeRule, ...]
    kinds: tuple[KindRule, ...]
    sectors: tuple[SectorRule, ...]
    forms: tuple[FormRule, ...]
    categories: tuple[CategoryRule, ...]
    parts: tuple[PartRule, ...]
    relevance: tuple[RelevanceRule, ...]
    report_back: tuple[Allowance, ...]
    withheld_reasons: tuple[Term, ...]
    revocation_reasons: tuple[Term, ...]
    unable_codes: tuple[Term, ...]
    necessity_codes: tuple[Term, ...]
    legal_citations: tuple[Term, ...]
    consent: ConsentRules
    persons: PersonRules
    follow_up: FollowUpRules
    safety: SafetyRules
    retention: RetentionRules
    holidays: tuple[Date, ...]
    bases: tuple[BasisRule, ...] = ()
    code: CodeRules | None = None
    code_from: Time | None = None
    phones: tuple[PhoneRule, ...] = ()
    kept_reasons: tuple[Term, ...] = ()

    def __post_init__(self) -> None:
        require_set("languages", self.languages, least=1)
        require_set("purposes", (item.id for item in self.purposes))
        require_set("kinds", (item.id for item in self.kinds))
        require_set("sectors", (item.id for item in self.sectors))
        require_set("forms", (item.id for item in self.forms))
        require_set("categories", (item.id for item in self.categories))
        require_set("parts", (item.id for item in self.parts))
        require_set("relevance", (f"{item.purpose}\x01{item.sector}" for item in self.relevance))
        require_set("report_back", (item.type for item in self.report_back))
        require_set("holidays", self.holidays)
        require_set("bases", (item.id for item in self.bases))
        require_set("phones", (item.id for item in self.phones))

    def accept_by(self, listed_at: int) -> int | None:
        """Return until when (UTC seconds) a worker listed since `listed_at` has to accept the code; None: nobody has.

        From then on what they send is refused (article 1).
        """
        if self.code is None or self.code_from is None:
            return None
        return max(self.code_from, listed_at) + self.code.grace_days * DAY

    def is_code(self, version: str, digest: str) -> bool:
        """Whether this version and text of the code of ethics are those in force: an earlier one is another promise."""
        return (version, digest) == (self.code_version, self.code_digest)

    def kind_rule(self, kind: str) -> KindRule | None:
        """Return the rule of a message kind, or None."""
        return next((rule for rule in self.kinds if rule.id == kind), None)
