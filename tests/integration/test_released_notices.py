"""Notices that fall due while two relays accept: who reads from a cursor on misses none and sees none twice."""

import asyncio
import time

import pytest

from zegel.relay_client import RelayClient
from zegel_protocol.objects.manifest import Delay

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.own_database, pytest.mark.slow]

DESK = "vk-gent"
DELAYED, AT_ONCE = 8, 24
SECONDS = 90


async def alarm(nurse, pair, until=None):
    delay = Delay(until=until, code="danger-if-told") if until is not None else None
    alarms = nurse.alarms
    draft = alarms.draft(DESK, pair.world.household, [pair.world.elif_id], delay=delay, off_call=True)
    draft.note("motivation", "Zij durft niet naar huis.")
    return (await alarms.send(draft)).manifest


async def read_all(clients, count, sees):
    """Read notices page by page, now at one relay and now at the other, from the cursor of the page before on."""
    seen: list[str] = []
    cursor = turn = 0
    async with asyncio.timeout(SECONDS):
        while len(seen) < count:
            client = clients[turn % len(clients)]
            # Each way of reading has its own cursor: notices, and the copies that they are of.
            page = await (client.notices(cursor, 1) if sees == "notices" else client.inbox(cursor, 1))
            assert page.cursor >= cursor
            seen += [item.manifest for item in page.items]
            cursor, turn = page.cursor, turn + 1
    return seen


async def test_nobody_who_reads_on_misses_one(pair):
    await pair.huis.admit(DESK, "Vertrouwenscentrum", "safetydesk", "penal", "safety-desk")
    await pair.huis.publish()
    await pair.world.nurse.refresh()
    own = pair.world.phone._phone.relay
    async with (
        await pair.huis.connect(DESK),
        await pair.huis.connect("kind-en-gezin", relay=pair.second.address) as at_second,
        RelayClient(pair.second.address, own._keyid, own._signer, own._clock) as phone_at_second,
    ):
        nurses, phones = (pair.world.nurse, at_second), (own, phone_at_second)
        count = DELAYED + AT_ONCE
        reading = [asyncio.create_task(read_all(phones, count, sees)) for sees in ("notices", "inbox")]
        until = int(time.time()) + 6
        sent = [await alarm(nurses[number % 2], pair, until + number % 4) for number in range(DELAYED)]
        for number in range(AT_ONCE):
            sent.append(await alarm(nurses[number % 2], pair))
            await asyncio.sleep(0.25)
        for seen in await asyncio.gather(*reading):
            assert sorted(seen) == sorted(sent)
