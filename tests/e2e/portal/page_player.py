"""Plays the tables of a scenario with families who sit before the page itself, in a browser.

Partners act as in `e2e.scenarios`; what people do on a phone is pressed and read here. The acts for that stand in
`page_acts.py`.
"""

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import cast

from playwright.async_api import Browser

from e2e.families import Household
from e2e.portal.browser import Device, new_device
from e2e.portal.pages import PATIENCE, Visitor, answer_code
from e2e.scenarios import acts_family, acts_parents, acts_sharing, acts_table, acts_without_phone
from e2e.scenarios.play import ACTS, Act, Player, play_as
from e2e.scenarios.tables import Moment, Row
from e2e.scenarios.town import Town
from zegel_demo.ways_in import print_code

BASE = (acts_family, acts_parents, acts_sharing, acts_table, acts_without_phone)
"""What workers do in these tables, and people without a phone."""
PageAct = Callable[["PagePlayer", Row, re.Match[str]], Awaitable[str]]
PAGE_ACTS: list[tuple[re.Pattern[str], Act]] = []
"""What is done at the page; it goes before an act of the same words that software does."""


def page_act(pattern: str) -> Callable[[PageAct], PageAct]:
    """Make a function what is done at the page for rows whose `does` has this form."""

    def register(doing: PageAct) -> PageAct:
        # They are played by a `PagePlayer` alone.
        PAGE_ACTS.append((re.compile(pattern), cast(Act, doing)))
        return doing

    return register


@dataclass
class PagePlayer(Player):
    """A player whose people have browsers.

    `twins` have software with the same seed beside it, for what no page does: then they come in with the printed code.
    `languages`: what a phone is set to, where that is not Dutch.
    """

    browser: Browser = field(kw_only=True)
    twins: frozenset[str] = frozenset()
    languages: dict[str, str] = field(default_factory=dict)
    pages: dict[str, Visitor] = field(default_factory=dict)

    def acts(self) -> Iterable[tuple[re.Pattern[str], Act]]:
        return [*PAGE_ACTS, *ACTS]

    async def go_to(self, moment: Moment) -> None:
        """Let time pass; a page that lay open meanwhile locked itself, so that everyone comes in anew."""
        await super().go_to(moment)
        for visitor in self.pages.values():
            await visitor.page.clock.set_system_time(self.town.clock())
            await visitor.log_in()

    async def give_phone(self, who: str, home: Household) -> None:
        """Have a person come in at a worker's table through every page, or with paper where software has the seed."""
        visitor = Visitor(await self._device(who), self.household, self.people[who], self._language(who))
        if who in self.twins:
            await super().give_phone(who, home)
            await come_in_with_paper(visitor, await print_code(self.phones[who]._phone))
        else:
            opened = await home.worker.families.open_enrolment(self.household, self.people[who])
            await answer_code(opened, visitor)
        self.pages[who] = visitor

    async def readable(self, who: str) -> str:
        """Return all that someone could read so far: at a page every card, and what stands behind it."""
        if who not in self.pages:
            return await super().readable(who)
        visitor = self.pages[who]
        lines = list(self.read_by.get(who, []))
        for at in range(await cards(visitor)):
            await cards(visitor)
            card = visitor.page.locator("article.told").nth(at)
            lines.append(await card.inner_text())
            await card.locator("h2 a").click()
            await visitor.page.locator("article.notice").wait_for(timeout=PATIENCE)
            if await visitor.page.locator("#read-all").count() > 0:
                await visitor.page.locator("#read-all").click()
                await visitor.page.locator(".opened-sections p[role=status]").wait_for(
                    state="detached", timeout=PATIENCE
                )
            lines.append(await visitor.page.locator("article.notice").inner_text())
        return "\n".join(lines)

    async def close(self) -> None:
        """Put the phones away; no page may have thrown anything meanwhile."""
        trouble = [line for visitor in self.pages.values() for line in visitor.device.trouble]
        for visitor in self.pages.values():
            await visitor.device.close()
        await super().close()
        # What a relay refuses on purpose, or a line that is gone, a browser notes too.
        assert [line for line in trouble if "Failed to load resource" not in line] == []

    def _language(self, who: str) -> str:
        return self.languages.get(who, "nl")

    async def _device(self, who: str) -> Device:
        language = {"nl": "nl-BE"}.get(self._language(who), self._language(who))
        device = await new_device(self.browser, self.town.huis.origin, language=language)
        await device.page.clock.install(time=self.town.clock())
        return device


async def cards(visitor: Visitor) -> int:
    """Go to the first page anew, and wait until all that was told stands there; return how much that is."""
    await visitor.go("")
    await visitor.heading("page-timeline.title")
    await visitor.page.locator("main p[role=status]").wait_for(state="detached", timeout=PATIENCE)
    older = visitor.page.get_by_role("button", name=visitor.say("page-timeline.older"))
    while await older.count() > 0 and await older.is_visible():
        before = await visitor.page.locator("article.told").count()
        await older.click()
        await visitor.page.locator("article.told").nth(before).wait_for(timeout=PATIENCE)
    return await visitor.page.locator("article.told").count()


async def come_in_with_paper(visitor: Visitor, code: str) -> None:
    """Come in with a code that was printed before, and give this phone a passkey of its own."""
    page = await visitor.device.visit("/#/paper")
    await page.locator("#code").fill(code)
    await page.locator("form button[type=submit]").click()
    await visitor.press("remember-yes")
    await visitor.heading("page-timeline.title")
    visitor.code = code


async def play_on_pages(
    town: Town, browser: Browser, scenario: str, *, twins: Iterable[str] = (), languages: dict[str, str] | None = None
) -> None:
    """Play a scenario as `e2e.scenarios.play.play` does, with everyone's phone a browser."""
    household = Household.new(town.huis, next(iter(town.workers.values()))).id
    player = PagePlayer(town, household, browser=browser, twins=frozenset(twins), languages=dict(languages or {}))
    await play_as(player, scenario)
