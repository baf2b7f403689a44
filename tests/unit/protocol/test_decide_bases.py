"""The bases beside consent (articles 0 and 7): closed lists, what each requires, who shares and receives on it."""

from dataclasses import replace

import msgspec
import pytest

from property.huis import the_setting
from property.worlds import Draft, Section
from unit.protocol.duties_world import ALARM, book, codes, joined, only, under
from zegel_protocol.objects.manifest import OnClientUnable, OnConsent, OnLegalDuty, OnNecessity
from zegel_protocol.refusal import Code

UNABLE = Draft(
    (Section("health"), Section("motivation"), Section("agreement")), (), kind="information", purpose="care",
    basis=OnClientUnable(code="unconscious"), carried=False, parts=(),
)  # fmt: skip
"""A worker tells the hospital of a mother who is unconscious."""
DUTY = replace(UNABLE, basis=OnLegalDuty(citation="be-law-1"), setting=under(legal_citations=("be-law-1",)))


def test_help_that_cannot_wait_goes_for_who_cannot_say_yes():
    assert codes(UNABLE) == []
    assert codes(replace(UNABLE, carried=True)) == []
    assert codes(replace(UNABLE, basis=OnClientUnable(code="crisis"))) == []


def test_a_duty_of_law_is_on_the_list_or_is_none():
    assert codes(DUTY) == []
    path, step, params = only(replace(DUTY, setting=the_setting()), Code.BASIS_CODE)
    assert (path, step, params) == ("$.basis", "add", {"stated": "be-law-1"})


@pytest.mark.parametrize(
    ("draft", "basis"),
    [(UNABLE, OnClientUnable(code="too-busy")), (ALARM, OnNecessity(code="gossip"))],
)
def test_a_code_that_is_on_no_list_is_no_reason(draft, basis):
    assert codes(replace(draft, basis=basis)) == ["basis.code"]


def test_a_reason_is_written_down():
    assert codes(replace(UNABLE, sections=(Section("health"), Section("agreement")))) == ["part.missing"]


def test_what_does_not_matter_there_goes_on_no_basis():
    more = (*UNABLE.sections, Section("money"))
    assert codes(replace(UNABLE, sections=more)) == ["category.not-relevant"]


def test_what_needs_her_own_signature_goes_on_no_other_basis():
    more = (*UNABLE.sections, Section("violence"))
    path, step, params = only(replace(UNABLE, sections=more), Code.NOT_SIGNED)
    assert (path, step, params) == ("$.entries[3].type", "leave-out", {"type": "violence"})


def test_only_who_is_under_professional_secrecy_receives_when_she_is_unable():
    to_school = replace(UNABLE, to="school-a", sections=(Section("health", "short"), *UNABLE.sections[1:]))
    path, step, params = only(to_school, Code.BASIS_RECIPIENT)
    assert (path, step, params) == ("$.to.partner", "other-recipient", {"basis": "client-unable", "secrecy": "office"})
    assert codes(replace(to_school, basis=DUTY.basis, setting=DUTY.setting)) == []


def test_of_two_words_about_secrecy_the_weaker_counts():
    assert codes(replace(UNABLE, setting=joined(the_setting(), "health-a", "health", "office"))) == ["basis.recipient"]
    assert codes(replace(UNABLE, setting=joined(the_setting(), "health-a", "school", "penal"))) == [
        "form.not-relevant", "basis.recipient",
    ]  # fmt: skip


def test_under_a_pledge_nothing_goes_without_her_own_yes():
    assert only(replace(UNABLE, sender="volunteer-a", notice_by="volunteer-a"), Code.BASIS_SENDER) == (
        "$.basis", "ask-consent", {"basis": "client-unable"},
    )  # fmt: skip


def test_the_own_host_hears_no_more_than_an_alarm():
    setting = joined(the_setting(), "caw-b", "caw", "penal", host="school-a")
    hosted = replace(
        UNABLE, to="school-a", sections=(Section("health", "short"), *UNABLE.sections[1:]), setting=setting
    )
    assert codes(hosted) == ["basis.recipient"]


def test_a_kind_rests_on_the_bases_that_it_lists():
    assert codes(replace(UNABLE, kind="feedback", purpose="coordinate", to="mental-a", sections=(
        Section("mind"), Section("motivation"),
    ), carried=True)) == ["basis.not-allowed"]  # fmt: skip
    assert codes(replace(ALARM, basis=OnConsent(consents=("A" * 43,)))) == ["basis.not-allowed"]
    assert codes(replace(ALARM, basis=None)) == ["basis.missing"]


def test_without_a_rule_there_is_no_such_basis():
    left = tuple(rule for rule in book().bases if rule.id != "client-unable")
    assert codes(replace(UNABLE, setting=under(bases=left))) == ["basis.not-allowed", "carried.missing"]


def test_the_parts_are_those_of_the_rule():
    rules = tuple(msgspec.structs.replace(rule, parts=("motivation", "report")) for rule in book().bases)
    assert codes(replace(UNABLE, setting=under(bases=rules))) == ["part.missing"]


def test_an_alarm_is_never_told_to_ask_for_a_yes():
    for basis, code in ((None, Code.BASIS_MISSING), (OnConsent(consents=("A" * 43,)), Code.BASIS_NOT_ALLOWED)):
        path, step, _ = only(replace(ALARM, basis=basis), code)
        assert (path, step) == ("$.basis", "add")
    assert only(replace(UNABLE, basis=OnNecessity(code="serious-danger"), carried=True), Code.BASIS_NOT_ALLOWED)[1] == (
        "ask-consent"
    )
