"""Drafts of talks and conferences, as they are begun: to whom, about whom, answering what; and the words' codes."""

from types import SimpleNamespace
from typing import Any

import pytest

from zegel.asking import flow, longest, relevant
from zegel.content.errors import ContentError
from zegel.content.schemas import PlannedStep, Steps, check_note
from zegel.draft import party, people
from zegel.talks import NoReply, Step, Talks, codes_of, report_back
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.rulebook.template import default_rules

ME, HOME = "1" * 32, "2" * 32
RULES: Any = default_rules()


@pytest.fixture
def talks():
    identity: Any = SimpleNamespace(partner="kind-en-gezin", device="3" * 32, huis="A" * 43)
    unused: Any = None
    return Talks(identity, unused, unused, unused, lambda: 1_000)


def message(kind="referral", *, sender=None, household=HOME, thread=None):
    """A message as far as a draft that answers it looks at it."""
    manifest = SimpleNamespace(
        kind=kind,
        purpose="coordinate",
        household=household,
        sender=sender or Sender(partner="ocmw-gent", device="4" * 32),
    )
    case = SimpleNamespace(setting=SimpleNamespace(rulebook=SimpleNamespace(payload=RULES)))
    return SimpleNamespace(manifest=manifest, about=(ME,), thread=thread or "began", d="D" * 43, case=case)


def test_a_question_goes_to_a_person_and_a_request_to_a_partner(talks):
    asked = talks.ask(ME, HOME, [ME], "Wie helpt u al?")
    assert (asked.kind, asked.recipient, asked.about) == ("question", Party(person=ME), (ME,))
    assert [section.type for section in asked.sections] == ["question"]
    request = talks.request("ocmw-gent", HOME, [ME], "Loopt er iets?")
    assert (request.kind, request.recipient) == ("request", Party(partner="ocmw-gent"))
    with pytest.raises(TypeError):
        talks.request("ocmw-gent", HOME, ME, "Loopt er iets?")


def test_a_reply_is_to_who_wrote_and_about_nobody_else(talks):
    reply = talks.reply(message("client-message", sender=Sender(person=ME)), "Ja.")
    assert (reply.kind, reply.recipient, reply.about, reply.answers) == ("reply", Party(person=ME), (ME,), "D" * 43)
    with pytest.raises(NoReply):
        talks.reply(message(), "Ja.")


def test_a_report_back_names_what_it_answers_where_its_kind_is_one_that_is_answered():
    assert report_back(message()).answers == "D" * 43
    assert report_back(message("feedback")).answers is None
    with pytest.raises(ValueError, match="goes to a partner"):
        report_back(message(sender=Sender(person=ME)))
    with pytest.raises(ValueError, match="people of a household"):
        report_back(message(household=None))


def test_steps_of_a_plan_stand_in_the_manifest_and_their_words_in_a_section(talks):
    steps = [
        Step("Samen bellen", "ocmw-gent", 2_000, with_=(f"person:{ME}", "kind-en-gezin"), place="Aan het loket"),
        Step("Brief", f"person:{ME}", 3_000),
    ]
    draft = talks.hand_over("ocmw-gent", HOME, [ME], steps)
    assert [(step.n, step.by.key, [item.key for item in step.others], step.due) for step in draft.steps] == [
        (1, "partner:ocmw-gent", ["partner:kind-en-gezin", f"person:{ME}"], 2_000), (2, f"person:{ME}", [], 3_000),
    ]  # fmt: skip
    (section,) = draft.sections
    assert section.note == Steps(
        items=(PlannedStep(n=1, what="Samen bellen", place="Aan het loket"), PlannedStep(n=2, what="Brief"))
    )
    assert check_note(RULES, "steps", "whole", section.note) == section.note


@pytest.mark.parametrize(
    "content",
    [b'{"items":[]}', b'{"items":[{"n":2,"what":"Bellen"}]}', b'{"items":[{"n":1,"what":" "}]}',
     b'{"items":[{"n":1,"what":"Bellen"},{"n":1,"what":"Schrijven"}]}', b'{"text":"Bellen"}'],
)  # fmt: skip
def test_no_plan_is_without_steps_or_skips_one(content):
    with pytest.raises(ContentError) as malformed:
        check_note(RULES, "steps", "whole", content)
    assert malformed.value.code == "content.schema"


def test_codes_name_steps_by_their_number():
    assert codes_of([1, "first-contact", 12]) == ["step-1", "first-contact", "step-12"]
    assert party(f"person:{ME}") == Party(person=ME)
    assert people([ME, ME]) == (ME,)


def test_consent_is_asked_for_no_longer_and_no_more_than_the_rules_let():
    assert longest(RULES, "coordinate", [("follow", "whole")]) == 360
    assert longest(RULES, "coordinate", [("health", "whole")]) == 180
    assert longest(RULES, "no-such-purpose", []) == 0
    members = {"school-de-linde": SimpleNamespace(sector="school")}
    case: Any = SimpleNamespace(setting=SimpleNamespace(rulebook=SimpleNamespace(payload=RULES), member=members.get))
    wanted = [("school", "whole"), ("money", "whole"), ("plan", "whole"), ("plan", "short")]
    assert relevant(case, "consult", "school-de-linde", wanted) == [("school", "whole"), ("plan", "whole")]
    assert relevant(case, "consult", "nobody", wanted) == []
    asked = flow("consult", Party(person=ME), Party(partner="ocmw-gent"), [("plan", "whole")] * 2, 9)
    assert [(scope.type, scope.form) for scope in asked.types] == [("plan", "whole")]
