"""A relay that lies: a process between the parties and the real relay.

It forwards everything, hears everything, and answers what a test tells it to: an answer changed on its way, an earlier
one played again, or one that it made itself. `relay_pen` signs as the relay, for it holds its keys too; `lied_to` has
the parties.
"""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp
import msgspec
from aiohttp import web
from msgspec import Raw
from yarl import URL

from zegel_keys.exhibit import Exhibit, read
from zegel_protocol.api import Bundle, Delivery, Held, Problem, given
from zegel_protocol.objects import Payload

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)
_KEYID = re.compile(r'keyid="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """What was answered: status and body."""

    status: int
    body: bytes

    def read(self, kind: type[T]) -> T:
        """Return the body as a struct of the API."""
        return msgspec.json.decode(self.body, type=kind)


@dataclass(frozen=True)
class Asked:
    """What somebody asked, and what the real relay answered, if it was asked at all. `by` is the keyid that signed."""

    method: str
    path: str
    by: str
    answer: Answer | None


Lie = Callable[[Answer], Answer]


@dataclass
class _Planned:
    path: str
    by: str
    lie: Lie | None = None
    instead: Callable[[URL], Answer] | None = None


@dataclass
class LyingRelay:
    """The proxy at `address`, in front of the relay at `target`. `heard` is all that was asked, in order."""

    address: str = ""
    target: str = ""
    heard: list[Asked] = field(default_factory=list)
    _plans: list[_Planned] = field(default_factory=list)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["LyingRelay"]:
        """Listen on loopback until the body ends."""
        async with aiohttp.ClientSession(auto_decompress=False) as session:

            async def handle(request: web.BaseRequest) -> web.Response:
                return await self._handle(session, request)

            runner = web.ServerRunner(web.Server(handle, access_log=None), handle_signals=False)
            await runner.setup()
            try:
                await web.TCPSite(runner, "127.0.0.1", 0).start()
                self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
                yield self
            finally:
                await runner.cleanup()

    async def _handle(self, session: aiohttp.ClientSession, request: web.BaseRequest) -> web.Response:
        found = _KEYID.search(request.headers.get("Signature-Input", ""))
        by = found.group(1) if found is not None else ""
        plans = [plan for plan in self._plans if request.path.startswith(plan.path) and plan.by in by]
        answer = next((plan.instead(request.url) for plan in plans if plan.instead is not None), None)
        true = None
        if answer is None:
            answer = true = await self._ask(session, request)
        self.heard.append(Asked(request.method, request.path, by, true))
        if answer.status < 400 and answer.body:
            for plan in plans:
                answer = plan.lie(answer) if plan.lie is not None else answer
        return web.Response(status=answer.status, body=answer.body, content_type="application/json")

    async def _ask(self, session: aiohttp.ClientSession, request: web.BaseRequest) -> Answer:
        headers = {name: text for name, text in request.headers.items() if name.lower() not in _HOP}
        url = URL(self.target + request.raw_path, encoded=True)
        body = await request.read()
        async with session.request(request.method, url, headers=headers, data=body or None) as response:
            return Answer(response.status, await response.read())

    def change(self, path: str, kind: type[T], how: Callable[[T], Any], by: str = "") -> None:
        """From now on, change answers (of this struct) to what begins with `path`, asked by a keyid that has `by`."""
        self._plans.append(_Planned(path, by, lambda answer: _encoded(how(answer.read(kind)), answer.status)))

    def play(self, path: str, answer: Answer, by: str = "") -> None:
        """From now on, give this answer; the real relay is not asked."""
        self._plans.append(_Planned(path, by, instead=lambda _: answer))

    def serve(self, path: str, how: Callable[[URL], object], by: str = "") -> None:
        """From now on, answer with what `how` makes of the address; the real relay is not asked."""
        self._plans.append(_Planned(path, by, instead=lambda url: _encoded(how(url))))

    def fail(self, path: str, by: str = "") -> None:
        """From now on, ask the real relay and keep its answer for oneself."""
        self._plans.append(_Planned(path, by, lambda _: _encoded(_BUSY, 503)))

    def behave(self) -> None:
        """Stop lying, and forget what was heard."""
        self._plans.clear()
        self.heard.clear()

    def last(self, path: str, by: str = "") -> Answer:
        """Return the newest true answer to what begins with `path`."""
        found = [asked.answer for asked in self.heard if asked.path.startswith(path) and by in asked.by]
        return next(answer for answer in reversed(found) if answer is not None and answer.status < 400)

    def was_asked(self, path: str, by: str = "") -> bool:
        """Whether anybody asked for something that begins with `path` since `behave`."""
        return any(asked.path.startswith(path) and by in asked.by for asked in self.heard)


_BUSY = Problem(type="about:blank", title="Busy", status=503, detail="Later.", code="relay.busy")
_HOP = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding"})


def _encoded(value: Any, status: int = 200) -> Answer:
    return Answer(status, value if isinstance(value, bytes) else msgspec.json.encode(value))


def answer_of(value: Any) -> Answer:
    """Return a struct of the API as an answer."""
    return _encoded(value)


def in_receipt(how: Callable[[bytes], bytes]) -> Callable[[S], S]:
    """Return a change of the receipt alone, in what was accepted, handed out or shown."""

    def change(answer: S) -> S:
        receipt: Raw = getattr(answer, "receipt")  # noqa: B009 (several structs have one)
        return msgspec.structs.replace(answer, receipt=Raw(how(bytes(receipt))))

    return change


def edited(bundle: Bundle, how: Callable[[Exhibit], bytes | None]) -> Bundle:
    """Return a bundle in which each object is what `how` makes of it: its envelope, another (unreceipted), or None."""
    items = []
    for held in bundle.items:
        envelope = how(read(bytes(held.object), given(held.receipt)))
        if envelope is not None:
            items.append(held if envelope == bytes(held.object) else Held(object=Raw(envelope)))
    return msgspec.structs.replace(bundle, items=tuple(items))


def without(bundle: Bundle, *digests: str) -> Bundle:
    """Return a bundle without these objects."""
    return edited(bundle, lambda item: None if item.d in digests else item.envelope)


def with_more(bundle: Bundle, *envelopes: bytes) -> Bundle:
    """Return a bundle with these objects at its end, without receipts."""
    more = tuple(Held(object=Raw(envelope)) for envelope in envelopes)
    return msgspec.structs.replace(bundle, items=(*bundle.items, *more))


def of_kind(bundle: Bundle, kind: type[Payload]) -> list[Exhibit]:
    """Return the objects of one kind, in their order."""
    shown = (read(bytes(held.object), given(held.receipt)) for held in bundle.items)
    return [item for item in shown if item.kind == kind.KIND]


def in_delivery(how: Callable[[Bundle], Bundle]) -> Callable[[Delivery], Delivery]:
    """Return a change of a delivery's evidence alone."""
    return lambda delivery: msgspec.structs.replace(delivery, evidence=how(delivery.evidence))
