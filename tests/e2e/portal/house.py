"""A running Huis whose portal a browser can open, with partners that help families to come in."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from playwright.async_api import Browser

from e2e.portal.browser import Device, new_device
from e2e.portal.driven import Driven
from e2e.world import CHILD_AND_FAMILY, OCMW, SCHOOL, publish_three
from zegel import Partner
from zegel.enrolments import OpenEnrolment
from zegel_demo.huis import Huis
from zegel_demo.ports import free_port


@dataclass
class House:
    """A Huis with a nurse, an OCMW worker and a school, and the portal at `huis.origin`."""

    huis: Huis
    browser: Browser
    nurse: Partner
    ocmw: Partner
    school: Partner
    devices: list[Device] = field(default_factory=list)

    @classmethod
    async def open(
        cls, folder: Path, browser: Browser, shell: Path, settings: Mapping[str, str] = MappingProxyType({})
    ) -> "House":
        """Found a Huis whose relay serves the page built in `shell`; `settings` are its relay's."""
        chosen = {"ZEGEL_SHELL_FOLDER": os.fspath(shell), **settings}
        huis = await Huis.open(folder, "Huis van het Kind", settings=chosen, portal_port=free_port())
        await publish_three(huis)
        return await cls.at(huis, browser)

    @classmethod
    async def at(cls, huis: Huis, browser: Browser) -> "House":
        """Return the three partners' software at a Huis that is running."""
        nurse, ocmw, school = [await huis.connect(name) for name in (CHILD_AND_FAMILY, OCMW, SCHOOL)]
        return cls(huis, browser, nurse, ocmw, school)

    async def close(self) -> None:
        """Close all parties and stop the relay."""
        for device in self.devices:
            await device.close()
        for partner in (self.nurse, self.ocmw, self.school):
            await partner.close()
        self.huis.stop()

    async def device(self, *, prf: bool = True, language: str = "nl-BE") -> Device:
        """Return a phone that nothing was done with yet."""
        device = await new_device(self.browser, self.huis.origin, prf=prf, language=language)
        self.devices.append(device)
        return device

    async def adult(self) -> tuple[str, str]:
        """Have the nurse make an adult known in a household of their own; return household and person."""
        household = os.urandom(16).hex()
        return household, await self.nurse.families.add_person(household)

    async def code_for(self, household: str, person: str, *, replaces: bool = False) -> OpenEnrolment:
        """Have the nurse show a person the code to come in with."""
        return await self.nurse.families.open_enrolment(household, person, replaces=replaces)

    async def enrol(self, device: Device, household: str, person: str) -> Driven:
        """Have a person come in for the first time, on a page that has the client alone; return their phone."""
        opened = await self.code_for(household, person)
        phone = Driven(device)
        words = await phone.begin(opened.address)
        if await opened.words() != words:
            raise ValueError("the two screens show other words")
        await asyncio.gather(opened.finish("id-card"), phone.finish())
        return phone
