"""The load, in a process of its own: sends prepared bodies over a number of connections, and says how it went.

`python -m zegel_bench.load URL BODIES CONNECTIONS RATE WARM`: RATE is requests a second, 0 for as fast as it is
answered; the first WARM requests are sent and not counted. Prints one JSON line.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path

import aiohttp
import uvloop

from zegel_bench.town import read_bodies


class Load:
    """Sends each body once."""

    def __init__(self, url: str, bodies: list[bytes], connections: int, rate: float) -> None:
        self._url, self._bodies, self._connections, self._rate = url, bodies, connections, rate
        self.times: list[float] = []
        self.begun: dict[int, float] = {}
        self.statuses: Counter[int] = Counter()

    async def run(self) -> float:
        """Send all; return the seconds it took."""
        connector = aiohttp.TCPConnector(limit=self._connections)
        todo = iter(enumerate(self._bodies))
        async with aiohttp.ClientSession(connector=connector) as session:
            begin = time.perf_counter()

            async def sender() -> None:
                for number, body in todo:
                    if self._rate:
                        await asyncio.sleep(max(0.0, begin + number / self._rate - time.perf_counter()))
                    self.begun[number] = time.monotonic()
                    await self._send(session, body)

            await asyncio.gather(*(sender() for _ in range(self._connections)))
            return time.perf_counter() - begin

    async def _send(self, session: aiohttp.ClientSession, body: bytes) -> None:
        begin = time.perf_counter()
        headers = {"Content-Type": "application/json"}
        async with session.post(self._url, data=body, headers=headers) as response:
            await response.read()
            self.statuses[response.status] += 1
        self.times.append(time.perf_counter() - begin)


async def _main(url: str, path: str, connections: str, rate: str, warm: str) -> None:
    bodies = read_bodies(Path(path))
    first, rest = bodies[: int(warm)], bodies[int(warm) :]
    if first:
        await Load(url, first, int(connections), 0).run()
    load = Load(url, rest, int(connections), float(rate))
    seconds = await load.run()
    facts = {
        "seconds": seconds,
        "sent": len(rest),
        "statuses": load.statuses,
        "times": sorted(load.times),
        "begun": [load.begun[number] for number in range(len(rest))],
    }
    sys.stdout.write(json.dumps(facts) + "\n")


if __name__ == "__main__":
    uvloop.run(_main(*sys.argv[1:]))
