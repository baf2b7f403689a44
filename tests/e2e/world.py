"""A running Huis with a family in it, for tests: real relay process, real keystores, real passkeys."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from zegel import Agreement, Carried, Draft, FollowUp, Partner
from zegel_demo.client_agent import ClientAgent
from zegel_demo.huis import DAY, Huis

CHILD_AND_FAMILY, OCMW, SCHOOL = "kind-en-gezin", "ocmw-gent", "school-de-linde"
REFERRAL_TYPES = ("who", "contact", "lang", "ask", "money", "housing", "plan", "follow")


@dataclass
class World:
    """A Huis with a nurse, an OCMW worker and Elif, whose phone is enrolled."""

    huis: Huis
    nurse: Partner
    ocmw: Partner
    phone: ClientAgent
    household: str
    elif_id: str

    def draft(self, **notes: str) -> Draft:
        """Return a referral to the OCMW about Elif with these notes, complete in everything that is not a category."""
        draft = self.nurse.referral(OCMW, self.household, [self.elif_id])
        for kind, text in (notes or {"money": "Drie deurwaarders, samen ongeveer € 6.400."}).items():
            draft.note(kind, text)
        return complete(draft, self.huis.clock())

    async def consent(self, types: Iterable[str] = REFERRAL_TYPES, days: int | None = None) -> list[str]:
        """Have the nurse ask, and Elif say yes to all of it; return the consents' `D`, forward and back."""
        pairs = [(kind, "whole") for kind in types]
        request = await self.nurse.families.ask_consent(self.draft(), types=pairs, days=days)
        asked = next(item for item in await self.phone.requests() if item.request.d == request)
        return [answer.d for answer in await self.phone.accept(asked)]

    async def close(self) -> None:
        """Close all parties and stop the relay."""
        await self.phone.close()
        await self.nurse.close()
        await self.ocmw.close()
        self.huis.stop()


def complete(draft: Draft, now: int) -> Draft:
    """Add what every message of this kind needs: how it is carried, an agreement, a follow-up."""
    draft.carried = Carried(how="with-client")
    draft.follow_up = (FollowUp(code="first-contact", due=now + 2 * DAY),)
    draft.note("agreement", Agreement(text="Het OCMW belt donderdag.", ask="Sara", with_client=True, steps=()))
    return draft


async def open_huis(folder: Path, **settings: str) -> Huis:
    """Return a running Huis with three partners and a published directory; `settings` are its relay's."""
    huis = await Huis.open(folder, "Huis van het Kind", settings=settings)
    await publish_three(huis)
    return huis


async def publish_three(huis: Huis) -> None:
    """Admit a nurse, an OCMW worker and a school to a Huis, and publish its directory."""
    await huis.admit(CHILD_AND_FAMILY, "Kind en Gezin", "opgroeien", "penal", "nurse")
    await huis.admit(OCMW, "het OCMW", "ocmw", "penal", "social-worker")
    await huis.admit(SCHOOL, "Basisschool De Linde", "school", "office", "teacher")
    await huis.publish()


async def open_world(folder: Path, **settings: str) -> World:
    """Return a running Huis with Elif in it, enrolled by the nurse."""
    huis = await open_huis(folder, **settings)
    nurse, ocmw = await huis.connect(CHILD_AND_FAMILY), await huis.connect(OCMW)
    household = os.urandom(16).hex()
    elif_id = await nurse.families.add_person(household)
    phone = huis.phone(household, elif_id)
    await huis.enrol(nurse, phone)
    return World(huis, nurse, ocmw, phone, household, elif_id)
