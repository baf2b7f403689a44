"""Attacks 5, 7, 9 and 30 tried on somebody who decides at the page: old answers, and words that were changed."""

import time

import pytest
import pytest_asyncio

from e2e.portal.lies import code_on, signed_on
from e2e.portal.pages import PATIENCE, meet
from e2e.portal.test_deciding import ask, draft, say_yes, tick
from zegel import Refused

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def elif_(portal):
    """A mother who came in on her phone."""
    visitor = await meet(portal)
    yield visitor
    await visitor.device.close()


async def kept_answers(visitor, *paths):
    """Return what the relay answers to the page at the place of its yeses, to be shown again later."""
    kept = {}

    async def keep(route):
        answer = await route.fetch()
        kept[route.request.url.partition("/v1/")[2]] = await answer.text()
        await route.fulfill(response=answer)

    for path in paths:
        await visitor.page.route(f"**/v1/{path}*", keep)
    await visitor.go("yes")
    await visitor.heading("yes")
    for path in paths:
        await visitor.page.unroute(f"**/v1/{path}*")
    return kept


async def show_again(visitor, kept):
    for path, body in kept.items():
        await visitor.page.route(
            f"**/v1/{path}", lambda route, *, body=body: route.fulfill(body=body, content_type="application/json")
        )


async def test_attack_07_a_yes_that_was_stopped_is_not_shown_as_standing(portal, elif_):
    await say_yes(portal, elif_, "0-who", "0-ask")
    kept = await kept_answers(elif_, "consents")
    await elif_.press("stop")
    await elif_.press("stop-yes")
    await elif_.page.locator("[role=status]", has_text=elif_.say("done-stopped")).wait_for(timeout=PATIENCE)
    await show_again(elif_, kept)
    await elif_.go("yes")
    assert await code_on(elif_) == "pin.status-rollback"
    assert await elif_.page.locator("[data-consent]").count() == 0
    # It is the same after the page was opened anew: the pin is kept in the browser.
    await elif_.log_in()
    await elif_.go("yes")
    assert await code_on(elif_) == "pin.status-rollback"
    assert await elif_.page.locator("[data-consent]").count() == 0
    await elif_.page.unroute_all(behavior="wait")


async def test_attack_09_the_wider_yes_is_not_shown_after_it_was_made_less(portal, elif_):
    await say_yes(portal, elif_, "0-who", "0-money")
    kept = await kept_answers(elif_, "consents")
    await elif_.press("less")
    await tick(elif_, "who")
    await elif_.press("less-save")
    await elif_.page.locator("[role=status]", has_text=elif_.say("done-less")).wait_for(timeout=PATIENCE)
    await show_again(elif_, kept)
    await elif_.go("yes")
    assert await code_on(elif_) == "pin.status-rollback"
    assert await elif_.page.locator("[data-consent]").count() == 0
    await elif_.page.unroute_all(behavior="wait")


async def test_attack_05_nothing_is_signed_under_a_directory_that_has_expired(portal, elif_):
    await elif_.page.clock.install(time=time.time())
    await elif_.log_in()
    kept = await kept_answers(elif_, "requests", "consents")
    assert sorted(kept) == ["consents", "requests"]
    await elif_.page.clock.set_system_time(time.time() + 15 * 86_400)
    await show_again(elif_, kept)
    for place in ("yes", "me", "write"):
        await elif_.go(place)
        assert await code_on(elif_) == "directory.expired"
        assert await elif_.page.locator("[data-consent], [data-device], form").count() == 0
    await elif_.page.unroute_all(behavior="wait")


async def test_attack_30_a_page_whose_words_were_changed_signs_what_nobody_accepts(portal, elif_):
    """The file of words says less than what is asked for: what is signed is the digest of that, and it is refused."""

    async def soften(route):
        answer = await route.fetch()
        body = await answer.text()
        await route.fulfill(response=answer, body=body.replace("uw geld en schulden", "uw voornaam"))

    await elif_.page.route("**/assets/words-nl-*.json", soften)
    await elif_.log_in()
    await ask(portal, elif_)
    await tick(elif_, "0-who", "0-money")
    shown = await elif_.page.locator("#text-0").inner_text()
    assert "uw voornaam" in shown
    async with elif_.page.expect_response("**/v1/objects") as answering:
        signed = await signed_on(elif_, sign_and_fail(elif_))
    problem = await (await answering.value).json()
    assert [refusal["code"] for refusal in problem["refusals"]] == ["consent.text"]
    assert len(signed) == 1
    with pytest.raises(Refused) as refused:
        await portal.nurse.send(draft(portal, elif_, who="Elif", money="Schulden."))
    assert "consent.missing" in refused.value.codes
    await elif_.page.unroute_all(behavior="wait")
    await elif_.log_in()
    await elif_.go("yes")
    await elif_.heading("yes")
    assert await elif_.page.locator("[data-consent]").count() == 0


async def sign_and_fail(visitor):
    await visitor.page.locator("#sign").click()
    assert await code_on(visitor) == "refused"
