"""Scenario 5 of the rulebook: Noor's parents are in a contested divorce; each reads what is theirs, and no more.

Every line that is told comes from what happened between real parties on a running relay.
"""

import os
from pathlib import Path

from zegel import Draft, Partner
from zegel_demo import rash
from zegel_demo.client_agent import ClientAgent
from zegel_demo.huis import Huis
from zegel_demo.stories.scene import Scene, complete, opened_huis
from zegel_demo.telling import Teller, titled
from zegel_protocol.texts.civil_time import utc

CLB, HOME = "clb-gent", "thuisbegeleiding"
HER_WORDS = "Hij belt elke avond en dan durf ik niet op te nemen."


async def tell(folder: Path, teller: Teller) -> None:
    """Make the Huis and tell the story. Raises `AssertionError` when something did not happen as the rules say."""
    scenario = "Scenario 5. Everything below happens now, on this machine."
    async with opened_huis(folder, teller, "Zegel: two parents, one child", scenario) as huis:
        await Story(huis, teller).tell()


class Story:
    """The scenes, in order."""

    def __init__(self, huis: Huis, teller: Teller) -> None:
        self.huis, self.say, self.scene = huis, teller, Scene(teller)
        self.household = os.urandom(16).hex()
        self.mother = self.father = self.noor = ""

    async def tell(self) -> None:
        """Tell all of it."""
        await self.huis.admit(CLB, "CLB Gent", "clb", "penal", "counsellor")
        await self.huis.admit(HOME, "Thuisbegeleiding", "youthcare", "penal", "educator")
        await self.huis.publish()
        async with await self.huis.connect(CLB) as clb, await self.huis.connect(HOME) as home:
            await self._family(clb)
            hers, his = self._phone(self.mother), self._phone(self.father)
            async with hers, his:
                for phone in (hers, his):
                    await self.huis.enrol(clb, phone)
                await self._one_signature(clb, home, hers)
                await self._conflict(clb)
                await self._own_story(home, hers)
                await self._both(clb, home, hers, his)
                await self._objection(clb, his)
                await self._what_each_sees(hers, his)

    def _phone(self, person: str) -> ClientAgent:
        return self.huis.phone(self.household, person)

    async def _family(self, clb: Partner) -> None:
        self.say.scene("Noor, her mother and her father")
        self.mother = await clb.families.add_person(self.household)
        self.father = await clb.families.add_person(self.household)
        year = utc(self.huis.clock()).year
        self.noor = await clb.families.add_person(
            self.household, turns12=f"{year + 5}-03", turns18=f"{year + 11}-03", authority=(self.mother, self.father)
        )
        self.say.say("Noor is 7. Both parents hold parental authority, and each has a phone of their own.")
        self.say.fact("household", "an id without a name or an address; nothing in it is visible to the others in it")

    def _growth(self, clb: Partner) -> Draft:
        draft = clb.referral(HOME, self.household, [self.noor])
        draft.note("growth", "Noor praat weinig en slaapt onrustig.").note("plan", "Liefst op woensdag.")
        return complete(draft, self.huis.clock(), "Thuisbegeleiding belt deze week.", "Sara, CLB")

    async def _one_signature(self, clb: Partner, home: Partner, hers: ClientAgent) -> None:
        self.say.scene("As long as no conflict is known, one parent's yes is enough")
        draft = self._growth(clb)
        await clb.families.ask_consent(draft)
        (asked,) = await hers.requests()
        self.say.page("The mother's phone", asked.offers[0].text.split("\n"))
        await hers.accept(asked)
        sent = await clb.send(draft)
        await self.scene.reads("Thuisbegeleiding", home, sent.manifest)
        self.say.fact("told of it", f"{len(sent.notices)} people: both parents")

    async def _conflict(self, clb: Partner) -> None:
        self.say.scene("The divorce is fought out in court, and the CLB learns of it")
        await clb.families.change_person(self.noor, conflict=True)
        self.say.say("From now on both sign for what is sensitive about Noor. The software settles nothing; it stops.")
        draft = self._growth(clb)
        await self.scene.refused("the CLB's own software", "signer.conflict", clb.send(draft))
        await self.scene.refused("the relay", "signer.conflict", rash.send(clb, draft, self.huis.clock()))
        sent = await clb.send(draft.without("growth"))
        self.say.say("What is ordinary (an appointment on Wednesday) still passes on the one yes.")
        self.say.fact("accepted", sent.id)

    async def _own_story(self, home: Partner, hers: ClientAgent) -> None:
        self.say.scene("Her own story is hers to tell")
        sent = await hers.send(HOME, "Ik wil ook zelf eens met iemand praten. Ik ben op.")
        self.say.say("Written and sealed on her own phone, about herself: nobody else signs, nobody else is told.")
        await self.scene.reads("Thuisbegeleiding", home, sent.manifest)

    async def _both(self, clb: Partner, home: Partner, hers: ClientAgent, his: ClientAgent) -> None:
        self.say.scene("Both sign, each on a phone of their own")
        draft = self._growth(clb)
        draft.note("parenting", HER_WORDS, withheld={self.father: "other-parents-words"})
        request = await clb.families.ask_consent(draft)
        asked = next(item for item in await hers.requests() if item.request.d == request)
        joint = await hers.begin_together(asked, [self.father])
        self.say.fact("signed so far", f"by {len(joint.touched)} of {len(joint.touched) + len(joint.missing)}")
        for text in await his.read_together(joint):
            self.say.page("The father's phone renders the text itself", text.split("\n"))
        answers = await his.give_together(await his.co_sign(joint))
        for answer in answers:
            self.say.fact("consent", f"{answer.d} at place {answer.place.index} of the log")
        sent = await clb.send(draft)
        await self.scene.reads("Thuisbegeleiding", home, sent.manifest)

    async def _objection(self, clb: Partner, his: ClientAgent) -> None:
        self.say.scene("The father objects")
        objection = await his.object_to([self.noor], to=HOME)
        self.say.say("On his own page he objects to what goes to Thuisbegeleiding about Noor. Nothing new goes there.")
        draft = self._growth(clb).without("growth")
        await self.scene.refused("the CLB's own software", "objection.stands", clb.send(draft))
        await self.scene.refused("the relay", "objection.stands", rash.send(clb, draft, self.huis.clock()))
        await his.withdraw_objection(objection)
        sent = await clb.send(draft)
        self.say.say("After a talk he takes it back, and the appointment goes out.")
        self.say.fact("accepted", sent.id)

    async def _what_each_sees(self, hers: ClientAgent, his: ClientAgent) -> None:
        self.say.scene("What each of them sees")
        read: dict[str, str] = {}
        for whose, phone in (("mother", hers), ("father", his)):
            pages = [(phone.render(notice), notice.readable()) for notice in await phone.notices()]
            shown = [*pages[-2][0], *(f"[Lees alles] {titled(name, content)}" for name, content in pages[-2][1])]
            self.say.page(f"The {whose}'s phone: the message for which both signed", shown)
            read[whose] = "\n".join(line for lines, copy in pages for line in (*lines, *(text for _, text in copy)))
            self.say.fact(f"pages on the {whose}'s phone", len(pages))
        assert HER_WORDS in read["mother"]
        assert HER_WORDS not in read["father"]
        assert "Ik ben op" in read["mother"]
        assert "Ik ben op" not in read["father"]
        self.say.say(
            "He sees that something about raising Noor was shared, and not her words; of her own help, nothing."
        )
