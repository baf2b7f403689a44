"""A walk past every page of the portal, in one language: what a look at each of them finds.

Whoever looks is given the name of the page and the page as it stands, settled; they may turn it to other sizes and
colours, and leave it as it was.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Page

from e2e.documents import write_pdf
from e2e.portal.house import House
from e2e.portal.pages import PATIENCE, Visitor
from e2e.world import OCMW, complete
from zegel import Draft

Look = Callable[[str, Page], Awaitable[None]]
ACTS = ("ask", "not-right", "stuck", "stop", "answer", "decline")
PUBLIC = ("code", "help", "contact", "nowhere")
TYPES = {("who", "whole"), ("ask", "whole"), ("money", "whole"), ("plan", "whole"), ("follow", "whole")}
BUSY = "main p[role=status]"
"""What says that something is on its way; a note that something was done is no paragraph."""


@dataclass
class Walk:
    """One walk. `asked_in`: the language of the question for a yes, in which it is signed."""

    house: House
    visitor: Visitor
    folder: Path
    look: Look
    asked_in: str

    @classmethod
    async def of(cls, house: House, language: str, folder: Path, look: Look, *, asked_in: str | None = None) -> "Walk":
        """Return a walk of somebody whom the nurse made known, on a new phone, not come in yet."""
        household, person = await house.adult()
        device = await house.device(language=language)
        visitor = Visitor(device, household, person, language)
        return cls(house, visitor, folder, look, asked_in or language)

    async def all(self) -> None:
        """Go past every page that has script, from the first code to the last word, and those that have none."""
        await self.locked()
        await self.coming_in()
        await self.at_home("empty")
        await self.asked()
        await self.told()
        await self.holding_back()
        await self.lost()
        await self.public()

    @property
    def page(self) -> Page:
        """The page of the visitor."""
        return self.visitor.page

    async def see(self, name: str) -> None:
        """Look at what stands there once it is all there."""
        await self.page.locator(BUSY).first.wait_for(state="detached", timeout=PATIENCE)
        await self.look(name, self.page)

    async def to(self, *parts: str) -> None:
        """Go to a place; wait until it stands there."""
        await self.visitor.go(*parts)
        await self.page.locator("h1", has_text=self.visitor.say("nowhere")).wait_for(state="detached", timeout=PATIENCE)

    async def locked(self) -> None:
        """The pages of whoever has no keys yet."""
        await self.visitor.device.visit()
        await self.visitor.heading("welcome")
        await self.see("locked")
        for place, heading in (("start", "start-none"), ("paper", "paper")):
            await self.page.evaluate(f"location.hash = '#/{place}'")
            await self.visitor.heading(heading)
            await self.see(heading)
        await self.page.locator("#code").fill("ABCD")
        await self.page.locator("form button").click()
        await self.page.locator("main [role=alert]").wait_for(timeout=PATIENCE)
        await self.see("paper-wrong")

    async def coming_in(self) -> None:
        """The code of ethics, a key, six words, the code on paper."""
        opened = await self.house.code_for(self.visitor.household, self.visitor.person)
        await self.visitor.device.visit(opened.address)
        await self.page.locator("main li").first.wait_for(timeout=PATIENCE)
        await self.see("code-of-ethics")
        await self.visitor.press("go-on")
        await self.see("key")
        await self.visitor.press("start-key-make")
        await self.page.locator("#six-words li").first.wait_for(timeout=PATIENCE)
        await self.see("six-words")
        await opened.words()
        finishing = asyncio.create_task(opened.finish("id-card"))
        await self.visitor.press("words-same")
        await finishing
        await self.visitor.heading("print")
        await self.see("printed-before")
        await self.visitor.press("print-make")
        await self.page.locator("#printed-code").wait_for(timeout=PATIENCE)
        await self.see("printed")
        await self.visitor.press("print-done")
        await self.visitor.heading("page-timeline.title")

    async def at_home(self, name: str) -> None:
        """The first page and those that its bar leads to."""
        await self.see(f"timeline-{name}")
        for place in ("yes", "write", "me"):
            await self.to(place)
            await self.see(f"{place}-{name}")

    async def asked(self) -> None:
        """A question for a yes: read, chosen from, signed; then stopped or made less, almost."""
        language = self.asked_in
        await self.house.nurse.families.ask_consent(self._draft(), types=TYPES, language=language)
        await self.to("")
        await self.page.locator(".waits").wait_for(timeout=PATIENCE)
        await self.see("timeline-asked")
        await self.to("yes")
        await self.see("yes-asked")
        await self.visitor.press("request-read")
        await self.page.locator("main .stack button").first.wait_for(timeout=PATIENCE)
        await self.see("request-company")
        await self.visitor.press("company-no")
        await self.page.locator("#sign").wait_for(timeout=PATIENCE)
        await self.see("request-choosing")
        for box in await self.page.locator("input[type=checkbox]").all():
            await box.check()
        await self.see("request-ticked")
        await self.page.locator("#sign").click()
        await self.page.locator(".note[role=status]").wait_for(timeout=PATIENCE)
        await self.see("yes-thanks")
        await self.visitor.press("stop")
        await self.page.locator("button.care.main").wait_for(timeout=PATIENCE)
        await self.see("yes-stop")
        await self.visitor.press("less")
        await self.page.locator("fieldset").wait_for(timeout=PATIENCE)
        await self.see("yes-less")

    async def told(self) -> None:
        """What was shared, opened with its file; a question that waits; and what can be said of each."""
        letter = write_pdf(self.folder / f"brief-{self.visitor.language}.pdf", "Geachte mevrouw")
        sent = await self.house.nurse.send(self._draft().file("money", letter))
        await self.house.ocmw.acknowledge(await self.house.ocmw.open(sent.manifest))
        own = self.visitor.person
        question = self.house.nurse.talks.ask(own, self.visitor.household, [own], "Mag ik u donderdag bellen?")
        await self.house.nurse.send(question)
        await self.to("")
        await self.page.locator("article.told").nth(1).wait_for(timeout=PATIENCE)
        await self.see("timeline-full")
        await self._notice(1)
        await self.see("notice")
        await self.page.locator("#read-all").click()
        await self.page.locator("a[download]").wait_for(timeout=PATIENCE)
        await self.see("notice-opened")
        await self._acts()
        await self.to("")
        await self._notice(0)
        await self.see("notice-question")
        await self._acts()

    async def holding_back(self) -> None:
        """Objecting to all that is new; a message of one's own that went out."""
        await self.to("yes")
        await self.page.locator("summary").click()
        await self.see("yes-objecting")
        await self.page.locator("details button").click()
        await self.page.locator("[data-objection]").wait_for(timeout=PATIENCE)
        await self.see("yes-objected")
        await self.to("write", "done")
        await self.see("write-done")

    async def lost(self) -> None:
        """A place that is none, and a page without a connection."""
        await self.visitor.go("")
        await self.visitor.heading("page-timeline.title")
        await self.page.evaluate("location.hash = '#/elsewhere'")
        await self.visitor.heading("nowhere")
        await self.see("nowhere")
        await self.page.route("**/v1/**", lambda route: route.abort())
        await self.page.evaluate("location.hash = '#/me'")
        await self.page.locator("main [role=alert]").wait_for(timeout=PATIENCE)
        await self.see("offline")
        await self.page.unroute_all(behavior="wait")

    async def public(self) -> None:
        """The pages that need no script, among them the one that says that there is none."""
        for name in PUBLIC:
            await self.visitor.device.visit(f"/{name}?language={self.visitor.language}")
            await self.look(f"public-{name}", self.page)

    async def _notice(self, at: int) -> None:
        await self.page.locator("article.told h2 a").nth(at).click(timeout=PATIENCE)
        await self.page.locator("article.notice").wait_for(timeout=PATIENCE)

    async def _acts(self) -> None:
        """Each thing that can be done about the notice that is open, and the page that says that it is done."""
        notice = await self.page.evaluate("location.hash.split('/')[2]")
        offered = {await act.get_attribute("data-act") for act in await self.page.locator("[data-act]").all()}
        for act in ACTS:
            if act in offered:
                await self.to("notices", notice, act)
                await self.see(f"act-{act}")
                await self.to("notices", notice, act, "done")
                await self.see(f"act-{act}-done")

    def _draft(self) -> Draft:
        made = self.house.nurse.referral(OCMW, self.visitor.household, [self.visitor.person])
        made.note("who", "Elif").note("ask", "Hulp met de brieven.").note("money", "Drie deurwaarders.\nSamen € 6.400.")
        return complete(made, self.house.huis.clock())
