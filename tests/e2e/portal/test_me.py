"""One's own keys at the page: a second device, a lost phone, a passkey without PRF, and how one is pinged.

Everything is pressed and read as a person does it; a real relay, a real Chromium.
"""

import pytest

from e2e.portal.pages import PATIENCE, Visitor, meet

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def on_another_device(portal, visitor, *, keep: bool) -> Visitor:
    """Come in on a second phone with the code on paper; `keep`: it is their own, and gets a key."""
    second = Visitor(await portal.device(), visitor.household, visitor.person, code=visitor.code)
    await second.device.visit("/#/paper")
    # Small letters and no hyphens, as it is typed with a baby on one arm.
    await second.page.locator("#code").fill(visitor.code.replace("-", " ").lower())
    await second.press("go-on")
    await second.shown("h2", second.say("remember"))
    await second.press("remember-yes" if keep else "remember-no")
    await second.heading("page-timeline.title")
    return second


async def test_a_second_device_gets_a_key_and_the_first_is_told_and_takes_it_out(portal):
    first = await meet(portal)
    second = await on_another_device(portal, first, keep=True)
    await second.log_in()
    await first.log_in()
    await first.shown("main .note", first.say("key-came-look"))
    await first.press("go-me")
    await first.heading("me")
    assert await first.page.locator("[data-device]").count() == 2
    await first.press("device-out")
    await first.page.locator("[data-device] >> nth=1").wait_for(state="detached", timeout=PATIENCE)
    await second.device.visit()
    await second.press("open")
    await second.shown("main [role=alert]", second.say("page-error.login.refused"))


async def test_a_borrowed_device_keeps_no_key(portal):
    first = await meet(portal)
    second = await on_another_device(portal, first, keep=False)
    assert await second.device.passkeys() == []
    await second.device.visit()
    await second.heading("welcome")


async def test_a_code_that_is_mistyped_says_so_and_loses_nothing(portal):
    first = await meet(portal)
    second = Visitor(await portal.device(), first.household, first.person)
    await second.device.visit("/#/paper")
    wrong = first.code[:-1] + ("0" if first.code[-1] != "0" else "1")
    await second.page.locator("#code").fill(wrong)
    await second.press("go-on")
    await second.shown("main [role=alert]", second.say("page-error.recovery-code.malformed"))
    assert await second.page.locator("#code").input_value() == wrong


async def test_a_phone_without_prf_comes_in_through_every_page(portal):
    visitor = await meet(portal, prf=False)
    await visitor.log_in()
    assert visitor.device.trouble == []


async def test_a_ping_is_chosen_and_taken_back(portal):
    visitor = await meet(portal)
    await visitor.press("go-me")
    await visitor.shown(".note", visitor.say("ping-off"))
    await visitor.page.locator("#address").fill("elif@example.org")
    await visitor.press("ping-save")
    await visitor.shown(".note", visitor.say("ping-on"))
    assert "elif" not in await visitor.text()
    await visitor.press("ping-none")
    await visitor.shown(".note", visitor.say("ping-off"))
