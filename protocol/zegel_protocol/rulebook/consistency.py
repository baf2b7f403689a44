"""What holds between rules: every word that a rule uses is defined, and the floor of the code of ethics stands.

The format says what one rule looks like; this says that the rules fit together. The list of words that may never be a
purpose, a sector or a category guards against a slip; a steward who means it would choose another word, and answers for
that to the partners.
"""

from collections.abc import Iterable
from typing import NoReturn

from zegel_protocol.errors import MalformedError
from zegel_protocol.objects.partner_rules import Closed
from zegel_protocol.objects.rulebook import Allowance, KindRule, Rulebook
from zegel_protocol.rulebook.rules import Rules
from zegel_protocol.texts.civil_time import date_from_text

FLOOR = ("advice", "client-message", "concern", "improvement")
"""Kinds that no rulebook leaves out: anonymous advice (art. 7), the client's own word (6), alarm (10), feedback (9)."""

ALARM = "concern"
"""The kind of the floor that overtakes."""

NEVER = {
    "purposes": frozenset({"fraud", "enforcement", "migration-control", "research", "debt-collection"}),
    "sectors": frozenset({"police", "prosecutor", "immigration", "employer", "landlord", "insurer"}),
    "categories": frozenset({"religion", "sexuality", "origin", "politics", "national-number"}),
}
"""What Zegel is not for."""


def closes_floor(closed: Closed, rulebook: Rulebook) -> bool:
    """Whether what a partner closes for itself is of the floor (article 3): such a kind, or a purpose of none other."""
    floor = {*FLOOR, *(rule.id for rule in rulebook.kinds if rule.urgent)}
    of_purpose = {kind for rule in rulebook.purposes if rule.id == closed.purpose for kind in rule.kinds}
    return closed.kind in floor or (bool(of_purpose) and of_purpose <= floor)


def check_rules(rules: Rules) -> None:
    """Raise `MalformedError` unless the rules fit together.

    Codes: `rules.unknown-term` (a rule uses a word that no rule defines), `rules.contradiction` (two rules, or two
    fields of one, cannot both hold), `rules.forbidden` (a word of `NEVER`), `rules.floor` (a kind of `FLOOR` is
    missing or no purpose has it, or the alarm is none), `rules.secrecy` (on necessity to who is not under professional
    secrecy, art. 0).
    """
    _check_vocabulary(rules)
    for kind in rules.kinds:
        _check_kind(rules, kind)
    _check_bases(rules)
    _check_times(rules)
    _check_matrix(rules)
    _check_floor(rules)
    for holiday in rules.holidays:
        try:
            date_from_text(holiday)
        except MalformedError as error:
            raise MalformedError("rules.malformed", "no such day", f"$.holidays[{holiday}]") from error


def _check_vocabulary(rules: Rules) -> None:
    parts = {item.id for item in rules.parts}
    kinds = {item.id for item in rules.kinds}
    forms = {item.id: item.limit for item in rules.forms}
    for purpose in rules.purposes:
        path = f"$.purposes[{purpose.id}]"
        _known(purpose.kinds, kinds, f"{path}.kinds")
        if purpose.days_highly is not None and purpose.days_highly > purpose.days:
            _fail("rules.contradiction", "days_highly is a shorter time than days", f"{path}.days_highly")
    for category in rules.categories:
        path = f"$.categories[{category.id}]"
        _known(category.forms, set(forms), f"{path}.forms")
        if "whole" not in category.forms:
            _fail("rules.contradiction", "every category has the form whole", f"{path}.forms")
        if category.id in parts:
            _fail("rules.contradiction", "a category and a part share one name", path)
        if any((forms[form] or 0) > category.limit for form in category.forms):
            _fail("rules.contradiction", "a form is longer than its category", f"{path}.limit")
        if bool(category.files) != bool(category.file_bytes and category.file_count):
            _fail("rules.contradiction", "files, file_bytes and file_count go together", f"{path}.files")


def _check_kind(rules: Rules, kind: KindRule) -> None:
    path = f"$.kinds[{kind.id}]"
    _known(kind.parts, {item.id for item in rules.parts}, f"{path}.parts")
    _known(kind.answers, {item.id for item in rules.kinds}, f"{path}.answers")
    if kind.bases and not kind.client:
        _fail("rules.contradiction", "what names no client needs no basis", f"{path}.bases")
    if kind.urgent and (not kind.bases or not set(kind.bases) <= {rule.id for rule in rules.bases}):
        _fail("rules.contradiction", "an alarm rests on bases that have a rule, and waits for nobody", f"{path}.bases")
    if kind.free_of_code and kind.recipients != ("person",):
        _fail("rules.contradiction", "only what goes to a person waits for no acceptance", f"{path}.free_of_code")
    if kind.conference and kind.thread != "required":
        _fail("rules.contradiction", "a conference is the thread of its messages", f"{path}.thread")
    if not kind.senders or not kind.recipients:
        _fail("rules.contradiction", "somebody sends it, and somebody receives it", path)


def _check_bases(rules: Rules) -> None:
    for basis in rules.bases:
        path = f"$.bases[{basis.id}]"
        _known(basis.parts, {item.id for item in rules.parts}, f"{path}.parts")
        if basis.id == "necessity" and basis.secrecies != ("penal",):
            _fail("rules.secrecy", "necessity reaches only who is under professional secrecy", f"{path}.secrecies")
        if not basis.secrecies or "pledge" in basis.secrecies:
            _fail("rules.secrecy", "under a pledge one receives on consent alone", f"{path}.secrecies")
    safety = rules.safety
    _known(safety.core, {item.id for item in rules.categories}, "$.safety.core")
    _check_allowances(rules, safety.host_types, "$.safety.host_types")


def _check_times(rules: Rules) -> None:
    """A reminder falls within the time that it reminds of, and a longer wait is longer."""
    if rules.code is not None and rules.code.reminder_days > rules.code.grace_days:
        _fail("rules.contradiction", "the first reminder comes after the days of grace", "$.code.reminder_days")
    safety = rules.safety
    if safety.delay_hours > safety.delay_reviewed_days * 24:
        _fail("rules.contradiction", "a reviewed delay is the longer one", "$.safety.delay_reviewed_days")
    if safety.delay_reviewed_days > safety.delay_absolute_days:
        _fail("rules.contradiction", "no delay is longer than the absolute one", "$.safety.delay_absolute_days")


def _check_matrix(rules: Rules) -> None:
    sectors = {item.id: item.secrecy for item in rules.sectors}
    purposes = {item.id: item for item in rules.purposes}
    kinds = {item.id: item for item in rules.kinds}
    for row in rules.relevance:
        path = f"$.relevance[{row.purpose}/{row.sector}]"
        _known([row.purpose], set(purposes), f"{path}.purpose")
        _known([row.sector], set(sectors), f"{path}.sector")
        carried = [kinds[kind] for kind in purposes[row.purpose].kinds]
        if not any(kind.client for kind in carried):
            _fail("rules.contradiction", "an anonymous purpose shares no category", path)
        if any("necessity" in kind.bases for kind in carried) and sectors[row.sector] != "penal":
            _fail("rules.secrecy", "necessity reaches only who is under professional secrecy", path)
        _check_allowances(rules, row.types, f"{path}.types")
    _check_allowances(rules, rules.report_back, "$.report_back")


def _check_allowances(rules: Rules, allowances: Iterable[Allowance], path: str) -> None:
    categories = {item.id: item.forms for item in rules.categories}
    for allowance in allowances:
        _known([allowance.type], set(categories), path)
        _known(allowance.forms, set(categories[allowance.type]), f"{path}[{allowance.type}].forms")
        if not allowance.forms:
            _fail("rules.contradiction", "what is allowed has a form", f"{path}[{allowance.type}].forms")


def _check_floor(rules: Rules) -> None:
    for name, ids in (
        ("purposes", [item.id for item in rules.purposes]),
        ("sectors", [item.id for item in rules.sectors]),
        ("categories", [item.id for item in rules.categories]),
    ):
        for found in sorted(NEVER[name].intersection(ids)):
            _fail("rules.forbidden", f"{found} is no part of helping a family", f"$.{name}[{found}]")
    defined = {item.id for item in rules.kinds}
    carried = {kind for purpose in rules.purposes for kind in purpose.kinds}
    for kind in FLOOR:
        if kind not in defined & carried:
            _fail("rules.floor", f"{kind} cannot be left out", "$.kinds")
    alarm = next(item for item in rules.kinds if item.id == ALARM)
    if not alarm.urgent or "necessity" not in alarm.bases:
        _fail("rules.floor", f"{ALARM} is the alarm: urgent, and on necessity", f"$.kinds[{ALARM}]")


def _known(used: Iterable[str], defined: set[str], path: str) -> None:
    for term in used:
        if term not in defined:
            _fail("rules.unknown-term", f"{term!r} is used, and defined nowhere", path)


def _fail(code: str, detail: str, path: str) -> NoReturn:
    raise MalformedError(code, detail, path)
