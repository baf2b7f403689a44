"""The line between a partner and a relay: an HTTP proxy on which a request or its answer can get lost.

A proxy and not another relay, so that what a device signs stays addressed to its relay.
"""

import io
from collections.abc import Callable

import aiohttp
from aiohttp import web
from yarl import URL

from zegel import Partner

HOP_BY_HOP = {"connection", "keep-alive", "proxy-authorization", "proxy-connection", "transfer-encoding", "host"}


class Line:
    """Carries a partner's requests. Use it with `async with`; `answers` are those that it carried or lost, by path."""

    def __init__(self) -> None:
        self.address = ""
        self.answers: dict[str, bytes] = {}
        self._lose: tuple[str, bool, Callable[[], None]] | None = None
        self._instead: tuple[str, int, bytes] | None = None
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> "Line":
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{rest:.*}", self._carry)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.address = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def carry(self, partner: Partner) -> None:
        """Have all that a partner's software asks from now on go over this line."""
        await partner._client.close()
        partner._client._session = aiohttp.ClientSession(auto_decompress=False, proxy=self.address)

    def lose(self, path: str, *, answer: bool, then: Callable[[], None] = lambda: None) -> None:
        """Lose the next request to `path`, or with `answer` only what the relay says to it; `then` happens first."""
        self._lose = (path, answer, then)

    def instead(self, path: str, status: int, body: bytes) -> None:
        """Have something else than the relay answer the next request to `path`."""
        self._instead = (path, status, body)

    async def _carry(self, request: web.Request) -> web.StreamResponse:
        body, losing = await request.read(), self._lose
        if self._instead is not None and request.path == self._instead[0]:
            (_, status, page), self._instead = self._instead, None
            return web.Response(status=status, body=page, content_type="text/html")
        lost = losing is not None and request.path == losing[0]
        if lost and losing is not None and not losing[1]:
            return self._drop(request, losing[2])
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP}
        url = URL(str(request.url), encoded=True)
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.request(request.method, url, data=io.BytesIO(body), headers=headers) as got,
        ):
            said = await got.read()
            self.answers[request.path] = said
            if lost and losing is not None:
                return self._drop(request, losing[2])
            kept = {name: value for name, value in got.headers.items() if name.lower() not in HOP_BY_HOP}
            return web.Response(body=said, status=got.status, headers=kept)

    def _drop(self, request: web.Request, then: Callable[[], None]) -> web.StreamResponse:
        self._lose = None
        then()
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)
