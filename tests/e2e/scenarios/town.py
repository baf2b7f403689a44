"""The one Huis that all scenarios happen in: its partners and their workers, by the names that the tables use."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from e2e.desk import colleague
from e2e.scenarios.tables import Moment, Table, read
from zegel import Partner
from zegel_demo.huis import DAY, Huis
from zegel_demo.turned_clock import WEEK, TurnedClock

PARTNERS = """
Who works where. A worker of the first column is the partner, where a table names the partner.

| table says    | worker           | partner          | its name                       | sector        | secrecy |
|---------------|------------------|------------------|--------------------------------|---------------|---------|
| nurse         | nurse            | kind-en-gezin    | Kind en Gezin                  | opgroeien     | penal   |
| OCMW          | social-worker    | ocmw-gent        | OCMW Gent                      | ocmw          | penal   |
| school        | care-coordinator | school-de-linde  | Basisschool De Linde           | school        | office  |
| CLB           | counsellor       | clb-gent         | CLB Gent                       | clb           | penal   |
| JAC           | social-worker    | jac-gent         | JAC Gent                       | caw           | penal   |
| mental care   | psychologist     | cgg-gent         | CGG Gent                       | mental        | penal   |
| home guidance | educator         | thuisbegeleiding | Thuisbegeleiding               | youthcare     | penal   |
| health centre | doctor           | wgc-de-brug      | Wijkgezondheidscentrum De Brug | health        | penal   |
| Rik's host    | counsellor       | inloop-de-wieg   | Inloophuis De Wieg             | familysupport | office  |
| safety desk   | safety-desk      | vk-gent          | Vertrouwenscentrum             | safetydesk    | penal   |
| Rik           | volunteer        | buddy-rik        | Buddy Rik                      | volunteer     | pledge  |

Rik is a buddy; behind him stands `Rik's host`. He has accepted nothing and pledged nothing yet.

More workers, each with a device of their own:

| table says   | worker        | partner         |
|--------------|---------------|-----------------|
| Tom          | social-worker | ocmw-gent       |
| head teacher | team-lead     | school-de-linde |
| second desk  | safety-desk   | vk-gent         |
`second tablet` is the OCMW worker's too: one worker with two devices.
"""


@dataclass
class Town:
    """A running Huis by a clock that scenarios turn, with its workers by the names of the tables."""

    huis: Huis
    clock: TurnedClock
    workers: dict[str, Partner] = field(default_factory=dict)
    partners: dict[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """A folder for files."""
        return self.huis.folder

    def names(self) -> dict[str, str]:
        """Return how the tables call each partner, by its id."""
        return {partner: name for name, partner in self.partners.items()}

    async def go_to(self, moment: Moment) -> None:
        """Let everyone's clock run until it is next that moment; what falls due on the way is done."""
        before = self.clock()
        self.clock.turn(WEEK if moment.week_later else 0)
        self.clock.turn_to(moment.weekday, moment.hour, moment.minute)
        if self.clock() - before >= DAY:
            await self.huis.publish()
            for worker in self.workers.values():
                await worker.refresh()


@asynccontextmanager
async def open_town(
    folder: Path, settings: Mapping[str, str] = MappingProxyType({}), portal_port: int | None = None
) -> AsyncIterator[Town]:
    """Yield a running town; close it afterwards. `settings` and `portal_port`: as for `Huis.open`."""
    huis = await Huis.open(folder, "Huis van het Kind", settings=settings, portal_port=portal_port)
    town = Town(huis, TurnedClock(folder / "clock"))
    try:
        town.clock.wind(huis.relay)
        huis.clock = town.clock
        first, more = (table for table in read(PARTNERS) if isinstance(table, Table))
        for row in first.rows:
            name, partner = row["table says"], row["partner"]
            pledge = row["secrecy"] == "pledge"
            huis.declares = not pledge
            await huis.admit(
                partner, row["its name"], row["sector"], row["secrecy"], row["worker"],  # type: ignore[arg-type]
                host=town.partners["Rik's host"] if pledge else None,
            )  # fmt: skip
            huis.declares, town.partners[name] = True, partner
        for row in more.rows:
            await huis.add_device(huis.members[row["partner"]], row["table says"], row["worker"])  # type: ignore[arg-type]
        await huis.publish()
        for name, partner in town.partners.items():
            town.workers[name] = await huis.connect(partner)
        for row in more.rows:
            town.workers[row["table says"]] = await huis.connect(row["partner"], row["table says"])
        sara = town.workers["OCMW"].identity
        town.workers["second tablet"] = await colleague(huis, sara.partner, "second tablet", worker=sara.worker)
        yield town
    finally:
        for worker in town.workers.values():
            await worker.close()
        huis.stop()
