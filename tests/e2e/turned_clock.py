"""A clock that a test turns, for a relay process and everyone who speaks to it.

The relay has no setting that changes its time, and gets none: its process is started where `time.time` itself is ahead,
as it would be on a machine whose clock was set. Nobody waits for days.
"""

import os
import time
from pathlib import Path

from e2e.world import open_huis
from zegel_demo.huis import Huis
from zegel_demo.relay_process import RelayProcess

_VARIABLE = "TURNED_CLOCK"
_SITE = f"""import os, time
_true = time.time
def _turned():
    with open(os.environ["{_VARIABLE}"], encoding="utf-8") as file:
        return _true() + int(file.read() or 0)
time.time = _turned
"""


class TurnedClock:
    """Seconds since 1970, and `ahead` of the true time. Its file in `folder` is what relays read."""

    def __init__(self, folder: Path) -> None:
        self.ahead = 0
        self._folder = folder
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(_SITE, encoding="utf-8")
        self._write()

    def __call__(self) -> int:
        return int(time.time()) + self.ahead

    def turn(self, seconds: int) -> None:
        """Let time pass, for all at once."""
        self.ahead += seconds
        self._write()

    def wind(self, relay: RelayProcess) -> None:
        """Start a relay anew by this clock."""
        relay.stop()
        relay.settings |= {"PYTHONPATH": os.fspath(self._folder), _VARIABLE: os.fspath(self._file)}
        relay.start()

    @property
    def _file(self) -> Path:
        return self._folder / "ahead"

    def _write(self) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_text(str(self.ahead), encoding="utf-8")
        fresh.replace(self._file)


async def turned_huis(folder: Path) -> tuple[Huis, TurnedClock]:
    """Return a running Huis whose relay, workers and phones go by one clock that is turned."""
    huis, clock = await open_huis(folder), TurnedClock(folder / "clock")
    clock.wind(huis.relay)
    huis.clock = clock
    return huis, clock
