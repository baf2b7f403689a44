"""A relay that lies: a process between the parties and the real relay, which holds that relay's keys and its log.

It forwards everything, hears everything, and answers what a test tells it to: an answer changed on its way, an earlier
one played again, or something that it signed itself. `RelayPen` signs as the relay, `ForkedLog` keeps a second log under
the log's own key.
"""

import re
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import msgspec
import pytest
from aiohttp import web
from msgspec import Raw
from yarl import URL

from e2e.world import CHILD_AND_FAMILY, OCMW, World, open_world
from zegel import Draft, Refused, RelayUnreachable
from zegel_demo.client_agent import ClientAgent
from zegel_demo.huis import Huis, Member
from zegel_demo.relay_process import RelayProcess
from zegel_keys.exhibit import Exhibit, read
from zegel_keys.verification import read_payload
from zegel_protocol import b64, dsse, encoding, merkle, tlog
from zegel_protocol.api import Bundle, Delivery, Held, LogConsistency, Problem, given
from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects import Payload, Receipt, Status
from zegel_protocol.objects.manifest import Seen
from zegel_relay import keys_file
from zegel_relay.keys_file import RelayKeys

T = TypeVar("T")
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
        if answer.status < 400:
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
        """From now on, change answers of this struct to what begins with `path`, when asked by a keyid that has `by`."""
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


def in_receipt(how: Callable[[bytes], bytes]) -> Callable[[Any], Any]:
    """Return a change of the receipt alone, in what was accepted or handed out."""
    return lambda answer: msgspec.structs.replace(answer, receipt=Raw(how(bytes(answer.receipt))))


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


@dataclass(frozen=True)
class RelayPen:
    """Signs as the relay, with its own two keys."""

    keys: RelayKeys
    database: Path

    def sign(self, payload: Payload) -> bytes:
        """Return the envelope of an object that the relay signs."""
        media_type, body = dsse.payload_type(payload.KIND), encoding.encode(payload)
        return dsse.seal_envelope(media_type, body, (self.keys.relay.sign_object(media_type, body),))

    def again(self, envelope: bytes, kind: type[Payload], **changes: object) -> bytes:
        """Return an object of the relay's with some fields changed, signed anew."""
        payload, _ = read_payload(envelope, kind)
        return self.sign(msgspec.structs.replace(payload, nonce=b64.encode(b"again" + bytes(11)), **changes))

    def restated(self, bundle: Bundle, **changes: object) -> Bundle:
        """Return a bundle with all its statuses changed and signed anew."""

        def how(item: Exhibit) -> bytes:
            return self.again(item.envelope, Status, **changes) if item.kind == Status.KIND else item.envelope

        return edited(bundle, how)

    def stated(self, bundle: Bundle, heads: dict[tuple[str, str], tuple[int, str | None]], as_of: int) -> Bundle:
        """Return a bundle in which the chains of these (from, to) end at these heads, by the relay's signed word."""

        def how(item: Exhibit) -> bytes:
            if item.kind != Status.KIND:
                return item.envelope
            status, _ = read_payload(item.envelope, Status)
            key = (status.sender.partner or "", status.to.partner or "")
            if key not in heads:
                return item.envelope
            return self.again(item.envelope, Status, head_seq=heads[key][0], head=heads[key][1], as_of=as_of)

        return edited(bundle, how)

    def leaves(self) -> list[str]:
        """Return the `D` of everything in the real log, in its order."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return [row[0] for row in connection.execute("SELECT d FROM objects ORDER BY log_index")]

    def log_of(self, leaves: Iterable[str], keys: RelayKeys | None = None, origin: str | None = None) -> "ForkedLog":
        """Return a log of these leaves, signed with the relay's log key, or others', as the Huis's log or another."""
        log = ForkedLog(keys or self.keys, origin)
        for d in leaves:
            log.append(d)
        return log

    def receipt(self, d: str, log: "ForkedLog", at: int, **names: tuple[str, ...]) -> bytes:
        """Return a receipt for an object of a log, accepted `at` (seconds); `names` are wraps and notices."""
        proof = log.proof(log.leaves.index(d))
        empty = Receipt(
            v=1, huis=self.keys.huis, nonce=b64.encode(bytes(16)), object=d, wraps=(), accepted_at=at, notices=(), proof=proof
        )  # fmt: skip
        return self.sign(msgspec.structs.replace(empty, **names))

    def moved(self, receipt: bytes, log: "ForkedLog") -> bytes:
        """Return a receipt for the same object in another log."""
        d = read_payload(receipt, Receipt)[0].object
        return self.again(receipt, Receipt, proof=log.proof(log.leaves.index(d)))

    def all_moved(self, bundle: Bundle, log: "ForkedLog", *only: str) -> Bundle:
        """Return a bundle with all its receipts (or those of these objects) for another log."""
        items = []
        for held in bundle.items:
            receipt = given(held.receipt)
            if receipt is not None and (not only or read(bytes(held.object)).d in only):
                held = msgspec.structs.replace(held, receipt=Raw(self.moved(receipt, log)))
            items.append(held)
        return msgspec.structs.replace(bundle, items=tuple(items))


class ForkedLog:
    """Another log under the relay's log key."""

    def __init__(self, keys: RelayKeys, origin: str | None = None) -> None:
        self._keys, self._origin = keys, origin or tlog.log_origin(keys.huis)
        self._frontier = merkle.Frontier()
        self._nodes: dict[merkle.Place, bytes] = {}
        self.leaves: list[str] = []

    @property
    def size(self) -> int:
        """How many leaves it has."""
        return self._frontier.size

    def append(self, d: str) -> int:
        """Log an object; return its index."""
        index = self.size
        self.leaves.append(d)
        for level, position, node in self._frontier.append(merkle.leaf_hash(b64.decode(d, 32))):
            self._nodes[level, position] = node
        return index

    def _node(self, level: int, position: int) -> bytes:
        return self._nodes[level, position]

    def checkpoint(self) -> str:
        """Return its signed head."""
        body = tlog.checkpoint_body(self._origin, self.size, self._frontier.root())
        return tlog.attach_signature(body, self._origin, self._keys.log.public, self._keys.log.sign(body))

    def proof(self, index: int) -> str:
        """Return the proof that an entry is in it, as a receipt carries it."""
        hashes = merkle.inclusion_proof(index, self.size, self._node)
        return tlog.format_proof(index, hashes, self.checkpoint())

    @property
    def state(self) -> Seen:
        """Its size and root, as parties tell each other what they saw."""
        return Seen(size=self.size, root=b64.encode(self._frontier.root()))

    def consistency(self, url: URL) -> LogConsistency:
        """Return the proof that is asked for at an address."""
        old, new = int(url.query["old"]), int(url.query["new"])
        hashes = tuple(map(b64.encode, merkle.consistency_proof(old, new, self._node)))
        return LogConsistency(old=old, new=new, hashes=hashes, checkpoint=self.checkpoint())


@dataclass
class LiedTo(World):
    """A world whose parties reach their relay through a liar."""

    relay: LyingRelay
    pen: RelayPen

    @property
    def at(self) -> int:
        """The time, in seconds."""
        return self.huis.clock()


@dataclass(frozen=True)
class Template:
    """A world that was made once and lies still, to be copied for each test."""

    folder: Path
    world: World


async def make_template(folder: Path) -> Template:
    """Make a world with Elif enrolled, and stop all of it."""
    world = await open_world(folder)
    await world.close()
    return Template(folder, world)


@asynccontextmanager
async def lied_to(template: Template, folder: Path) -> AsyncIterator[LiedTo]:
    """Open a copy of a world, with a liar in front of its relay."""
    shutil.copytree(template.folder, folder, dirs_exist_ok=True)
    old = template.world
    async with LyingRelay().running() as relay:
        process = RelayProcess(folder / "relay", old.huis.id, old.huis.relay.facts)
        relay.target = process.start(public_url=relay.address)
        try:
            members = {name: _moved(member, folder / name) for name, member in old.huis.members.items()}
            huis = replace(old.huis, folder=folder, relay=process, members=members)
            async with (
                await huis.connect(CHILD_AND_FAMILY, relay=relay.address) as nurse,
                await huis.connect(OCMW, relay=relay.address) as ocmw,
                another_phone(huis, old.phone, relay.address) as phone,
            ):
                pen = RelayPen(keys_file.load(folder / "relay" / "keys.json"), folder / "relay" / "relay.sqlite3")
                relay.behave()
                yield LiedTo(huis, nurse, ocmw, phone, old.household, old.elif_id, relay, pen)
        finally:
            process.stop()


def _moved(member: Member, folder: Path) -> Member:
    devices = {worker: folder / worker for worker in member.devices}
    return replace(member, folder=folder, devices=devices, lists=list(member.lists))


def another_phone(huis: Huis, phone: ClientAgent, relay: str) -> ClientAgent:
    """Return the same person's phone as it was just enrolled, which has seen nothing since."""
    held = phone._phone
    return ClientAgent(huis.id, held.household, held.person, relay, held.passkey, held.seed, huis.clock)


async def code_of(doing: Awaitable[object]) -> str:
    """Return the code of the `ProtocolError` that is raised."""
    with pytest.raises(ProtocolError) as caught:
        await doing
    return caught.value.code


async def refusals_of(doing: Awaitable[object]) -> set[str]:
    """Return the codes of the `Refused` that is raised."""
    with pytest.raises(Refused) as caught:
        await doing
    return set(caught.value.codes)


async def opens_nothing(world: LiedTo, manifest: str) -> str | set[str]:
    """Have the OCMW open a message; return the code, or the refusals, with which it does not."""
    before = len(world.relay.heard)
    with pytest.raises((ProtocolError, Refused)) as caught:
        await world.ocmw.open(manifest)
    # A section cannot be opened without its ciphertext, and that was not even asked for.
    assert not any(asked.path.startswith("/v1/blobs/") for asked in world.relay.heard[before:])
    return caught.value.code if isinstance(caught.value, ProtocolError) else set(caught.value.codes)


async def sends_nothing(world: LiedTo, draft: Draft) -> str | set[str]:
    """Have the nurse send a draft; return the code, or the refusals, with which she does not."""
    before = len(world.relay.heard)
    with pytest.raises((ProtocolError, Refused)) as caught:
        await world.nurse.send(draft)
    assert not any(asked.path.startswith(("/v1/messages", "/v1/blobs/")) for asked in world.relay.heard[before:])
    assert world.nurse.unsent() == []
    return caught.value.code if isinstance(caught.value, ProtocolError) else set(caught.value.codes)


async def take_delivery(world: LiedTo, manifest: str) -> Answer:
    """Return the true delivery of a message to the OCMW, which never gets to see it."""
    world.relay.fail("/v1/deliveries/", by=OCMW)
    with pytest.raises(RelayUnreachable):
        await world.ocmw.open(manifest)
    taken = world.relay.last("/v1/deliveries/", by=OCMW)
    world.relay.behave()
    return taken
