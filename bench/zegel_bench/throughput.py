"""Accepted messages a second: the relay and the floor in turns, the same bodies, the same connections."""

import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zegel_bench import processes
from zegel_bench.servers import FloorProcess, Pair
from zegel_bench.town import write_bodies
from zegel_protocol import dsse
from zegel_protocol.api import Submission

CONNECTIONS = 32
WARM = 64
"""Messages of each round that are sent first and not counted."""


@dataclass(frozen=True)
class Round:
    """One turn: messages a second of both, and what the relay's process needed for each message, in milliseconds."""

    submit: float
    floor: float
    cpu_ms: float
    p50_ms: float
    p99_ms: float

    @property
    def share(self) -> float:
        """What part of the floor's rate it was."""
        return self.submit / self.floor


def signed_sizes(submission: Submission) -> list[int]:
    """Return the sizes of what each Ed25519 signature of a submission is over: what is new to the relay with each."""
    sizes = []
    for envelope in (submission.manifest, *submission.wraps):
        media_type, payload, signatures = dsse.open_envelope(bytes(envelope))
        sizes += [len(dsse.pae(media_type, payload))] * len(signatures)
    return sizes


async def load(url: str, path: Path, rate: float = 0, warm: int = WARM) -> dict[str, Any]:
    """Send the bodies in a file; return what the load process says. Raises `RuntimeError` unless all are accepted."""
    facts = await processes.answer("load", url, str(path), str(CONNECTIONS), str(rate), str(warm))
    if facts["statuses"] != {"200": facts["sent"]}:
        raise RuntimeError(f"not everything was accepted: {facts['statuses']}")
    return facts


async def measure(pair: Pair, rounds: int, each: int) -> list[Round]:
    """Return `rounds` turns of `each` messages a family."""
    path = pair.folder / "bodies"
    found = []
    first = (await pair.town.seal(1))[0]
    with pair.floor(signed_sizes(first)) as floor:
        for turn in range(rounds):
            submissions = await pair.town.seal(each)
            write_bodies(path, submissions)
            relay = pair.town.huis.relay
            # Each takes the first turn as often as the other.
            if turn % 2:
                below = await load(f"{floor.address}/submit", path)
            before = processes.cpu_seconds(relay.pid)
            above = await load(f"{relay.address}/v1/messages", path)
            used = processes.cpu_seconds(relay.pid) - before
            if not turn % 2:
                below = await load(f"{floor.address}/submit", path)
            found.append(_round(above, below, used * 1000 / len(submissions)))
    return found


def _round(above: dict[str, Any], below: dict[str, Any], cpu_ms: float) -> Round:
    return Round(
        submit=above["sent"] / above["seconds"],
        floor=below["sent"] / below["seconds"],
        cpu_ms=cpu_ms,
        p50_ms=percentile(above["times"], 50) * 1000,
        p99_ms=percentile(above["times"], 99) * 1000,
    )


def percentile(times: list[float], share: int) -> float:
    """Return the value below which `share` percent of the sorted times are."""
    return times[min(len(times) - 1, len(times) * share // 100)]


def median(rounds: list[Round], name: str) -> float:
    """Return the median of one figure of all rounds."""
    values: list[float] = [getattr(item, name) for item in rounds]
    return statistics.median(values)


__all__ = ["CONNECTIONS", "WARM", "FloorProcess", "Round", "load", "measure", "median", "percentile", "signed_sizes"]
