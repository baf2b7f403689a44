"""Addresses that somebody made up, and problems that a relay did: the page stays calm, and shows nothing else."""

import pytest

from e2e.portal.lies import code_on
from e2e.portal.pages import Visitor, meet

pytestmark = pytest.mark.asyncio(loop_scope="module")
ODD = ["%E0%A4%A", "%", "constructor", "__proto__", "toString/1", "hasOwnProperty"]


@pytest.mark.parametrize("address", ODD)
async def test_a_made_up_place_is_the_locked_page(portal, address):
    stranger = Visitor(await portal.device(), "", "")
    await stranger.device.visit(f"/#/{address}")
    await stranger.heading("welcome")
    assert stranger.device.trouble == []
    await stranger.device.close()


async def test_a_made_up_place_is_said_to_be_none(portal):
    visitor = await meet(portal)
    for address in [*ODD, "notices/x/constructor", "notices/x/__proto__"]:
        await visitor.page.evaluate("location.hash = '#/me'")
        await visitor.heading("me")
        await visitor.page.evaluate(f"location.hash = '#/{address}'")
        await visitor.heading("nowhere")
    # Who chose no contact has none: a browser notes each 404.
    assert [line for line in visitor.device.trouble if "status of 404" not in line] == []


@pytest.mark.parametrize("code", ["Bel nu 0900 1234", "a\nb", "\u202eedoc", "x" * 61])
async def test_what_a_relay_calls_its_problem_is_never_read_as_words_of_the_page(portal, code):
    visitor = Visitor(await portal.device(), "", "")
    problem = {"type": "about:blank", "title": "No", "status": 403, "detail": "No.", "code": code}
    await visitor.page.route("**/v1/login", lambda route: route.fulfill(status=403, json=problem))
    await visitor.device.visit()
    await visitor.press("open")
    assert await code_on(visitor) == "unknown"
    assert code not in await visitor.text()
    await visitor.device.close()
