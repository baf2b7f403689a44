"""What `decide()` promises of every message, tried on messages drawn around what the rules allow."""

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from property import oracle
from property.acts import Asked, Yes
from property.drafts import drafts
from property.huis import DAY, NOW, Someone
from property.restrictions import ON_DRAFT, ON_EVIDENCE
from property.single_consent import uncovered
from property.worlds import Draft, Section
from zegel_protocol import encoding
from zegel_protocol.decision import decide
from zegel_protocol.evidence import Evidence
from zegel_protocol.refusal import Code, Refusal

many = settings(max_examples=150)


def codes(evidence: Evidence) -> set[Code]:
    return {refusal.code for refusal in decide(evidence, NOW)}


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


@settings(max_examples=400)
@given(drafts(), st.data())
def test_taking_a_category_out_never_refuses_more(draft, data):
    whole = draft.evidence()
    entries = whole.entries
    places = [place for place, entry in enumerate(entries) if entry.payload.type in oracle.LEVELS]
    gone = data.draw(st.sampled_from(places))
    if len(entries) == 1:
        return
    kept = tuple(entry for place, entry in enumerate(entries) if place != gone)
    manifest = replace(
        whole.manifest,
        payload=encoding.decode(encoding.encode(whole.manifest.payload), type(whole.manifest.payload)),
    )
    assert manifest == whole.manifest
    assert codes(without(whole, kept)) <= codes(whole)
