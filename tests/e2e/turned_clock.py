"""A running Huis whose relay, workers and phones go by one clock that a test turns (`zegel_demo.turned_clock`)."""

from pathlib import Path

from e2e.world import open_huis
from zegel_demo.huis import Huis
from zegel_demo.turned_clock import TurnedClock as TurnedClock


async def turned_huis(folder: Path) -> tuple[Huis, TurnedClock]:
    """Return a running Huis whose relay, workers and phones go by one clock that is turned."""
    huis, clock = await open_huis(folder), TurnedClock(folder / "clock")
    clock.wind(huis.relay)
    huis.clock = clock
    return huis, clock
