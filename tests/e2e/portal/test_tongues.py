"""What is written in another language than the page's says in which, and runs its own way (WCAG 2.2, 3.1.2)."""

import pytest

from e2e.portal.pages import PATIENCE
from e2e.portal.walk import BUSY, Walk
from zegel_protocol.texts.catalogue import LANGUAGES

pytestmark = pytest.mark.asyncio(loop_scope="module")
_STRAY = """() => [...document.querySelectorAll(
  '[data-offer] h2, [data-offer] > p, .signed, .choice bdi, [data-consent] li'
)].filter((it) => it.closest('[lang]').lang !== 'nl').map((it) => it.textContent)"""


@pytest.mark.parametrize("language", ["pl", "ar"])
async def test_a_question_in_dutch_is_marked_as_dutch(portal, tmp_path, language):
    marked = {}

    async def look(name, page):
        if name == "six-words":
            marked[name] = await page.locator("#six-words").get_attribute("lang")
        if name in {"request-ticked", "yes-thanks"}:
            marked[name] = await page.evaluate(_STRAY)
        if name == "request-ticked":
            text = page.locator("#text-0")
            assert await text.evaluate("(it) => getComputedStyle(it).direction") == "ltr"
            assert await text.evaluate("(it) => getComputedStyle(it).textAlign") == "start"
            warned = page.locator("main p.note.care")
            assert "Nederlands" in await warned.inner_text()

    walk = await Walk.of(portal, language, tmp_path, look, asked_in="nl")
    await walk.coming_in()
    await walk.asked()
    assert marked == {"six-words": "nl", "request-ticked": [], "yes-thanks": []}
    assert await walk.page.locator("[data-consent] li").count() > 0
    await walk.page.locator(BUSY).first.wait_for(state="detached", timeout=PATIENCE)
    turned = await walk.page.evaluate("[document.documentElement.lang, document.documentElement.dir]")
    assert turned == [language, "rtl" if language == "ar" else "ltr"]


async def test_each_language_is_named_in_itself(portal):
    device = await portal.device()
    await device.visit("/")
    tongues = device.page.locator("#language option")
    await tongues.first.wait_for(state="attached", timeout=PATIENCE)
    named = await tongues.evaluate_all("(all) => all.map((it) => [it.value, it.lang])")
    assert sorted(named) == sorted([tag, tag] for tag in LANGUAGES)
