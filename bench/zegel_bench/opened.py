"""From sending to opened: at a fixed rate, until the recipient's own software has the text in its hands."""

import asyncio
import math
from dataclasses import dataclass

from zegel_bench import processes
from zegel_bench.servers import Pair
from zegel_bench.throughput import load, percentile, signed_sizes
from zegel_bench.town import RECIPIENT, write_bodies
from zegel_keys.envelopes import digest_of_envelope

RATES = (100, 75, 50, 35, 25, 15, 10, 5)
"""Messages a second, of which the highest is taken that the reader keeps up with."""
LOAD = 0.7
"""What part of what one reader can open it is given: above, what is measured is a queue that grows."""
PROBE = 60
"""Messages that are sent at once, to see how many a second one reader opens."""
SLACK = 30.0
"""Seconds that the reader has after the last message was sent."""


@dataclass(frozen=True)
class Opened:
    """What it took at `rate` messages a second, in milliseconds, and the floor's own answer at that rate.

    `capacity` is how many a second one reader opened when all were there at once.
    """

    rate: int
    capacity: float
    p50_ms: float
    p99_ms: float
    floor_p50_ms: float
    floor_p99_ms: float


async def measure(pair: Pair, seconds: float) -> Opened:
    """Return the figures at the highest of the rates that one reader keeps up with, over so many seconds."""
    ends = sorted(await _opened(pair, 0, PROBE))
    capacity = (PROBE - 1) / (ends[-1] - ends[0])
    rate = next((rate for rate in RATES if rate <= LOAD * capacity), RATES[-1])
    found = await _opened(pair, rate, math.ceil(rate * seconds))
    with pair.floor(signed_sizes((await pair.town.seal(1))[0])) as floor:
        below = await load(f"{floor.address}/submit", pair.folder / "opened", rate, warm=0)
    times = sorted(found)
    return Opened(
        rate=rate,
        capacity=capacity,
        p50_ms=percentile(times, 50) * 1000,
        p99_ms=percentile(times, 99) * 1000,
        floor_p50_ms=percentile(below["times"], 50) * 1000,
        floor_p99_ms=percentile(below["times"], 99) * 1000,
    )


async def _opened(pair: Pair, rate: int, count: int) -> list[float]:
    """Return how long each message took, in seconds, in the order in which they were sent; rate 0: all at once."""
    relay = pair.town.huis.relay
    submissions = (await pair.town.seal(math.ceil(count / len(pair.town.families))))[:count]
    path = pair.folder / "opened"
    write_bodies(path, submissions)
    keystore = pair.town.huis.members[RECIPIENT].devices["first"]
    reader = processes.begin("reader", str(keystore), relay.address, str(count), str(count / (rate or count) + SLACK))
    try:
        await asyncio.to_thread(processes.first_line, reader)
        sent = await load(f"{relay.address}/v1/messages", path, rate, warm=0)
        opened = await asyncio.to_thread(processes.first_line, reader)
    finally:
        processes.end(reader)
    names = [digest_of_envelope(bytes(submission.manifest)) for submission in submissions]
    # What was not opened in time took at least until now.
    end = max(opened.values(), default=0.0) + SLACK
    return [opened.get(name, end) - begun for name, begun in zip(names, sent["begun"], strict=True)]
