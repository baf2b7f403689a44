"""A running Huis that many attacks share: each has a family of its own, and looks at what came since it began.

An attack that is stopped leaves nothing, so the next one begins as if it had not been; one that gets through spoils the
count of its own test and no other's.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

from e2e.world import CHILD_AND_FAMILY, OCMW, World, open_huis
from servers.databases import rows
from zegel import Partner, Waiting
from zegel_demo.huis import Huis

TABLES = ("messages", "entries", "wraps", "deliveries", "notices", "message_consents", "events")
"""Where a message that was accepted leaves rows; a message that was refused leaves none in any."""


@dataclass
class Since:
    """What the relay and the partners had when a test began."""

    relay: Path
    counts: dict[str, int]
    waiting: dict[str, set[str]]

    @classmethod
    async def now(cls, huis: Huis, *partners: Partner) -> "Since":
        """Return what there is now, at the relay and in these partners' inboxes."""
        waiting = {party.identity.partner: {item.manifest for item in await party.inbox()} for party in partners}
        return cls(huis.relay.folder, _counts(huis.relay.folder), waiting)

    async def new(self, partner: Partner) -> list[Waiting]:
        """Return what waits for a partner since then."""
        known = self.waiting[partner.identity.partner]
        return [item for item in await partner.inbox() if item.manifest not in known]

    def check_nothing_stored(self) -> None:
        """Nothing of any message was stored since then."""
        assert _counts(self.relay) == self.counts


def _counts(relay: Path) -> dict[str, int]:
    return {table: rows(relay, f"select count(*) from {table}")[0][0] for table in TABLES}


@dataclass
class Family(World):
    """A world among others on one stage: closing it closes the family's phone alone."""

    since: Since = field(kw_only=True)

    async def arrived(self) -> list[Waiting]:
        """Return what waits for the OCMW since the test began."""
        return await self.since.new(self.ocmw)

    async def nothing_came(self) -> None:
        """Nothing of any message is with the relay, the recipient, or the client."""
        assert await self.arrived() == []
        assert await self.phone.notices() == []
        self.since.check_nothing_stored()

    async def honest_message(self) -> None:
        """An honest message goes all the way: opened by the recipient, and read whole by the client."""
        sent = await self.nurse.send(self.draft(money="Twee brieven van een deurwaarder."))
        message = await self.ocmw.open(sent.manifest)
        assert {section.type for section in message.sections} == {"money", "agreement"}
        notice = (await self.phone.notices(self.phone.cursor))[-1]
        assert notice.notice.payload.manifest == sent.manifest
        assert notice.copy.problems == ()
        assert notice.readable()[0] == ("money", "Twee brieven van een deurwaarder.")

    async def close(self) -> None:
        """Close the phone."""
        await self.phone.close()


@dataclass
class Stage:
    """The Huis, its nurse and its OCMW worker."""

    huis: Huis
    nurse: Partner
    ocmw: Partner

    @classmethod
    async def open(cls, folder: Path) -> "Stage":
        """Return a running Huis without any family."""
        huis = await open_huis(folder)
        return cls(huis, await huis.connect(CHILD_AND_FAMILY), await huis.connect(OCMW))

    async def family(self) -> Family:
        """Return a family of its own: one person, whose phone the nurse enrolled."""
        household = os.urandom(16).hex()
        person = await self.nurse.families.add_person(household)
        phone = self.huis.phone(household, person)
        await self.huis.enrol(self.nurse, phone)
        since = await Since.now(self.huis, self.nurse, self.ocmw)
        return Family(self.huis, self.nurse, self.ocmw, phone, household, person, since=since)

    async def close(self) -> None:
        """Close all parties and stop the relay."""
        await self.nurse.close()
        await self.ocmw.close()
        self.huis.stop()
