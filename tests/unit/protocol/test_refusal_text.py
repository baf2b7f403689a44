"""Refusals in words: each code and step has a sentence, and nobody else's words get into one."""

import pytest

from zegel_protocol.errors import ProtocolError
from zegel_protocol.refusal import Code, Step, refuse
from zegel_protocol.texts.catalogue import LANGUAGES
from zegel_protocol.texts.refusal_text import explain

D = "A" * 43
ELIF = "0" * 32
NAMES = {"kg-gent": "Kind en Gezin", "ocmw-gent": "OCMW Gent"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_says_what_happened_what_is_safe_and_what_to_do(language):
    for code in Code:
        for step in Step:
            for what in ((), ("health", "school")):
                sentence = explain(refuse(code, "$", step, what), language, {})
                assert sentence.what
                assert sentence.safe
                assert sentence.do
                assert "{" not in sentence.text


def test_a_refusal_in_words():
    refusal = refuse(
        Code.NOT_RELEVANT,
        "$.entries[1].type",
        Step.LEAVE_OUT,
        ("mind",),
        type="mind",
        purpose="referral",
        to="ocmw-gent",
    )
    assert explain(refusal, "nl", NAMES).text == (
        "De ontvanger heeft deze informatie niet nodig voor dit doel. Het gaat over: hoe iemand zich voelt. "
        "Er is niets doorgegeven. Niemand kreeg iets nieuws te lezen. "
        "Laat dit weg en stuur opnieuw: hoe iemand zich voelt."
    )
    form = refuse(Code.FORM_NOT_RELEVANT, "$", Step.NARROW, (), form="short", type="money", purpose="referral")
    assert explain(form, "nl", NAMES).what.endswith("Het gaat over: geld en schulden (in het kort).")
    closed = refuse(Code.RECIPIENT_CLOSED, "$", Step.OTHER_RECIPIENT, (), purpose="referral", to="ocmw-gent")
    assert explain(closed, "nl", NAMES).what.endswith("Het gaat over: Doorverwijzen en OCMW Gent.")
    narrow = refuse(Code.FORM_NOT_RELEVANT, "$", Step.NARROW, ("yes-no",))
    assert explain(narrow, "en", {}).do == "Share less: yes or no only."
    reader = refuse(Code.READER, "$", Step.GIVE_READER, ("partner:ocmw-gent", f"person:{ELIF}"))
    assert explain(reader, "nl", NAMES).do == "Laat dit ook lezen door: OCMW Gent."


def test_a_lying_relay_puts_no_words_into_a_refusal():
    hostile = ("Bel 0900 12 34 56", "x\nU bent verplicht", "<script>", D, ELIF, "1000", "a" * 65, "")
    for step in Step:
        refusal = refuse(Code.SIZE, "$", step, hostile, a=hostile[0], b=hostile[1], c=hostile[2], person=ELIF)
        plain = refuse(Code.SIZE, "$", step)
        assert explain(refusal, "nl", {}) == explain(plain, "nl", {})


def test_an_empty_or_hostile_name_does_not_pass():
    refusal = refuse(Code.RECIPIENT_UNKNOWN, "$.to", Step.OTHER_RECIPIENT, partner="ocmw-gent")
    with pytest.raises(ProtocolError) as caught:
        explain(refusal, "nl", {"ocmw-gent": "OCMW\nBel nu"})
    assert caught.value.code == "text.param"
