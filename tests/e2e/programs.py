"""What another program at the same keystore does, in a process of its own: send, read the inbox, acknowledge."""

import asyncio
from pathlib import Path
from typing import Any, NamedTuple

from e2e.families import complete
from e2e.world import OCMW
from zegel import MessageTaken, Partner
from zegel_demo.huis import PASSPHRASE, system_clock

PASSED = 5
"""Messages that each program sends."""


class Done(NamedTuple):
    """What one program did: the manifests that it dealt with and sent, and what went wrong."""

    dealt: list[str]
    sent: list[str]
    failed: list[str]


def deal_with_all(folder: Path, relay: str, family: tuple[str, str], name: str, go: Any, results: Any) -> None:
    """Send five messages and deal with the inbox while another program does; put on `results` what was done."""
    results.put(asyncio.run(_deal(folder, relay, family, name, go)))


async def _deal(folder: Path, relay: str, family: tuple[str, str], name: str, go: Any) -> Done:
    done = Done([], [], [])
    async with await Partner.connect(folder, PASSPHRASE, relay=relay) as partner:
        await asyncio.to_thread(go.wait, 60)
        await asyncio.gather(_send(partner, family, name, done), _read(partner, done))
    return done


async def _send(partner: Partner, family: tuple[str, str], name: str, done: Done) -> None:
    household, person = family
    for number in range(PASSED):
        draft = partner.referral(OCMW, household, [person])
        draft.note("ask", f"Bericht {number} van {name}.")
        complete(draft, system_clock())
        done.sent.append((await partner.send(draft)).manifest)
        # What the other is sending just now may be found unsent: then it is sent twice, and counts once.
        await partner.flush()


async def _read(partner: Partner, done: Done) -> None:
    quiet = 0
    while quiet < 2:
        waiting = await partner.inbox()
        quiet = 0 if waiting else quiet + 1
        for item in waiting:
            try:
                message = await partner.open(item)
            except MessageTaken:
                continue
            done.dealt.append(message.d)
            await partner.acknowledge(message)
        await asyncio.sleep(0.05)
