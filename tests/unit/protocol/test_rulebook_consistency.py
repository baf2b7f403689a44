"""An edited rules file: what does not fit together is refused, by its code, at the place where it is wrong."""

import json
from pathlib import Path

import pytest

from zegel_protocol.errors import MalformedError
from zegel_protocol.rulebook.template import default_source, read_rules

SPEC = Path(__file__).resolve().parents[3] / "docs" / "spec" / "rulebook.md"


def edited(change) -> bytes:
    rules = json.loads(default_source())
    change(rules)
    return json.dumps(rules).encode()


def row(rules, purpose, sector):
    return next(item for item in rules["relevance"] if (item["purpose"], item["sector"]) == (purpose, sector))


def named(rules, field, name):
    return next(item for item in rules[field] if item["id"] == name)


EDITS = {
    "unknown field": (lambda r: r.update(extra=1), "rules.malformed", "$"),
    "missing field": (lambda r: r["safety"].pop("delay_hours"), "rules.malformed", "$.safety"),
    "wrong type": (lambda r: named(r, "purposes", "care").update(days="6"), "rules.malformed", "$.purposes[care].days"),
    "half a day": (lambda r: named(r, "purposes", "care").update(days=0.5), "rules.malformed", ""),
    "bad term": (lambda r: r["withheld_reasons"].append("No way"), "rules.malformed", "$.withheld_reasons[No way]"),
    "no such day": (lambda r: r["holidays"].append("2027-02-29"), "rules.malformed", "$.holidays[2027-02-29]"),
    "twice the same rule": (
        lambda r: r["sectors"].append({"id": "clb", "secrecy": "office"}), "rules.repeated", "$.sectors[clb]",
    ),
    "twice the same pair": (
        lambda r: r["relevance"].append(row(r, "access", "city")), "rules.repeated", "$.relevance[access/city]",
    ),
    "unnamed rule": (lambda r: r["sectors"].extend([{}, {}]), "rules.malformed", "$.sectors[0]"),
    "unknown kind": (
        lambda r: named(r, "purposes", "care")["kinds"].append("gossip"),
        "rules.unknown-term", "$.purposes[care].kinds",
    ),
    "unknown part": (
        lambda r: named(r, "kinds", "referral")["parts"].append("gossip"),
        "rules.unknown-term", "$.kinds[referral].parts",
    ),
    "unknown sector": (
        lambda r: r["relevance"].append({"purpose": "care", "sector": "bank", "types": []}),
        "rules.unknown-term", "$.relevance[care/bank].sector",
    ),
    "unknown category": (
        lambda r: row(r, "care", "clb")["types"].append({"type": "gossip", "forms": ["whole"], "signed": False}),
        "rules.unknown-term", "$.relevance[care/clb].types",
    ),
    "form that the category lacks": (
        lambda r: row(r, "care", "clb")["types"][0].update(forms=["yes-no"]),
        "rules.unknown-term", "$.relevance[care/clb].types[who].forms",
    ),
    "no form": (
        lambda r: r["report_back"][0].update(forms=[]), "rules.contradiction", "$.report_back[follow].forms",
    ),
    "longer when highly sensitive": (
        lambda r: named(r, "purposes", "coordinate").update(days_highly=400),
        "rules.contradiction", "$.purposes[coordinate].days_highly",
    ),
    "form longer than category": (
        lambda r: named(r, "categories", "who").update(limit=30), "rules.contradiction", "$.categories[who].limit",
    ),
    "category without whole": (
        lambda r: named(r, "categories", "who").update(forms=["first-name"]),
        "rules.contradiction", "$.categories[who].forms",
    ),
    "files of no size": (
        lambda r: named(r, "categories", "who").update(files=["image/png"]),
        "rules.contradiction", "$.categories[who].files",
    ),
    "category named as a part": (
        lambda r: named(r, "parts", "report").update(id="school"), "rules.contradiction", "$.categories[school]",
    ),
    "categories in an anonymous purpose": (
        lambda r: r["relevance"].append({"purpose": "advice", "sector": "clb", "types": []}),
        "rules.contradiction", "$.relevance[advice/clb]",
    ),
    "basis for nobody": (
        lambda r: named(r, "kinds", "advice").update(bases=["consent"]), "rules.contradiction", "$.kinds[advice].bases",
    ),
    "alarm to a school": (
        lambda r: r["relevance"].append({"purpose": "safety", "sector": "school", "types": []}),
        "rules.secrecy", "$.relevance[safety/school]",
    ),
    "an unknown answer": (
        lambda r: named(r, "kinds", "reply").update(answers=["gossip"]), "rules.unknown-term", "$.kinds[reply].answers",
    ),
    "an alarm that waits for a yes": (
        lambda r: named(r, "kinds", "concern").update(bases=["consent", "necessity"]),
        "rules.contradiction", "$.kinds[concern].bases",
    ),
    "an alarm whose basis has no rule": (
        lambda r: r["bases"].remove(named(r, "bases", "necessity")), "rules.contradiction", "$.kinds[concern].bases",
    ),
    "an alarm that does not overtake": (
        lambda r: named(r, "kinds", "concern").update(urgent=False), "rules.floor", "$.kinds[concern]",
    ),
    "an alarm that is another word": (
        lambda r: named(r, "kinds", "concern").update(bases=["client-unable"]), "rules.floor", "$.kinds[concern]",
    ),
    "free of the code to partners": (
        lambda r: named(r, "kinds", "feedback").update(free_of_code=True),
        "rules.contradiction", "$.kinds[feedback].free_of_code",
    ),
    "a conference without a thread": (
        lambda r: named(r, "kinds", "contribution").update(thread="none"),
        "rules.contradiction", "$.kinds[contribution].thread",
    ),
    "a kind that nobody receives": (
        lambda r: named(r, "kinds", "feedback").update(recipients=[]), "rules.contradiction", "$.kinds[feedback]",
    ),
    "a basis with an unknown part": (
        lambda r: named(r, "bases", "legal-duty").update(parts=["gossip"]),
        "rules.unknown-term", "$.bases[legal-duty].parts",
    ),
    "necessity to an office": (
        lambda r: named(r, "bases", "necessity").update(secrecies=["office", "penal"]),
        "rules.secrecy", "$.bases[necessity].secrecies",
    ),
    "a duty of law to a volunteer": (
        lambda r: named(r, "bases", "legal-duty").update(secrecies=["pledge"]),
        "rules.secrecy", "$.bases[legal-duty].secrecies",
    ),
    "an unknown category of alarm": (
        lambda r: r["safety"]["core"].append("gossip"), "rules.unknown-term", "$.safety.core",
    ),
    "an unknown category for a host": (
        lambda r: r["safety"]["host_types"].append({"type": "gossip", "forms": ["whole"], "signed": False}),
        "rules.unknown-term", "$.safety.host_types",
    ),
    "reminded after the grace": (
        lambda r: r["code"].update(reminder_days=31), "rules.contradiction", "$.code.reminder_days",
    ),
    "a reviewed delay that is shorter": (
        lambda r: r["safety"].update(delay_reviewed_days=2), "rules.contradiction", "$.safety.delay_reviewed_days",
    ),
    "an absolute delay that is not": (
        lambda r: r["safety"].update(delay_absolute_days=13), "rules.contradiction", "$.safety.delay_absolute_days",
    ),
    "fraud as a purpose": (
        lambda r: r["purposes"].append({"id": "fraud", "article": 0, "kinds": [], "days": 1, "any_category": False}),
        "rules.forbidden", "$.purposes[fraud]",
    ),
    "police as a sector": (
        lambda r: r["sectors"].append({"id": "police", "secrecy": "penal"}), "rules.forbidden", "$.sectors[police]",
    ),
    "no anonymous advice": (
        lambda r: r["purposes"].remove(named(r, "purposes", "advice")), "rules.floor", "$.kinds",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_a_wrong_edit_is_refused_where_it_is_wrong(name):
    change, code, path = EDITS[name]
    with pytest.raises(MalformedError) as caught:
        read_rules(edited(change))
    assert (caught.value.code, caught.value.path) == (code, path)


def test_the_specification_names_every_code():
    codes = {code for _, code, _ in EDITS.values()} | {"rules.not-json", "rules.too-large"}
    assert [code for code in sorted(codes) if f"`{code}`" not in SPEC.read_text("utf-8")] == []
