"""A Huis for a year: its partners, its steward who keeps the directory fresh, and the days that go by."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, cast

from integration.year.inside_relay import Calendar, InsideRelay
from servers.mail import MailServer
from zegel import Partner
from zegel.steward.folder import StewardFolder
from zegel.steward.founding import found
from zegel.steward.freshness import refresh
from zegel.steward.rules import digest_of_code, sign_rulebook
from zegel_demo.huis import CODE, DAY, PASSPHRASE, Huis
from zegel_keys.keystore.key_file import KeyFile
from zegel_protocol.objects.desk import Shift

BEGIN = 1_798_794_000
"""Friday 1 January 2027, 09:00 UTC: the first day."""
FRESH_DAYS = 12
"""How often the freshness key refreshes the directory: before its 14 days are over."""
NEW_CODE_DAY = 150
LATE = "cgg-gent"
"""Who does not accept the new code."""
QUARTER_DAYS = 84
"""How often the steward publishes one: the freshness key may go on for 90 days."""
SCHOOL, DESK = "school-de-linde", "meldpunt"
PARTNERS = {
    "kind-en-gezin": ("Kind en Gezin", "opgroeien", "penal", "nurse"),
    "ocmw-gent": ("OCMW Gent", "ocmw", "penal", "social-worker"),
    "clb-gent": ("CLB Gent", "clb", "penal", "counsellor"),
    "cgg-gent": ("CGG", "mental", "penal", "psychologist"),
    SCHOOL: ("Basisschool De Linde", "school", "office", "teacher"),
    DESK: ("Vertrouwenscentrum", "safetydesk", "penal", "safety-desk"),
}


@dataclass
class Town:
    """The Huis and everyone's software in it."""

    huis: Huis
    relay: InsideRelay
    calendar: Calendar
    partners: dict[str, Partner]
    freshness: KeyFile
    colleague: Partner
    worked: int = 0

    @property
    def day(self) -> int:
        """How many days have gone by."""
        return (self.calendar.at - BEGIN) // DAY

    async def wait(self, seconds: int) -> None:
        """Let time go by at once, and do what is due then."""
        self.calendar.at += seconds
        self.worked += await self.relay.do_what_is_due()

    async def next_day(self) -> None:
        """Let a day go by, with what the steward and everyone's software does of itself."""
        # To the same hour, however long an alarm lay unopened meanwhile: no day of the calendar is skipped.
        await self.wait(BEGIN + (self.day + 1) * DAY - self.calendar.at)
        if self.day % QUARTER_DAYS == 0:
            await self.huis.publish()
        elif self.day % FRESH_DAYS == 0:
            await self.huis.give(refresh(await self.huis.known(), self.freshness, self.calendar.at))
        if self.day == NEW_CODE_DAY:
            await self._new_code()
        if self.day == NEW_CODE_DAY + 5:
            for name, partner in self.partners.items():
                if name != LATE:
                    await partner.ethics.accept_code()
        if self.day % FRESH_DAYS == 0:
            for partner in self.partners.values():
                await partner.refresh()

    async def _new_code(self) -> None:
        """The partners agree on a new version of the code of ethics."""
        self.huis.rulebook = sign_rulebook(
            await self.huis.known(), self.huis.keys, self.calendar(), name="Huis van het Kind", code_version="code-2",
            code_digest=digest_of_code(CODE + b"And a sentence more."),
        )  # fmt: skip
        await self.huis.give(self.huis.rulebook)
        await self.huis.publish()

    def mail_days(self, mail: MailServer) -> Iterator[tuple[str, int]]:
        """Yield the address and the day of each mail."""
        for item in mail.mails:
            when = parsedate_to_datetime(str(item.message["Date"]))
            yield item.to[0], (int(when.timestamp()) - BEGIN) // DAY


@asynccontextmanager
async def open_town(folder: Path, smtp_url: str) -> AsyncIterator[Town]:
    """Yield a Huis that was founded on the first day, and pings through this mail server."""
    calendar = Calendar(BEGIN)
    founding = found(folder / "steward", PASSPHRASE, "Huis van het Kind", cost="interactive")
    relay = InsideRelay(folder / "relay", founding.huis, calendar, smtp_url)
    await relay.start()
    steward = StewardFolder(folder / "steward")
    keys = [KeyFile.open(path, PASSPHRASE) for path in steward.root_paths()]
    huis = Huis(folder, founding, cast(Any, relay), keys, calendar)
    partners: dict[str, Partner] = {}
    try:
        await huis.give(founding.root_envelope)
        huis.rulebook = sign_rulebook(
            await huis.known(), keys, calendar(), name="Huis van het Kind", code_version="code-1",
            code_digest=digest_of_code(CODE),
        )  # fmt: skip
        await huis.give(huis.rulebook)
        for partner, (name, sector, secrecy, function) in PARTNERS.items():
            await huis.admit(partner, name, sector, cast(Any, secrecy), cast(Any, function))
        await huis.add_device(huis.members[SCHOOL], "colleague", "care-coordinator")
        await huis.publish()
        for partner in PARTNERS:
            partners[partner] = await huis.connect(partner)
        colleague = partners["colleague"] = await huis.connect(SCHOOL, "colleague")
        shift = Shift(opens=BEGIN - DAY, closes=BEGIN + 400 * DAY, devices=(partners[DESK].identity.device,))
        await partners[DESK].alarms.set_rota([shift], "1712", "1712")
        freshness = KeyFile.open(steward.freshness_path, PASSPHRASE)
        yield Town(huis, relay, calendar, partners, freshness, colleague)
    finally:
        for held in partners.values():
            await held.close()
        await relay.stop()
