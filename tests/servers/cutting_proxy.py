"""A network that fails at the worst moment: it stands before Postgres, and drops a connection around its COMMIT."""

import asyncio
from contextlib import suppress
from enum import Enum
from types import TracebackType
from typing import Self

COMMIT = b"COMMIT;"


class Cut(Enum):
    """When the connection is dropped."""

    BEFORE = "the server never heard of the commit"
    DURING = "the server was told, and nobody knows what it made of it"
    AFTER = "the server committed, and its answer was lost"


class CuttingProxy:
    """Listens on loopback, and passes everything to Postgres at `port`. An armed cut counts for one commit."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._armed: Cut | None = None
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    def arm(self, cut: Cut) -> None:
        """Drop the connection of the next commit."""
        self._armed = cut

    @property
    def armed(self) -> bool:
        """Whether the cut is still to come."""
        return self._armed is not None

    def disarm(self) -> None:
        """Let commits through again."""
        self._armed = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self._target)
        answers = asyncio.create_task(_pass(from_server, writer))
        try:
            while data := await reader.read(65536):
                cut = self._armed if COMMIT in data else None
                if cut is not None:
                    self._armed = None
                    await self._cut(cut, data, from_server, to_server, answers)
                    return
                to_server.write(data)
                await to_server.drain()
        except ConnectionError:
            return
        finally:
            answers.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await answers
            for stream in (writer, to_server):
                stream.close()
                with suppress(ConnectionError):
                    await stream.wait_closed()

    async def _cut(
        self,
        cut: Cut,
        data: bytes,
        from_server: asyncio.StreamReader,
        to_server: asyncio.StreamWriter,
        answers: "asyncio.Task[None]",
    ) -> None:
        if cut is Cut.BEFORE:
            return
        # The answer is to be read here, by nobody else.
        answers.cancel()
        with suppress(asyncio.CancelledError):
            await answers
        to_server.write(data)
        await to_server.drain()
        if cut is Cut.AFTER:
            while b"COMMIT\0" not in await from_server.read(65536):
                continue


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()
