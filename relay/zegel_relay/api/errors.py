"""Every way to fail as `application/problem+json` (RFC 9457): a stable code, and what happened, is safe, is to be done.

Nothing of a request goes into an answer that the relay did not foresee, nor into a log line: the type of the error and
the places in the code are enough to mend it.
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from aiohttp import web

from zegel_protocol import encoding
from zegel_protocol.api import PROBLEM_BASE, Problem
from zegel_protocol.errors import ChainError, ProtocolError, SignatureError
from zegel_relay.services.errors import Conflict, Forbidden, NotFound, Refused, ServiceError, TooMany, Unauthorised
from zegel_relay.storage.database import unavailable
from zegel_relay.storage.errors import StorageError
from zegel_relay.storage.partial_file import disk_error

MEDIA_TYPE: Final = "application/problem+json"
RETRY_SECONDS: Final = 5
CHALLENGE: Final = 'Signature realm="zegel"'

_PROTOCOL: Final[tuple[tuple[type[ProtocolError], int], ...]] = ((SignatureError, 403), (ChainError, 409))
_SERVICE: Final[Mapping[type[ServiceError], int]] = {
    Conflict: 409,
    Forbidden: 403,
    NotFound: 404,
    TooMany: 429,
    Unauthorised: 401,
}
_HTTP: Final[Mapping[int, tuple[str, str]]] = {
    404: ("http.not-found", "There is nothing at this address. See /v1/openapi.json."),
    405: ("http.method", "This address does not take this method. See /v1/openapi.json."),
    408: ("http.timeout", "The rest of the request did not come. Nothing was stored. Send it again."),
    413: ("http.too-large", "The request is too large. Nothing was stored."),
    415: ("http.media-type", "The body must be of the media type that this address takes, and not compressed."),
}

_log = logging.getLogger(__name__)


def answer(error: Exception) -> web.Response:
    """Return the response to a request that failed with `error`; log what nobody foresaw."""
    headers: dict[str, str] = {}
    problem = _problem(error)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = CHALLENGE
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_SECONDS)
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.seconds)
    if isinstance(error, web.HTTPMethodNotAllowed):
        headers["Allow"] = ", ".join(sorted(error.allowed_methods))
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("request failed", exc_info=error, extra={"code": problem.code})
    body = encoding.encode(problem)
    return web.Response(body=body, status=problem.status, content_type=MEDIA_TYPE, headers=headers)


def _problem(error: Exception) -> Problem:
    if isinstance(error, Refused):
        detail = "The rules do not allow this. Nothing was sent. Each refusal says what would make it right."
        return _make(422, "refused", detail, error)
    if isinstance(error, ProtocolError):
        where = f" ({error.path})" if error.path else ""
        detail = f"What was sent is not valid{where}: {(error.detail or error.code).rstrip('.')}. Nothing was stored."
        return _make(_protocol_status(error), error.code, detail)
    if isinstance(error, ServiceError):
        status = next((status for kind, status in _SERVICE.items() if isinstance(error, kind)), 400)
        return _make(status, error.code, error.detail)
    own = error if isinstance(error, StorageError) else unavailable(error)
    if own is not None:
        return _make(503, own.code, own.detail)
    if isinstance(error, TimeoutError):
        return _make(408, *_HTTP[408])
    if isinstance(error, (web.RequestPayloadError, ConnectionError)):
        return _make(400, "http.cut-off", "The request ended in the middle. Nothing was stored. Send it again.")
    if isinstance(error, OSError):
        failing = disk_error()
        return _make(503, failing.code, failing.detail)
    if isinstance(error, web.HTTPException):
        known = _HTTP.get(error.status, ("http.refused", "The request was not understood. Nothing was stored."))
        return _make(error.status, *known)
    detail = "The relay failed in a way that nobody foresaw. Nothing was acknowledged. Send the same bytes again later."
    return _make(500, "relay.failed", detail)


def _protocol_status(error: ProtocolError) -> int:
    if error.code.endswith(".too-large"):
        return 413
    return next((status for kind, status in _PROTOCOL if isinstance(error, kind)), 400)


def _make(status: int, code: str, detail: str, refused: Refused | None = None) -> Problem:
    return Problem(
        type=PROBLEM_BASE + code,
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        refusals=refused.refusals if refused is not None else (),
    )
