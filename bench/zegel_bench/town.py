"""A Huis to measure in: partners who send, families who said yes, and messages that are sealed beforehand.

Nothing is left out of what the relay judges: each person has keys and a consent of their own, and every message is
sealed, signed and addressed by the SDK as a partner's software would.
"""

import asyncio
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from zegel import Agreement, Carried, Draft, FollowUp, Partner
from zegel.compose import Composer
from zegel_demo.client_agent import ClientAgent
from zegel_demo.huis import DAY, Huis
from zegel_protocol import b64
from zegel_protocol.api import Submission

SENDERS = (
    ("kind-en-gezin", "Kind en Gezin", "opgroeien", "nurse"),
    ("clb-gent", "CLB Gent", "clb", "counsellor"),
    ("jac-gent", "JAC", "caw", "social-worker"),
)
RECIPIENT = "ocmw-gent"
TYPES = ("money", "housing")
"""The categories of a message; with the agreement they are its three sections."""
TEXT = "Drie brieven van een deurwaarder, samen ongeveer 6.400 euro; de huur is twee maanden achter. " * 8
"""Three quarters of a kilobyte a section, near what a note may hold; padded to the smallest size that there is."""


@dataclass
class Family:
    """One person with a phone, and the partner who may refer them."""

    sender: Partner
    phone: ClientAgent
    household: str
    person: str

    def draft(self, now: int) -> Draft:
        """Return a referral of three sections about this person."""
        draft = self.sender.referral(RECIPIENT, self.household, [self.person])
        for kind in TYPES:
            draft.note(kind, TEXT)
        draft.carried = Carried(how="with-client")
        draft.follow_up = (FollowUp(code="first-contact", due=now + 2 * DAY),)
        return draft.note("agreement", Agreement(text=TEXT, ask="Sara", with_client=True, steps=()))


@dataclass
class Town:
    """A running Huis, its senders, its recipient and its families."""

    huis: Huis
    senders: list[Partner]
    recipient: Partner
    families: list[Family]

    @classmethod
    async def open(cls, huis: Huis, families: int) -> "Town":
        """Admit the partners to a Huis that was opened, and enrol `families` persons, each with a consent."""
        for partner, name, sector, function in SENDERS:
            await huis.admit(partner, name, sector, "penal", function)  # type: ignore[arg-type]
        await huis.admit(RECIPIENT, "het OCMW", "ocmw", "penal", "social-worker")
        await huis.publish()
        senders = [await huis.connect(partner) for partner, *_ in SENDERS]
        town = cls(huis, senders, await huis.connect(RECIPIENT), [])
        for number in range(families):
            town.families.append(await town._enrol(senders[number % len(senders)]))
        return town

    async def _enrol(self, sender: Partner) -> Family:
        household = os.urandom(16).hex()
        person = await sender.families.add_person(household)
        phone = self.huis.phone(household, person)
        await self.huis.enrol(sender, phone)
        family = Family(sender, phone, household, person)
        kinds = [(kind, "whole") for kind in TYPES]
        request = await sender.families.ask_consent(family.draft(self.huis.clock()), types=kinds)
        asked = next(item for item in await phone.requests() if item.request.d == request)
        await phone.accept(asked)
        return family

    async def seal(self, each: int) -> list[Submission]:
        """Return `each` sealed messages of every family, taking turns, as they will be submitted."""
        rows: list[list[Submission]] = []
        for family in self.families:
            draft = family.draft(self.huis.clock())
            case = await family.sender._evidence(draft)
            prekeys = await family.sender._prekeys(RECIPIENT)
            seen = family.sender._view.seen
            composer = Composer(family.sender.identity, case, seen, self.huis.clock())
            rows.append([composer.compose(draft, prekeys).submission for _ in range(each)])
            # Sealing takes the loop for a while; connections of others go on in between.
            await asyncio.sleep(0)
        return [row[turn] for turn in range(each) for row in rows]

    async def close(self) -> None:
        """Close all parties and stop the relay."""
        for family in self.families:
            await family.phone.close()
        for partner in (*self.senders, self.recipient):
            await partner.close()
        self.huis.stop()


def ciphertext_bytes(submission: Submission) -> int:
    """Return the bytes of ciphertext that a submission carries."""
    return sum(len(b64.decode(section.body)) for section in submission.sections)


def encoded(submission: Submission) -> bytes:
    """Return the body of a request that submits a message."""
    return msgspec.json.encode(submission)


def write_bodies(path: Path, submissions: Iterable[Submission]) -> None:
    """Write the bodies of submissions for the load process: each after its length."""
    with path.open("wb") as file:
        for submission in submissions:
            body = encoded(submission)
            file.write(len(body).to_bytes(4, "big") + body)


def read_bodies(path: Path) -> list[bytes]:
    """Return the bodies in such a file."""
    data, at, bodies = path.read_bytes(), 0, []
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        bodies.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return bodies
