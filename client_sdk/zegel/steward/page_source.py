"""Where the family's page is read from: a folder that it was built into, or the origin that serves it.

What is read is judged by nobody here (`page_check`). Nothing is followed to another site, and nothing is run.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp

from zegel.errors import RelayUnreachable

INDEX: Final = "index.html"
LIST: Final = "files.json"
MAX_FILE: Final = 8 * 1024 * 1024
"""Bytes of one file at most; more is read no further, and has another digest."""
_TIMEOUT: Final = 30.0
_CHUNK: Final = 64 * 1024
_OK: Final = 200
_ABSENT: Final = 404


@dataclass(frozen=True)
class Found:
    """One answer: status, headers by their name in lower case, and the body, not far beyond `MAX_FILE`."""

    status: int
    body: bytes = b""
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def here(self) -> bool:
        """Whether there is a file."""
        return self.status == _OK


Get = Callable[[str], Awaitable[Found]]
"""Return what stands at a path such as `/assets/app.js`. Raises `RelayUnreachable` or `OSError`."""


@asynccontextmanager
async def served(origin: str) -> AsyncIterator[Get]:
    """Give a reader of what `origin` serves, as a browser gets it at its first visit."""
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT)
    async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session:

        async def get(path: str) -> Found:
            try:
                async with session.get(origin + path, allow_redirects=False) as answer:
                    body = bytearray()
                    async for chunk in answer.content.iter_chunked(_CHUNK):
                        body += chunk
                        if len(body) > MAX_FILE:
                            break
                    headers = {name.lower(): tuple(answer.headers.getall(name)) for name in answer.headers}
                    return Found(answer.status, bytes(body), headers)
            except (aiohttp.ClientError, TimeoutError) as error:
                raise RelayUnreachable(f"{origin} does not answer: {type(error).__name__}.") from error

        yield get


def built(folder: Path) -> Get:
    """Return a reader of what `npm run build` wrote into `folder`; `/` is its index."""

    async def get(path: str) -> Found:
        file = folder / (path.removeprefix("/") or INDEX)
        try:
            with file.open("rb") as opened:
                return Found(_OK, opened.read(MAX_FILE + 1))
        except FileNotFoundError:
            return Found(_ABSENT)

    return get
