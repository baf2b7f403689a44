"""Uploads and downloads in parts, against relays that answer in every way: gone on with, or given up clearly."""

import asyncio
import hashlib

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from zegel import transfer
from zegel.errors import RelayProblem, RelayUnreachable
from zegel.relay_client import RelayClient
from zegel_keys.signing import SigningKey
from zegel_protocol import b64, encoding
from zegel_protocol.api import PROBLEM_BASE, Problem, UploadState

BODY = bytes(range(256)) * 12_000
CT = b64.encode(hashlib.sha256(BODY).digest())
KEYID = f"device:ocmw/{'1' * 32}"


class Relay:
    """A relay that does as it is told; `cuts` says after how many bytes it cuts which request."""

    def __init__(self):
        self.body, self.cuts, self.asked, self.problem = b"", [], [], None
        self.ranges, self.whole, self.gives = True, BODY, None

    def app(self):
        app = web.Application(client_max_size=2**30)
        app.router.add_post("/v1/uploads/{ct}", self.begin)
        app.router.add_put("/v1/uploads/{ct}", self.append)
        app.router.add_get("/v1/blobs/{ct}", self.give)
        return app

    def state(self):
        return UploadState(size=len(BODY), received=len(self.body), complete=self.body == BODY)

    async def begin(self, request):
        self.asked.append(("begin", int(request.query["size"])))
        return web.Response(body=encoding.encode(self.state()), content_type="application/json")

    async def append(self, request):
        self.asked.append(("append", int(request.query["from"])))
        assert request.content_length == len(BODY) - len(self.body)
        if self.problem is not None:
            problem, self.problem = self.problem, None
            await request.read()
            made = Problem(type=PROBLEM_BASE + problem[1], title="", status=problem[0], detail="No.", code=problem[1])
            return web.Response(body=encoding.encode(made), status=problem[0], content_type="application/problem+json")
        left = self.cuts.pop(0) if self.cuts else None
        while chunk := await request.content.read(65_536):
            self.body += chunk if left is None else chunk[:left]
            left = None if left is None else left - len(chunk)
            if left is not None and left <= 0:
                request.transport.abort()
                return web.Response()
        return await self.begin_answer()

    async def begin_answer(self):
        return web.Response(body=encoding.encode(self.state()), content_type="application/json")

    async def give(self, request):
        start = int(request.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        self.asked.append(("give", start))
        ranged = self.ranges and start
        content = self.whole[start:] if ranged else self.whole
        response = web.StreamResponse(status=206 if ranged else 200)
        response.content_length = len(content)
        await response.prepare(request)
        left = self.cuts.pop(0) if self.cuts else len(content)
        await response.write(content[:left])
        if left < len(content):
            request.transport.close()
        return response


@pytest.fixture
def relay(monkeypatch):
    monkeypatch.setattr(transfer, "PAUSE", 0)
    monkeypatch.setattr(transfer, "PIECE", 65_536)
    return Relay()


@pytest.fixture
async def client(relay):
    server = TestServer(relay.app())
    async with server, RelayClient(str(server.make_url("")), KEYID, SigningKey.generate()) as client:
        yield client


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "source"
    path.write_bytes(BODY)
    return path


async def test_an_upload_goes_in_one_part_if_the_line_holds(relay, client, source):
    heard: list[int] = []
    await client.upload(CT, source, heard.append)
    assert relay.body == BODY
    assert relay.asked == [("begin", len(BODY)), ("append", 0)]
    assert (heard[0], heard[-1]) == (0, len(BODY))
    assert heard == sorted(heard)


async def test_an_upload_that_is_cut_goes_on_where_the_relay_has_it(relay, client, source):
    relay.cuts = [1_000_000, 500_000]
    await client.upload(CT, source)
    assert relay.body == BODY
    starts = [at for what, at in relay.asked if what == "append"]
    assert starts[0] == 0
    assert len(starts) == 3
    assert starts == sorted(starts)


async def test_an_upload_that_is_there_is_not_sent(relay, client, source):
    relay.body = BODY
    await client.upload(CT, source)
    assert relay.asked == [("begin", len(BODY))]


async def test_an_upload_that_never_gets_further_is_given_up(relay, client, source):
    relay.cuts = [0] * 50
    with pytest.raises(RelayUnreachable):
        await client.upload(CT, source)
    assert len([what for what, _ in relay.asked if what == "append"]) == 2


async def test_somebody_else_went_on_with_it(relay, client, source):
    relay.problem = (409, "upload.offset")
    await client.upload(CT, source)
    assert relay.body == BODY


@pytest.mark.parametrize("code", ["blob.digest", "blob.bound", "upload.size"])
async def test_a_no_is_a_no(relay, client, source, code):
    relay.problem = (409, code)
    with pytest.raises(RelayProblem) as no:
        await client.upload(CT, source)
    assert no.value.code == code
    assert len(relay.asked) == 2


@pytest.mark.parametrize("ranges", [True, False], ids=["in parts", "always whole"])
async def test_a_download_goes_on_after_a_cut(relay, client, tmp_path, ranges):
    relay.ranges, relay.cuts = ranges, [1_000_000]
    with (tmp_path / "target").open("w+b") as file:
        await client.download_to(CT, file, len(BODY))
        file.seek(0)
        assert file.read() == BODY
    assert [what for what, _ in relay.asked] == ["give", "give"]
    assert 0 < relay.asked[1][1] <= 1_000_000


async def test_a_download_goes_on_after_what_is_in_the_file(relay, client, tmp_path):
    heard: list[int] = []
    with (tmp_path / "target").open("w+b") as file:
        file.write(BODY[:7])
        await client.download_to(CT, file, len(BODY), heard.append)
        file.seek(0)
        assert file.read() == BODY
    assert relay.asked == [("give", 7)]
    assert heard[0] == 7


async def test_a_file_that_is_too_long_is_begun_anew(relay, client, tmp_path):
    with (tmp_path / "target").open("w+b") as file:
        file.write(bytes(len(BODY) + 1))
        await client.download_to(CT, file, len(BODY))
        file.seek(0)
        assert file.read() == BODY


@pytest.mark.parametrize("whole", [BODY + b"x", BODY[:-1], b""], ids=["more", "less", "nothing"])
async def test_another_number_of_bytes_is_refused(relay, client, tmp_path, whole):
    relay.whole = whole
    with (tmp_path / "target").open("w+b") as file, pytest.raises(RelayUnreachable):
        await client.download_to(CT, file, len(BODY))


async def test_a_relay_that_takes_nothing_in_is_given_up(relay, source, monkeypatch):
    monkeypatch.setattr(transfer, "STALL", 0.3)
    monkeypatch.setattr(transfer, "SLOWEST_DISK", len(BODY) * 10)
    ended = asyncio.Event()

    async def deaf(_request):
        relay.asked.append(("append", 0))
        await ended.wait()
        return web.Response()

    relay.append = deaf
    server = TestServer(relay.app())
    async with server, RelayClient(str(server.make_url("")), KEYID, SigningKey.generate()) as client:
        with pytest.raises(RelayUnreachable):
            await client.upload(CT, source)
        ended.set()
    assert relay.asked.count(("append", 0)) == 2
