"""A browser that runs no script: the first page says where to go, and there all can be read, in each language.

The pages are read as a browser draws them with script turned off.
"""

import re

import pytest
import pytest_asyncio

from e2e.portal.axe import Axe
from e2e.portal.browser import without_script
from zegel_protocol.texts.catalogue import LANGUAGES, phrase

pytestmark = pytest.mark.asyncio(loop_scope="module")
PUBLIC = ("code", "help", "contact")


@pytest_asyncio.fixture(loop_scope="module")
async def tab(portal):
    """A tab that runs no script."""
    page = await without_script(portal.browser)
    yield page
    await page.context.close()


async def test_the_first_page_shows_the_ways_on_and_the_way_out(portal, tab):
    await tab.goto(f"{portal.huis.origin}/")
    assert await tab.locator("h1").count() == 1
    ways = await tab.locator("main ul a").evaluate_all("(all) => all.map((it) => it.getAttribute('href'))")
    assert ways == [f"/{name}" for name in PUBLIC]
    spoken = await tab.locator("p[lang] a").evaluate_all("(all) => all.map((it) => it.getAttribute('href'))")
    assert sorted(spoken) == sorted(f"/help?language={tag}" for tag in {*LANGUAGES} - {"nl"})
    assert await tab.locator("p[lang=ar]").get_attribute("dir") == "rtl"
    assert await tab.locator("a.leave").is_visible()
    await tab.locator("main ul a").first.click()
    assert tab.url == f"{portal.huis.origin}/code"
    assert await tab.locator("main li").count() > 5


@pytest.mark.parametrize("language", sorted(LANGUAGES))
async def test_each_public_page_is_read_in_its_language(portal, tab, language):
    for name in PUBLIC:
        answer = await tab.goto(f"{portal.huis.origin}/{name}?language={language}")
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert await tab.locator("script, [onclick], [onload], iframe, object, form").count() == 0
        turned = await tab.evaluate("[document.documentElement.lang, document.documentElement.dir]")
        assert turned == [language, "rtl" if language == "ar" else "ltr"]
        assert await tab.title() == phrase(language, "page-public.title")
        assert await tab.locator("a.leave").inner_text() == phrase(language, "page-public.leave")
        # The way out is the first stop of the keyboard.
        await tab.keyboard.press("Tab")
        assert await tab.evaluate("document.activeElement.matches('a.leave')")
        links = await tab.locator("footer a").evaluate_all("(all) => all.map((it) => it.getAttribute('href'))")
        assert {"/", *(f"/{other}?language={language}" for other in PUBLIC)} <= set(links)
        assert {f"/{name}?language={tag}" for tag in LANGUAGES} <= set(links)


async def test_axe_finds_nothing_on_the_page_that_has_no_script(portal):
    """axe-core is script itself: it is shown the same page with what stands in `noscript` taken out of it."""
    device = await portal.device()

    async def unwrapped(route):
        answer = await route.fetch()
        text = await answer.text()
        assert text.count("noscript>") == 2
        plain = re.sub("<script [^>]*></script>", "", text).replace("noscript>", "div>")
        await route.fulfill(response=answer, body=plain)

    await device.page.route(f"{portal.huis.origin}/", unwrapped)
    axe = await Axe.of(device.page)
    for colours in ("light", "dark"):
        await device.page.emulate_media(color_scheme=colours)
        await device.visit("/")
        await device.page.locator("h1").wait_for()
        seen = await axe.look()
        assert seen.violations == ()
        assert seen.incomplete == ()
        assert "color-contrast" in seen.passed


async def test_no_public_page_asks_anything_of_anyone_else(portal, tab):
    asked = []
    tab.on("request", lambda request: asked.append(request.url))
    for name in (*PUBLIC, "nowhere"):
        await tab.goto(f"{portal.huis.origin}/{name}")
    assert all(url.startswith(f"{portal.huis.origin}/") for url in asked)
    assert await tab.context.cookies() == []
