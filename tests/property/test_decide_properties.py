"""What `decide()` promises of every message, tried on messages drawn around what the rules allow."""

from collections import Counter
from dataclasses import replace
from itertools import combinations

import msgspec
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from property import oracle
from property.acts import Asked, No, Yes, ids
from property.drafts import drafts
from property.huis import DAY, MONTHS, NOW, Someone
from property.restrictions import ON_DRAFT, ON_EVIDENCE
from property.scrambled import TIMES, odd
from property.single_consent import uncovered
from property.worlds import Draft, Section
from zegel_protocol import encoding
from zegel_protocol.decision import decide
from zegel_protocol.evidence import Evidence
from zegel_protocol.objects.manifest import OnConsent
from zegel_protocol.refusal import Code, Refusal
from zegel_protocol.signed import Place

many = settings(max_examples=100)
terms = st.from_regex(r"[a-z0-9]{1,9}(?:[.-][a-z0-9]{1,9}){0,2}", fullmatch=True)


def codes(evidence: Evidence) -> Counter[Code]:
    return Counter(refusal.code for refusal in decide(evidence, NOW))


@pytest.mark.parametrize("restrict", ON_DRAFT.values(), ids=ON_DRAFT)
@many
@given(data=st.data())
def test_taking_back_never_allows_more(restrict, data):
    draft = data.draw(drafts())
    before, after = codes(draft.evidence()), codes(restrict(data.draw, draft).evidence())
    event(f"{'refused' if before else 'allowed'}, then {'refused' if after else 'allowed'}")
    assert not before or after


@pytest.mark.parametrize("restrict", ON_EVIDENCE.values(), ids=ON_EVIDENCE)
@many
@given(data=st.data())
def test_stricter_rules_and_facts_never_allow_more(restrict, data):
    evidence = data.draw(drafts()).evidence()
    before, after = codes(evidence), codes(restrict(data.draw, evidence))
    event(f"{'refused' if before else 'allowed'}, then {'refused' if after else 'allowed'}")
    assert not before or after


@settings(max_examples=300)
@given(drafts(), st.data())
def test_taking_a_category_out_never_refuses_more(draft, data):
    whole = draft.evidence()
    categories = [entry for entry in whole.entries if entry.payload.type in oracle.LEVELS]
    gone = categories[data.draw(st.integers(0, len(categories) - 1))]
    kept = [entry for entry in whole.entries if entry is not gone]
    if not kept:
        return
    numbered = tuple(
        replace(entry, payload=msgspec.structs.replace(entry.payload, n=n)) for n, entry in enumerate(kept)
    )
    # A consent of somebody who is no longer spoken of leaves with the section: naming it would be refused, and would
    # tell the recipient that there is one.
    left = {person for entry in kept for person in entry.payload.about}
    basis = whole.manifest.payload.basis
    named = basis.consents if isinstance(basis, OnConsent) else ()
    gone_too = {act.d for act in draft.acts if isinstance(act, Yes) and not left & set(ids(act.about))}
    needed = tuple(digest for digest in named if digest not in gone_too)
    payload = msgspec.structs.replace(
        whole.manifest.payload,
        entries=tuple(entry.d for entry in numbered),
        basis=OnConsent(consents=needed) if needed else None,
    )
    less = replace(whole, manifest=replace(whole.manifest, payload=payload), entries=numbered)
    assert codes(less) <= codes(whole)


@settings(max_examples=500)
@given(drafts())
def test_nothing_is_allowed_beyond_one_single_consent(draft):
    evidence = draft.evidence()
    if decide(evidence, NOW) == ():
        event("allowed")
        assert uncovered(evidence, NOW) == []


# Each takes one dimension away from a consent to Kim's `health`, whole, which a parent in conflict alone cannot give.
HALVES: dict[str, dict[str, object]] = {
    "type": {"types": (("plan", "whole"),)},
    "form": {"types": (("health", "short"), ("plan", "whole"))},
    "too early": {"begins": NOW + 1},
    "too late": {"ends": NOW},
    "too long": {"begins": NOW - 100 * DAY, "ends": NOW + 100 * DAY},
    "purpose": {"purpose": "referral"},
    "sender": {"sender": "clb-b"},
    "recipient": {"to": "mental-a"},
    "person": {"about": ("mother",), "signers": (("father", "authority"), ("mother", "self"))},
    "household": {"household": "next door"},
    "father only": {"signers": (("father", "authority"),)},
    "mother only": {"signers": (("mother", "authority"),)},
    "neither": {"signers": (("sister", "authority"),)},
    "untouched": {"signed": False},
    "unasked": {"asked": None},
    "asked for less": {"asked": Asked(types=(("plan", "whole"),))},
    "asked for shorter": {"asked": Asked(until=NOW + DAY)},
    "another text": {"shown": False},
    "one witness": {"witnesses": (("caw-b", "anna"),)},
}
BOTH = (("father", "authority"), ("mother", "authority"))
GOOD = Yes("good", (("health", "whole"), ("plan", "whole")), ("kim",), BOTH)
FAMILY = (
    Someone("kim", "child", ("father", "mother"), conflict=True), Someone("mother"), Someone("father"),
    Someone("sister", "young", ("father", "mother")),
)  # fmt: skip
HEALTH = Draft((Section("health", about=("kim",)),), (GOOD,), FAMILY)


def halved(name: str, label: str) -> Yes:
    return replace(GOOD, label=label, **HALVES[name])  # type: ignore[arg-type]


def test_the_whole_of_which_the_halves_are_halves_is_allowed():
    assert decide(HEALTH.evidence(), NOW) == ()


@pytest.mark.parametrize("half", HALVES)
def test_one_half_does_not_cover(half):
    assert codes(replace(HEALTH, acts=(halved(half, "half"),)).evidence())


@pytest.mark.parametrize(("one", "other"), [*combinations(HALVES, 2)])
def test_two_halves_never_make_a_whole(one, other):
    for first, second in ((one, other), (other, one)):
        acts = (halved(first, "first"), halved(second, "second"))
        assert codes(replace(HEALTH, acts=acts).evidence())
        # Nor does a third, or what once was whole and no longer counts.
        for ended in (No("ended", ("good",), ("kim",), BOTH), replace(halved(first, "again"), replaces=("good",))):
            assert codes(replace(HEALTH, acts=(GOOD, *acts, ended)).evidence())


@settings(max_examples=300)
@given(drafts(), st.integers(-400, 400))
def test_the_same_evidence_has_one_answer_and_time_alone_ends_a_yes(draft, days):
    evidence = draft.evidence()
    first = decide(evidence, NOW)
    assert decide(evidence, NOW) == first
    # Long before and long after, no consent holds and no directory is in force.
    if abs(days) > 360:
        assert decide(evidence, NOW + days * DAY) != ()


@settings(max_examples=600)
@given(odd(), st.sampled_from(TIMES) | st.integers(0, 2**53 - 1), st.none() | st.integers(0, 2000))
def test_whatever_the_evidence_says_there_is_an_answer(made, at, index):
    for time in (NOW, at):
        refusals = decide(made.evidence, time, None if index is None else Place(index, NOW))
        # And it can be sent: refusals travel in problem documents.
        data = encoding.encode(refusals)
        assert msgspec.json.decode(data, type=tuple[Refusal, ...]) == refusals
    event("allowed" if not refusals else "refused")


@settings(max_examples=300)
@given(
    terms,
    terms,
    terms,
    terms,
    st.sampled_from(["caw-b", "nobody", "mother"]),
    st.sampled_from(["health-a", "x", "kim"]),
)
def test_words_that_nobody_knows_are_refused(kind, purpose, category, form, sender, to):
    acts = () if {sender, to} & {"mother", "kim"} else (Yes("first", ((category, form),), purpose=purpose, to=to),)
    draft = Draft((Section(category, form),), acts, (Someone("mother"), Someone("kim")), kind, purpose, sender, to=to)
    assert decide(draft.evidence(), NOW) != ()


@pytest.mark.parametrize("age", MONTHS)
@pytest.mark.parametrize("time", [0, 1, 253_402_300_799, 253_402_300_800, 2**53 - 2])
def test_times_that_no_calendar_has_are_answered(time, age):
    kim = Someone("kim", age, ("father", "mother"), conflict=True, capable=False, capable_until=time)
    for signers, begins, ends in ((BOTH, time, time + 1), (BOTH, 0, time + 1), ((("kim", "self"),), time, 2**53 - 1)):
        consent = replace(GOOD, signers=signers, begins=begins, ends=ends)
        draft = replace(HEALTH, acts=(consent,), people=(kim, *FAMILY[1:]))
        assert decide(draft.evidence(), NOW) != ()
        assert decide(draft.evidence(), time) != ()
