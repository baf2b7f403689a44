"""What families say themselves: sealed on their own phone, read by the partner whom they chose, and by nobody else."""

import pytest

from e2e.families import Household, complete
from e2e.world import OCMW
from zegel import Refused
from zegel.talks import Step
from zegel_demo.client_sealing import own_words
from zegel_demo.huis import DAY
from zegel_protocol.errors import ProtocolError


async def newest(phone, **options):
    """Return the last notice of a phone."""
    return (await phone.notices())[-1]


def said(phone, notice, section):
    """Return the lines of one section of a notice's page."""
    return [line.text for line in phone.page(notice) if line.section == section]


async def test_a_message_from_a_phone_opens_at_the_partner_and_is_answered(world):
    sent = await world.phone.send(OCMW, "Kan iemand mij bellen over de facturen?")
    (waiting,) = await world.ocmw.inbox()
    message = await world.ocmw.open(waiting)
    assert (message.d, message.manifest.kind, message.manifest.purpose) == (sent.manifest, "client-message", "voice")
    assert [(section.type, section.note.text) for section in message.sections] == [
        ("ask", "Kan iemand mij bellen over de facturen?")
    ]
    await world.ocmw.acknowledge(message)
    own = await newest(world.phone)
    assert own.readable() == [("ask", "Kan iemand mij bellen over de facturen?")]
    assert own.copy.problems == ()
    assert said(world.phone, own, "who")[0] == "U stuurde het OCMW een bericht."
    (owed,) = await world.phone.deadlines()
    assert (owed.item.kind, owed.item.state, owed.late) == ("reply", "open", False)
    assert owed.text.startswith("Het OCMW geeft een antwoord, ten laatste ")

    await world.ocmw.send(world.ocmw.talks.reply(message, "Ja, donderdag om 10 uur."))
    answer = await newest(world.phone)
    assert answer.readable() == [("answer", "Ja, donderdag om 10 uur.")]
    assert said(world.phone, answer, "yes") == ["Geen andere organisatie kreeg dit te lezen."]
    assert [due.item.state for due in await world.phone.deadlines()] == ["done"]
    (first, _) = await world.phone.notices()
    assert "Het OCMW gaf u een antwoord." in said(world.phone, first, "next")


async def test_a_question_is_answered_or_declined_by_whom_it_was_put_to(world):
    for text in ("Mag de school weten dat u verhuisde?", "Wat is uw huisarts?"):
        await world.nurse.send(world.nurse.talks.ask(world.elif_id, world.household, [world.elif_id], text))
    first, second = await world.phone.notices()
    assert first.readable() == [("question", "Mag de school weten dat u verhuisde?")]
    assert [line.action for line in world.phone.page(first) if line.section == "act"][:2] == ["answer", "decline"]
    assert [due.item.kind for due in await world.phone.deadlines()] == ["answer", "answer"]

    sent = await world.phone.answer(first, "Ja, zeg het maar.")
    await world.phone.decline(second)
    (waiting,) = await world.nurse.inbox()
    message = await world.nurse.open(waiting)
    assert (message.d, message.manifest.answers) == (sent.manifest, first.copy.manifest.d)
    assert [(section.type, section.note.text) for section in message.sections] == [("answer", "Ja, zeg het maar.")]

    first, second, _ = await world.phone.notices()
    assert said(world.phone, first, "next") == ["Wat nu?", "U gaf een antwoord."]
    assert said(world.phone, second, "next") == ["Wat nu?", "U zei nee. Dat is goed."]
    assert "answer" not in {line.action for line in world.phone.page(second)}
    with pytest.raises(ProtocolError, match="question"):
        await world.phone.answer(await newest(world.phone), "Nog iets.")


async def test_words_are_only_for_whom_they_are(world):
    await world.consent()
    await world.nurse.send(world.draft())
    notice = await newest(world.phone)
    with pytest.raises(ProtocolError) as declined:
        await world.phone.decline(notice)
    assert declined.value.code == "word.speaker"
    with pytest.raises(ProtocolError) as done:
        await world.phone.say(notice, "done", ["first-contact"])
    assert done.value.code == "word.code"
    await world.phone.say(notice, "stuck", ["first-contact"])
    await world.phone.say(notice, "objected")
    await world.phone.tell(notice)
    again = await newest(world.phone)
    assert [held.payload.event for held in again.events] == ["stuck", "objected", "told"]
    lines = said(world.phone, again, "opened")
    assert {"U zei: dit loopt niet goed.", "U bent het hier niet mee eens."} <= set(lines)
    assert [event.event for event in await world.nurse.events(again.copy.manifest.d)][:2] == ["stuck", "objected"]


async def test_a_plan_is_agreed_and_its_steps_are_seen_done(world):
    await world.consent()
    you = f"person:{world.elif_id}"
    now = world.huis.clock()
    steps = [
        Step("Samen naar het loket", "kind-en-gezin", now + 2 * DAY, (you,)),
        Step("Papieren meebrengen", you, now + 3 * DAY),
        Step("Eerste gesprek", OCMW, now + 5 * DAY),
    ]
    draft = complete(world.nurse.talks.hand_over(OCMW, world.household, [world.elif_id], steps), now)
    sent = await world.nurse.send(draft)
    notice = await newest(world.phone)
    lines = said(world.phone, notice, "next")
    assert any(line.startswith("Stap 1: door Kind en Gezin, samen met u, ten laatste ") for line in lines)
    assert any(line.startswith("Stap 2: door u, ten laatste ") for line in lines)
    await world.phone.say(notice, "agreed", ["step-1", "step-2"])
    await world.phone.say(notice, "done", ["step-2"])
    await world.nurse.talks.say(sent.manifest, "done", ["step-1"])
    notice = await newest(world.phone)
    lines = said(world.phone, notice, "next")
    assert sum(line.startswith("Gebeurd: Stap ") for line in lines) == 2
    states = {due.item.number: due.item.state for due in await world.phone.deadlines() if due.item.kind == "step"}
    assert states == {1: "done", 2: "done", 3: "open"}


async def test_an_objection_stops_what_is_new_until_it_is_taken_back(world):
    await world.consent()
    await world.nurse.send(world.draft())
    objection = await world.phone.object_to(to=OCMW)
    with pytest.raises(Refused) as refused:
        await world.nurse.send(world.draft())
    assert refused.value.codes == ("objection.stands",)
    assert len(await world.phone.notices()) == 1
    await world.phone.withdraw_objection(objection)
    await world.nurse.send(world.draft())
    assert len(await world.phone.notices()) == 2
    with pytest.raises(ProtocolError) as unknown:
        await world.phone.withdraw_objection(objection)
    assert unknown.value.code == "objection.unknown"


async def test_a_parent_speaks_for_a_child_and_keeps_their_words_from_the_other_parent(world):
    family = Household.new(world.huis, world.nurse)
    mother, father = await family.adult(), await family.adult()
    child = await family.child(8, [mother, father])
    hers, his = await family.phone(mother), await family.phone(father)
    objection = await hers.object_to([child])
    assert set(await hers.objections()) == {objection}
    assert await his.objections() == {}
    await his.send(OCMW, [own_words((child,), "ask", "Hij wil leren zwemmen.")])
    await hers.withdraw_objection(objection)
    with pytest.raises(ProtocolError) as theirs:
        await hers.object_to([father])
    assert theirs.value.code == "objection.not-theirs"

    question = world.nurse.talks.ask(mother, family.id, [child], "Slaapt hij goed?")
    await world.nurse.send(question)
    await hers.answer(await newest(hers), "Hij droomt slecht als hij bij papa was.")
    message = await world.nurse.open((await world.nurse.inbox())[-1])
    assert message.about == (child,)
    told = await newest(his)
    assert told.readable() == []
    assert [section.withheld for section in told.copy.sections] == ["other-parents-words"]
    assert said(his, told, "what") == ["Dit kunt u niet lezen: het antwoord. Het zijn woorden van iemand anders."]
    await hers.close()
    await his.close()
