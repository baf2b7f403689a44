"""A clock that a story or a test turns, for a relay process and everyone who speaks to it.

The relay has no setting that changes its time, and gets none: its process is started where `time.time` itself is ahead,
as it would be on a machine whose clock was set. Nobody waits for days. Never here: a way to set a running relay back.
"""

import os
import time
from pathlib import Path

from zegel_demo.relay_process import RelayProcess
from zegel_protocol.texts.civil_time import belgian

_VARIABLE = "TURNED_CLOCK"
_SITE = f"""import os, time
_true = time.time
def _turned():
    with open(os.environ["{_VARIABLE}"], encoding="utf-8") as file:
        return _true() + int(file.read() or 0)
time.time = _turned
"""
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEK = 7 * 86_400


class TurnedClock:
    """Seconds since 1970, and `ahead` of the true time. Its file in `folder` is what relays read."""

    def __init__(self, folder: Path) -> None:
        self.ahead = 0
        self._folder = folder
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(_SITE, encoding="utf-8")
        self._write()

    def __call__(self) -> int:
        """Return the time that it shows."""
        return int(time.time()) + self.ahead

    def turn(self, seconds: int) -> None:
        """Let time pass, for all at once."""
        self.ahead += seconds
        self._write()

    def turn_to(self, weekday: str, hour: int, minute: int) -> None:
        """Let time pass until it is next that time of that day (`Tue`) on a Belgian clock."""
        self.turn(until(self(), weekday, hour, minute))

    def wind(self, relay: RelayProcess) -> None:
        """Start a relay anew by this clock."""
        relay.stop()
        relay.settings |= self.settings
        relay.start_again()

    @property
    def settings(self) -> dict[str, str]:
        """What a relay's environment needs so that it goes by this clock."""
        path = os.pathsep.join(filter(None, [os.fspath(self._folder), os.environ.get("PYTHONPATH", "")]))
        return {"PYTHONPATH": path, _VARIABLE: os.fspath(self._file)}

    @property
    def _file(self) -> Path:
        return self._folder / "ahead"

    def _write(self) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_text(str(self.ahead), encoding="utf-8")
        fresh.replace(self._file)


def until(now: int, weekday: str, hour: int, minute: int) -> int:
    """Return the seconds from `now` until it is next that time of that day (`Tue`) on a Belgian clock."""
    at = belgian(now)
    days = (WEEKDAYS.index(weekday) - at.weekday) % 7
    ahead = days * 86_400 + (hour - at.hour) * 3600 + (minute - at.minute) * 60 - at.second
    ahead = ahead if ahead >= 0 else ahead + WEEK
    # Summer time may begin or end in between.
    reached = belgian(now + ahead)
    return ahead + (hour - reached.hour) * 3600
