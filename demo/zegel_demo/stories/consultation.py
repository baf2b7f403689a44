"""Scenario 10 of the rulebook: five partners around one table with a mother, who takes one of them out of it half-way.

Every line that is told comes from what happened between real parties on a running relay.
"""

import os
from contextlib import AsyncExitStack
from pathlib import Path

from zegel import Agreement, Partner, Refused
from zegel_demo.client_agent import ClientAgent
from zegel_demo.client_deadlines import Due
from zegel_demo.huis import Huis
from zegel_demo.stories.scene import Scene, opened_huis
from zegel_demo.telling import Teller, titled
from zegel_protocol.objects import Conference
from zegel_protocol.objects.parties import Party

HOME, OCMW, SCHOOL, CLB, HEALTH = "thuisbegeleiding", "ocmw-gent", "school-de-linde", "clb-gent", "wgc-de-brug"
TABLE = (
    (HOME, "Thuisbegeleiding", "youthcare", "penal", "educator"),
    (OCMW, "OCMW Gent", "ocmw", "penal", "social-worker"),
    (SCHOOL, "Basisschool De Linde", "school", "office", "care-coordinator"),
    (CLB, "CLB Gent", "clb", "penal", "counsellor"),
    (HEALTH, "Wijkgezondheidscentrum De Brug", "health", "penal", "doctor"),
)
TYPES = [(kind, "whole") for kind in ("follow", "plan", "school", "money", "strength")]
ANSWERED = {
    None: "erased here",
    "statutory-file": "not erased: it stands in a file that the law wants kept",
}
"""What a partner answers, by the reason for which it keeps something."""
AGENDA = "Hoe loopt het thuis en op school? Wie belt wie?"


async def tell(folder: Path, teller: Teller) -> None:
    """Make the Huis and tell the story. Raises `AssertionError` when something did not happen as the rules say."""
    scenario = "Scenario 10. Everything below happens now, on this machine."
    async with opened_huis(folder, teller, "Zegel: one table", scenario) as huis:
        await Story(huis, teller).tell()


class Story:
    """The scenes, in order."""

    def __init__(self, huis: Huis, teller: Teller) -> None:
        self.huis, self.say, self.scene = huis, teller, Scene(teller)
        self.household, self.mother = os.urandom(16).hex(), ""
        self.workers: dict[str, Partner] = {}
        self.invited: dict[str, str] = {}
        self.waiting = ""

    async def tell(self) -> None:
        """Tell all of it."""
        for partner, name, sector, secrecy, function in TABLE:
            await self.huis.admit(partner, name, sector, secrecy, function)  # type: ignore[arg-type]
        await self.huis.publish()
        async with AsyncExitStack() as stack:
            for partner, *_ in TABLE:
                self.workers[partner] = await stack.enter_async_context(await self.huis.connect(partner))
            phone = await stack.enter_async_context(await self._mother())
            conference = await self._convene(phone)
            await self._speak(conference)
            await self._take_out(conference, phone)
            await self._answers(phone)
            await self._report(conference)
            await self._what_each_sees(phone)

    async def _mother(self) -> ClientAgent:
        chair, clb = self.workers[HOME].families, self.workers[CLB].families
        self.mother = await chair.add_person(self.household)
        phone = self.huis.phone(self.household, self.mother)
        key = await self.huis.enrol(self.workers[HOME], phone)
        await clb.vouch(key, "known")
        return phone

    async def _convene(self, phone: ClientAgent) -> Conference:
        self.say.scene("Thuisbegeleiding (home guidance) convenes a table, with the mother")
        chair = self.workers[HOME].conferences
        others = [partner for partner, *_ in TABLE if partner != HOME]
        without = chair.convene(self.household, [self.mother], others, with_client=False)
        await self.scene.refused("the chair's own software", "conference.not-discussed", without)
        conference = await chair.convene(self.household, [self.mother], others)
        self.say.fact("at the table", ", ".join(sorted(name for _, name, *_ in TABLE)) + ", and she herself")
        (first, *_) = await chair.invite(conference, AGENDA)
        assert isinstance(first.error, Refused)
        self.say.say("Before she says yes, nobody is reached:")
        self.say.refused("the chair's own software", first.error)
        await chair.ask_consent(conference, TYPES)
        asked = await phone.requests()
        self.say.page("Her phone: one of the questions", asked[0].offers[0].text.split("\n"))
        count = sum([len(await phone.accept(request)) for request in asked])
        self.say.fact(
            "her yeses", f"{count}, one for each pair and direction, each for what that reader's sector may read"
        )
        agreement = Agreement(text="Thuisbegeleiding belt haar vrijdag.", ask="Sara", with_client=True, steps=())
        reached = await chair.invite(conference, AGENDA, agreement=agreement)
        assert all(item.error is None for item in reached), reached
        for item in reached:
            assert item.sent is not None, item.error
            await self.scene.reads(self.name(item.to), self.workers[item.to], item.sent.manifest)
            self.invited[item.to] = item.sent.manifest
        return conference

    def name(self, partner: str) -> str:
        """Return what a partner is called."""
        return next(name for identifier, name, *_ in TABLE if identifier == partner)

    async def _speak(self, conference: Conference) -> None:
        self.say.scene("Each reads what is for them, and nobody reads the sum")
        clb, ocmw = self.workers[CLB], self.workers[OCMW]
        helped = clb.conferences.draft(conference, SCHOOL).note("school", "Een rustig hoekje in de klas helpt hem.")
        sent = await clb.send(helped)
        await self.scene.reads(self.name(SCHOOL), self.workers[SCHOOL], sent.manifest)
        debts = clb.conferences.draft(conference, SCHOOL).note("money", "Er is huur achter.")
        await self.scene.refused("the CLB's own software", "category.not-relevant", clb.send(debts))
        await self.scene.refused("the relay", "message.unknown", self.workers[HEALTH].open(sent.manifest))
        self.say.say("That was the health centre, asking for what the CLB told the school: for it, it is not there.")
        budget = ocmw.conferences.draft(conference, HOME).note("follow", "Het budgetplan loopt sinds juni.")
        sent = await ocmw.send(budget)
        await self.scene.reads(self.name(HOME), self.workers[HOME], sent.manifest)
        later = clb.conferences.draft(conference, OCMW).note("follow", "In mei zien we elkaar weer.")
        self.waiting = (await clb.send(later)).manifest
        self.say.say("And the CLB wrote to the OCMW, which has not opened it yet.")

    async def _take_out(self, conference: Conference, phone: ClientAgent) -> None:
        self.say.scene("In the middle of it she takes the OCMW out, on her phone, at the table")
        flows: dict[tuple[str, str], list[str]] = {}
        for item in await phone.given():
            sides = item.consent.payload.sender, item.consent.payload.to
            if Party(partner=OCMW) in sides:
                flows.setdefault((sides[0].key, sides[1].key), []).append(item.consent.d)
        for digests in flows.values():
            await phone.revoke(digests, "no-trust")
        self.say.fact("revoked", f"{sum(map(len, flows.values()))} yeses, to and from the OCMW")
        ocmw = self.workers[OCMW]
        await self.scene.refused("the relay", "message.withdrawn", ocmw.open(self.waiting))
        word = ocmw.conferences.draft(conference, CLB).note("follow", "Nog één ding.")
        await self.scene.refused("the OCMW's own software", "consent.revoked", ocmw.send(word))

    async def _answers(self, phone: ClientAgent) -> None:
        self.say.scene("Whoever had read something must answer whether it is erased")
        self.say.page("Her phone: who answers, by when", [item.text for item in await self._due(phone)])
        for partner, answer, reason in ((OCMW, "kept", "statutory-file"), (HOME, "erased", None)):
            erasures = self.workers[partner].erasures
            for owed in await erasures.owed():
                done = await erasures.answer(owed, answer, reason)  # type: ignore[arg-type]
                self.say.fact(self.name(partner), ANSWERED[reason])
                if done.remains:
                    self.say.fact("and their software tells them what no program removes", " ".join(done.remains))
        assert not [item for item in await self._due(phone) if item.item.state == "open"]

    async def _due(self, phone: ClientAgent) -> list[Due]:
        return [item for item in await phone.deadlines() if item.item.kind == "erasure"]

    async def _report(self, conference: Conference) -> None:
        self.say.scene("The others go on, and the chair reports")
        chair = self.workers[HOME].conferences
        ended = await chair.close(conference)
        for item in await chair.report(ended, "De school zoekt een buddy. In mei kijken we opnieuw."):
            if item.sent is not None:
                await self.scene.reads(self.name(item.to), self.workers[item.to], item.sent.manifest)
            else:
                assert isinstance(item.error, Refused)
                assert item.to == OCMW
                self.say.refused(f"the chair's own software, for {self.name(item.to)}", item.error)

    async def _what_each_sees(self, phone: ClientAgent) -> None:
        self.say.scene("What she sees of it")
        for notice in await phone.notices():
            manifest = notice.copy.manifest.payload
            sides = f"{self.name(manifest.sender.partner or '')} to {self.name(manifest.to.partner or '')}"
            for type_, content in notice.readable():
                if type_ != "agreement":
                    self.say.fact(sides, titled(type_, content))
        pages = {item.copy.manifest.d: phone.render(item) for item in await phone.notices()}
        withdrawn, kept = pages[self.waiting], pages[self.invited[OCMW]]
        assert any("kreeg het niet te lezen" in line for line in withdrawn), withdrawn
        assert any("wiste dit niet" in line for line in kept), kept
        self.say.page("Her page of what was withdrawn in time", withdrawn)
        self.say.page("And of what the OCMW had read: an honest answer", kept)
