"""What a relay answers that is no result, as the SDK raises it: what is a no, and what goes on waiting."""

from typing import Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from zegel import Refused, RelayProblem, RelayUnreachable
from zegel.relay_client import RelayClient
from zegel_keys.signing import SigningKey
from zegel_protocol.api import Submission
from zegel_protocol.refusal import Code, Step, refuse

NOW = 1_790_000_000
PROBLEM = "application/problem+json"


@pytest.fixture
async def answering():
    """A client of a server that gives every request one answer, and the requests that came."""
    answer, asked = dict[str, Any](), list[str]()

    async def handle(request):
        asked.append(request.path)
        return web.Response(**answer)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    async with TestServer(app) as server:
        client = RelayClient(str(server.make_url("/")), "device:ocmw/" + "1" * 32, SigningKey.generate(), lambda: NOW)
        async with client:
            yield client, answer, asked


def problem(status, code, **more):
    body = {"type": "about:blank", "title": "", "status": status, "code": code, "detail": "Later.", **more}
    return {"status": status, "body": msgspec.json.encode(body), "content_type": PROBLEM}


async def every_way(client):
    """Ask and give, signed and unsigned."""
    message = Submission(manifest=msgspec.Raw(b"{}"), entries=(), wraps=(), sections=())
    for request in (
        lambda: client.inbox(0),
        lambda: client.setting(),
        lambda: client.submit_object(b"{}"),
        lambda: client.submit_message(message),
    ):
        yield request


@pytest.mark.parametrize(
    ("status", "code"),
    [(429, "relay.too-many"), (500, "relay.internal"), (503, "relay.busy"), (503, "relay.full")],
)
async def test_what_the_relay_cannot_do_now_is_no_refusal(answering, status, code):
    client, answer, asked = answering
    answer |= problem(status, code)
    async for request in every_way(client):
        with pytest.raises(RelayUnreachable) as caught:
            await request()
        assert code in str(caught.value)
    # Each was asked once: who asks too much is not helped by more of it.
    assert len(asked) == 4


@pytest.mark.parametrize(("status", "code"), [(404, "message.unknown"), (409, "message.id"), (413, "blob.too-large")])
async def test_what_the_relay_will_not_do_is_a_problem_with_its_code(answering, status, code):
    client, answer, _ = answering
    answer |= problem(status, code)
    async for request in every_way(client):
        with pytest.raises(RelayProblem) as caught:
            await request()
        assert (caught.value.status, caught.value.code) == (status, code)


async def test_reasons_of_a_decision_are_a_refusal(answering):
    client, answer, _ = answering
    answer |= problem(403, "message.refused", refusals=[refuse(Code.CONSENT_MISSING, "$.basis", Step.ASK_CONSENT)])
    with pytest.raises(Refused) as caught:
        await client.setting()
    assert caught.value.codes == ("consent.missing",)


@pytest.mark.parametrize("status", [429, 403, 502])
async def test_a_page_of_something_in_between_is_no_answer(answering, status):
    client, answer, _ = answering
    answer |= {"status": status, "text": "<html>Log in to the network</html>", "content_type": "text/html"}
    async for request in every_way(client):
        with pytest.raises(RelayUnreachable):
            await request()
