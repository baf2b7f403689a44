"""A joint hand-over plan (article 4): where it belongs, and who may stand in it."""

from dataclasses import replace

from property.acts import Yes, person_id
from property.huis import DAY, NOW, Someone, hex_id
from property.worlds import Draft, Section
from unit.protocol.duties_world import SHARED, codes, only
from zegel_protocol.objects.manifest import PlanStep
from zegel_protocol.objects.parties import Party
from zegel_protocol.refusal import Code

MOTHER, SENDER, TO = Party(person=person_id("mother")), Party(partner="caw-b"), Party(partner="health-a")


def step(by: Party, *others: Party) -> PlanStep:
    return PlanStep(n=1, by=by, others=tuple(sorted(others, key=lambda item: item.key)), due=NOW + DAY)


PLAN = Draft(
    (Section("plan"),), (Yes("first", (("plan", "whole"),), purpose="referral"),), kind="hand-over",
    purpose="referral", steps=(step(SENDER, MOTHER, TO),),
)  # fmt: skip


def test_both_sides_and_the_client_take_steps_together():
    assert codes(PLAN) == []
    for by in (MOTHER, TO):
        assert codes(replace(PLAN, steps=(step(by),))) == []


def test_a_hand_over_has_a_plan_in_fields_and_in_words():
    assert only(replace(PLAN, steps=()), Code.STEPS_MISSING) == ("$.steps", "add", {})
    assert codes(replace(PLAN, parts=())) == ["part.missing"]


def test_other_kinds_have_none():
    path, mend, params = only(replace(SHARED, steps=PLAN.steps), Code.STEPS_OTHER)
    assert (path, mend, params) == ("$.steps", "leave-out", {})


def test_whoever_takes_a_step_knows_of_it():
    stranger = Party(partner="ocmw-a")
    assert only(replace(PLAN, steps=(step(stranger),)), Code.STEPS_PARTY) == ("$.steps[0]", "leave-out", {})
    assert codes(replace(PLAN, steps=(step(SENDER, stranger),))) == ["steps.party"]
    assert codes(replace(PLAN, steps=(step(SENDER, Party(person=hex_id("nobody"))),))) == ["steps.party"]


def test_a_parent_takes_steps_for_a_child_and_not_for_a_teenager():
    for child, expected in ((True, []), (False, ["steps.party"])):
        kim = Someone("kim", "child" if child else "young", ("mother",))
        signers = (("mother", "authority"),) if child else (("kim", "self"),)
        yes = Yes("first", (("plan", "whole"),), ("kim",), signers, purpose="referral")
        draft = replace(PLAN, sections=(Section("plan", about=("kim",)),), acts=(yes,), people=(kim, Someone("mother")))
        assert codes(draft) == expected
