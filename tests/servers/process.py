"""What the test servers share: a process of its own, ended by whoever started it."""

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from zegel_demo import child_process


class ServerProcess:
    """A server as a child process; what it prints goes to `log`."""

    def __init__(self, log: Path, user: str | None = None) -> None:
        self.log = log
        self._user = user
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The id of the running process. Raises `RuntimeError` when it does not run."""
        if self._process is None:
            raise RuntimeError("the server does not run")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def start(self, command: Sequence[str | os.PathLike[str]]) -> None:
        """Start it, with nothing of this process's environment that could steer it."""
        environment = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "TMPDIR"}}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, user=self._user
            )

    def end(self, number: signal.Signals, seconds: float = 30) -> None:
        """Send a signal, and wait until the process is gone; one that does not go in time is killed."""
        if self._process is None:
            return
        child_process.end(self._process, number, seconds)
        self._process = None

    def last_words(self) -> str:
        """Return the end of what it printed."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-2000:]
