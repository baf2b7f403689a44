"""A Huis for alarms: who warns, the desk that is warned, colleagues, partners from outside, a person with a phone."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from zegel import Partner, Sent
from zegel_demo.client_agent import ClientAgent
from zegel_demo.huis import Huis
from zegel_demo.turned_clock import TurnedClock
from zegel_protocol.objects.desk import Shift
from zegel_protocol.objects.manifest import Delay

NURSE, DESK, OCMW, CLB, JAC = "kind-en-gezin", "vk-gent", "ocmw-gent", "clb-gent", "jac-gent"
MINUTE, HOUR, DAY = 60, 3_600, 86_400
WHY = "Blauwe plekken op de rug; hij durft niet naar huis."


@dataclass
class AlarmTown:
    """`workers` by partner, and by `<partner>/second` for the second device of the first two."""

    huis: Huis
    clock: TurnedClock
    household: str
    person: str
    phone: ClientAgent
    workers: dict[str, Partner] = field(default_factory=dict)

    @property
    def nurse(self) -> Partner:
        """Who warns."""
        return self.workers[NURSE]

    @property
    def desk(self) -> Partner:
        """Who is warned."""
        return self.workers[DESK]

    async def alarm(self, wait: int = 0, to: str = DESK, off_call: bool = False) -> Sent:
        """Send an alarm about the person; `wait`: for how many seconds they are not told."""
        delay = Delay(until=self.clock() + wait, code="danger-if-told") if wait else None
        alarms = self.nurse.alarms
        draft = alarms.draft(to, self.household, [self.person], delay=delay, off_call=off_call)
        draft.note("motivation", WHY)
        return await alarms.send(draft)

    def device(self, name: str) -> str:
        """Return the device id of a worker."""
        return self.workers[name].identity.device

    async def turn(self, seconds: int) -> None:
        """Let time pass for everyone; after a day and more the steward publishes anew."""
        self.clock.turn(seconds)
        if seconds >= DAY:
            await self.huis.publish()
            for worker in self.workers.values():
                await worker.refresh()


@asynccontextmanager
async def open_alarm_town(folder: Path, **settings: str) -> AsyncIterator[AlarmTown]:
    """Yield a running town by one clock; its desk is on call for ninety days, its first device first."""
    huis = await Huis.open(folder, "Huis van het Kind", settings=settings)
    clock = TurnedClock(folder / "clock")
    workers: dict[str, Partner] = {}
    try:
        clock.wind(huis.relay)
        huis.clock = clock
        await huis.admit(NURSE, "Kind en Gezin", "opgroeien", "penal", "nurse")
        await huis.admit(DESK, "Vertrouwenscentrum", "safetydesk", "penal", "safety-desk")
        await huis.admit(OCMW, "het OCMW", "ocmw", "penal", "social-worker")
        await huis.admit(CLB, "CLB Gent", "clb", "penal", "counsellor")
        await huis.admit(JAC, "JAC Gent", "caw", "penal", "social-worker")
        for partner, function in ((NURSE, "nurse"), (DESK, "safety-desk")):
            await huis.add_device(huis.members[partner], "second", function)  # type: ignore[arg-type]
        await huis.publish()
        for partner in (NURSE, DESK, OCMW, CLB, JAC):
            workers[partner] = await huis.connect(partner)
        for partner in (NURSE, DESK):
            workers[f"{partner}/second"] = await huis.connect(partner, "second")
        household = os.urandom(16).hex()
        person = await workers[NURSE].families.add_person(household)
        phone = huis.phone(household, person)
        await huis.enrol(workers[NURSE], phone)
        town = AlarmTown(huis, clock, household, person, phone, workers)
        on_call = (town.device(DESK), town.device(f"{DESK}/second"))
        shift = Shift(opens=clock() - HOUR, closes=clock() + 90 * DAY, devices=on_call)
        await town.desk.alarms.set_rota([shift], "09 123 45 67", "Bel ons.")
        yield town
        await phone.close()
    finally:
        for worker in workers.values():
            await worker.close()
        huis.stop()
