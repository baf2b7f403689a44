"""What holds between rules: every word that a rule uses is defined, and the floor of the code of ethics stands.

The format says what one rule looks like; this says that the rules fit together. The list of words that may never be a
purpose, a sector or a category guards against a slip; a steward who means it would choose another word, and answers for
that to the partners.
"""

from collections.abc import Iterable
from typing import NoReturn

from zegel_protocol.errors import MalformedError
from zegel_protocol.objects.rulebook import Allowance
from zegel_protocol.rulebook.rules import Rules
from zegel_protocol.texts.civil_time import date_from_text

FLOOR = ("advice", "client-message", "concern", "improvement")
"""Kinds that no rulebook leaves out: anonymous advice (art. 7), the client's own word (6), alarm (10), feedback (9)."""

NEVER = {
    "purposes": frozenset({"fraud", "enforcement", "migration-control", "research", "debt-collection"}),
    "sectors": frozenset({"police", "prosecutor", "immigration", "employer", "landlord", "insurer"}),
    "categories": frozenset({"religion", "sexuality", "origin", "politics", "national-number"}),
}
"""What Zegel is not for."""


def check_rules(rules: Rules) -> None:
    """Raise `MalformedError` unless the rules fit together.

    Codes: `rules.unknown-term` (a rule uses a word that no rule defines), `rules.contradiction` (two rules, or two
    fields of one, cannot both hold), `rules.forbidden` (a word of `NEVER`), `rules.floor` (a kind of `FLOOR` is
    missing or no purpose has it), `rules.secrecy` (on necessity to who is not under professional secrecy, art. 0).
    """
    _check_vocabulary(rules)
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
    for kind in rules.kinds:
        _known(kind.parts, parts, f"$.kinds[{kind.id}].parts")
        if kind.bases and not kind.client:
            _fail("rules.contradiction", "what names no client needs no basis", f"$.kinds[{kind.id}].bases")
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


def _known(used: Iterable[str], defined: set[str], path: str) -> None:
    for term in used:
        if term not in defined:
            _fail("rules.unknown-term", f"{term!r} is used, and defined nowhere", path)


def _fail(code: str, detail: str, path: str) -> NoReturn:
    raise MalformedError(code, detail, path)
