"""Scenario 6 of the rulebook: on a Friday at half past five a teacher fears for a boy of eight, and sounds the alarm.

Every line that is told comes from what happened between real parties on a running relay, whose clock is turned.
"""

import os
from contextlib import AsyncExitStack
from pathlib import Path

from zegel import Draft, Partner
from zegel_demo import rash
from zegel_demo.client_agent import ClientAgent
from zegel_demo.huis import Huis
from zegel_demo.stories.scene import Scene, opened_huis, until
from zegel_demo.telling import Teller
from zegel_demo.turned_clock import TurnedClock
from zegel_protocol.objects.desk import Shift
from zegel_protocol.objects.manifest import Delay
from zegel_protocol.texts.civil_time import utc
from zegel_protocol.texts.dates import moment_in_words

SCHOOL, DESK, YOUTH, HOUR, MINUTE = "school-de-linde", "vertrouwenscentrum", "jeugdhulp-gent", 3_600, 60
WHY = "Blauwe plekken op zijn rug; hij zegt dat hij niet naar huis durft."
LATER = {"danger-if-told": "telling her at once could bring danger"}
OWED = {
    "second-signature": "a second signature, by somebody else",
    "alarm-second-device": "the desk's other devices are called",
    "alarm-phone": "the teacher is told: phone them now",
    "alarm-team-lead": "the desk's team lead is called",
    "alarm-steward": "the steward is told that an alarm lies unopened, and nothing of what it says",
}


async def tell(folder: Path, teller: Teller) -> None:
    """Make the Huis and tell the story. Raises `AssertionError` when something did not happen as the rules say."""
    scenario = "Scenario 6. Everything below happens now, on this machine; only the clock is set."
    async with opened_huis(folder, teller, "Zegel: an alarm", scenario) as huis:
        clock = TurnedClock(folder / "clock")
        clock.turn_to("Fri", 17, 30)
        clock.wind(huis.relay)
        huis.clock = clock
        await Story(huis, clock, teller).tell()


class Story:
    """The scenes, in order."""

    def __init__(self, huis: Huis, clock: TurnedClock, teller: Teller) -> None:
        self.huis, self.clock, self.say, self.scene = huis, clock, teller, Scene(teller)
        self.household, self.manifest, self.sent_at = os.urandom(16).hex(), "", 0
        self.mother = self.jonas = self.lies = ""

    async def tell(self) -> None:
        """Tell all of it."""
        await self._found()
        async with AsyncExitStack() as stack:
            teacher, head, desk, second, youth = [
                await stack.enter_async_context(await self.huis.connect(partner, worker))
                for partner, worker in (
                    (SCHOOL, "first"), (SCHOOL, "head"), (DESK, "first"), (DESK, "second"), (YOUTH, "first"),
                )
            ]  # fmt: skip
            phone = await stack.enter_async_context(await self._family(teacher))
            await self._rotas(desk, second, youth)
            await self._first_screen(teacher)
            await self._too_much(teacher)
            await self._one_signature(teacher)
            await self._second_signature(teacher, head)
            await self._unopened(teacher, second, phone)
            await self._opened(teacher, desk, phone)
            await self._told(phone)
            await self._what_each_sees(head, desk, phone)

    async def _found(self) -> None:
        self.say.scene(moment_in_words("en", self.clock()))
        await self.huis.admit(SCHOOL, "Basisschool De Linde", "school", "office", "teacher")
        await self.huis.admit(DESK, "Vertrouwenscentrum", "safetydesk", "penal", "safety-desk")
        await self.huis.admit(YOUTH, "Jeugdhulp Gent", "youthcare", "penal", "social-worker")
        await self.huis.add_device(self.huis.members[SCHOOL], "head", "team-lead")
        await self.huis.add_device(self.huis.members[DESK], "second", "safety-desk")
        await self.huis.publish()
        self.say.say("A school with a teacher and a head teacher; a safety desk with two workers; youth care.")

    async def _family(self, teacher: Partner) -> ClientAgent:
        families, year = teacher.families, utc(self.clock()).year
        self.mother = await families.add_person(self.household)

        async def child(age: int) -> str:
            months = f"{year + 12 - age}-03", f"{year + 18 - age}-03"
            return await families.add_person(
                self.household, turns12=months[0], turns18=months[1], authority=[self.mother]
            )

        self.jonas, self.lies = await child(8), await child(5)
        phone = self.huis.phone(self.household, self.mother)
        await self.huis.enrol(teacher, phone)
        self.say.say("Jonas is 8. He has a sister, Lies, and a mother, who reads about her children on her phone.")
        return phone

    async def _rotas(self, desk: Partner, second: Partner, youth: Partner) -> None:
        now = self.clock()
        tonight = Shift(
            opens=now - HOUR, closes=now + 15 * HOUR, devices=(desk.identity.device, second.identity.device)
        )
        monday = Shift(opens=now + 63 * HOUR, closes=now + 71 * HOUR, devices=(youth.identity.device,))
        await desk.alarms.set_rota([tonight], "09 123 45 67", "Bel ons ook als u twijfelt.")
        await youth.alarms.set_rota([monday], "09 765 43 21", "Maandag om negen uur zijn we er weer.")

    async def _first_screen(self, teacher: Partner) -> None:
        self.say.scene("The first screen is not a form: it says whom to phone")
        lines = [f"{item.number:<6} {item.name} ({item.hours})" for item in teacher.alarms.phones()]
        self.say.page("The teacher's screen: BEL EERST (phone first)", lines)
        desks = await teacher.alarms.desks()
        shown = [
            f"{item.name}: on call until {moment_in_words('en', item.until)}" if item.until is not None
            else f"{item.name}: nobody is on call now, phone {item.phone}. {item.otherwise}"
            for item in desks
        ]  # fmt: skip
        self.say.page("Then, who may be warned in writing", shown)

    def _alarm(self, teacher: Partner, to: str = DESK, delay: Delay | None = None) -> Draft:
        draft = teacher.alarms.draft(to, self.household, [self.jonas], delay=delay)
        return (
            draft.note("motivation", WHY).note("who", "Jonas, 8 jaar").note("violence", "Plekken op rug en bovenarm.")
        )

    async def _too_much(self, teacher: Partner) -> None:
        self.say.scene("A desk that is off call says so, and other people's files stay out")
        self.say.say("She tries youth care first, where nobody is on call:")
        await self.scene.refused(
            "the teacher's own software", "desk.off-call", teacher.send(self._alarm(teacher, YOUTH))
        )
        sister = self._alarm(teacher).note("growth", "Lies plast nog in haar bed.", about=[self.lies])
        history = self._alarm(teacher).note("mind", "Zij was jaren geleden opgenomen.", about=[self.mother])
        for whose, draft in (("his sister's file", sister), ("what his mother once went through", history)):
            self.say.say(f"She adds {whose}:")
            await self.scene.refused("the teacher's own software", "alarm.about", teacher.send(draft))
            await self.scene.refused("the relay", "alarm.about", rash.send(teacher, draft, self.clock()))

    async def _one_signature(self, teacher: Partner) -> None:
        self.say.scene("One signature and a reason: it leaves at once")
        later = Delay(until=self.clock() + 5 * HOUR, code="danger-if-told")
        sent = await teacher.alarms.send(self._alarm(teacher, delay=later))
        self.manifest, self.sent_at = sent.manifest, sent.accepted_at
        self.say.fact("accepted", moment_in_words("en", sent.accepted_at))
        until_when = moment_in_words("en", later.until)
        self.say.fact("the mother's notice waits until", f"{until_when}, because {LATER[later.code]}")
        await self._owed(teacher)

    async def _owed(self, teacher: Partner) -> None:
        owed = [item for item in await teacher.desk.deadlines() if item.object == self.manifest]
        for item in sorted(owed, key=lambda item: item.due):
            self.say.fact("due", f"{OWED[item.kind]} ({moment_in_words('en', item.due)})")

    async def _second_signature(self, teacher: Partner, head: Partner) -> None:
        self.say.scene("The second signature is somebody else's")
        await self.scene.refused("the relay", "countersignature.same-worker", teacher.alarms.countersign(self.manifest))
        d = await head.alarms.countersign(self.manifest)
        self.say.say("The head teacher looks, and signs within the day.")
        self.say.fact("the second signature stands in the log", d)

    async def _unopened(self, teacher: Partner, second: Partner, phone: ClientAgent) -> None:
        self.say.scene("Nobody opens it")
        for minutes, kind in ((16, "alarm-second-device"), (31, "alarm-phone"), (61, "alarm-team-lead"),
                              (121, "alarm-steward")):  # fmt: skip
            self.clock.turn(self.sent_at + minutes * MINUTE - self.clock())

            async def came(kind: str = kind) -> bool:
                return any(
                    item.kind == kind and item.object == self.manifest for item in await teacher.desk.deadlines()
                )

            await until(came, kind)
            self.say.fact(f"after {minutes} minutes", OWED[kind])
        called = [item for item in await second.inbox() if item.urgent and item.yours]
        assert [item.manifest for item in called] == [self.manifest]
        self.say.say("On the desk's second device it stands above everything else.")
        assert (await phone.notices(), await phone.deadlines(), phone.cursor) == ([], (), 0)
        self.say.say("The mother's phone shows nothing: no notice, no number that skips, nothing that waits.")

    async def _opened(self, teacher: Partner, desk: Partner, phone: ClientAgent) -> None:
        self.say.scene("The desk opens it, and everything that was due about it ends")
        await self.scene.reads("Vertrouwenscentrum", desk, self.manifest)
        assert [item for item in await teacher.desk.deadlines() if item.object == self.manifest] == []
        opened = [event for event in await teacher.events(self.manifest) if event.event == "opened"]
        self.say.fact("the teacher sees", f"opened {moment_in_words('en', opened[0].at)}")
        assert await phone.notices() == []

    async def _told(self, phone: ClientAgent) -> None:
        self.say.scene("Hours later the mother is told, of all of it")
        self.clock.turn(4 * HOUR)

        async def came() -> bool:
            return len(await phone.notices()) == 1

        await until(came, "the notice")
        await self.scene.page("The mother", phone)

    async def _what_each_sees(self, head: Partner, desk: Partner, phone: ClientAgent) -> None:
        self.say.scene("What each of them sees")
        (notice,) = await phone.notices()
        read = {content for _, content in notice.readable()}
        assert WHY in read
        opened = await desk.open(self.manifest)
        assert {section.type for section in opened.sections} == {"motivation", "violence", "who"}
        self.say.fact("the safety desk", "all that was about Jonas: his name, what was seen, and why it could not wait")
        self.say.fact("the mother", f"the same {len(read)} parts, word for word, who sent and who read them, and when")
        events = await head.events(self.manifest)
        became = ", ".join(event.event for event in events)
        self.say.fact("the head teacher", f"that it was sent and countersigned, and what became of it: {became}")
        self.say.fact(
            "the steward", "that it lay unopened for two hours, between which two partners; not one word of it"
        )
        self.say.fact("nobody", "Lies, or what the mother once went through: it was refused, and stands nowhere")
