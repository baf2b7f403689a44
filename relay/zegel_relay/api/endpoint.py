"""From a row of the route table to a handler of the server: parse, authenticate, call, answer."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from aiohttp import web

from zegel_protocol import encoding
from zegel_protocol.errors import MalformedError
from zegel_relay.api.authentication import authenticate
from zegel_relay.api.route import Asker, Auth, Call, Route
from zegel_relay.relay import Relay
from zegel_relay.storage.log import restored_error

JSON = "application/json"
BYTES = "application/octet-stream"


def endpoint(relay: Relay, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return the server's handler for a route.

    A signature is asked for before a streamed body is read. Raises what `api.errors` answers.
    """

    async def handle(request: web.Request) -> web.StreamResponse:
        now = relay.clock.now()
        if relay.log.restored and route.closed_when_restored:
            await _check_epoch(relay)
        path = _convert(dict(request.match_info), route.parts, "path")
        query = _convert(_single(request), route.query, "query")
        _check_media(request, route)
        raw = await _read(request, route)
        signer: Asker | None = None
        if route.auth is Auth.SIGNATURE:
            # The URL of a streamed body names its digest, so it binds the bytes that are yet to come.
            signer = await authenticate(relay, request, None if route.request is bytes else raw, now)
            # Counted for who signed, and only then: nobody can use up what is another's.
            await relay.limits.take(signer.keyid, "sending" if route.sending else "reading", now)
        call = Call(relay, request, now, path, query, _body(route, raw), raw, signer)
        result = await route.handler(call)
        if isinstance(result, web.StreamResponse):
            return result
        if result is None:
            return web.Response(status=204)
        return web.Response(body=encoding.encode(result), content_type=JSON)

    return handle


async def _check_epoch(relay: Relay) -> None:
    """Raise `Unavailable` (`relay.restored`) unless the epoch came since, by way of whatever process."""
    async with relay.sessions() as session:
        await relay.log.look(session)
    if relay.log.restored:
        raise restored_error()


def _single(request: web.Request) -> dict[str, str]:
    """Return the query; a name that is there twice is refused, because which of them counts would be a guess."""
    query = dict(request.query)
    if len(query) != len(request.query):
        raise MalformedError("request.malformed", "a parameter is there twice", "$.query")
    return query


def _convert(values: Mapping[str, str], kind: type[msgspec.Struct] | None, where: str) -> Any:
    """Return the parts of an address as their struct. Raises `MalformedError` (`request.malformed`)."""
    known = {field.encode_name for field in msgspec.structs.fields(kind)} if kind is not None else set()
    if not values.keys() <= known:
        raise MalformedError("request.malformed", "a parameter that this address does not have", f"$.{where}")
    if kind is None:
        return None
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        detail, path = encoding.unquoted(error)
        raise MalformedError("request.malformed", detail, f"$.{where}{path.removeprefix('$')}") from error


def _check_media(request: web.Request, route: Route) -> None:
    """Raise unless the body is of the route's media type.

    JSON must say so: what a form on another site can send is then never accepted. Compression is refused, for the
    server would undo it, and digests are over the bytes as they were sent.
    """
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise web.HTTPUnsupportedMediaType
    absent = route.optional and not request.body_exists
    if absent or route.request is None:
        return
    if request.content_type != (BYTES if route.request is bytes else JSON):
        raise web.HTTPUnsupportedMediaType


async def _read(request: web.Request, route: Route) -> bytes:
    if route.request is bytes:
        return b""
    limit = route.limit if route.request is not None else 0
    if (request.content_length or 0) > limit:
        raise web.HTTPRequestEntityTooLarge(limit, request.content_length or 0)
    raw = await request.read()
    if len(raw) > limit:
        raise web.HTTPRequestEntityTooLarge(limit, len(raw))
    return raw


def _body(route: Route, raw: bytes) -> Any:
    if route.request is None or route.request is bytes or (route.optional and not raw):
        return None
    return encoding.decode(raw, route.request, route.limit)


def operation_id(route: Route) -> str:
    """Return a name of the route for generated clients: `get_v1_log_checkpoint`."""
    return re.sub(r"[^a-z0-9]+", "_", f"{route.method} {route.path}".lower()).strip("_")
