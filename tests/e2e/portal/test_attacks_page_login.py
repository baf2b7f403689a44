"""Attacks 1 and 30 tried on somebody at the page: a touch that is to sign something else, or comes from elsewhere."""

import json

import msgspec
import pytest
import pytest_asyncio

from e2e.portal.lies import Elsewhere, Forged, code_on, touch_for_a_liar
from e2e.portal.pages import PATIENCE, meet
from e2e.portal.test_deciding import ask
from zegel import RelayProblem
from zegel_demo import ways_in
from zegel_protocol import b64
from zegel_protocol.api import Login
from zegel_protocol.assertion import Assertion, batch_challenge, login_challenge

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def elif_(portal):
    """A mother who came in on her phone."""
    visitor = await meet(portal)
    yield visitor
    await visitor.device.close()


async def refused(portal, envelope: bytes) -> str:
    """Have anyone give the relay an object; return why it is not accepted."""
    with pytest.raises(RelayProblem) as no:
        await portal.nurse._client.submit_object(envelope)
    return no.value.code


async def credential_of(visitor) -> str:
    (held,) = await visitor.device.passkeys()
    return b64.encode(b64.decode(held["credentialId"].replace("+", "-").replace("/", "_").rstrip("=")))


async def press_open(visitor, address: str = "/") -> str:
    """Try to come in; return what the page says is wrong."""
    await visitor.device.visit(address)
    await visitor.press("open")
    return await code_on(visitor)


async def test_attack_01_a_page_signs_no_yes_by_a_nonce_that_the_relay_chose(portal, elif_):
    """The relay has a yes ready, and gives as nonce what would sign it, if the page signed what it is given."""
    forged = await Forged.of(portal, elif_)
    for chosen in (forged.d, b64.encode(batch_challenge([forged.d]))):
        caught: list[Assertion] = []

        async def give(route, *, chosen=chosen, caught=caught):
            if route.request.method == "GET":
                await route.fulfill(json={"nonce": chosen})
                return
            caught.append(msgspec.json.decode(route.request.post_data, type=Login).assertion)
            await route.continue_()

        await elif_.page.route("**/v1/login", give)
        assert await press_open(elif_) == "login.nonce"
        await elif_.page.unroute("**/v1/login")
        (assertion,) = caught
        said = json.loads(b64.decode(assertion.client_data_json))
        assert said["challenge"] == b64.encode(login_challenge("localhost", b64.decode(chosen, 32)))
        batched = msgspec.structs.replace(assertion, batch=(forged.d,))
        for one in (assertion, batched):
            assert await refused(portal, forged.signed(one)) == "assertion.challenge"
    await elif_.log_in()
    await elif_.go("yes")
    await elif_.heading("yes")
    assert await elif_.page.locator("[data-consent]").count() == 0


@pytest.mark.parametrize("size", [0, 16, 31, 33, 64])
async def test_attack_01_a_nonce_of_another_length_is_touched_for_nothing(elif_, size):
    before = (await elif_.device.passkeys())[0]["signCount"]
    answered = []

    async def give(route):
        if route.request.method == "POST":
            answered.append(route.request.url)
        await route.fulfill(json={"nonce": b64.encode(bytes(size))})

    await elif_.page.route("**/v1/login", give)
    # What is no nonce is no answer of a relay.
    assert await press_open(elif_) == "offline"
    await elif_.page.unroute("**/v1/login")
    assert answered == []
    assert (await elif_.device.passkeys())[0]["signCount"] == before


async def test_attack_30_a_passkey_that_does_not_check_who_touches_it_is_of_no_use(portal, elif_):
    """A page that lies asks for no check; the passkey then says so, and neither relay nor anyone counts it."""
    forged = await Forged.of(portal, elif_)
    await elif_.device.touches(answers=False)
    assert await press_open(elif_) == "NotAllowedError"
    lazy = {"verification": "discouraged", "credential": await credential_of(elif_)}
    unchecked = await touch_for_a_liar(elif_.page, forged.d, **lazy)
    assert await refused(portal, forged.signed(unchecked)) == "assertion.user-verified"
    async with ways_in.stranger(portal.huis.origin, portal.huis.clock) as relay:
        nonce = (await relay.login_nonce()).nonce
        challenge = b64.encode(login_challenge("localhost", b64.decode(nonce)))
        touched = await touch_for_a_liar(elif_.page, challenge, **lazy)
        with pytest.raises(RelayProblem) as no:
            await relay.log_in(Login(nonce=nonce, assertion=touched))
        assert no.value.code == "login.refused"
    await elif_.device.touches(answers=True)


async def test_attack_30_the_page_refuses_a_touch_that_was_not_checked_before_it_gives_it_away(portal, elif_):
    """A browser that gives an assertion without a check although the page asked for one."""
    await elif_.device.context.add_init_script(
        """const get = navigator.credentials.get.bind(navigator.credentials);
        navigator.credentials.get = (asked) => {
          if (globalThis.lazy) asked.publicKey.userVerification = "discouraged";
          return get(asked);
        };"""
    )
    await elif_.log_in()
    await elif_.device.touches(answers=False)
    await elif_.page.evaluate("globalThis.lazy = true")
    given = []
    elif_.page.on("request", lambda request: given.append(request.url) if "/v1/objects" in request.url else None)
    await ask(portal, elif_)
    await elif_.page.locator("input[name='0-who']").check()
    await elif_.page.locator("#sign").click()
    assert await code_on(elif_) == "assertion.user-verified"
    assert given == []
    await elif_.device.touches(answers=True)


async def test_attack_30_the_page_under_the_address_of_a_number_asks_for_no_touch(elif_):
    address = elif_.device.origin.replace("localhost", "127.0.0.1")
    before = (await elif_.device.passkeys())[0]["signCount"]
    assert await press_open(elif_, address) == "passkey.site"
    assert (await elif_.device.passkeys())[0]["signCount"] == before


async def test_attack_30_the_page_on_a_subdomain_asks_for_no_touch(elif_):
    address = elif_.device.origin.replace("localhost", "of.localhost")
    before = (await elif_.device.passkeys())[0]["signCount"]
    assert await press_open(elif_, address) in {"passkey.site", "SecurityError"}
    assert (await elif_.device.passkeys())[0]["signCount"] == before


async def test_attack_30_a_copy_on_another_port_comes_in_nowhere_and_signs_nothing(portal, elif_):
    """A browser has passkeys for a host, whatever its port: there the origin is what counts."""
    forged = await Forged.of(portal, elif_)
    async with Elsewhere(portal.huis.origin) as copy:
        assert await press_open(elif_, copy.address) == "login.refused"
        touched = await touch_for_a_liar(elif_.page, forged.d, credential=await credential_of(elif_))
        assert await refused(portal, forged.signed(touched)) == "assertion.origin"
        # With the answer of a true login in its hands, the copy still shows nothing.
        kept = []

        async def keep(route):
            answer = await route.fetch()
            if route.request.method == "POST":
                kept.append(await answer.body())
            await route.fulfill(response=answer)

        await elif_.page.route("**/v1/login", keep)
        await elif_.log_in()
        await elif_.page.unroute("**/v1/login")

        async def replay(route):
            if route.request.method == "POST":
                await route.fulfill(body=kept[0], content_type="application/json")
            else:
                await route.continue_()

        await elif_.page.route("**/v1/login", replay)
        assert await press_open(elif_, copy.address) in {"passkey.site", "http.signature"}
        await elif_.page.unroute("**/v1/login")


async def test_attack_30_a_frame_shows_nothing_and_a_touch_inside_one_is_refused(portal, elif_):
    forged = await Forged.of(portal, elif_)
    credential = await credential_of(elif_)
    async with Elsewhere(portal.huis.origin) as other:
        outside = other.address.replace("localhost", "127.0.0.1") + "/frame?of="
        page = elif_.page
        await page.goto(f"{outside}/")
        assert await page.frames[1].locator("#page").count() == 0

        # A relay that lies leaves out what forbids it: the passkey says that it was in a frame.
        async def bare(route):
            await route.fulfill(body="<!doctype html><p id=bare>", content_type="text/html")

        await page.route(f"{portal.huis.origin}/bare", bare)
        await page.goto(f"{outside}/bare")
        await page.frames[1].locator("#bare").wait_for(state="attached", timeout=PATIENCE)
        touched = await touch_for_a_liar(page.frames[1], forged.d, credential=credential)
        assert json.loads(b64.decode(touched.client_data_json))["crossOrigin"] is True
        assert await refused(portal, forged.signed(touched)) == "assertion.cross-origin"
