"""The portal's routes and how they are answered: apart from the API, on the same origin.

Whatever does not stand under `/v1` is the portal's: each answer has its headers, and each failure is a page for people.
"""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from aiohttp import hdrs, web

from zegel_keys.trust import Trust
from zegel_relay.portal import languages, shell
from zegel_relay.portal.headers import PUBLIC_POLICY, SHELL_POLICY, portal_headers
from zegel_relay.portal.public_pages import PublicPages
from zegel_relay.relay import Relay
from zegel_relay.services.errors import Conflict

_API: Final = "/v1"
_KEPT_NOWHERE: Final = "no-store"
_RETRY_SECONDS: Final = "60"
_FAILURES: Final = {404: "missing", 405: "method"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Render = Callable[[str, Trust | None], str]


def is_portal(path: str) -> bool:
    """Return whether an address is the portal's, and not the API's."""
    return path != _API and not path.startswith(f"{_API}/")


class Site:
    """The portal of one relay; its files are read when it is made."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._shell = shell.load(relay.settings.shell_folder)
        style = self._shell.style
        self._pages = PublicPages(f"/{style}" if style is not None else None, "/favicon.ico")

    def add_routes(self, app: web.Application) -> None:
        """Add the portal's routes; HEAD goes with each GET."""
        get = app.router.add_get
        for path in ("/", "/enrol"):
            get(path, self._file(shell.INDEX))
        get(f"/{shell.LIST}", self._file(shell.LIST))
        get("/assets/{name}", self._asset)
        get("/favicon.ico", self._icon)
        get("/leave", self._leave)
        get("/code", self._page(self._pages.code))
        get("/help", self._page(self._pages.help))
        get("/contact", self._page(self._pages.contact))

    def add_headers(self, response: web.StreamResponse) -> None:
        """Put the portal's headers on an answer; those for pages without script unless it is of the shell."""
        policy = SHELL_POLICY if response.get(_OF_SHELL) else PUBLIC_POLICY
        response.headers.setdefault(hdrs.CACHE_CONTROL, _KEPT_NOWHERE)
        response.headers.update(portal_headers(self._relay.public_url, policy))

    def failure(self, request: web.Request, status: int) -> web.Response:
        """Return the page for a request that failed: what happened, what is safe, what to do."""
        response = self._html(request, self._pages.notice(_language(request), _FAILURES.get(status, "failed")), status)
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            response.headers[hdrs.RETRY_AFTER] = _RETRY_SECONDS
        return response

    def _file(self, path: str) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            file = self._shell.files.get(path)
            if file is None:
                text = self._pages.notice(_language(request), "unbuilt")
                response = self._html(request, text, HTTPStatus.SERVICE_UNAVAILABLE)
                response.headers[hdrs.RETRY_AFTER] = _RETRY_SECONDS
                return response
            return _of_shell(file.answer(request))

        return answer

    async def _asset(self, request: web.Request) -> web.StreamResponse:
        file = self._shell.files.get(f"assets/{request.match_info['name']}")
        if file is None:
            raise web.HTTPNotFound
        return _of_shell(file.answer(request))

    async def _icon(self, request: web.Request) -> web.StreamResponse:
        return self._shell.icon.answer(request)

    async def _leave(self, _request: web.Request) -> web.StreamResponse:
        # What is cached says where somebody was.
        headers = {hdrs.LOCATION: self._relay.settings.leave_url, "Clear-Site-Data": '"cache"'}
        return web.Response(status=303, headers=headers)

    def _page(self, render: Render) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            return self._html(request, render(_language(request), await self._trust()), HTTPStatus.OK)

        return answer

    async def _trust(self) -> Trust | None:
        async with self._relay.sessions() as session:
            try:
                return await self._relay.office.trust(session)
            except Conflict:
                # Before the first directory there is a page all the same, without what only that could say.
                return None

    def _html(self, request: web.Request, text: str, status: int) -> web.Response:
        headers = {hdrs.VARY: hdrs.ACCEPT_LANGUAGE, hdrs.CONTENT_LANGUAGE: _language(request)}
        return web.Response(text=text, status=status, content_type="text/html", charset="utf-8", headers=headers)


_OF_SHELL: Final = web.ResponseKey("of_shell", bool)


def _of_shell(response: web.Response) -> web.Response:
    response[_OF_SHELL] = True
    return response


def _language(request: web.Request) -> str:
    return languages.choose(request.query.get("language"), request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))
