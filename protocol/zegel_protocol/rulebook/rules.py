"""The rules of a rulebook, without what is set when it is issued: header, name, version, and the code it serves."""

import msgspec

from zegel_protocol.fields import Date, Language, Term
from zegel_protocol.objects.rulebook import (
    Allowance,
    BasisRule,
    CategoryRule,
    CodeRules,
    ConsentRules,
    FollowUpRules,
    FormRule,
    KindRule,
    PartRule,
    PersonRules,
    PhoneRule,
    PurposeRule,
    RelevanceRule,
    RetentionRules,
    SafetyRules,
    SectorRule,
)


class Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields of a `Rulebook` that are rules, in its order. Every list is a set, sorted bytewise."""

    languages: tuple[Language, ...]
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
    phones: tuple[PhoneRule, ...] = ()
    kept_reasons: tuple[Term, ...] = ()
