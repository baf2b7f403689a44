"""Hand-over plans, held against `property.oracle_plans` over every combination."""

from dataclasses import replace
from itertools import product

import pytest

from property import oracle_plans
from property.acts import Yes, person_id
from property.huis import DAY, ENDS, NOW, Age, Someone
from property.oracle import Situation
from property.oracle_people import Home
from property.oracle_plans import Taken
from property.worlds import Draft, Section
from zegel_protocol.decision import decide
from zegel_protocol.objects.manifest import PlanStep
from zegel_protocol.objects.parties import Party
from zegel_protocol.refusal import Code

PARENTS = ("father", "mother")
SIDES = ("caw-b", "health-a")
TAKERS = ("caw-b", "health-a", "clb-a", "father", "kim", "lou", "mother", "uncle", "stranger")
"""An uncle is Kim's trusted adult; a stranger lives in; another partner has nothing to do with it."""
STEPS = {Code.STEPS_MISSING, Code.STEPS_OTHER, Code.STEPS_PARTY}


def at_home(age: Age, silenced: tuple[str, ...]) -> Home:
    """Return Kim, of an age, for whom some are silenced; and Lou, 7, who silences nobody."""
    people = {name: Situation(name, "adult") for name in (*PARENTS, "stranger", "uncle")}
    people["kim"] = Situation("kim", age, PARENTS if age != "adult" else (), False, None, silenced)
    people["lou"] = Situation("lou", "child", PARENTS, False, None, ())
    return Home(people, {"kim": ("uncle",)} if age in ("young", "twelve") else {})


def party(name: str) -> Party:
    return Party(partner=name) if "-" in name else Party(person=person_id(name))


def written(taken: tuple[Taken, ...]) -> tuple[PlanStep, ...]:
    return tuple(
        PlanStep(
            n=n, by=party(step.by), due=NOW + n * DAY,
            others=tuple(sorted(map(party, step.beside), key=lambda item: item.key)),
        )
        for n, step in enumerate(taken, 1)
    )  # fmt: skip


def found(home: Home, kind: str, sections: tuple[tuple[str, ...], ...], taken: tuple[Taken, ...]) -> set[Code]:
    people = tuple(
        Someone(
            name, known.age, known.holders, known.conflict, known.capable, ENDS, known.silenced,
            trusted=home.trusted.get(name, ()),
        )
        for name, known in home.people.items()
    )  # fmt: skip
    draft = Draft(
        tuple(Section("plan", about=about) for about in sections), (Yes("one", (("plan", "whole"),)),), people, kind,
        "referral", steps=written(taken), parts=(),
    )  # fmt: skip
    return {item.code for item in decide(draft.evidence(), NOW)} & STEPS


@pytest.mark.parametrize("silenced", [(), ("father",)], ids=["", "father-silenced"])
@pytest.mark.parametrize("age", ["child", "twelve", "young", "eighteen", "adult"])
def test_who_may_stand_in_a_plan(age, silenced):
    if age == "adult" and silenced:
        pytest.skip("nobody holds authority over an adult")
    wrong, refused = {}, 0
    home = at_home(age, silenced)
    for sections in (
        (("kim",),), (("mother",),), (("lou",),), (("kim", "lou"),), (("kim",), ("lou",)), (("father", "kim"),),
    ):  # fmt: skip
        for taker, beside in product(TAKERS, ((), ("health-a",), ("mother",), ("mother", "uncle"))):
            if taker in beside:
                continue
            taken = (Taken("caw-b"), Taken(taker, beside))
            wanted, got = (
                oracle_plans.plan(home, "hand-over", SIDES, sections, taken),
                found(home, "hand-over", sections, taken),
            )
            refused += bool(wanted)
            if got != wanted:
                wrong[sections, taker, beside] = wanted, got
    assert wrong == {}
    assert refused


@pytest.mark.parametrize("taken", [(), (Taken("caw-b"),), (Taken("stranger"),)], ids=["none", "own", "stranger"])
@pytest.mark.parametrize("kind", ["hand-over", "referral", "information", "request", "feedback", "consultation"])
def test_which_kinds_have_a_plan(kind, taken):
    home = at_home("young", ())
    assert found(home, kind, (("kim",),), taken) == oracle_plans.plan(home, kind, SIDES, (("kim",),), taken)


def test_a_plan_that_is_right_is_refused_for_nothing():
    yes = Yes("one", (("plan", "whole"),), ("kim",), (("kim", "self"),), purpose="referral")
    kim = Someone("kim", "young", PARENTS, trusted=("uncle",))
    people = (kim, *(Someone(name) for name in (*PARENTS, "uncle")))
    draft = Draft((Section("plan", about=("kim",)),), (yes,), people, "hand-over", "referral")
    right = replace(draft, steps=written((Taken("kim", ("uncle", "caw-b")), Taken("health-a"))))
    assert list(decide(right.evidence(), NOW)) == []
    wrong = replace(draft, steps=written((Taken("kim", ("mother",)),)))
    assert {item.code for item in decide(wrong.evidence(), NOW)} == {Code.STEPS_PARTY}
