"""A worker, or a beat, as a process of its own beside a relay, ended by the one who started it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from zegel_demo.child_process import end, without_settings

_COMMAND = (sys.executable, "-m", "zegel_relay")
START_SECONDS = 30.0


class WorkerStartError(RuntimeError):
    """The worker did not start; the text holds what it said."""


@dataclass
class WorkerProcess:
    """One `zegel-relay worker` on the data in `folder`; what it says goes to `log`.

    `settings` are by their name in the environment (`ZEGEL_REDIS_URL`), and count from its next start. `command`: what
    is run in place of `zegel-relay`.
    """

    folder: Path
    log: Path
    settings: dict[str, str] = field(default_factory=dict)
    command: Sequence[str] = _COMMAND
    _process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The id of the running process. Raises `RuntimeError` when it does not run."""
        if self._process is None:
            raise RuntimeError("the worker does not run")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def start(self, *options: str, name: str = "worker") -> None:
        """Start it with options of its command line, and return once it says that it begins. `name`: or `beat`."""
        said = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self.command, name, "--folder", os.fspath(self.folder), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=without_settings() | self.settings,
            )
        deadline = time.monotonic() + START_SECONDS
        while f'"event": "{name} begins"' not in self._said(said):
            if not self.running or time.monotonic() > deadline:
                self.kill()
                raise WorkerStartError(self._said(said)[-2000:])
            time.sleep(0.05)

    def stop(self, seconds: float = 60) -> int:
        """Ask it to end, and wait until what it began is done; return its exit code."""
        return self._end(signal.SIGTERM, seconds)

    def kill(self) -> int:
        """End it at once, in the middle of whatever it does."""
        return self._end(signal.SIGKILL, 20)

    def _said(self, since: int) -> str:
        with self.log.open("rb") as log:
            log.seek(since)
            return log.read().decode(errors="replace")

    def _end(self, number: signal.Signals, seconds: float) -> int:
        if self._process is None:
            return 0
        code = end(self._process, number, seconds)
        self._process = None
        return code
