"""What happens in a simulated year, and what is to have come of it: seeded, so that it is the same each time.

Each act keeps in `expected` how the deadlines that it opened end, by (kind, message): the relay is held to that.
"""

import os
import random
from dataclasses import dataclass, field
from typing import Any

from e2e.families import complete, months_from
from integration.year_huis import YearHuis
from zegel import FollowUp, Partner
from zegel_demo.client_agent import ClientAgent
from zegel_demo.huis import DAY
from zegel_protocol.objects.manifest import Delay

NURSE, OCMW, CLB = "kind-en-gezin", "ocmw-gent", "clb-gent"
MINUTE, HOUR = 60, 3_600
WHY = "Blauwe plekken op de armen, en het kind is bang om naar huis te gaan."


@dataclass
class Family:
    """A household of the year: a parent, with a phone or without, and a child who turns 12 in it, or nobody."""

    household: str
    parent: str
    phone: ClientAgent | None = None
    child: str | None = None
    yes_until: int = 0
    consents: list[str] = field(default_factory=list)


@dataclass
class Life:
    """The families of one Huis, its workers, and how everything that they began is to end."""

    year: YearHuis
    chance: random.Random
    nurse: Partner
    colleague: Partner
    ocmw: Partner
    clb: Partner
    families: list[Family] = field(default_factory=list)
    expected: dict[tuple[str, str], str] = field(default_factory=dict)
    escalated: dict[str, set[str]] = field(default_factory=dict)
    opened: list[tuple[Family, str]] = field(default_factory=list)
    invited: dict[str, str] = field(default_factory=dict)
    later: list[tuple[int, Any]] = field(default_factory=list)

    @property
    def now(self) -> int:
        return self.year.clock()

    @property
    def partners(self) -> tuple[Partner, ...]:
        return self.nurse, self.colleague, self.ocmw, self.clb

    def sometimes(self, likely: float) -> bool:
        return self.chance.random() < likely

    def at(self, days: int, act: Any) -> None:
        """Have something done so many days from now."""
        self.later.append((self.now + days * DAY, act))

    async def do_due(self) -> None:
        """Do what was put off until today."""
        due = [item for item in self.later if item[0] <= self.now]
        self.later = [item for item in self.later if item[0] > self.now]
        for _, act in due:
            await act()

    # Families

    async def family(self, *, phone: bool, turns12: int | None = None) -> Family:
        """Make a family known; `turns12`: in how many months its child does."""
        household = os.urandom(16).hex()
        made = Family(household, await self.nurse.families.add_person(household))
        if phone:
            made.phone = self.year.huis.phone(household, made.parent)
            await self.year.huis.enrol(self.nurse, made.phone)
        if turns12 is not None:
            made.child = await self.nurse.families.add_person(
                household, turns12=months_from(self.now, turns12), turns18=months_from(self.now, turns12 + 72),
                authority=[made.parent],
            )  # fmt: skip
        self.families.append(made)
        return made

    def with_phone(self) -> Family:
        return self.chance.choice([item for item in self.families if item.phone is not None and item.child is None])

    async def yes(self, family: Family, about: str, days: int | None = None) -> list[str]:
        """Have the parent say yes to a referral about somebody of the family; return the consents, there and back."""
        draft = complete(self.nurse.referral(OCMW, family.household, [about]).note("money", "Drie brieven."), self.now)
        request = await self.nurse.families.ask_consent(draft, days=days)
        assert family.phone is not None
        asked = next(item for item in await family.phone.requests() if item.request.d == request)
        return [answer.d for answer in await family.phone.accept(asked)]

    # What happens

    async def referral(self) -> None:
        """A referral that is opened or not, and whose follow-up is kept, kept late, or not."""
        family = self.with_phone()
        if family.yes_until <= self.now + DAY:
            family.consents = await self.yes(family, family.parent)
            family.yes_until = self.now + 90 * DAY
        draft = self.nurse.referral(OCMW, family.household, [family.parent]).note("money", "Drie brieven.")
        draft = complete(draft, self.now)
        due = self.now + self.chance.randrange(2, 20) * DAY
        draft.follow_up = (FollowUp(code="first-contact", due=due), FollowUp(code="report-back", due=due))
        d = (await self.nurse.send(draft)).manifest
        self.expected |= {("first-contact", d): "overdue", ("report-back", d): "overdue"}
        if not self.sometimes(0.85):
            return
        await self.ocmw.acknowledge(await self.ocmw.open(d))
        self.opened.append((family, d))
        for code in ("first-contact", "report-back"):
            if self.sometimes(0.7):
                self.expected[code, d] = "done"
                self.at(self.chance.randrange(1, 30), lambda code=code: self.ocmw.talks.say(d, "done", [code]))

    async def question(self) -> None:
        """A question that is answered, declined, or left alone."""
        family = self.with_phone()
        phone = family.phone
        assert phone is not None
        draft = self.nurse.talks.ask(family.parent, family.household, [family.parent], "Mag de school het weten?")
        d = (await self.nurse.send(draft)).manifest
        how = self.chance.choice(["answer", "decline", "silence"])
        self.expected["answer", d] = "lapsed" if how == "silence" else "done"
        if how == "silence":
            return
        notice = next(item for item in await phone.notices() if item.copy.manifest.d == d)
        act = (lambda: phone.answer(notice, "Ja.")) if how == "answer" else (lambda: phone.decline(notice))
        self.at(self.chance.randrange(1, 12), act)

    async def own_word(self) -> None:
        """A family's own message, that is replied to in time, late, or never."""
        phone = self.with_phone().phone
        assert phone is not None
        d = (await phone.send(OCMW, "Kan iemand mij bellen?")).manifest
        self.expected["reply", d] = "overdue"
        if self.sometimes(0.7):
            self.expected["reply", d] = "done"
            message = await self.ocmw.open(d)
            self.at(self.chance.randrange(1, 25), lambda: self.ocmw.send(self.ocmw.talks.reply(message, "Morgen.")))

    async def revocation(self) -> None:
        """A family takes its yes back; for each message that was read an answer is owed, and given or not."""
        running = [item for item in self.families if item.consents and item.yes_until > self.now + DAY]
        if not running:
            return
        family = self.chance.choice(running)
        assert family.phone is not None
        known = {item.message for item in await self.ocmw.erasures.owed()}
        await family.phone.revoke(family.consents[:1])
        family.consents, family.yes_until = [], 0
        for owed in await self.ocmw.erasures.owed():
            if owed.message not in known:
                kept = self.chance.choice(["erased", "kept", "silence"])
                self.expected["erasure", owed.message] = "overdue" if kept == "silence" else "done"
                if kept != "silence":
                    reason = "statutory-file" if kept == "kept" else None
                    act = lambda owed=owed, kept=kept, reason=reason: self.ocmw.erasures.answer(owed, kept, reason)  # noqa: E731
                    self.at(self.chance.randrange(1, 14), act)

    async def alarm(self) -> None:
        """An alarm about whoever has no phone: opened after some minutes or never, its notice at once or later."""
        family = self.chance.choice([item for item in self.families if item.phone is None])
        delay = Delay(until=self.now + 48 * HOUR, code="danger-if-told") if self.sometimes(0.3) else None
        draft = self.nurse.alarms.draft(CLB, family.household, [family.parent], delay=delay).note("motivation", WHY)
        d = (await self.nurse.alarms.send(draft)).manifest
        self.expected["second-signature", d] = "overdue"
        minutes = self.chance.choice([5, 20, 45, 90, None])
        course = {"alarm-second-device": 15, "alarm-phone": 30, "alarm-team-lead": 60, "alarm-steward": 120}
        self.escalated[d] = {kind for kind, after in course.items() if minutes is None or after <= minutes}
        for kind in self.escalated[d]:
            self.expected[kind, d] = "overdue" if minutes is None else "done"
        for passed in range(5, 150, 5):
            await self.year.turn(5 * MINUTE)
            if passed == minutes:
                await self.clb.acknowledge(await self.clb.open(d))
            if passed == 60 and self.sometimes(0.7):
                await self.colleague.alarms.countersign(d)
                self.expected["second-signature", d] = "done"

    async def before_birthday(self, family: Family) -> None:
        """A parent's yes about a child that is soon to turn 12: both partners are to ask the child anew."""
        assert family.child is not None
        await self.yes(family, family.child)
        self.invited[family.child] = "overdue"
        if self.sometimes(0.5):
            self.invited[family.child] = "done"
            # A month and a half later it has turned 12.
            self.at(45, lambda: self._ask_anew(family))

    async def _ask_anew(self, family: Family) -> None:
        draft = self.nurse.referral(OCMW, family.household, [family.child or ""]).note("ask", "Wat wil je zelf?")
        await self.nurse.families.ask_consent(complete(draft, self.now))

    async def told(self) -> None:
        """The nurse tells some of those without a phone what she owes them to tell."""
        for duty in await self.nurse.duties():
            if self.sometimes(0.5):
                await self.nurse.confirm_told(duty)

    async def read_all(self) -> None:
        """Every family with a phone looks at what is new."""
        for item in self.families:
            if item.phone is not None:
                await item.phone.notices(item.phone.cursor)
