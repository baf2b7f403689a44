"""The whole way by keyboard alone: in, reading, a file, a yes, a stop, and out; the focus is seen and goes on.

WCAG 2.2: 2.1.1, 2.1.2, 2.4.3, 2.4.7, 2.4.11, 4.1.3. Only keys are pressed here, on a page that is otherwise only read.
"""

import asyncio
from dataclasses import dataclass, field

import pytest
import pytest_asyncio

from e2e.documents import write_pdf
from e2e.portal.pages import PATIENCE, Visitor
from e2e.world import OCMW, complete

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]
TYPES = {("who", "whole"), ("money", "whole")}
MOST = 80
"""More stops than any page has."""

_FOCUSED = """() => {
  const it = document.activeElement;
  const [box, bar] = [it, document.querySelector('.top')].map((each) => each?.getBoundingClientRect());
  const style = getComputedStyle(it);
  return {
    tag: it.tagName.toLowerCase(), id: it.id, text: (it.innerText || it.getAttribute('aria-label') || '').trim(),
    name: it.getAttribute('name') ?? '', leaves: it.matches('.leave'), body: it === document.body,
    ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    clear: it.closest('.top') !== null || (box.bottom > bar.bottom && box.top >= bar.top && box.top < innerHeight
      && (box.height > innerHeight - bar.height || (box.top >= bar.bottom - 1 && box.bottom <= innerHeight + 1))),
    order: [...document.querySelectorAll('*')].indexOf(it),
  };
}"""


@dataclass
class Typist:
    """Somebody at a page with a keyboard and nothing else. `strayed`: where the focus was lost, unseen, or covered."""

    visitor: Visitor
    strayed: list[tuple[str, str]] = field(default_factory=list)

    @property
    def _page(self):
        return self.visitor.page

    async def key(self, name):
        await self._page.keyboard.press(name)

    async def here(self):
        """Return what has the focus."""
        return await self._page.evaluate(_FOCUSED)

    async def to(self, text="", *, name="", ident="", back=False):
        """Press Tab until something has the focus: by its words, the name of a field, or its id."""
        order = -1
        for _ in range(MOST):
            await self.key("Shift+Tab" if back else "Tab")
            at = await self.here()
            if at["body"]:
                order = -1
                continue
            if not at["ring"]:
                self.strayed.append(("no ring", at["text"] or at["id"]))
            if not at["clear"]:
                self.strayed.append(("covered", at["text"] or at["id"]))
            if not back and at["order"] < order:
                self.strayed.append(("order", at["text"]))
            order = at["order"]
            if (text and text in at["text"]) or (name and name == at["name"]) or (ident and ident == at["id"]):
                return
        raise AssertionError(f"no way by keyboard to {text or name or ident}")

    async def press(self, key, **params):
        """Go to a button or link by its words, and press it."""
        await self.to(self.visitor.say(key, **params))
        await self.key("Enter")

    async def at_heading(self, key="", **params):
        """Wait for a page; its heading has the focus, so that whoever reads by ear begins there."""
        if key:
            await self.visitor.heading(key, **params)
        await self._page.wait_for_function("() => /^H[12]$/.test(document.activeElement.tagName)", timeout=PATIENCE)
        if key:
            assert self.visitor.say(key, **params) in (await self.here())["text"]


@pytest_asyncio.fixture(loop_scope="module")
async def typist(portal):
    """Somebody whom the nurse made known, and whose phone has a keyboard; no key went astray."""
    household, person = await portal.adult()
    device = await portal.device()
    typing = Typist(Visitor(device, household, person))
    await come_in(portal, typing)
    yield typing
    assert typing.strayed == []


async def come_in(portal, typist):
    """Come in for the first time."""
    visitor = typist.visitor
    opened = await portal.code_for(visitor.household, visitor.person)
    await visitor.device.visit(opened.address)
    await visitor.page.locator("main li").first.wait_for(timeout=PATIENCE)
    await typist.at_heading()
    await typist.press("go-on")
    await typist.at_heading("start-key")
    await typist.press("start-key-make")
    await typist.at_heading("words")
    await opened.words()
    finishing = asyncio.create_task(opened.finish("id-card"))
    await typist.press("words-same")
    await finishing
    await typist.at_heading("print")
    await typist.press("print-make")
    await visitor.page.wait_for_function("() => document.activeElement.querySelector('#printed-code') !== null")
    await typist.press("print-done")
    await typist.at_heading("page-timeline.title")


def draft(portal, visitor):
    made = portal.nurse.referral(OCMW, visitor.household, [visitor.person])
    return complete(made.note("who", "Elif").note("money", "Drie deurwaarders."), portal.huis.clock())


async def say_yes(portal, typist):
    """Answer a question by keyboard: all that is asked to be shared one way, thing by thing."""
    visitor = typist.visitor
    await portal.nurse.families.ask_consent(draft(portal, visitor), types=TYPES)
    await visitor.go("")
    await visitor.page.locator(".waits").wait_for(timeout=PATIENCE)
    await typist.press("page-timeline.question-read")
    await typist.at_heading("request", asker="Kind en Gezin")
    await typist.press("company-no")
    await typist.at_heading()
    assert not (await typist.here())["body"]
    for kind in ("who", "money"):
        await typist.to(name=f"0-{kind}")
        await typist.key("Space")
    assert await visitor.page.locator("input:checked").count() == 2
    await typist.to(ident="sign")
    await typist.key("Enter")
    await typist.at_heading("yes")
    await visitor.page.locator(".note[role=status]", has_text=visitor.say("done-thanks")).wait_for(timeout=PATIENCE)


async def test_a_yes_and_a_stop(portal, typist):
    await say_yes(portal, typist)
    page = typist.visitor.page
    await typist.press("stop")
    # What is asked next stands behind the button that was pressed, and is read aloud.
    assert await page.locator("[aria-live=polite] button.care.main").count() == 1
    await typist.press("stop-yes")
    await page.locator(".note[role=status]", has_text=typist.visitor.say("done-stopped")).wait_for(timeout=PATIENCE)
    await typist.at_heading("yes")
    assert await page.locator("[data-consent]").count() == 0


async def test_a_notice_is_read_and_its_file_saved(portal, typist, tmp_path):
    await say_yes(portal, typist)
    letter = write_pdf(tmp_path / "brief.pdf", "Geachte mevrouw")
    await portal.nurse.send(draft(portal, typist.visitor).file("money", letter))
    visitor, page = typist.visitor, typist.visitor.page
    await visitor.go("")
    await visitor.heading("page-timeline.title")
    await page.locator("article.told").wait_for(timeout=PATIENCE)
    await typist.at_heading("page-timeline.title")
    await typist.to(await page.locator("article.told h2 a").inner_text())
    await typist.key("Enter")
    await page.locator("article.notice").wait_for(timeout=PATIENCE)
    await typist.at_heading()
    await typist.to(ident="read-all")
    await typist.key("Enter")
    await page.locator("a[download]").wait_for(timeout=PATIENCE)
    # The button is gone; what it opened has the focus, and is read aloud.
    assert await page.evaluate("() => document.activeElement.matches('.opened-sections[aria-live]')")
    await typist.to(visitor.say("page-file.save"))
    async with page.expect_download(timeout=PATIENCE) as saving:
        await typist.key("Enter")
    assert (await (await saving.value).path()).read_bytes() == letter.read_bytes()
    await typist.press("page-notice.back")
    await typist.at_heading("page-timeline.title")


async def test_a_message_is_written(portal, typist):
    visitor = typist.visitor
    await typist.to(visitor.say("go-write"), back=True)
    await typist.key("Enter")
    await typist.at_heading("write")
    await typist.to(ident="to")
    await visitor.page.keyboard.type("het OCMW")
    await typist.to(ident="text")
    await visitor.page.keyboard.type("Ik heb een vraag.")
    await typist.press("write-send")
    await typist.at_heading("write-done")


async def test_nothing_holds_the_focus_and_the_way_out_comes_first(portal, typist):
    visitor, page = typist.visitor, typist.visitor.page
    for place, heading in (("", "page-timeline.title"), ("yes", "yes"), ("write", "write"), ("me", "me")):
        await visitor.go(place)
        await visitor.heading(heading)
        await typist.at_heading(heading)
        before = [await stop(typist, "Shift+Tab") for _ in range(5)]
        assert before[-1]["leaves"]
        assert not any(at["leaves"] for at in before[:-1])
        # From there on once around: every stop is passed, and the end of the page is the end.
        order = [(await typist.here())["order"]]
        while not (at := await stop(typist, "Tab"))["body"] and len(order) < MOST and at["order"] != order[0]:
            order.append(at["order"])
        assert order == sorted(order)
        stops = await page.locator("a[href], button:enabled, input, select, textarea, summary").evaluate_all(
            "(all) => all.filter((it) => it.checkVisibility() && it.getClientRects().length > 0).length"
        )
        assert len(order) == stops


async def test_the_bar_that_stays_on_top_covers_nothing_on_the_way_back(typist):
    page = typist.visitor.page
    await page.set_viewport_size({"width": 390, "height": 420})
    await typist.visitor.go("me")
    await typist.at_heading("me")
    await page.locator("#language").focus()
    passed = 0
    while not (at := await stop(typist, "Shift+Tab"))["leaves"]:
        assert at["clear"], at["text"]
        passed += 1
    assert passed > 5


async def stop(typist, key):
    await typist.key(key)
    return await typist.here()


async def test_a_language_is_chosen_without_losing_the_place(typist):
    await typist.to(ident="language")
    for tongue in ("fr", "en"):
        await typist.key("ArrowDown")
        await typist.visitor.page.locator(f"html[lang={tongue}]").wait_for(timeout=PATIENCE)
        await typist.visitor.page.wait_for_function("() => document.activeElement.id === 'language'")


async def test_a_refusal_is_read_aloud_and_the_button_keeps_the_focus(typist):
    visitor = typist.visitor
    await visitor.go("me")
    await visitor.heading("me")
    await visitor.device.touches(answers=False)
    await typist.press("device-add")
    alert = visitor.page.locator("main [aria-live] [role=alert]")
    await alert.wait_for(timeout=PATIENCE)
    await visitor.device.touches(answers=True)
    assert (await typist.here())["text"] == visitor.say("device-add")
