"""A Huis whose page families read in a browser, and the browser of one of them: what it shows, what it asked for."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec
from playwright.async_api import Browser, Page, Route
from yarl import URL

from e2e.portal.browser import Device, new_device
from e2e.stage import Family, Stage
from e2e.world import CHILD_AND_FAMILY, OCMW, publish_three
from zegel_demo.client_agent import ClientAgent
from zegel_demo.huis import Huis
from zegel_demo.ports import free_port
from zegel_demo.ways_in import print_code
from zegel_protocol.texts.catalogue import phrase

T = TypeVar("T")
DESK = "vk-gent"
PATIENCE = 20_000
"""Milliseconds within which a page that verifies a message has it on its screen, on a slow machine."""


async def open_portal(folder: Path, shell: Path) -> Stage:
    """Return a running Huis with the page in `shell` under `localhost`, and a desk for alarms."""
    settings = {"ZEGEL_SHELL_FOLDER": os.fspath(shell)}
    huis = await Huis.open(folder, "Huis van het Kind", settings=settings, portal_port=free_port())
    await huis.admit(DESK, "Vertrouwenscentrum", "safetydesk", "penal", "safety-desk")
    await publish_three(huis)
    return Stage(huis, await huis.connect(CHILD_AND_FAMILY), await huis.connect(OCMW))


@dataclass
class Reader:
    """A person who reads in a browser; their agent in software holds the same seed. `asked` are all its requests."""

    device: Device
    page: Page
    language: str
    asked: list[str] = field(default_factory=list)

    def say(self, key: str, **params: str) -> str:
        """Return a phrase of the page in this reader's language."""
        return phrase(self.language, key, **params)

    async def first_page(self) -> list[str]:
        """Go to the first page anew; return what each card says, newest first, once all that was told is shown."""
        await self.page.evaluate("location.hash = '#/elsewhere'")
        await self.page.locator("h1", has_text=self.say("page.nowhere")).wait_for(timeout=PATIENCE)
        await self.page.evaluate("location.hash = '#/'")
        await self.page.locator("h1", has_text=self.say("page-timeline.title")).wait_for(timeout=PATIENCE)
        await self.page.locator("main p[role=status]").wait_for(state="detached", timeout=PATIENCE)
        return await self.page.locator("article.told").all_inner_texts()

    async def open(self, at: int = 0) -> str:
        """Open a card of the first page, the newest first; return all that the notice page says."""
        await self.page.locator("article.told h2 a").nth(at).click()
        await self.page.locator("article.notice").wait_for(timeout=PATIENCE)
        return await self.page.locator("article.notice").inner_text()

    async def read_all(self) -> list[str]:
        """Press *read all*; return what each section shows once all of them are open."""
        await self.page.locator("#read-all").click()
        await self.page.locator(".opened-sections p[role=status]").wait_for(state="detached", timeout=PATIENCE)
        return await self.page.locator(".opened-sections .opened").all_inner_texts()

    async def problems(self) -> list[str]:
        """Return the codes of what is wrong with sections, in the order of the page."""
        found = await self.page.locator("[data-problem]").all()
        return [str(await item.get_attribute("data-problem")) for item in found]

    async def trouble(self) -> str:
        """Return the words of what went wrong with the page as a whole, once it says so."""
        alert = self.page.locator("main [role=alert]")
        await alert.wait_for(timeout=PATIENCE)
        return await alert.inner_text()

    async def lie(self, pattern: str, kind: type[T], how: Callable[[T], object]) -> None:
        """From now on the relay's answers to addresses of this pattern reach this browser changed."""

        async def changed(route: Route) -> None:
            answer = await route.fetch()
            true = msgspec.json.decode(await answer.body(), type=kind)
            await route.fulfill(response=answer, body=msgspec.json.encode(how(true)))

        await self.page.route(pattern, changed)

    async def serve(self, pattern: str, how: Callable[[URL], object]) -> None:
        """From now on this browser is answered what `how` makes of the address; the real relay is not asked."""

        async def instead(route: Route) -> None:
            body = msgspec.json.encode(how(URL(route.request.url)))
            await route.fulfill(status=200, body=body, content_type="application/json")

        await self.page.route(pattern, instead)

    async def behave(self) -> None:
        """Let answers through as they are."""
        await self.page.unroute_all(behavior="wait")

    async def close(self) -> None:
        """Close the browser's profile; no page may have thrown anything meanwhile."""
        await self.device.context.close()


async def come_in(browser: Browser, world: Family, language: str = "nl") -> Reader:
    """Come in with the printed code of this family's phone, on a device that is borrowed."""
    return await come_in_as(browser, world.huis, world.phone, language)


async def come_in_as(
    browser: Browser, huis: Huis, phone: ClientAgent, language: str = "nl", clock: Callable[[], int] | None = None
) -> Reader:
    """Come in with the printed code of a phone, on a device that is borrowed; `clock` is what it goes by."""
    code = await print_code(phone._phone)
    device = await new_device(browser, huis.origin, language=language)
    page = device.page
    if clock is not None:
        await page.clock.install(time=clock())
    reader = Reader(device, page, language)
    page.on("request", lambda request: reader.asked.append(request.url))
    await page.goto(f"{huis.origin}/#/paper")
    await page.locator("#code").fill(code)
    await page.locator("form button[type=submit]").click()
    await page.get_by_role("button", name=reader.say("page.remember-no")).click(timeout=PATIENCE)
    await page.locator("h1", has_text=reader.say("page-timeline.title")).wait_for(timeout=PATIENCE)
    return reader


def same(text: str) -> str:
    """Return text as it reads, whatever the line breaks of the page are."""
    return " ".join(text.split())
