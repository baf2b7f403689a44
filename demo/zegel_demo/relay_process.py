"""A relay as a process of its own: made, started on a free port, and ended by the one who started it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol

from zegel_demo.child_process import end, without_settings

START_SECONDS = 30.0
_DATABASE = "database.url"


class RelayStartError(RuntimeError):
    """The relay did not start; the text holds what it said."""


class Databases(Protocol):
    """Gives relays another place for their data than a file in their folder."""

    def fresh(self) -> str:
        """Return the address of a database for a new relay; "" for that file."""
        ...

    def copied(self, url: str) -> str:
        """Return the address of a copy of a database that no relay is connected to."""
        ...


@dataclass
class RelayProcess:
    """One relay, with its data in `folder`: on SQLite, unless `databases` gives it another place for it.

    `facts` are its public keys, as `zegel-relay init` prints. `settings` are further ones by their name in the
    environment (`ZEGEL_TRACE`), and count from its next start.
    """

    databases: ClassVar[Databases | None] = None

    folder: Path
    huis: str
    facts: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    address: str = ""
    _process: subprocess.Popen[str] | None = None
    _localhost: int | None = None

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

    @property
    def database_url(self) -> str:
        """The address of its database; "" where that is the file in its folder."""
        path = self.folder / _DATABASE
        return path.read_text("utf-8") if path.exists() else ""

    def copied(self, folder: Path) -> "RelayProcess":
        """Return another relay in `folder`, with a copy of all that this one has, which must not run."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        if self.database_url and self.databases is not None:
            (folder / _DATABASE).write_text(self.databases.copied(self.database_url), "utf-8")
        return RelayProcess(folder, self.huis, dict(self.facts), dict(self.settings))

    def twin(self, folder: Path) -> "RelayProcess":
        """Return another relay process in `folder`, with the keys, the blobs and the database of this one."""
        folder.mkdir(parents=True)
        shutil.copy(self.folder / "keys.json", folder)
        url = self.database_url or f"sqlite:///{self.folder.absolute() / 'relay.sqlite3'}"
        (folder / _DATABASE).write_text(url, "utf-8")
        settings = self.settings | {"ZEGEL_BLOB_FOLDER": os.fspath(self.folder / "blobs")}
        return RelayProcess(folder, self.huis, dict(self.facts), settings)

    def init(self) -> None:
        """Make the relay's keys."""
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [*_COMMAND, "init", "--huis", self.huis, "--folder", os.fspath(self.folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=without_settings(), timeout=60)
        if done.returncode != 0:
            raise RelayStartError(done.stderr)
        self.facts = json.loads(done.stdout)
        if self.databases is not None and (url := self.databases.fresh()):
            (self.folder / _DATABASE).write_text(url, "utf-8")

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
                env=self.environment(),
            )
        line = _first_line(self._process)
        if not line:
            self.stop()
            raise RelayStartError(self.log.read_text(encoding="utf-8")[-2000:])
        self.address = json.loads(line)["listening"]
        return self.address

    def start_at_localhost(self, port: int) -> str:
        """Start it on a port of loopback, under the name for which a browser has passkeys; return its origin."""
        origin = f"http://localhost:{port}"
        self.start(port, origin)
        self.address = origin
        self._localhost = port
        return origin

    def start_again(self, port: int = 0) -> str:
        """Start it under the name that it had: at localhost if it was there, else on a port of loopback."""
        return self.start(port) if self._localhost is None else self.start_at_localhost(self._localhost)

    def environment(self) -> dict[str, str]:
        """Return the environment that its commands run in."""
        url = self.database_url
        return without_settings() | ({"ZEGEL_DATABASE_URL": url} if url else {}) | self.settings

    def stop(self) -> None:
        """Ask it to end, and wait; it finishes what it began."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, in the middle of whatever it does."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        end(self._process, number, 20)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None


_COMMAND = [sys.executable, "-m", "zegel_relay"]


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
