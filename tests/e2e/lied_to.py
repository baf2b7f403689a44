"""Parties who reach their relay through a liar, and what a test asks of them."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

from e2e.lying_relay import Answer, LyingRelay
from e2e.relay_pen import RelayPen
from e2e.world import CHILD_AND_FAMILY, OCMW, World, open_huis
from zegel import Draft, Refused, RelayUnreachable
from zegel_demo.huis import Huis, Member
from zegel_protocol.errors import ProtocolError
from zegel_relay import keys_file


@dataclass(frozen=True)
class LyingHuis:
    """A running Huis with a liar in front of its relay, and the folder where its partners' keystores lie unopened."""

    huis: Huis
    relay: LyingRelay
    pen: RelayPen
    folder: Path


@dataclass
class LiedTo(World):
    """A world whose parties reach their relay through a liar. `before` waited for the OCMW when it began."""

    relay: LyingRelay
    pen: RelayPen
    before: frozenset[str] = frozenset()

    @property
    def at(self) -> int:
        """The time, in seconds."""
        return self.huis.clock()

    async def waiting(self) -> list[str]:
        """Return the messages that came for the OCMW since this world began, and wait."""
        return [item.manifest for item in await self.ocmw.inbox() if item.manifest not in self.before]


@cache
def huis_template(folder: Path) -> Huis:
    """Make a Huis with three partners, once for each folder; it is stopped, and to be copied."""

    async def make() -> Huis:
        huis = await open_huis(folder / "template")
        for partner in (CHILD_AND_FAMILY, OCMW):
            async with await huis.connect(partner):
                pass
        huis.stop()
        return huis

    return asyncio.run(make())


@asynccontextmanager
async def lying_huis(template: Huis, folder: Path) -> AsyncIterator[LyingHuis]:
    """Run a copy of a Huis in a new folder, with a liar in front of its relay."""
    shutil.copytree(template.folder, folder)
    async with LyingRelay().running() as relay:
        process = template.relay.copied(folder / "relay")
        relay.target = process.start(public_url=relay.address)
        try:
            pen = RelayPen(keys_file.load(folder / "relay" / "keys.json"), folder / "relay")
            members = {name: replace(member, lists=list(member.lists)) for name, member in template.members.items()}
            yield LyingHuis(replace(template, folder=folder, relay=process, members=members), relay, pen, folder)
        finally:
            process.stop()


@asynccontextmanager
async def lied_to(street: LyingHuis, folder: Path) -> AsyncIterator[LiedTo]:
    """Open a world in a lying Huis: a nurse and an OCMW worker who have seen next to nothing yet, and a new family."""
    relay = street.relay
    relay.behave()
    members = {name: _copied(member, street.folder, folder) for name, member in street.huis.members.items()}
    huis = replace(street.huis, members=members)
    async with (
        await huis.connect(CHILD_AND_FAMILY, relay=relay.address) as nurse,
        await huis.connect(OCMW, relay=relay.address) as ocmw,
    ):
        household = os.urandom(16).hex()
        elif_id = await nurse.families.add_person(household)
        async with huis.phone(household, elif_id, relay=relay.address) as phone:
            await huis.enrol(nurse, phone)
            before = frozenset(item.manifest for item in await ocmw.inbox())
            relay.behave()
            yield LiedTo(huis, nurse, ocmw, phone, household, elif_id, relay, street.pen, before)


def _copied(member: Member, old: Path, new: Path) -> Member:
    """Return a member with keystores of its own; its device lists are the Huis's."""
    shutil.copytree(old / member.id, new / member.id)
    return replace(member, folder=new / member.id, devices={name: new / member.id / name for name in member.devices})


async def code_of(doing: Awaitable[object]) -> str:
    """Return the code of the `ProtocolError` that is raised."""
    with pytest.raises(ProtocolError) as caught:
        await doing
    return caught.value.code


async def refusals_of(doing: Awaitable[object]) -> set[str]:
    """Return the codes of the `Refused` that is raised."""
    with pytest.raises(Refused) as caught:
        await doing
    return set(caught.value.codes)


def _codes(error: BaseException) -> str | set[str]:
    return set(error.codes) if isinstance(error, Refused) else getattr(error, "code", "")


async def opens_nothing(world: LiedTo, manifest: str) -> str | set[str]:
    """Have the OCMW open a message; return the code, or the refusals, with which it does not."""
    before = len(world.relay.heard)
    with pytest.raises((ProtocolError, Refused)) as caught:
        await world.ocmw.open(manifest)
    # A section cannot be opened without its ciphertext, and that was not even asked for.
    assert not any(asked.path.startswith("/v1/blobs/") for asked in world.relay.heard[before:])
    return _codes(caught.value)


async def sends_nothing(world: LiedTo, draft: Draft) -> str | set[str]:
    """Have the nurse send a draft; return the code, or the refusals, with which she does not."""
    before = len(world.relay.heard)
    with pytest.raises((ProtocolError, Refused)) as caught:
        await world.nurse.send(draft)
    assert not any(asked.path.startswith(("/v1/messages", "/v1/blobs/")) for asked in world.relay.heard[before:])
    assert world.nurse.unsent() == []
    return _codes(caught.value)


async def take_delivery(world: LiedTo, manifest: str) -> Answer:
    """Return the true delivery of a message to the OCMW, which never gets to see it."""
    world.relay.fail("/v1/deliveries/", by=OCMW)
    with pytest.raises(RelayUnreachable):
        await world.ocmw.open(manifest)
    taken = world.relay.last("/v1/deliveries/", by=OCMW)
    world.relay.behave()
    return taken
