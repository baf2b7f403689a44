"""What a family decides in a browser: to part of a question, to less of it, to stop it, to hold all back, to write.

A real relay, real partners, a real Chromium; what was signed is asked of the partners' own software. Articles 6, 7, 9.
"""

import pytest
import pytest_asyncio

from e2e.portal.pages import PATIENCE, meet
from e2e.world import OCMW, complete
from zegel import Refused
from zegel_protocol.texts.catalogue import phrase
from zegel_protocol.texts.consent_text import text_digest

pytestmark = pytest.mark.asyncio(loop_scope="module")
OWN_WORDS = "Ik heb drie brieven.\nIk durf ze niet open te doen."
TYPES = {("who", "whole"), ("ask", "whole"), ("money", "whole"), ("housing", "whole")}


@pytest_asyncio.fixture(loop_scope="module")
async def elif_(portal):
    """A mother who came in on her phone."""
    visitor = await meet(portal)
    yield visitor
    assert visitor.device.trouble == []


def draft(portal, visitor, **notes):
    made = portal.nurse.referral(OCMW, visitor.household, [visitor.person])
    for kind, text in notes.items():
        made.note(kind, text)
    return complete(made, portal.huis.clock())


async def ask(portal, visitor):
    """Have the nurse ask for a yes, and the visitor read the question to the point of choosing."""
    made = draft(portal, visitor, who="Elif", ask="Hulp.", money="Schulden.", housing="Huur.")
    await portal.nurse.families.ask_consent(made, types={*TYPES, ("plan", "whole"), ("follow", "whole")})
    await visitor.go("yes")
    await visitor.press("request-read")
    await visitor.press("company-no")
    await visitor.page.locator("#sign").wait_for(timeout=PATIENCE)


async def say_yes(portal, visitor, *names):
    """Tick these things of a question and sign; return the text of the first flow as it was shown."""
    await ask(portal, visitor)
    await tick(visitor, *names)
    shown = await visitor.page.locator("#text-0").inner_text()
    await visitor.page.locator("#sign").click()
    await visitor.page.locator("[role=status]", has_text=visitor.say("done-thanks")).wait_for(timeout=PATIENCE)
    return shown


async def last_of(partner):
    """Open the newest message of a partner's inbox, in which those of other families lie too."""
    return await partner.open((await partner.inbox(wait=5))[-1])


def consent_of(message):
    """Return the consent that an opened message rests on."""
    named = set(message.manifest.basis.consents)
    chains = message.case.chains.values()
    return next(held.payload for chain in chains for held in chain if held.d in named)


async def tick(visitor, *names):
    for name in names:
        await visitor.page.locator(f"input[name='{name}']").check()


async def test_nothing_is_ticked_before_and_nothing_is_signed_without(portal, elif_):
    await ask(portal, elif_)
    assert await elif_.page.locator("input:checked").count() == 0
    assert await elif_.page.locator("#sign").is_disabled()
    assert await elif_.page.locator(".signed:visible").count() == 0
    await tick(elif_, "0-who")
    shown = await elif_.page.locator("#text-0").inner_text()
    assert "uw naam" in shown
    assert "uw geld" not in shown
    await elif_.press("sign-not")
    with pytest.raises(Refused) as refused:
        await portal.nurse.send(draft(portal, elif_, who="Elif"))
    assert "consent.missing" in refused.value.codes


async def test_a_part_of_a_question_is_signed_word_for_word_and_the_rest_is_refused(portal, elif_):
    shown = await say_yes(portal, elif_, "0-who", "0-ask")
    given = await elif_.page.locator("[data-consent]").all_inner_texts()
    assert len(given) == 1
    sent = await portal.nurse.send(draft(portal, elif_, who="Elif", ask="Hulp."))
    consent = consent_of(await portal.ocmw.open(sent.manifest))
    assert {item.type for item in consent.types} == {"who", "ask"}
    assert consent.text_digest == text_digest(shown)
    with pytest.raises(Refused) as refused:
        await portal.nurse.send(draft(portal, elif_, who="Elif", money="Schulden."))
    assert "category.not-covered" in refused.value.codes


async def test_both_flows_are_signed_by_one_touch(portal, elif_):
    before = (await elif_.device.passkeys())[0]["signCount"]
    await say_yes(portal, elif_, "0-who", "1-plan", "1-follow")
    assert await elif_.page.locator("[data-consent]").count() == 2
    assert (await elif_.device.passkeys())[0]["signCount"] == before + 1


async def test_less_is_shared_from_then_on(portal, elif_):
    await say_yes(portal, elif_, "0-who", "0-money")
    await portal.nurse.send(draft(portal, elif_, who="Elif", money="Schulden."))
    await elif_.press("less")
    await tick(elif_, "who")
    shown = await elif_.page.locator("#less-text").inner_text()
    await elif_.press("less-save")
    await elif_.page.locator("[role=status]", has_text=elif_.say("done-less")).wait_for(timeout=PATIENCE)
    (card,) = await elif_.page.locator("[data-consent]").all_inner_texts()
    assert "uw geld" not in card
    with pytest.raises(Refused) as refused:
        await portal.nurse.send(draft(portal, elif_, who="Elif", money="Schulden."))
    assert "category.not-covered" in refused.value.codes
    sent = await portal.nurse.send(draft(portal, elif_, who="Elif"))
    assert consent_of(await portal.ocmw.open(sent.manifest)).text_digest == text_digest(shown)


async def test_a_stop_takes_three_taps_and_the_answer_to_it_is_read(portal, elif_):
    await say_yes(portal, elif_, "0-who")
    sent = await portal.nurse.send(draft(portal, elif_, who="Elif"))
    message = await portal.ocmw.open(sent.manifest)
    await portal.ocmw.acknowledge(message)
    await elif_.log_in()
    await elif_.press("go-yes")
    await elif_.press("stop")
    await elif_.press("stop-yes")
    await elif_.page.locator("[role=status]", has_text=elif_.say("done-stopped")).wait_for(timeout=PATIENCE)
    assert await elif_.page.locator("[data-consent]").count() == 0
    with pytest.raises(Refused) as refused:
        await portal.nurse.send(draft(portal, elif_, who="Elif"))
    assert "consent.revoked" in refused.value.codes
    (owed,) = [item for item in await portal.ocmw.erasures.owed() if item.message == sent.manifest]
    await portal.ocmw.erasures.answer(owed, "kept", "statutory-file")
    await elif_.go("")
    await elif_.page.locator("article.told h2 a").first.click(timeout=PATIENCE)
    await elif_.shown("article.notice")
    assert phrase("nl", "kept-reason.statutory-file") in await elif_.text()


async def test_holding_back_needs_no_key_and_is_taken_back(portal, elif_):
    await say_yes(portal, elif_, "0-who")
    await elif_.page.locator("summary").click()
    await elif_.press("object-do")
    await elif_.page.locator("[data-objection]").wait_for(timeout=PATIENCE)
    with pytest.raises(Refused) as refused:
        await portal.nurse.send(draft(portal, elif_, who="Elif"))
    assert "objection.stands" in refused.value.codes
    await elif_.press("object-back")
    await elif_.page.locator("[data-objection]").wait_for(state="detached", timeout=PATIENCE)
    await portal.nurse.send(draft(portal, elif_, who="Elif"))


async def test_own_information_is_sealed_on_the_phone_and_read_by_whom_it_is_for(portal, elif_):
    await elif_.press("go-write")
    await elif_.page.locator("#to").select_option(OCMW)
    await elif_.page.locator("#kind").select_option("money")
    await elif_.page.locator("#text").fill(OWN_WORDS)
    await elif_.press("write-send")
    await elif_.heading("write-done")
    message = await last_of(portal.ocmw)
    assert message.sender == elif_.person
    assert [(section.type, section.note.text) for section in message.sections] == [("money", OWN_WORDS)]
    await elif_.press("go-home")
    await elif_.page.locator("article.told").wait_for(timeout=PATIENCE)
    await elif_.page.locator("article.told h2 a").first.click()
    await elif_.page.locator("#read-all").click(timeout=PATIENCE)
    await elif_.page.locator(".opened-sections .words").first.wait_for(timeout=PATIENCE)
    assert await elif_.page.locator(".opened-sections .words").all_text_contents() == [OWN_WORDS]


async def test_a_question_is_answered_by_whom_it_is_about(portal, elif_):
    await portal.nurse.send(portal.nurse.talks.ask(elif_.person, elif_.household, [elif_.person], "Mag ik u bellen?"))
    await elif_.go("")
    await elif_.page.locator("article.told h2 a").first.click(timeout=PATIENCE)
    await elif_.press("notice.answer")
    await elif_.page.locator("#text").fill("Ja, donderdag.")
    await elif_.press("act-answer-do")
    await elif_.heading("act-answer-done")
    message = await last_of(portal.nurse)
    assert [section.note.text for section in message.sections] == ["Ja, donderdag."]
