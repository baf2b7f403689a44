"""A relay as a process of its own: made, started on a free port, and ended by the one who started it."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

START_SECONDS = 30.0


class RelayStartError(RuntimeError):
    """The relay did not start; the text holds what it said."""


@dataclass
class RelayProcess:
    """One relay on SQLite, with its data in `folder`.

    `facts` are its public keys, as `zegel-relay init` prints. `settings` are further ones by their name in the
    environment (`ZEGEL_TRACE`), and count from its next start.
    """

    folder: Path
    huis: str
    facts: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    address: str = ""
    _process: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int:
        """The id of the running process. Raises `RuntimeError` when it does not run."""
        if self._process is None:
            raise RuntimeError("the relay does not run")
        return self._process.pid

    @property
    def log(self) -> Path:
        """The file that the relay's log lines go to."""
        return self.folder / "relay.log"

    def init(self) -> None:
        """Make the relay's keys."""
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [*_COMMAND, "init", "--huis", self.huis, "--folder", os.fspath(self.folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=_environment(), timeout=60)
        if done.returncode != 0:
            raise RelayStartError(done.stderr)
        self.facts = json.loads(done.stdout)

    def start(self, port: int = 0, public_url: str = "") -> str:
        """Start it on loopback (port 0: a free one); return its address once it listens.

        `public_url` is the origin that requests are signed for, where something stands in front of it.
        """
        command = [*_COMMAND, "serve", "--folder", os.fspath(self.folder), "--host", "127.0.0.1", "--port", str(port)]
        command += ["--public-url", public_url] if public_url else []
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=_environment() | self.settings,
            )
        line = _first_line(self._process)
        if not line:
            self.stop()
            raise RelayStartError(self.log.read_text(encoding="utf-8")[-2000:])
        self.address = json.loads(line)["listening"]
        return self.address

    def stop(self) -> None:
        """Ask it to end, and wait; it finishes what it began."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, in the middle of whatever it does."""
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(number)
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout=20)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None


_COMMAND = [sys.executable, "-m", "zegel_relay"]


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("ZEGEL_")}


def _first_line(process: subprocess.Popen[str]) -> str:
    """Return the line that says that it listens, or nothing when the process ended first."""
    deadline = time.monotonic() + START_SECONDS
    if process.stdout is None:
        return ""
    while time.monotonic() < deadline:
        line = process.stdout.readline()
        if line.startswith("{"):
            return line
        if process.poll() is not None:
            return ""
    return ""
