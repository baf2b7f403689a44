"""`python -m zegel_bench`: measure everything once, print the table, write `build/bench.json`.

`--quick` measures a little of each, to see that the bench itself works. No figure is asserted anywhere: a machine that
does other work besides gives other figures, so only what was measured in the same run is comparable.
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass

from zegel_bench import files, opened, page, sealing, throughput
from zegel_bench.anonymous import Growth
from zegel_bench.files import Carried
from zegel_bench.opened import Opened
from zegel_bench.processes import ROOT
from zegel_bench.results import Rounds, figures, lines
from zegel_bench.servers import Pair, open_pair
from zegel_bench.table import render
from zegel_bench.town import Town, ciphertext_bytes, encoded


@dataclass(frozen=True)
class Plan:
    """How much is measured. `each` is messages a family and turn."""

    families: int
    rounds: int
    each: int
    opened_seconds: float
    file_mib: int
    page_rounds: int


FULL = Plan(families=16, rounds=3, each=40, opened_seconds=6, file_mib=256, page_rounds=5)
QUICK = Plan(families=4, rounds=1, each=32, opened_seconds=2, file_mib=8, page_rounds=1)


async def run(plan: Plan) -> dict[str, object]:
    """Return all figures."""
    rounds: Rounds = {}
    growth: dict[str, float] = {}
    sizes: dict[str, int] = {}
    seal, late, carried = (0.0, 0.0), None, None
    for kind in Pair.KINDS:
        _tell(f"{kind}: a Huis with {plan.families} families")
        async with open_pair(kind, plan.families) as pair:
            with Growth(pair.town.huis.relay.pid) as grown:
                _tell(f"{kind}: {plan.rounds} turns of {plan.each * plan.families} messages, and the floor")
                rounds[kind] = await throughput.measure(pair, plan.rounds, plan.each)
            growth[kind] = grown.mib
            if kind == "postgres":
                sizes = await _sizes(pair.town)
                seal, late, carried = await _once(pair, plan)
    if late is None or carried is None:
        raise RuntimeError("nothing was measured")
    _tell("the family's page")
    shown = await page.measure(plan.page_rounds)
    return figures(rounds, sizes, late, seal, carried, growth) | page.figures(shown)


async def _once(pair: Pair, plan: Plan) -> tuple[tuple[float, float], Opened, Carried]:
    """Measure what one database is enough for."""
    _tell("sealing")
    seal = await sealing.measure(pair.town)
    _tell("sent to opened")
    late = await opened.measure(pair, plan.opened_seconds)
    _tell(f"a file of {plan.file_mib} MiB")
    return seal, late, await files.measure(pair, plan.file_mib)


async def _sizes(town: Town) -> dict[str, int]:
    """Return what one message is, in bytes and numbers."""
    submission = (await town.seal(1))[0]
    return {
        "sections": len(submission.sections),
        "ciphertext_bytes": ciphertext_bytes(submission),
        "body_bytes": len(encoded(submission)),
        "readers": len(submission.wraps),
        "signatures": len(throughput.signed_sizes(submission)),
        "connections": throughput.CONNECTIONS,
    }


def _tell(text: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")


def main() -> None:
    """Measure, print, write."""
    found = asyncio.run(run(QUICK if "--quick" in sys.argv[1:] else FULL))
    path = ROOT / "build" / "bench.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    sys.stdout.write(render(lines(found)) + "\n\n")
    sys.stdout.write("".join(f"{name}: {value}\n" for name, value in _facts(found)))


def _facts(found: dict[str, object]) -> list[tuple[str, object]]:
    return [(name, found[name]) for name in ("message", "machine")]


if __name__ == "__main__":
    main()
