"""What a row of the route table says, and what its handler is given."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

import msgspec
from aiohttp import web

from zegel_protocol import dsse
from zegel_protocol.dsse import Envelope
from zegel_relay.relay import Relay
from zegel_relay.services.errors import Unauthorised

STALL_SECONDS: Final = 60
"""How long the next bytes of an upload may take before the connection is given up."""
CHUNK_BYTES: Final = 64 * 1024


class Auth(Enum):
    """What shows who asks."""

    NONE = "none"
    """Nothing: what everyone may know."""
    OBJECT = "object"
    """The objects in the body are signed; the request needs nothing more."""
    SIGNATURE = "signature"
    """An HTTP Message Signature of a device or a person (`zegel_keys.http_signature`)."""


@dataclass(frozen=True)
class Asker:
    """Who signed a request: a partner's device, or a person. `party` is the `Party.key`."""

    keyid: str
    party: str
    partner: str | None = None
    device: str | None = None
    person: str | None = None


@dataclass(frozen=True)
class Call:
    """One request, parsed: `path`, `query` and `body` are of the structs that its route names, else None.

    `raw` is the body as it was received, empty for a streamed one; `now` is the relay's time.
    """

    relay: Relay
    request: web.Request
    now: int
    path: Any
    query: Any
    body: Any
    raw: bytes
    signer: Asker | None

    @property
    def asker(self) -> Asker:
        """Who asks. Raises `Unauthorised` on a route that asks for no signature, so that a wrong row fails closed."""
        if self.signer is None:
            raise Unauthorised("http.unsigned", "The request carries no signature.")
        return self.signer

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body of a streamed request. Raises `TimeoutError` when nothing comes for `STALL_SECONDS`."""
        while True:
            async with asyncio.timeout(STALL_SECONDS):
                chunk = await self.request.content.read(CHUNK_BYTES)
            if not chunk:
                return
            yield chunk


Answer = msgspec.Struct | web.StreamResponse | None
"""A struct is sent as JSON; None is 204 without a body."""
Handler = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True, kw_only=True)
class Route:
    """One endpoint.

    `path` has aiohttp's `{name}` parts, described by the struct `parts`; `query` describes the query string. `request`
    and `response` are structs, sent as JSON; `bytes`, streamed as they are; or None, no body. `limit` bounds a JSON
    body in bytes; one that is streamed is bounded by its handler. `optional`: the body may be left out. `sending`:
    needed to send a message, so that it is counted apart from reading (`limits`).
    """

    method: str
    path: str
    summary: str
    auth: Auth
    handler: Handler
    parts: type[msgspec.Struct] | None = None
    query: type[msgspec.Struct] | None = None
    request: type[msgspec.Struct] | type[bytes] | None = None
    response: type[msgspec.Struct] | type[bytes] | type[dict[str, Any]] | None = None
    limit: int = dsse.MAX_ENVELOPE_BYTES
    optional: bool = False
    sending: bool = False

    @property
    def closed_when_restored(self) -> bool:
        """Whether this waits for the steward's epoch on a restored database, where the relay states nothing of anyone.

        Objects are let through to the writer, for the epoch is one; it takes no other.
        """
        return self.auth is Auth.SIGNATURE or (self.auth is Auth.OBJECT and self.request is not Envelope)
