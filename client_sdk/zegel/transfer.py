"""Large ciphertexts to and from the relay, in as many requests as the line needs; each goes on where the last ended.

Nothing here opens or trusts anything: an upload is whole when the relay says that its digest fits, a download when
`zegel_keys.opening` does. Rule: `docs/spec/http.md`, *Ciphertexts*.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import BinaryIO, Final, Protocol

import msgspec

from zegel.errors import RelayProblem, RelayUnreachable
from zegel_protocol.api import UploadState

PIECE: Final = 1024 * 1024
STALL: Final = 60.0
"""Seconds in which not a byte moves, after which a connection is given up."""
PAUSE: Final = 0.2
"""Seconds before a connection that was cut is taken up again."""
SLOWEST_DISK: Final = 20 * 1024 * 1024
"""Bytes a second that a relay reads at least while it takes the digest of what it has."""

Sink = Callable[[int, AsyncIterator[bytes]], Awaitable[None]]
At = Callable[[int], None]


class Send(Protocol):
    """How `RelayClient` sends a request."""

    async def __call__(
        self,
        method: str,
        path: str,
        body: bytes,
        *,
        signed: bool = False,
        seconds: float | None = None,
        bind_body: bool = True,
        source: AsyncIterator[bytes] | None = None,
        more: dict[str, str] | None = None,
        sink: Sink | None = None,
    ) -> bytes:
        """Return the answer's body."""


async def upload(send: Send, ct: str, path: Path, at: At) -> None:
    """Upload the file at `path` under its digest, from where the relay has it on.

    A cut connection is taken up again as long as something arrives between two cuts. Raises `RelayUnreachable` (what
    arrived is kept there for a day) and `RelayProblem`.
    """
    size = await asyncio.to_thread(os.path.getsize, path)
    before = -1
    while True:
        state = await _ask(send, "POST", f"/v1/uploads/{ct}?size={size}")
        at(state.received)
        if state.complete:
            return
        try:
            state = await _append(send, ct, path, size, state.received, at)
            if state.complete:
                return
        except RelayUnreachable:
            if state.received <= before:
                raise
        except RelayProblem as problem:
            if problem.code != "upload.offset" or state.received <= before:
                raise
        before = max(before, state.received)
        await asyncio.sleep(PAUSE)


async def _append(send: Send, ct: str, path: Path, size: int, start: int, at: At) -> UploadState:
    # The file is open here and not in the generator: nobody ends that when a request breaks off in the middle.
    with path.open("rb") as file:
        async with _Watch() as watch:

            async def pieces() -> AsyncIterator[bytes]:
                file.seek(start)
                done = start
                while piece := await asyncio.to_thread(file.read, PIECE):
                    yield piece
                    done += len(piece)
                    at(done)
                    watch.moved()
                watch.moved(STALL + size / SLOWEST_DISK)

            return await _ask(
                send, "PUT", f"/v1/uploads/{ct}?from={start}", source=pieces(), seconds=STALL + size / SLOWEST_DISK,
                more={"Content-Length": str(size - start)},
            )  # fmt: skip


async def download(send: Send, ct: str, file: BinaryIO, size: int, at: At) -> None:
    """Fetch the ciphertext `ct` of `size` bytes into `file`, after what is in it; taken up again as in `upload`.

    Raises `RelayUnreachable` (what arrived is in the file) and `RelayProblem`.
    """
    start = file.seek(0, os.SEEK_END)
    if start > size:
        start = file.seek(0)
        file.truncate()
    before = -1
    while start < size:
        try:
            await send(
                "GET", f"/v1/blobs/{ct}", b"", signed=True, sink=_Writer(file, start, size, at), seconds=STALL,
                more={"Range": f"bytes={start}-"},
            )  # fmt: skip
        except RelayUnreachable:
            if file.seek(0, os.SEEK_END) <= max(before, start):
                raise
        before, start = start, file.seek(0, os.SEEK_END)
        if start == before:
            raise _wrong_size()


class _Writer:
    """Puts an answer into a file at the place that it is for."""

    def __init__(self, file: BinaryIO, start: int, size: int, at: At) -> None:
        self._file, self._start, self._size, self._at = file, start, size, at

    async def __call__(self, status: int, pieces: AsyncIterator[bytes]) -> None:
        done = self._start if status == _PARTIAL else 0
        self._file.seek(done)
        self._file.truncate()
        self._at(done)
        async for piece in pieces:
            done += len(piece)
            if done > self._size:
                # What is behind its end is nothing that any reader would take.
                raise _wrong_size()
            await asyncio.to_thread(self._file.write, piece)
            self._at(done)
        self._file.flush()


_PARTIAL: Final = 206


def _wrong_size() -> RelayUnreachable:
    return RelayUnreachable(
        "The relay gave another number of bytes than the file has.",
        "Nothing was opened.",
        "Try again later; if it stays so, tell the relay's operator.",
    )


class _Watch:
    """Ends a request when nothing moves for a time."""

    def __init__(self) -> None:
        self._limit = asyncio.timeout(STALL)

    async def __aenter__(self) -> "_Watch":
        await self._limit.__aenter__()
        return self

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            await self._limit.__aexit__(type(error) if error is not None else None, error, None)
        except TimeoutError as stalled:
            raise RelayUnreachable(
                "The relay takes nothing in any more.",
                "What it has of this file it keeps for a day.",
                "Try again when there is a better connection.",
            ) from stalled

    def moved(self, seconds: float = STALL) -> None:
        """Begin the time anew."""
        self._limit.reschedule(asyncio.get_running_loop().time() + seconds)


async def _ask(
    send: Send,
    method: str,
    path: str,
    *,
    source: AsyncIterator[bytes] | None = None,
    seconds: float | None = None,
    more: dict[str, str] | None = None,
) -> UploadState:
    streamed = source is not None
    answer = await send(
        method, path, b"", signed=True, bind_body=not streamed, source=source, seconds=seconds, more=more
    )
    try:
        return msgspec.json.decode(answer, type=UploadState)
    except (msgspec.MsgspecError, ValueError) as error:
        raise RelayUnreachable(
            "What answers in the relay's place does not speak as a relay does.",
            "What it has of this file it keeps for a day.",
            "Check the connection, then try again.",
        ) from error
