"""A couple without a phone at the OCMW's desk: two workers, each with a device of their own, and a nurse elsewhere."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from e2e.stage import Since, Stage
from e2e.world import CHILD_AND_FAMILY, OCMW, complete
from zegel import Draft, Partner, Waiting, partner_setup
from zegel_demo.huis import PASSPHRASE, Huis
from zegel_protocol import encoding
from zegel_protocol.objects import Consent
from zegel_protocol.objects.devices import Function
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
    since: Since

    async def arrived(self) -> list[Waiting]:
        """Return what waits for the nurse since the test began."""
        return await self.since.new(self.nurse)

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
    function: Function = "service" if service else "social-worker"
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


@dataclass
class Office:
    """The Huis with the desk, before anyone comes to it."""

    stage: Stage
    tom: Partner

    @classmethod
    async def open(cls, folder: Path) -> "Office":
        """Return a running Huis where the OCMW has two workers."""
        stage = await Stage.open(folder)
        return cls(stage, await colleague(stage.huis, OCMW, "tom"))

    async def desk(self) -> Desk:
        """Return the desk with a couple of its own before it, for whom no phone is enrolled."""
        stage, families = self.stage, self.stage.ocmw.families
        household = os.urandom(16).hex()
        couple = sorted([await families.add_person(household), await families.add_person(household)])
        since = await Since.now(stage.huis, stage.nurse, stage.ocmw)
        return Desk(stage.huis, stage.ocmw, self.tom, stage.nurse, household, tuple(couple), since)

    async def close(self) -> None:
        """Close all parties and stop the relay."""
        await self.tom.close()
        await self.stage.close()
