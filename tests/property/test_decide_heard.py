"""How a yes was heard (article 2): in the language of the text, or through somebody who may interpret."""

from dataclasses import replace
from itertools import product

import msgspec
import pytest

from property import oracle_people
from property.acts import Yes
from property.huis import NOW
from property.worlds import Draft, Section
from zegel_protocol.decision import decide
from zegel_protocol.evidence import Evidence
from zegel_protocol.objects import Consent
from zegel_protocol.objects.consent import Heard
from zegel_protocol.refusal import Code

GOOD = Draft((Section("plan"),), (Yes("first", (("plan", "whole"),)),))
EXPECTED = {
    "as it is": (None, set()),
    "in the text's own language": (Heard(language="nl"), set()),
    "by telephone": (Heard(language="tr", interpreter="telephone"), set()),
    "by somebody present, into the same language": (Heard(language="nl", interpreter="interpreter"), set()),
    "in another language, by nobody": (Heard(language="tr"), {Code.CONSENT_LANGUAGE}),
    "by a child": (Heard(language="tr", interpreter="child"), {Code.CONSENT_INTERPRETER}),
    "by a child, into the same language": (Heard(language="nl", interpreter="child"), {Code.CONSENT_INTERPRETER}),
}


def heard_as(evidence: Evidence, heard: Heard | None) -> Evidence:
    """Return evidence in which every consent was heard so."""
    chains = {
        flow: tuple(
            replace(held, payload=msgspec.structs.replace(held.payload, heard=heard))
            if isinstance(held.payload, Consent)
            else held
            for held in chain
        )
        for flow, chain in evidence.chains.items()
    }
    return replace(evidence, chains=chains)


def test_who_carried_the_words_over():
    """Every interpreter, into every language, held against `property.oracle_people`."""
    wrong, refused = {}, 0
    for understood, interpreter in product(
        ("ar", "en", "nl", "tr"), (None, *oracle_people.MAY_INTERPRET, "child", "neighbour")
    ):
        said = Heard(language=understood, interpreter=interpreter)
        found = {item.code for item in decide(heard_as(GOOD.evidence(), said), NOW)}
        wanted = oracle_people.heard("nl", understood, interpreter)
        refused += bool(wanted)
        if found != wanted:
            wrong[understood, interpreter] = wanted, found
    assert wrong == {}
    assert refused


@pytest.mark.parametrize("name", EXPECTED)
def test_a_yes_counts_only_as_it_was_understood(name):
    heard, codes = EXPECTED[name]
    evidence = heard_as(GOOD.evidence(), heard)
    said = [item.payload for chain in evidence.chains.values() for item in chain]
    assert {item.language for item in said if isinstance(item, Consent)} == {"nl"}
    refused = decide(evidence, NOW)
    assert {item.code for item in refused} == codes


def test_rules_without_a_list_let_nobody_interpret():
    evidence = heard_as(GOOD.evidence(), Heard(language="tr", interpreter="telephone"))
    rulebook = evidence.setting.rulebook
    consent = msgspec.structs.replace(rulebook.payload.consent, interpreters=())
    bare = replace(rulebook, payload=msgspec.structs.replace(rulebook.payload, consent=consent))
    refused = decide(replace(evidence, setting=replace(evidence.setting, rulebook=bare)), NOW)
    assert {item.code for item in refused} == {Code.CONSENT_INTERPRETER}
