"""A person at the family's page, as they press and read it: coming in with a worker at the table, and going about."""

import asyncio
from dataclasses import dataclass

from playwright.async_api import Page
from playwright.async_api import TimeoutError as Timeout

from e2e.portal.browser import Device
from e2e.portal.house import House
from zegel.enrolments import OpenEnrolment
from zegel_protocol.texts.catalogue import phrase

PATIENCE = 20_000
"""Milliseconds within which a page that verifies and signs is done, on a slow machine."""


@dataclass
class Visitor:
    """Who sits before a page, in a language; `code` is what they printed."""

    device: Device
    household: str
    person: str
    language: str = "nl"
    code: str = ""

    @property
    def page(self) -> Page:
        """The page of their phone."""
        return self.device.page

    def say(self, key: str, **params: str) -> str:
        """Return a phrase of the page in this person's language."""
        return phrase(self.language, key if "." in key else f"page.{key}", **params)

    async def press(self, key: str, **params: str) -> None:
        """Press the first button or link with these words."""
        words = self.say(key, **params)
        await self.page.locator("button, a", has_text=words).first.click(timeout=PATIENCE)

    async def heading(self, key: str, **params: str) -> None:
        """Wait for a page with this heading; what the page says instead stands in the failure."""
        await self.shown("h1", self.say(key, **params))

    async def shown(self, selector: str, words: str | None = None) -> None:
        """Wait for an element, with these words in it."""
        try:
            await self.page.locator(selector, has_text=words).first.wait_for(timeout=PATIENCE)
        except Timeout as late:
            wanted = f"{selector} with {words!r}"
            raise AssertionError(f"{wanted} was expected, and the page says: {await self.text()}") from late

    async def go(self, *parts: str) -> None:
        """Go to a place, drawn anew."""
        await self.page.evaluate("location.hash = '#/elsewhere'")
        await self.heading("nowhere")
        await self.page.evaluate(f"location.hash = '#/{'/'.join(parts)}'")

    async def text(self) -> str:
        """Return what the page says."""
        return await self.page.locator("main").inner_text()

    async def log_in(self) -> None:
        """Open the page anew, and come in with a passkey."""
        await self.device.visit()
        await self.press("open")
        await self.heading("page-timeline.title")


async def meet(house: House, *, prf: bool = True, language: str = "nl") -> Visitor:
    """Have the nurse make an adult known, and the adult come in on a new phone, through every page on the way.

    Another partner vouches as well: what the nurse alone vouched for does not count towards her own organisation.
    """
    household, person = await house.adult()
    device = await house.device(prf=prf, language={"nl": "nl-BE"}.get(language, language))
    visitor = Visitor(device, household, person, language)
    await come_in_first(house, visitor)
    return visitor


async def come_in_first(house: House, visitor: Visitor) -> None:
    """Come in for the first time: the code of ethics, a key, six words, and the code on paper."""
    await answer_code(await house.code_for(visitor.household, visitor.person), visitor)


async def answer_code(opened: OpenEnrolment, visitor: Visitor) -> None:
    """Come in by the code on a worker's screen, through every page on the way."""
    page = await visitor.device.visit(opened.address)
    await visitor.press("go-on")
    await visitor.press("start-key-make")
    await page.locator("#six-words li").first.wait_for(timeout=PATIENCE)
    shown = tuple(await page.locator("#six-words li").all_inner_texts())
    assert shown == await opened.words()
    finishing = asyncio.create_task(opened.finish("id-card"))
    await visitor.press("words-same")
    await finishing
    await visitor.heading("print")
    await visitor.press("print-make")
    await page.locator("#printed-code span").first.wait_for(timeout=PATIENCE)
    visitor.code = "-".join(await page.locator("#printed-code span").all_inner_texts())
    await visitor.press("print-done")
    await visitor.heading("page-timeline.title")
