"""What waits for Elif at home: days of a referral that went well, and what she has not answered yet.

The page is looked at with it (`make serve-demo`, `make screens`, the bench). All of it was done by the parties' own
software on a running relay, whose clock began some days ago; it shows the true time when Elif comes home.
"""

import asyncio
import io
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import MappingProxyType

from rich.console import Console

from zegel import Agreement, Carried, Draft, FollowUp, Message, Partner, Sent
from zegel_demo.client_agent import ClientAgent
from zegel_demo.huis import Huis
from zegel_demo.letters import write_letters
from zegel_demo.stories.referral import CHILD_AND_FAMILY, OCMW, SCHOOL, Story
from zegel_demo.stories.scene import until
from zegel_demo.telling import Teller
from zegel_demo.turned_clock import TurnedClock
from zegel_protocol.durations import DAY, HOUR
from zegel_protocol.texts.civil_time import utc

CGG = "cgg-gent"
BEGAN = 12 * DAY
"""How long ago Elif came in, in seconds."""
AGE = 4
"""Of Lotte, Elif's elder child, in years."""


class AtHome(Story):
    """Elif, her husband Emre and their daughter Lotte, the partners around them, and what each of them did.

    `phones`: the phones in software of the adults, by first name; `codes`: what each of them printed.
    """

    def __init__(self, huis: Huis, clock: TurnedClock, teller: Teller) -> None:
        super().__init__(huis, teller)
        self.clock = clock
        self.phones: dict[str, ClientAgent] = {}
        self.codes: dict[str, str] = {}
        self.workers: dict[str, Partner] = {}

    async def live(self, stack: AsyncExitStack) -> None:
        """Live these days; partners and phones are closed with `stack`."""
        await self.huis.admit(CGG, "CGG Gent", "mental", "penal", "psychologist")
        await self._found()
        for partner in self.huis.members:
            self.workers[partner] = await stack.enter_async_context(await self.huis.connect(partner))
        await self._come_in(stack)
        message = await self._referred()
        self.clock.turn(DAY)
        await self._forgotten()
        self.clock.turn(DAY)
        await self._answered(message)
        self.clock.turn(DAY)
        await self._about_lotte()
        self.clock.turn(-self.clock.ahead - HOUR)
        # A relay that starts looks at once for what is late; a running one does so twice a minute.
        await asyncio.to_thread(self.clock.wind, self.huis.relay)
        await until(self._late, "what is late")
        await self._replied()
        self.clock.turn(HOUR)
        await self._asked()
        for name, phone in self.phones.items():
            self.codes[name] = await phone.print_code()

    @property
    def nurse(self) -> Partner:
        """The nurse who made them known."""
        return self.workers[CHILD_AND_FAMILY]

    @property
    def elif_phone(self) -> ClientAgent:
        """Elif's phone in software; it holds what her browser will hold."""
        return self.phones["Elif"]

    async def _come_in(self, stack: AsyncExitStack) -> None:
        families = self.nurse.families
        self.elif_id, emre = [await families.add_person(self.household) for _ in range(2)]
        year = utc(self.clock()).year
        self.lotte = await families.add_person(
            self.household, turns12=f"{year + 12 - AGE}-03", turns18=f"{year + 18 - AGE}-03",
            authority=[self.elif_id, emre],
        )  # fmt: skip
        for name, person in (("Elif", self.elif_id), ("Emre", emre)):
            self.phones[name] = await stack.enter_async_context(self.huis.phone(self.household, person))
            key = await self.huis.enrol(self.nurse, self.phones[name])
            # What the nurse alone vouches for does not count towards her own organisation.
            await self.workers[SCHOOL].families.vouch(key, "known")

    async def _yes(self, request: str) -> None:
        asked = next(item for item in await self.elif_phone.requests() if item.request.d == request)
        await self.elif_phone.accept(asked)

    async def _opened(self, sent: Sent, reader: Partner) -> Message:
        message = await reader.open(sent.manifest)
        await reader.acknowledge(message)
        return message

    async def _referred(self) -> Message:
        """The nurse refers her; a part of what she writes about somebody else is kept from Elif herself."""
        draft = self._draft(self.nurse)
        types = [(section.type, section.form) for section in draft.sections if section.type != "agreement"]
        wanted = {*types, ("rights", "whole"), ("plan", "whole"), ("follow", "whole")}
        await self._yes(await self.nurse.families.ask_consent(draft, types=wanted))
        draft.note(
            "rights", "Haar zus leent haar geld; dat weet zij zelf nog niet.", withheld={self.elif_id: "third-party"}
        )
        return await self._opened(await self.nurse.send(draft), self.workers[OCMW])

    async def _forgotten(self) -> None:
        """A second letter goes after it, with a first contact that nobody makes in time."""
        draft = self.nurse.referral(OCMW, self.household, [self.elif_id])
        draft.note("ask", "Kan iemand mee naar de huisbaas?")
        draft.file("housing", write_letters(self.huis.folder / "more-letters")[1])
        self._complete(draft, "Het OCMW belt u morgen.", DAY)
        await self._opened(await self.nurse.send(draft), self.workers[OCMW])

    async def _answered(self, message: Message) -> None:
        ocmw = self.workers[OCMW]
        back = ocmw.report_back(message)
        back.carried = Carried(how="with-client")
        back.note("follow", "Eerste gesprek gehad. Een schuldbemiddelaar neemt het dossier op.")
        back.note("plan", "Volgende afspraak op dinsdag om 14 uur, aan het loket in de Onderbergen.")
        sent = await ocmw.send(back)
        await ocmw.talks.done(message, "first-contact")
        await self._opened(sent, self.nurse)

    async def _about_lotte(self) -> None:
        """The school tells the nurse about Lotte, to which her mother says yes."""
        school = self.workers[SCHOOL]
        draft = school.information(CHILD_AND_FAMILY, self.household, [self.lotte])
        draft.note("growth", "Lotte speelt graag mee in de hoek met de blokken. Zij praat nog weinig.")
        self._complete(draft, "De verpleegkundige komt volgende week langs.", 7 * DAY)
        await self._yes(await school.families.ask_consent(draft, back={}))
        await self._opened(await school.send(draft), self.nurse)

    def _complete(self, draft: Draft, text: str, within: int) -> None:
        draft.follow_up = (FollowUp(code="first-contact", due=self.clock() + within),)
        draft.carried = Carried(how="with-client")
        draft.note("agreement", Agreement(text=text, ask="Sara", with_client=True, steps=()))

    async def _late(self) -> bool:
        return any(due.item.state == "overdue" for due in await self.elif_phone.deadlines())

    async def _replied(self) -> None:
        sent = await self.elif_phone.send(OCMW, "Wanneer is het loket open?")
        message = await self._opened(sent, self.workers[OCMW])
        await self.workers[OCMW].send(self.workers[OCMW].talks.reply(message, "Elke dinsdag van 9 tot 12 uur."))

    async def _asked(self) -> None:
        """What waits: a question to each of them, and one for a yes, in which is something highly sensitive."""
        for name, question in (("Elif", "Wie helpt u al met uw papieren?"), ("Emre", "Wanneer kunnen wij u bellen?")):
            person = self.phones[name].person
            await self.nurse.send(self.nurse.talks.ask(person, self.household, [person], question))
        await self.ask_for_a_yes()

    async def ask_for_a_yes(self, language: str = "nl") -> str:
        """Have the OCMW ask in a language whether it may tell the CGG, and hear back; return the request's `D`."""
        ocmw = self.workers[OCMW]
        draft = ocmw.information(CGG, self.household, [self.elif_id])
        draft.names = ("Elif", "Yılmaz")
        for kind in ("who", "lang", "ask", "home", "mind"):
            draft.note(kind, "Dit staat er pas als zij ja zegt.")
        return await ocmw.families.ask_consent(
            draft, types=[(item.type, item.form) for item in draft.sections], language=language
        )

    def other_household(self) -> str:
        """Return the id of a household of which nobody is known yet."""
        return os.urandom(16).hex()


@asynccontextmanager
async def at_home(folder: Path, port: int, settings: Mapping[str, str] = MappingProxyType({})) -> AsyncIterator[AtHome]:
    """Yield the family once all of this happened, with the page at `http://localhost:<port>/`; then stop the relay."""
    clock = TurnedClock(folder / "clock")
    clock.turn(-BEGAN)
    huis = await Huis.open(folder, "Huis van het Kind Gent", clock, {**clock.settings, **settings}, port)
    try:
        async with AsyncExitStack() as stack:
            story = AtHome(huis, clock, Teller(Console(file=io.StringIO())))
            await story.live(stack)
            yield story
    finally:
        await asyncio.to_thread(huis.stop)
