"""Talking with clients and partners: asked first, answered, handed over together, followed until done."""

import pytest
import pytest_asyncio

from e2e.families import Household, say_yes
from e2e.world import CHILD_AND_FAMILY, OCMW, complete
from zegel import Agreement, Carried, ContentError, FollowUp, Refused, RelayProblem, Step, Steps, Whole
from zegel.talks import NoReply
from zegel_demo.huis import DAY
from zegel_protocol.words import WordError

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def world(stage):
    """A family of its own in the Huis that all tests here share."""
    opened = await stage.family()
    yield opened
    await opened.close()


def text_of(message, kind):
    return next(section.note.text for section in message.sections if section.type == kind)


async def newest(partner, sent):
    """Open the message that was sent, as it waits in the inbox, and acknowledge it."""
    waiting = next(item for item in await partner.inbox() if item.manifest == sent.manifest)
    message = await partner.open(waiting)
    await partner.acknowledge(message)
    return message


async def test_a_client_is_asked_first_and_answers_from_their_own_phone(world):
    question = world.nurse.talks.ask(world.elif_id, world.household, [world.elif_id], "Wie helpt u al met uw papieren?")
    asked = await world.nurse.send(question)
    (notice,) = await world.phone.notices()
    assert notice.readable() == [("question", "Wie helpt u al met uw papieren?")]

    answer = await world.phone.answer(notice, "Mijn zus.")
    message = await newest(world.nurse, answer)
    assert message.from_person
    assert (message.sender, message.manifest.kind) == (world.elif_id, "client-message")
    assert text_of(message, "answer") == "Mijn zus."
    assert message.manifest.answers == asked.manifest
    assert message.answers is not None
    assert message.answers.kind == "question"
    assert message.findings == ()


async def test_a_client_writes_and_is_replied_to_and_nobody_else_reads_it(world):
    sent = await world.phone.send(OCMW, "Wanneer is het loket open?")
    message = await newest(world.ocmw, sent)
    reply = world.ocmw.talks.reply(message, "Elke dinsdag van 9 tot 12 uur.")
    assert reply.about == (world.elif_id,)
    done = await world.ocmw.send(reply)
    notice = next(item for item in await world.phone.notices() if item.notice.payload.manifest == done.manifest)
    assert notice.readable() == [("answer", "Elke dinsdag van 9 tot 12 uur.")]
    assert sent.manifest not in [item.manifest for item in await world.nurse.inbox()]
    await world.consent(["money"])
    referral = await newest(world.ocmw, await world.nurse.send(world.draft()))
    with pytest.raises(NoReply):
        world.ocmw.talks.reply(referral, "Dank u.")


async def test_a_client_declines_and_another_partner_answers_with_their_yes(world):
    question = world.nurse.talks.ask(world.elif_id, world.household, [world.elif_id], "Loopt er een afbetaling?")
    asked = await world.nurse.send(question)
    request = await world.nurse.talks.let_answer(question, OCMW, [("follow", "whole")])
    (notice,) = await world.phone.notices()
    await world.phone.decline(notice)
    (event,) = await world.nurse.events(asked.manifest)
    assert (event.event, event.reader.person) == ("declined", world.elif_id)

    await say_yes(world.phone, request)
    to_ocmw = world.nurse.talks.request(
        OCMW, world.household, [world.elif_id], "Loopt er een afbetaling?", carried=Carried(how="with-client")
    )
    received = await newest(world.ocmw, await world.nurse.send(to_ocmw))
    (owed,) = [item for item in await world.ocmw.desk.deadlines() if item.object == received.d]
    assert (owed.kind, owed.mine, owed.state) == ("reply", True, "open")
    back = world.ocmw.report_back(received)
    assert (back.answers, back.thread) == (received.d, received.manifest.id)
    back.carried = Carried(how="with-client")
    answer = await newest(world.nurse, await world.ocmw.send(back.note("follow", "Ja, sinds juni.")))
    assert text_of(answer, "follow") == "Ja, sinds juni."
    assert answer.answers is not None
    assert answer.answers.kind == "request"
    assert [item for item in await world.ocmw.desk.deadlines() if item.object == received.d] == []


async def test_a_partner_says_no_to_a_request_and_everyone_sees_it(world):
    question = world.nurse.talks.ask(world.elif_id, world.household, [world.elif_id], "Loopt er een afbetaling?")
    await say_yes(world.phone, await world.nurse.talks.let_answer(question, OCMW, [("follow", "whole")]))
    to_ocmw = world.nurse.talks.request(
        OCMW, world.household, [world.elif_id], "Loopt er een afbetaling?", carried=Carried(how="with-client")
    )
    received = await newest(world.ocmw, await world.nurse.send(to_ocmw))
    # A client sees that it is owed, as both partners do; the asking one can't say no in the other's place.
    assert [due.item.kind for due in await world.phone.deadlines() if due.item.object == received.d] == ["reply"]
    with pytest.raises(RelayProblem) as theirs:
        await world.nurse.talks.say(received.d, "declined")
    assert theirs.value.code == "message.unknown"
    await world.ocmw.talks.say(received.d, "declined")
    said = [(item.event, item.reader.partner) for item in await world.nurse.events(received.d)]
    assert ("declined", OCMW) in said
    (done,) = [item for item in await world.nurse.desk.deadlines(all_states=True) if item.object == received.d]
    assert (done.kind, done.state) == ("reply", "done")


async def test_what_the_client_does_not_allow_no_partner_asks_another(world):
    to_ocmw = world.nurse.talks.request(
        OCMW, world.household, [world.elif_id], "Loopt er een afbetaling?", carried=Carried(how="with-client")
    )
    with pytest.raises(Refused) as refused:
        await world.nurse.send(to_ocmw)
    assert "consent.missing" in refused.value.codes
    await world.nothing_came()


async def test_a_hand_over_is_followed_until_its_steps_are_done(world):
    await world.consent(["plan"])
    now, me = world.huis.clock(), f"person:{world.elif_id}"
    steps = [
        Step("Samen naar het loket", CHILD_AND_FAMILY, now + DAY, with_=(OCMW, me), place="Stationsplein 1"),
        Step("Dossier openen", OCMW, now + 3 * DAY),
        Step("Loonbrief meebrengen", me, now + 2 * DAY),
    ]
    draft = world.nurse.talks.hand_over(OCMW, world.household, [world.elif_id], steps)
    sent = await world.nurse.send(complete(draft, now))
    message = await newest(world.ocmw, sent)
    words = next(section.note for section in message.sections if section.type == "steps")
    assert isinstance(words, Steps)
    assert [(item.n, item.what) for item in words.items] == [
        (1, "Samen naar het loket"), (2, "Dossier openen"), (3, "Loonbrief meebrengen"),
    ]  # fmt: skip
    assert [step.by.key for step in message.manifest.steps] == [
        f"partner:{CHILD_AND_FAMILY}", f"partner:{OCMW}", me,
    ]  # fmt: skip

    await world.ocmw.talks.agree(message, 1, 2)
    (notice,) = await world.phone.notices()
    await world.phone.say(notice, "agreed", ["step-1", "step-3"])
    owed = {(item.kind, item.number, item.owner.key) for item in await world.nurse.desk.deadlines()}
    assert {("step", 1, f"partner:{CHILD_AND_FAMILY}"), ("step", 2, f"partner:{OCMW}"), ("step", 3, me)} <= owed

    # Each says done of what is theirs: nobody of another's, be it by their own software or past it.
    with pytest.raises(WordError) as theirs:
        await world.ocmw.talks.done(message, 1)
    assert theirs.value.code == "word.code"
    for worker, code in ((world.ocmw, "step-3"), (world.nurse, "step-2")):
        with pytest.raises(RelayProblem) as not_theirs:
            await worker.talks.say(sent.manifest, "done", [code])
        assert not_theirs.value.code == "word.code"

    await world.ocmw.talks.done(message, 2, "first-contact")
    await world.nurse.talks.say(sent.manifest, "done", ["step-1"])
    await world.phone.say(notice, "done", ["step-3"])
    assert [item for item in await world.nurse.desk.deadlines() if item.message == sent.manifest] == []
    closed = [item.state for item in await world.ocmw.desk.deadlines(all_states=True) if item.message == sent.manifest]
    assert closed == ["done"] * 4


async def test_anyone_says_that_it_is_not_running_well_and_all_see_it(world):
    await world.consent(["money"])
    sent = await world.nurse.send(world.draft())
    message = await newest(world.ocmw, sent)
    await world.ocmw.talks.stuck(message, "first-contact")
    await world.nurse.talks.stuck(sent.manifest)
    (notice,) = await world.phone.notices()
    await world.phone.say(notice, "stuck")
    said = [(item.reader.key, item.codes) for item in await world.nurse.events(sent.manifest) if item.event == "stuck"]
    assert said == [
        (f"partner:{OCMW}", ("first-contact",)), (f"partner:{CHILD_AND_FAMILY}", ()), (f"person:{world.elif_id}", ()),
    ]  # fmt: skip
    assert [item for item in await world.ocmw.events(sent.manifest) if item.event == "stuck"]


async def test_the_offer_that_was_weighed_stands_in_the_clients_copy_alone(world):
    await world.consent(["money"])
    draft = world.draft().note("alternatives", "Ook bekeken: CAW (wachttijd), een vriendin die helpt.")
    sent = await world.nurse.send(draft)
    message = await newest(world.ocmw, sent)
    assert {section.type for section in message.sections} == {"money", "agreement"}
    assert {held.payload.type for held in message.entries} == {"money", "agreement"}
    (notice,) = await world.phone.notices()
    assert ("alternatives", "Ook bekeken: CAW (wachttijd), een vriendin die helpt.") in notice.readable()


async def test_no_follow_up_is_an_agreement_that_names_whom_to_ask(world):
    await world.consent(["money"])
    draft = world.nurse.referral(OCMW, world.household, [world.elif_id]).note("money", "Drie brieven.")
    draft.carried, draft.follow_up = Carried(how="with-client"), (FollowUp(code="none-ask"),)
    draft.note("agreement", Agreement(text="Geen opvolging nodig.", ask="Sara", with_client=True, steps=()))
    sent = await world.nurse.send(draft)
    message = await newest(world.ocmw, sent)
    assert [item.code for item in message.manifest.follow_up] == ["none-ask"]
    assert [item for item in await world.ocmw.desk.deadlines() if item.message == sent.manifest] == []
    (notice,) = await world.phone.notices()
    assert ("agreement", "Geen opvolging nodig. / Sara") in notice.readable()
    assert any("geen vast bericht" in line for line in world.phone.render(notice))


async def test_a_parent_is_not_asked_about_the_help_of_a_teenager(world):
    family = Household(world.huis, world.nurse, world.household)
    teen = await family.child(14, [world.elif_id])
    question = world.nurse.talks.ask(world.elif_id, world.household, [teen], "Waarom gaat zij naar het JAC?")
    with pytest.raises(Refused) as refused:
        await world.nurse.send(question)
    assert "recipient.not-concerned" in refused.value.codes
    assert await world.phone.notices() == []
    # Nor does the parent see, or give, a yes in her place.
    draft = complete(world.nurse.referral(OCMW, world.household, [teen]).note("ask", "Een gesprek."), 0)
    await family.ask(draft)
    assert await world.phone.requests() == []


async def test_an_empty_question_or_motivation_never_leaves(world):
    for part, text in (("question", " \n "), ("motivation", ""), ("agenda", "\t"), ("steps", "Een stap.")):
        with pytest.raises(ContentError) as empty:
            await world.nurse.preflight(world.draft().note(part, Whole(text=text)))
        assert empty.value.code == "content.schema"
