"""Nobody is kept out: axe-core finds no violation of WCAG 2.2 AA on any page, in any language, in light and in dark.

Each page is looked at whole once, on a narrow screen; on a wide one and in dark colours by the rules that look at that.
"""

import pytest

from e2e.portal.axe import LOOKS, Axe
from e2e.portal.walk import Walk
from zegel_protocol.texts.catalogue import LANGUAGES

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]
TALL = 6000
"""So tall that the bar that stays on top covers nothing: else axe cannot tell what stands behind a text."""
NARROW, WIDE = {"width": 360, "height": TALL}, {"width": 1280, "height": TALL}


@pytest.mark.parametrize("language", sorted(LANGUAGES))
async def test_no_page_breaks_a_rule(portal, tmp_path, language):
    found: list[tuple[str, ...]] = []
    decided: set[str] = set()

    async def look(name, page):
        await page.emulate_media(color_scheme="light", reduced_motion="reduce")
        await page.set_viewport_size(NARROW)
        await note(name, "whole", await axe.look())
        for colours, size in (("dark", NARROW), ("light", WIDE), ("dark", WIDE)):
            await page.emulate_media(color_scheme=colours, reduced_motion="reduce")
            await page.set_viewport_size(size)
            await note(name, f"{colours} {size['width']}", await axe.look(rules=LOOKS))

    async def note(name, how, what):
        decided.update(what.passed)
        found.extend((name, how, *each) for each in (*what.violations, *what.incomplete))

    walk = await Walk.of(portal, language, tmp_path, look, asked_in="nl" if language == "pl" else language)
    axe = await Axe.of(walk.page)
    await walk.all()
    assert not found, "\n".join(map(str, found))
    assert {"color-contrast", "target-size", "document-title", "html-has-lang", "label"} <= decided
    # What is not there, or not reached, the browser notes by itself.
    assert [line for line in walk.visitor.device.trouble if "Failed to load resource" not in line] == []
