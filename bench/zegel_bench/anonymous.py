"""What a process holds of its own, without the files that it has mapped: those are the system's cache."""

import threading
import time
from pathlib import Path

EVERY = 0.02
"""Seconds between two looks."""


def held_mib(pid: int | str = "self") -> float:
    """Return the anonymous resident memory of a process, in MiB; 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon:")), 0.0)


class Growth:
    """By how much a process grew while this was entered, in MiB: the most that was seen, less what was at the start."""

    def __init__(self, pid: int | str = "self") -> None:
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._first = self._most = 0.0

    def __enter__(self) -> "Growth":
        self._first = self._most = held_mib(self._pid)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def mib(self) -> float:
        """The growth so far."""
        return self._most - self._first

    def _watch(self) -> None:
        while not self._ended.is_set():
            self._most = max(self._most, held_mib(self._pid))
            time.sleep(EVERY)
