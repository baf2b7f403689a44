"""The server's application: the route table registered, every failure a problem, every request one log line.

The portal stands on the same origin, with headers and failures of its own (`zegel_relay.portal`): it has what is not
under `/v1`.
"""

import logging
import time
from collections.abc import AsyncIterator, Iterable
from typing import Any, Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from zegel_relay.api import errors
from zegel_relay.api.endpoint import endpoint
from zegel_relay.api.route import Route
from zegel_relay.api.routes import ROUTES
from zegel_relay.portal.site import Site, is_portal
from zegel_relay.relay import Relay

RELAY: Final = web.AppKey("relay", Relay)
SITE: Final = web.AppKey("site", Site)

HEADERS: Final = {
    # What is here is for one reader, and for nobody's cache.
    "Cache-Control": "no-store",
    # Should a browser ever show an answer, it runs nothing, frames nothing and tells no other site.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Referrer-Policy": "no-referrer",
    "Server": "zegel",
    "X-Content-Type-Options": "nosniff",
}

_log = logging.getLogger("zegel_relay.access")


def create_app(relay: Relay, routes: Iterable[Route] = ROUTES) -> web.Application:
    """Return the application. It starts `relay` with itself (if that was not done yet), and stops it at its end."""
    table = tuple(routes)
    app = web.Application(middlewares=[_log_requests, _answer_errors], client_max_size=_largest(table))
    app[RELAY] = relay
    app[SITE] = Site(relay)
    for route in table:
        app.router.add_route(route.method, route.path, endpoint(relay, route))
    app[SITE].add_routes(app)
    app.on_response_prepare.append(_add_headers)
    app.on_shutdown.append(_release_waiters)
    app.cleanup_ctx.append(_run_relay)
    return app


def _largest(routes: Iterable[Route]) -> int:
    return max((route.limit for route in routes), default=0)


async def _run_relay(app: web.Application) -> AsyncIterator[None]:
    await app[RELAY].start()
    yield
    await app[RELAY].stop()


async def _release_waiters(app: web.Application) -> None:
    # Long polls answer at once; otherwise the server would wait for them before it ends.
    app[RELAY].wakeups.close()


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    if _for_portal(request):
        request.app[SITE].add_headers(response)
    else:
        response.headers.update(HEADERS)
    if request.app[RELAY].draining:
        # The next request of this client is to find another relay, and not a connection that is closed under it.
        response.force_close()


@web.middleware
async def _log_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Log method, template of the route, status and milliseconds: no address, no id, no query, no body."""
    begin = time.perf_counter()
    status = 499
    try:
        response = await handler(request)
        status = response.status
        return response
    finally:
        # 499 stays where the client went away before there was an answer.
        resource = request.match_info.route.resource
        facts: dict[str, Any] = {
            # A stranger's own word is neither a log's nor a label's, of which each new one would be kept for good.
            "method": request.method if request.method in hdrs.METH_ALL else "-",
            "route": resource.canonical if resource is not None else "-",
            "status": status,
            "ms": round((time.perf_counter() - begin) * 1000, 1),
        }
        request.app[RELAY].metrics.request(facts["method"], facts["route"], status, time.perf_counter() - begin)
        _log.info("request", extra=facts)


@web.middleware
async def _answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Exception as error:  # noqa: BLE001 - the one place where each failure becomes an answer without request data
        problem = errors.answer(error)
        if not _for_portal(request):
            return problem
        page = request.app[SITE].failure(request, problem.status)
        page.headers.update({name: problem.headers[name] for name in ("Allow",) if name in problem.headers})
        return page


def _for_portal(request: web.Request) -> bool:
    # By the route that was found, so that no spelling of an address gets one side's answer with the other's headers.
    resource = request.match_info.route.resource
    return is_portal(resource.canonical if resource is not None else request.path)
