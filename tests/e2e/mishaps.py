"""What the tests of things that go wrong share: one desk, an error that must be told well, and what must go on after.

Each test leaves the Huis as it found it: an ordinary message goes all the way, nothing waits, and nothing is unsent.
"""

from collections.abc import Awaitable
from typing import Any

import pytest

from e2e.families import send_and_open
from e2e.world import World
from servers.databases import rows
from zegel import (
    KeystoreError,
    ProtocolError,
    Refused,
    RelayProblem,
    ZegelError,
    partner_setup,
)
from zegel_keys.verification import read_payload
from zegel_protocol.objects import DeviceList


async def nothing_is_lost(world: World) -> None:
    """Return if an ordinary message goes all the way, nothing waits, and nothing is unsent."""
    assert await arrives(world)
    assert world.nurse.unsent() == []
    assert await world.ocmw.inbox() == []


async def arrives(world: World) -> bool:
    """Send an ordinary message all the way."""
    _, notes = await send_and_open(world.nurse, world.ocmw, world.draft(ask="Hulp bij schulden."))
    return notes["ask"] == "Hulp bij schulden."


def port_of(world: World) -> int:
    return int(world.huis.relay.address.rpartition(":")[2])


def stored(world: World, statement: str, *values: object) -> list[Any]:
    """Ask the relay's database directly."""
    return rows(world.huis.relay, statement, values)


def tells(error: Exception) -> bool:
    """Whether an error says what happened, what is safe and what to do, in sentences."""
    if isinstance(error, Refused):
        return all(item.what and item.safe and item.do for item in error.sentences)
    if isinstance(error, RelayProblem):
        # The relay's own words, in one text.
        return error.what.endswith(".")
    if isinstance(error, ZegelError):
        return all(part.endswith((".", "`).")) for part in (error.what, error.safe, error.do))
    if isinstance(error, KeystoreError):
        # One text for the keyboard: what happened comes first, then that nothing was changed, then what to do.
        return str(error.path) in error.detail and error.detail.count(". ") >= 1
    return isinstance(error, ProtocolError) and bool(error.detail)


async def must_fail(kind: type[Exception], code: str, doing: Awaitable[object]) -> Any:
    """Do something that must fail in this way, and tell it well; return the error."""
    with pytest.raises(kind) as failed:
        await doing
    error: Any = failed.value
    codes = error.codes if isinstance(error, Refused) else (error.code,)
    assert code in codes
    assert tells(error), str(error)
    return error


async def leave_out(world: World, partner: str, worker: str) -> None:
    """Leave a worker's device out of the partner's list from now on."""
    member = world.huis.members[partner]
    listed = read_payload(member.lists[-1], DeviceList)[0].devices
    async with await world.huis.connect(partner, worker) as leaving:
        device = leaving.identity.device
    left = partner_setup.without_device(listed, device)
    envelope = partner_setup.device_list(
        member.root, world.huis.id, partner, left, world.huis.clock(), before=member.lists[-1]
    )
    member.lists.append(envelope)
    del member.devices[worker]
    await world.huis.give(envelope)
