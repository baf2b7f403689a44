"""Whoever reads large, still, or in few colours reads all of it: WCAG 2.2, 1.4.4, 1.4.10, 1.4.12, and less motion.

At 400 % a screen of 1280 pixels has room for 320, at 200 % for 640. The languages are the source, the longest, and the
one that runs from right to left.
"""

import os
from pathlib import Path

import pytest

from e2e.portal.sight import cut_off, moving, spaced, unmarked
from e2e.portal.walk import Walk

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]
ROOMS = ({"width": 320, "height": 256}, {"width": 640, "height": 400})
PICTURES = os.environ.get("ZEGEL_TEST_PICTURES")
"""A folder for pictures of every page, to be looked at."""


@pytest.mark.parametrize("language", ["nl", "pl", "ar"])
async def test_nothing_is_cut_off_and_nothing_moves(portal, tmp_path, language):
    found: list[tuple[object, ...]] = []

    async def look(name, page):
        await page.emulate_media(reduced_motion="reduce", color_scheme="light", forced_colors="none")
        for room in ROOMS:
            await page.set_viewport_size(room)
            found.extend((name, room["width"], *what) for what in await cut_off(page))
            await spaced(page)
            found.extend((name, room["width"], "spaced", *what) for what in await cut_off(page))
            await spaced(page, "")
        found.extend((name, "moves", what) for what in await moving(page))
        await page.emulate_media(forced_colors="active")
        found.extend((name, "only a colour", what) for what in await unmarked(page))
        if PICTURES:
            await page.emulate_media(forced_colors="none")
            await page.set_viewport_size({"width": 390, "height": 844})
            await page.screenshot(path=Path(PICTURES) / f"{language}-{name}.png", full_page=True)

    walk = await Walk.of(portal, language, tmp_path, look)
    await walk.all()
    assert not found, "\n".join(map(str, found))


async def test_the_measures_find_what_they_look_for(portal):
    device = await portal.device()
    page = device.page
    await page.emulate_media(reduced_motion="no-preference")
    await page.goto(f"{portal.huis.origin}/")
    await page.locator("main h1").wait_for()
    assert "appear" in await moving(page)
    assert await cut_off(page) == []
    await spaced(page, "h1 { inline-size: 900px }")
    assert await cut_off(page) != []
    await spaced(page, "h1 { block-size: 0.2rem }")
    assert [how for _, how in await cut_off(page)] == ["text out of its place"]
    await spaced(page, "main button { border: 0 }")
    assert len(await unmarked(page)) > len(await _unmarked_before(page))


async def _unmarked_before(page):
    await spaced(page, "")
    return await unmarked(page)
