"""A couple without a phone at the OCMW's desk: two workers, each with a device of their own, and a nurse elsewhere."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from e2e.world import CHILD_AND_FAMILY, OCMW, complete, open_huis
from zegel import Draft, Partner, partner_setup
from zegel_demo.huis import PASSPHRASE, Huis
from zegel_protocol import encoding
from zegel_protocol.objects import Consent
from zegel_protocol.texts.consent_text import render_consent, text_digest

NAMES = {CHILD_AND_FAMILY: "Kind en Gezin", OCMW: "het OCMW"}


@dataclass
class Desk:
    """The desk, with the couple before it. `flow` 0 of a request goes forward to the nurse, 1 comes back."""

    huis: Huis
    sara: Partner
    tom: Partner
    nurse: Partner
    household: str
    couple: tuple[str, ...]

    def draft(self, purpose: str = "referral", **notes: str) -> Draft:
        """Return a referral of the couple to the nurse, complete in everything that is not a category."""
        draft = self.sara.referral(CHILD_AND_FAMILY, self.household, self.couple, purpose)
        for kind, text in notes.items():
            draft.note(kind, text)
        return complete(draft, self.huis.clock())

    @property
    def witnesses(self) -> list[tuple[str, str]]:
        """The two devices at the desk."""
        return [named(self.sara), named(self.tom)]

    async def ask(self, draft: Draft, **options: Any) -> str:
        """Ask for what a draft needs; return the request's `D`."""
        return await self.sara.families.ask_consent(draft, **options)

    async def prepare(self, request: str, flow: int = 0, **options: Any) -> bytes:
        """Prepare the couple's yes to one flow, spoken before both workers."""
        chosen: dict[str, Any] = {"persons": self.couple, "witnesses": self.witnesses, "means": "spoken", **options}
        return await self.sara.families.prepare_witnessed(request, flow, **chosen)

    async def give(self, payload: bytes, by: Iterable[Partner] | None = None) -> str:
        """Have the witnesses sign a record and submit it; return its `D`."""
        signing = (self.sara, self.tom) if by is None else tuple(by)
        signatures = [worker.families.witness(payload) for worker in signing]
        return await self.sara.families.submit_witnessed(payload, signatures)

    async def yes(self, request: str, flow: int = 0, **options: Any) -> str:
        """Prepare, sign and submit the couple's yes; return the consent's `D`."""
        return await self.give(await self.prepare(request, flow, **options))

    async def close(self) -> None:
        """Close all parties and stop the relay."""
        for party in (self.sara, self.tom, self.nurse):
            await party.close()
        self.huis.stop()


def named(worker: Partner) -> tuple[str, str]:
    """Return how a record names a worker's device."""
    return worker.identity.partner, worker.identity.device


def altered(payload: bytes, **changes: Any) -> bytes:
    """Return a consent with some fields changed, and the digest of the text that it then has."""
    consent = msgspec.structs.replace(encoding.decode(payload, Consent), **changes)
    text = text_digest(render_consent(consent, NAMES))
    return encoding.encode(msgspec.structs.replace(consent, text_digest=changes.get("text_digest", text)))


async def colleague(
    huis: Huis, partner: str, name: str, *, worker: str | None = None, service: bool = False
) -> Partner:
    """Give a partner one more device and connect it: a new worker's, the one `worker`'s, or a service's."""
    member = huis.members[partner]
    function = "service" if service else "social-worker"
    made = partner_setup.make_device(
        member.folder / name, PASSPHRASE, member.root, huis.founding.file, huis.clock(), partner=partner,
        name=member.name, relay=huis.relay.address, function=function,
        worker=None if service else worker or os.urandom(16).hex(), before=member.lists[-1], cost="interactive",
    )  # fmt: skip
    made.keystore.close()
    member.devices[name] = member.folder / name
    member.lists.append(made.list_envelope)
    await huis.give(made.list_envelope)
    return await huis.connect(partner, name)


async def open_desk(folder: Path) -> Desk:
    """Return a running Huis with the desk and a couple that no phone is enrolled for."""
    huis = await open_huis(folder)
    sara, nurse = await huis.connect(OCMW), await huis.connect(CHILD_AND_FAMILY)
    tom = await colleague(huis, OCMW, "tom")
    household = os.urandom(16).hex()
    couple = sorted([await sara.families.add_person(household), await sara.families.add_person(household)])
    return Desk(huis, sara, tom, nurse, household, tuple(couple))
