"""A real Redis server for tests: in a folder of its own, with nothing kept on disk."""

import shutil
import signal
import socket
import tempfile
import time
from pathlib import Path

from servers.process import ServerProcess
from zegel_demo.ports import free_port

START_SECONDS = 15.0


class Redis:
    """One server. `close` ends it and removes its folder."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="zegel-redis-"))
        self.port = free_port()
        self._process = ServerProcess(self.folder / "server.log")

    @property
    def pid(self) -> int:
        """The id of the server's process."""
        return self._process.pid

    @property
    def log(self) -> Path:
        """The file that the server's log goes to."""
        return self._process.log

    def url(self, number: int = 0) -> str:
        """Return the address of its database `number`, as the relay's setting has it."""
        return f"redis://127.0.0.1:{self.port}/{number}"

    def start(self, *options: str) -> None:
        """Start it, and return once it answers; `options` are further ones of its command line."""
        program = shutil.which("redis-server")
        if program is None:
            raise RuntimeError("redis-server is not installed: apt-get install redis-server")
        command = [program, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        self._process.start([*command, "--save", "", "--appendonly", "no", *options])
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if not self._process.running or time.monotonic() > deadline:
                raise RuntimeError(self._process.last_words())
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop it in order."""
        self._process.end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self._process.end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop it in order and start it again, on the same port and with nothing in it."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop it, and remove all that it had."""
        self._process.end(signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False
