"""`python -m e2e.portal.screens`: pictures of every view of the family's page, to be looked at by people.

In Dutch and Arabic, narrow and wide, light and dark, into `build/screens`, with an `index.html` to look through them.
All of it is pressed for real on a running relay. A view that can't be shown is named, and the program fails at its end.
"""

import asyncio
import sys
import tempfile
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, Page
from playwright.async_api import Error as PlaywrightError

from e2e.portal.browser import Device, new_device, open_browser
from e2e.portal.pages import PATIENCE, Visitor
from e2e.portal.screens_index import index_of
from e2e.portal.shell_build import ROOT
from zegel_demo.ports import free_port
from zegel_demo.stories.at_home import AtHome, at_home

FOLDER = ROOT / "build" / "screens"
LANGUAGES = ("nl", "ar")
WIDTHS = (360, 1280)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
HEIGHT = 780
RELAY_OUT = "**/v1/**"


@dataclass
class Camera:
    """What takes the pictures of one language; `failed` are the views that could not be shown, and why."""

    home: AtHome
    browser: Browser
    language: str
    failed: list[str] = field(default_factory=list)

    async def shoot(self, page: Page, name: str) -> None:
        """Take a page in every width and scheme. What is wider than its window is a fault of the page."""
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": HEIGHT})
            for scheme in SCHEMES:
                await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                # A bar that stays on top stands where the page was scrolled to.
                await page.evaluate("scrollTo(0, 0)")
                path = FOLDER / f"{self.language}-{width}-{scheme}-{name}.png"
                await page.screenshot(path=path, full_page=True)
            wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wide > 0:
                self.failed.append(f"{self.language} {name}: {wide} pixels too wide at {width}")

    async def try_all(self, *parts: Callable[[], Awaitable[None]]) -> None:
        """Take the pictures of each part; one that fails keeps no other from being taken."""
        for part in parts:
            try:
                await part()
            except (AssertionError, PlaywrightError) as error:
                traceback.print_exc()
                self.failed.append(f"{self.language} {part.__name__}: {error}".split("\n")[0])

    async def device(self) -> Device:
        """Return a phone that speaks this language."""
        return await new_device(self.browser, self.home.huis.origin, language={"nl": "nl-BE"}.get(self.language, "ar"))

    async def all(self) -> None:
        """Take all of them."""
        await self.try_all(self.outside, self.without_script, self.coming_in, self.at_home)

    async def outside(self) -> None:
        """What anyone sees: the locked page, coming in with paper, and the public pages."""
        device = await self.device()
        page = await device.visit()
        await page.locator("h1").wait_for()
        await self.shoot(page, "locked")
        await page.goto(f"{device.origin}/#/paper")
        await page.locator("#code").fill("AAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGG")
        await self.shoot(page, "paper")
        await page.locator("form button[type=submit]").click()
        await page.locator("main [role=alert]").first.wait_for(timeout=PATIENCE)
        await self.shoot(page, "paper-wrong")
        for name in ("code", "help", "contact"):
            await page.goto(f"{device.origin}/{name}?language={self.language}")
            await self.shoot(page, f"public-{name}")
        await page.goto(f"{device.origin}/enrol")
        await page.locator("h1").wait_for()
        await self.shoot(page, "enrol-none")
        await device.close()

    async def without_script(self) -> None:
        """What a browser without script shows."""
        context = await self.browser.new_context(java_script_enabled=False)
        page = await context.new_page()
        await page.goto(self.home.huis.origin)
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": HEIGHT})
            for scheme in SCHEMES:
                await page.emulate_media(color_scheme=scheme)
                await page.screenshot(path=FOLDER / f"{self.language}-{width}-{scheme}-no-script.png")
        await context.close()

    async def coming_in(self) -> None:
        """Coming in for the first time, at a worker's table."""
        families = self.home.nurse.families
        household = self.home.other_household()
        person = await families.add_person(household)
        opened = await families.open_enrolment(household, person)
        device = await self.device()
        visitor = Visitor(device, household, person, self.language)
        page = await device.visit(opened.address)
        await page.locator("h1").wait_for(timeout=PATIENCE)
        await page.locator("main li").first.wait_for(timeout=PATIENCE)
        await self.shoot(page, "enrol-code-of-ethics")
        await visitor.press("go-on")
        await self.shoot(page, "enrol-key")
        await visitor.press("start-key-make")
        await page.locator("#six-words li").first.wait_for(timeout=PATIENCE)
        await self.shoot(page, "enrol-six-words")
        await opened.words()
        finishing = asyncio.create_task(opened.finish("id-card"))
        await visitor.press("words-same")
        await finishing
        await visitor.heading("print")
        await self.shoot(page, "print")
        await visitor.press("print-make")
        await page.locator("#printed-code").wait_for(timeout=PATIENCE)
        await self.shoot(page, "printed-code")
        await visitor.press("print-done")
        await visitor.heading("page-timeline.title")
        await page.locator("main p[role=status]").wait_for(state="detached", timeout=PATIENCE)
        await self.shoot(page, "timeline-empty")
        await visitor.go("yes")
        await visitor.heading("yes")
        await self.shoot(page, "consents-empty")
        await device.close()

    async def at_home(self) -> None:
        """What Elif sees and does."""
        await self.home.ask_for_a_yes(self.language)
        device = await self.device()
        visitor = Visitor(device, self.home.household, self.home.elif_id, self.language)
        page = await device.visit("/#/paper")
        await page.locator("#code").fill(self.home.codes["Elif"])
        await page.locator("form button[type=submit]").click()
        await visitor.shown("h2", visitor.say("remember"))
        await self.shoot(page, "remember")
        await visitor.press("remember-yes")
        await visitor.heading("page-timeline.title")
        inside = Inside(self, visitor)
        await inside.first_page()
        await self.try_all(
            inside.notices, inside.sections, inside.request, inside.consents, inside.writing, inside.me, inside.troubles
        )
        await device.close()


@dataclass
class Inside:
    """The views behind the lock."""

    camera: Camera
    visitor: Visitor
    digests: list[str] = field(default_factory=list)

    @property
    def page(self) -> Page:
        """The tab."""
        return self.visitor.page

    async def shoot(self, name: str) -> None:
        """Take what is shown."""
        await self.camera.shoot(self.page, name)

    async def first_page(self) -> None:
        """The timeline, with all that waits."""
        await self.page.locator("main p[role=status]").wait_for(state="detached", timeout=PATIENCE)
        await self.shoot("timeline")
        older = self.page.get_by_role("button", name=self.visitor.say("page-timeline.older"))
        await older.click(timeout=PATIENCE)
        await older.wait_for(state="hidden", timeout=PATIENCE)
        links = await self.page.locator("article.told h2 a").all()
        self.digests = [str(await link.get_attribute("href")).rsplit("/", 1)[-1] for link in links]

    async def notices(self) -> None:
        """Each notice, and each thing that can be done about it."""
        done: set[str] = set()
        for number, d in enumerate(self.digests):
            await self.visitor.go("notices", d)
            await self.page.locator("article.notice").wait_for(timeout=PATIENCE)
            await self.shoot(f"notice-{number}")
            links = await self.page.locator("a[data-act]").all()
            for name in [str(await link.get_attribute("data-act")) for link in links]:
                if name in done:
                    continue
                done.add(name)
                await self.visitor.go("notices", d, name)
                await self.page.locator("main form").wait_for(timeout=PATIENCE)
                await self.shoot(f"act-{name}")

    async def sections(self) -> None:
        """A notice whose sections are opened."""
        for number, d in enumerate(self.digests):
            await self.visitor.go("notices", d)
            await self.page.locator("article.notice").wait_for(timeout=PATIENCE)
            if await self.page.locator("#read-all").count() == 0:
                continue
            await self.page.locator("#read-all").click()
            await self.page.locator(".opened-sections p[role=status]").wait_for(state="detached", timeout=PATIENCE)
            await self.shoot(f"opened-{number}")

    async def request(self) -> None:
        """A question for a yes, down to the thanks."""
        await self.visitor.go("yes")
        await self.visitor.heading("yes")
        last = await self.page.locator("main a[href*=request]").count() - 1
        await self.visitor.go("request", str(last))
        await self.page.locator("main button").first.wait_for(timeout=PATIENCE)
        await self.shoot("request-company")
        await self.visitor.press("company-no")
        await self.page.locator("#sign").wait_for(timeout=PATIENCE)
        await self.shoot("request")
        for box in await self.page.locator("input[type=checkbox]").all():
            await box.check()
        await self.shoot("request-ticked")
        await self.page.locator("#sign").click()
        await self.page.locator("[role=status]", has_text=self.visitor.say("done-thanks")).wait_for(timeout=PATIENCE)
        await self.shoot("request-thanks")

    async def consents(self) -> None:
        """All yeses; stopping one, making one less, and holding all back."""
        await self.visitor.go("yes")
        await self.visitor.heading("yes")
        await self.shoot("consents")
        await self.visitor.press("stop")
        await self.shoot("consents-stop")
        await self.visitor.go("yes")
        await self.visitor.heading("yes")
        await self.visitor.press("less")
        await self.page.locator("main input[type=checkbox]").first.check()
        await self.shoot("consents-less")
        await self.page.locator("summary").first.click()
        await self.shoot("object")

    async def writing(self) -> None:
        """Writing to an organisation."""
        await self.visitor.go("write")
        await self.visitor.heading("write")
        await self.shoot("write")
        await self.visitor.go("write", "done")
        await self.visitor.heading("write-done")
        await self.shoot("write-done")

    async def me(self) -> None:
        """One's own keys."""
        await self.visitor.go("me")
        await self.visitor.heading("me")
        await self.shoot("me")

    async def troubles(self) -> None:
        """No connection, and a relay that fails."""
        await self.page.context.set_offline(True)
        await self.visitor.go("yes")
        await self.page.locator("main [role=alert]").first.wait_for(timeout=PATIENCE)
        await self.shoot("offline")
        await self.page.context.set_offline(False)
        await self.page.route(RELAY_OUT, lambda route: route.fulfill(status=503, body="{}"))
        await self.visitor.go("me")
        await self.page.locator("main [role=alert]").first.wait_for(timeout=PATIENCE)
        await self.shoot("error")
        await self.page.unroute_all()


async def run(languages: tuple[str, ...]) -> list[str]:
    """Take the pictures of these languages; return what failed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    failed: list[str] = []
    with tempfile.TemporaryDirectory(prefix="zegel-screens-") as folder:
        async with open_browser() as browser, at_home(Path(folder), free_port()) as home:
            for language in languages:
                camera = Camera(home, browser, language)
                await camera.all()
                failed += camera.failed
    (FOLDER / "index.html").write_text(index_of(FOLDER), "utf-8")
    return failed


def main() -> int:
    """Take them; return the exit status. Arguments are languages, by default Dutch and Arabic."""
    failed = asyncio.run(run(tuple(sys.argv[1:]) or LANGUAGES))
    for line in failed:
        print(line, file=sys.stderr)
    print(f"{len(list(FOLDER.glob('*.png')))} pictures: {(FOLDER / 'index.html').relative_to(ROOT)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
