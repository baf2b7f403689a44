"""What a lying relay, a lying page or a bystander does to somebody in a browser, and what the page then says of it."""

import json
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import msgspec
from aiohttp import web
from playwright.async_api import Page, Request, Route

from e2e.portal.house import House
from e2e.portal.pages import PATIENCE, Visitor
from e2e.portal.test_deciding import ask, tick
from zegel_protocol import b64, dsse
from zegel_protocol.assertion import Assertion, to_signature
from zegel_protocol.texts.catalogue import phrase

TOUCH = """async ([challenge, verification, allow]) => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (data) => btoa(String.fromCharCode(...new Uint8Array(data)))
    .replace(/\\+/g, "-").replace(/\\//g, "_").replace(/=+$/, "");
  const { rawId, response } = await navigator.credentials.get({ publicKey: {
    rpId: "localhost", challenge: bytes(challenge), userVerification: verification, timeout: 20000,
    allowCredentials: allow.map((id) => ({ type: "public-key", id: bytes(id) })),
  } });
  return {
    credential: text(rawId), authenticatorData: text(response.authenticatorData),
    clientDataJSON: text(response.clientDataJSON), signature: text(response.signature),
  };
}"""
"""What a lying page does with a passkey: it has any challenge touched, and asks for as little as it likes."""


async def code_on(visitor: Visitor) -> str:
    """Wait for the page to say that something is wrong; return the code that stands small beneath it."""
    alert = visitor.page.locator("main [role=alert]")
    await alert.first.wait_for(timeout=PATIENCE)
    before, after = phrase(visitor.language, "page.error-code", code="@@").split("@@")
    small = (await alert.first.locator(".small").inner_text()).strip()
    assert small.startswith(before.strip()), small
    return small[len(before) :].removesuffix(after.strip()).strip()


async def touch_for_a_liar(
    page: Page, challenge: str, *, verification: str = "required", credential: str = ""
) -> Assertion:
    """Have a script on a page get an assertion over a challenge that it chose."""
    got = await page.evaluate(TOUCH, [challenge, verification, [credential] if credential else []])
    return msgspec.convert(got | {"is": "passkey", "batch": []}, Assertion)


async def signed_on(visitor: Visitor, doing: Any) -> list[dict[str, Any]]:
    """Return the envelopes that the page gave the relay while something was done."""
    given: list[dict[str, Any]] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/v1/objects"):
            given.append(json.loads(request.post_data or ""))

    visitor.page.on("request", note)
    await doing
    visitor.page.remove_listener("request", note)
    return given


@dataclass
class Forged:
    """A yes that nobody gave: what the person's page signed before, with a nonce of the forger's own."""

    media: str
    payload: bytes

    @classmethod
    async def of(cls, portal: House, visitor: Visitor) -> "Forged":
        """Return the yes to all that a partner asked, made from a question that the person reads and leaves."""
        await ask(portal, visitor)
        await tick(visitor, "0-who", "0-money")
        kept: list[dict[str, Any]] = []

        async def keep(route: Route) -> None:
            kept.append(json.loads(route.request.post_data or ""))
            await route.abort()

        await visitor.page.route("**/v1/objects", keep)
        await visitor.page.locator("#sign").click()
        assert await code_on(visitor) == "offline"
        await visitor.page.unroute("**/v1/objects")
        media, payload, _ = dsse.open_envelope(json.dumps(kept[0], separators=(",", ":")).encode())
        changed = json.loads(payload) | {"nonce": b64.encode(bytes(range(16)))}
        return cls(media, json.dumps(changed, separators=(",", ":"), ensure_ascii=False).encode())

    @property
    def d(self) -> str:
        """Its identity: what its passkey would have to sign."""
        return dsse.digest(self.media, self.payload)

    def signed(self, assertion: Assertion) -> bytes:
        """Return its envelope with an assertion that was got somehow."""
        return dsse.seal_envelope(self.media, self.payload, (to_signature(assertion),))


@dataclass
class Elsewhere:
    """Another address with the same relay behind it: whoever holds it passes on what it likes.

    Its `/frame` is a page that has an address of the true one in a frame: what `of` says.
    """

    target: str
    address: str = ""
    asked: list[str] = field(default_factory=list)
    _runner: web.ServerRunner | None = None

    async def __aenter__(self) -> "Elsewhere":
        self._runner = web.ServerRunner(web.Server(self._answer))
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.address = f"http://localhost:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        self.asked.append(f"{request.method} {request.path}")
        if request.path == "/frame":
            inside = f"{self.target}{request.query['of']}"
            body = f'<!doctype html><iframe src="{inside}" allow="publickey-credentials-get *"></iframe>'
            return web.Response(text=body, content_type="text/html")
        headers = {name: text for name, text in request.headers.items() if name.lower() not in {"host", "origin"}}
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.request(
                request.method, self.target + request.raw_path, headers=headers, data=await request.read() or None
            ) as found,
        ):
            passed = {
                name: text for name, text in found.headers.items()
                if name.lower() not in {"transfer-encoding", "content-length", "connection"}
            }  # fmt: skip
            return web.Response(status=found.status, body=await found.read(), headers=passed)
