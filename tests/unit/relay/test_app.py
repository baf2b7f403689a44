"""The server as a client meets it: answers, problems, who may ask, and what the log of requests says."""

import asyncio
import json
import logging

import aiohttp
import msgspec
import pytest
from aiohttp.test_utils import TestServer

from zegel_keys import signing
from zegel_keys.http_signature import sign_request
from zegel_protocol import b64, merkle, tlog
from zegel_protocol.api import Problem
from zegel_protocol.errors import ChainError, LogError, MalformedError, SignatureError
from zegel_protocol.refusal import Code, Step, refuse
from zegel_relay.api import app as app_module
from zegel_relay.api.app import create_app
from zegel_relay.api.route import Auth, Route
from zegel_relay.api.routes import ROUTES
from zegel_relay.logs import FIELDS, JsonLines
from zegel_relay.services.errors import Conflict, NotFound, Refused, Unauthorised
from zegel_relay.storage.errors import Unavailable
from zegel_relay.storage.operation import SUBMITTER, Outcome, ReceiptPlan

CANARY = "canary-7f3a"
PUBLIC = "https://relay.example"


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A body of a test's route."""

    text: str


class Append:
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()

    def __init__(self, number):
        self.d = b64.encode(bytes([number]) * 32)

    async def apply(self, tx):
        return Outcome(self.d, (), (ReceiptPlan(SUBMITTER),))


async def echo(call):
    return Note(call.asker.party if call.signer else call.body.text)


async def echo_asker(call):
    return Note(call.asker.party)


def fails_with(error):
    async def handler(_call):
        raise error

    return handler


FAILURES = {
    "protocol": (MalformedError("object.malformed", "no", "$.x"), 400),
    "signature": (SignatureError("signature.invalid"), 403),
    "chain": (ChainError("chain.gap"), 409),
    "log": (LogError("log.consistency"), 400),
    "large": (MalformedError("object.too-large"), 413),
    "conflict": (Conflict("test.conflict", "no"), 409),
    "missing": (NotFound("test.missing", "no"), 404),
    "unauthorised": (Unauthorised("http.unsigned", "no"), 401),
    "unavailable": (Unavailable("relay.not-stored", "no"), 503),
    "timeout": (TimeoutError(), 408),
    "unforeseen": (ValueError(CANARY), 500),
    "refused": (Refused((refuse(Code.PURPOSE_UNKNOWN, "$.purpose", Step.OTHER_PURPOSE, purpose="x"),) * 2), 422),
}
EXTRA = (
    Route(method="POST", path="/v1/echo", summary="-", auth=Auth.OBJECT, handler=echo, request=Note, response=Note),
    Route(method="POST", path="/v1/asks", summary="-", auth=Auth.SIGNATURE, handler=echo, request=Note, response=Note),
    Route(method="GET", path="/v1/asks", summary="-", auth=Auth.SIGNATURE, handler=echo, response=Note),
    Route(method="GET", path="/v1/wrong", summary="-", auth=Auth.NONE, handler=echo_asker),
    *(
        Route(method="GET", path=f"/v1/fail/{name}", summary="-", auth=Auth.NONE, handler=fails_with(error))
        for name, (error, _) in FAILURES.items()
    ),
)


@pytest.fixture
async def server(relay):
    server = TestServer(create_app(relay, (*ROUTES, *EXTRA)))
    await server.start_server(access_log=None)
    yield server
    await server.close()


@pytest.fixture
async def http(server):
    async with aiohttp.ClientSession(base_url=server.make_url("/"), auto_decompress=False) as session:
        yield session


@pytest.fixture
def keyid(signers):
    return next(iter(signers))


async def problem(response):
    assert response.content_type == "application/problem+json"
    found = msgspec.json.decode(await response.read(), type=Problem)
    assert found.status == response.status
    assert found.type.endswith(f"/{found.code}")
    assert found.detail
    return found


async def test_health_says_which_huis_and_when(http, relay, clock):
    async with http.get("/v1/health") as response:
        assert response.status == 200
        assert await response.json() == {"huis": relay.keys.huis, "now": clock.at}
    relay.writer.stop()
    await asyncio.wait({relay._writing})
    async with http.get("/v1/health") as response:
        assert (response.status, (await problem(response)).code) == (503, "relay.stopping")
        assert response.headers["Retry-After"]


async def test_the_document_is_served(http):
    async with http.get("/v1/openapi.json") as response:
        document = await response.json()
    assert {"/v1/health", "/v1/openapi.json", "/v1/log/checkpoint", "/v1/blobs/{ct}"} <= set(document["paths"])
    assert document["servers"] == [{"url": PUBLIC}]


async def test_the_log_proves_that_it_only_grew(http, relay, clock):
    checkpoints = {}
    for number in range(6):
        await relay.writer.submit(Append(number))
        async with http.get("/v1/log/checkpoint") as response:
            state = await response.json()
        checked = tlog.verify_checkpoint(state["checkpoint"], relay.log.origin, relay.log.public, signing.check)
        assert (checked.size, state["now"]) == (number + 1, clock.at)
        checkpoints[checked.size] = checked
    for old, new in [(1, 6), (3, 5), (6, 6), (0, 4)]:
        async with http.get(f"/v1/log/consistency?old={old}&new={new}") as response:
            body = await response.json()
        proof = [b64.decode(value) for value in body["hashes"]]
        root = checkpoints[old].root if old else merkle.EMPTY_ROOT
        merkle.verify_consistency(old, root, new, checkpoints[new].root, proof)
        assert (body["old"], body["new"], tlog.parse_checkpoint(body["checkpoint"]).size) == (old, new, 6)
    for query in ("old=4&new=3", "old=1&new=7"):
        async with http.get(f"/v1/log/consistency?{query}") as response:
            assert (response.status, (await problem(response)).code) == (400, "log.consistency")


@pytest.mark.parametrize(
    "query",
    ["", "old=1", "old=a&new=2", "old=-1&new=2", "old=1&new=2&new=3", "old=1&new=2&x=1", "old=1&new=99999999999999999"],
)
async def test_a_query_that_is_not_the_routes_is_refused(http, query):
    async with http.get(f"/v1/log/consistency?{query}") as response:
        assert (response.status, (await problem(response)).code) == (400, "request.malformed")


async def test_a_route_without_a_query_takes_none(http):
    async with http.get("/v1/health?x=1") as response:
        assert (await problem(response)).code == "request.malformed"


@pytest.mark.parametrize("name", FAILURES)
async def test_every_failure_is_a_problem_with_its_status(http, name):
    error, status = FAILURES[name]
    async with http.get(f"/v1/fail/{name}", headers={"Accept": "text/html"}) as response:
        found = await problem(response)
        text = await response.text()
    assert found.status == status
    if hasattr(error, "code"):
        assert found.code == error.code
    assert len(found.refusals) == (2 if name == "refused" else 0)
    assert CANARY not in text
    assert ("WWW-Authenticate" in response.headers) == (status == 401)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1", 404, "http.not-found"),
        ("GET", f"/v1/{CANARY}", 404, "http.not-found"),
        ("DELETE", "/v1/health", 405, "http.method"),
        ("HEAD", "/v1/health", 405, None),
    ],
)
async def test_the_servers_own_noes_are_problems_too(http, method, path, status, code):
    async with http.request(method, path, headers={"Accept": "text/html"}) as response:
        assert response.status == status
        assert ("Allow" in response.headers) == (status == 405)
        if code:
            assert (await problem(response)).code == code
            assert CANARY not in await response.text()


async def test_every_answer_tells_browsers_to_run_and_keep_nothing(http):
    for path in ("/v1/health", "/v1/nothing", "/v1/fail/unforeseen"):
        async with http.get(path) as response:
            assert {name: response.headers[name] for name in app_module.HEADERS} == app_module.HEADERS


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b'{"text":"x"}', {"Content-Type": "application/json"}, 200, None),
        (b'{"text":"x"}', {"Content-Type": "text/plain"}, 415, "http.media-type"),
        (b'{"text":"x"}', {}, 415, "http.media-type"),
        (b'{"text":"x"}', {"Content-Type": "application/json", "Content-Encoding": "gzip"}, 415, "http.media-type"),
        (b'{"text": "x"}', {"Content-Type": "application/json"}, 400, "object.not-canonical"),
        (b'{"text":"x","text":"y"}', {"Content-Type": "application/json"}, 400, "object.not-canonical"),
        (b"{", {"Content-Type": "application/json"}, 400, "object.malformed"),
        (b"", {"Content-Type": "application/json"}, 400, "object.malformed"),
        (b"\xff", {"Content-Type": "application/json"}, 400, "object.malformed"),
        (b'"' + b"x" * 800_000 + b'"', {"Content-Type": "application/json"}, 413, "http.too-large"),
    ],
)
async def test_a_body_is_the_routes_struct_or_refused(http, body, headers, status, code):
    async with http.post("/v1/echo", data=body, headers=headers, skip_auto_headers=["Content-Type"]) as response:
        assert response.status == status
        if code:
            assert (await problem(response)).code == code
        else:
            assert await response.json() == {"text": "x"}


async def test_a_streamed_body_is_bounded_as_it_comes(http):
    async def chunks():
        for _ in range(20):
            yield b"x" * 60_000

    async with http.post("/v1/echo", data=chunks(), headers={"Content-Type": "application/json"}) as response:
        assert (response.status, (await problem(response)).code) == (413, "http.too-large")


async def test_a_route_without_a_body_takes_none(http):
    async with http.request("GET", "/v1/health", data=b"x") as response:
        assert response.status == 413


async def test_a_signed_request_is_answered(http, signers, keyid, clock):
    headers = sign_request("GET", f"{PUBLIC}/v1/asks", signers[keyid], keyid, clock.at)
    async with http.get("/v1/asks", headers=headers) as response:
        assert await response.json() == {"text": "partner:ocmw"}


async def test_a_signed_body_is_answered_and_another_is_not(http, signers, keyid, clock):
    body = b'{"text":"x"}'
    headers = sign_request("POST", f"{PUBLIC}/v1/asks", signers[keyid], keyid, clock.at, body)
    headers["Content-Type"] = "application/json"
    async with http.post("/v1/asks", data=body, headers=headers) as response:
        assert response.status == 200
    async with http.post("/v1/asks", data=b'{"text":"y"}', headers=headers) as response:
        assert (response.status, (await problem(response)).code) == (401, "http.digest")


@pytest.mark.parametrize(
    ("url", "after", "code"),
    [
        (None, 0, "http.unsigned"),
        (f"{PUBLIC}/v1/health", 0, "http.signature"),
        ("http://127.0.0.1/v1/asks", 0, "http.signature"),
        (f"{PUBLIC}/v1/asks", 301, "http.time"),
    ],
)
async def test_a_request_that_was_not_signed_so_is_unauthorised(http, signers, keyid, clock, url, after, code):
    headers = sign_request("GET", url, signers[keyid], keyid, clock.at) if url else {}
    clock.at += after
    async with http.get("/v1/asks", headers=headers) as response:
        assert (response.status, (await problem(response)).code) == (401, code)


async def test_a_key_that_counts_no_longer_is_unauthorised(http, signers, keyid, clock):
    headers = sign_request("GET", f"{PUBLIC}/v1/asks", signers.pop(keyid), keyid, clock.at)
    async with http.get("/v1/asks", headers=headers) as response:
        assert (response.status, (await problem(response)).code) == (401, "http.key")


async def test_a_relay_without_public_address_lets_nobody_in(http, relay, signers, keyid, clock):
    relay.public_url = ""
    headers = sign_request("GET", f"{PUBLIC}/v1/asks", signers[keyid], keyid, clock.at)
    async with http.get("/v1/asks", headers=headers) as response:
        assert response.status == 401


async def test_a_handler_that_wants_an_asker_on_an_open_route_fails_closed(http):
    async with http.get("/v1/wrong") as response:
        assert response.status == 401


async def test_an_absolute_target_does_not_choose_its_own_origin(server, signers, keyid, clock):
    url = "https://other.example/v1/asks"
    headers = sign_request("GET", url, signers[keyid], keyid, clock.at) | {
        "Host": "relay.example",
        "Connection": "close",
    }
    lines = [f"GET {url} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write("\r\n".join([*lines, "", ""]).encode())
    status = await reader.readline()
    writer.close()
    await writer.wait_closed()
    assert status.split()[1] in {b"401", b"404"}


async def test_one_line_a_request_with_the_template_and_nothing_of_the_client(http, caplog):
    caplog.set_level(logging.DEBUG)
    ct = b64.encode(b"x" * 32)
    for path in (f"/v1/blobs/{ct}", f"/v1/{CANARY}?{CANARY}", "/v1/fail/unforeseen"):
        async with http.get(path, headers={"User-Agent": CANARY}):
            pass
    async with http.request("SUBSCRIBE", f"/v1/{CANARY}"):
        pass
    formatter = JsonLines()
    lines = [formatter.format(record) for record in caplog.records]
    assert not [line for line in lines if CANARY in line or ct in line or "127.0.0.1" in line]
    facts = [json.loads(line) for line in lines if '"event": "request"' in line]
    assert [(line["method"], line["route"], line["status"]) for line in facts] == [
        ("GET", "/v1/blobs/{ct}", 401),
        ("GET", "-", 404),
        ("GET", "/v1/fail/unforeseen", 500),
        ("-", "-", 404),
    ]
    assert {name for line in facts for name in line} <= {"at", "level", "from", "event", *FIELDS}
    failed = next(json.loads(line) for line in lines if '"event": "request failed"' in line)
    assert failed["error"] == "ValueError"
    assert any("handler" in place for place in failed["where"])


async def test_the_relay_begins_and_ends_with_its_server(relay):
    assert not relay.accepting
    async with TestServer(create_app(relay)):
        assert relay.accepting
    assert not relay.accepting
    assert relay.wakeups.closed
