"""Attack 26 tried on somebody at the page: an organisation that comes in, in their place, on a phone of its own."""

import asyncio
import os
import shutil

import msgspec
import pytest
import pytest_asyncio

from e2e.portal.house import House
from e2e.portal.lies import code_on
from e2e.portal.pages import PATIENCE, Visitor, come_in_first
from e2e.world import publish_three
from zegel import RelayProblem
from zegel_demo.huis import Huis
from zegel_demo.ports import free_port
from zegel_demo.turned_clock import TurnedClock
from zegel_protocol.texts.dates import day_in_words

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def clock(tmp_path_factory):
    return TurnedClock(tmp_path_factory.mktemp("time") / "clock")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def turned(tmp_path_factory, browser, page_shell, clock):
    """A Huis by a clock that is turned."""
    folder = tmp_path_factory.mktemp("portal")
    shutil.copytree(page_shell, folder / "shell")
    settings = {"ZEGEL_SHELL_FOLDER": os.fspath(folder / "shell")}
    huis = await Huis.open(folder / "huis", "Huis van het Kind", settings=settings, portal_port=free_port())
    clock.wind(huis.relay)
    huis.clock = clock
    await publish_three(huis)
    opened = await House.at(huis, browser)
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="module")
async def elif_(turned, clock):
    household, person = await turned.adult()
    visitor = Visitor(await turned.device(), household, person)
    await visitor.page.clock.install(time=clock())
    await come_in_first(turned, visitor)
    return visitor


@pytest_asyncio.fixture(loop_scope="module")
async def theirs(turned, elif_):
    """The phone of whoever wants to be her."""
    async with turned.huis.phone(elif_.household, elif_.person) as phone:
        yield phone


async def test_attack_26_the_holder_of_the_keys_sees_it_and_stops_it_by_one_press(turned, clock, elif_, theirs):
    record = await turned.huis.enrol(turned.school, theirs, replaces=True)
    await elif_.go("me")
    await elif_.heading("me")
    note = elif_.page.locator("main [role=alert]")
    from_day = day_in_words("nl", await counts_from(turned, elif_))
    assert " ".join(elif_.say("keys-wait", day=from_day).split()) in " ".join((await note.inner_text()).split())
    await elif_.press("keys-keep")
    await note.wait_for(state="detached", timeout=PATIENCE)
    # It is over for good, whoever else vouches.
    with pytest.raises(RelayProblem) as late:
        await turned.ocmw.families.vouch(record, "known")
    assert late.value.code.startswith("vouch.")
    with pytest.raises(RelayProblem) as foreign:
        await theirs.requests()
    assert foreign.value.code == "http.signature"
    await elif_.log_in()


async def test_attack_26_two_who_work_together_and_a_relay_that_helps_show_the_old_key_nothing(
    turned, clock, elif_, theirs
):
    record = await turned.huis.enrol(turned.school, theirs, replaces=True)
    await turned.ocmw.families.vouch(record, "known")
    clock.turn(await counts_from(turned, elif_) - clock() + 1)
    await turned.huis.publish()
    await asyncio.gather(*(party.refresh() for party in (turned.nurse, turned.ocmw, turned.school)))
    await elif_.page.clock.set_system_time(clock())
    # The honest relay does not answer the old key any more.
    await elif_.go("me")
    assert await code_on(elif_) == "http.signature"
    # A relay that gives the old phone the answers of the new one is caught by the key that stands in them.
    answer = msgspec.json.encode(await theirs._phone.relay.requests())
    await elif_.page.route("**/v1/requests", lambda route: route.fulfill(body=answer, content_type="application/json"))
    for place in ("yes", "write"):
        await elif_.go(place)
        assert await code_on(elif_) == "client-key.foreign"
        assert await elif_.page.locator("[data-device], [data-consent], form").count() == 0
    await elif_.page.unroute("**/v1/requests")


async def counts_from(turned, visitor):
    """Return from when the keys that wait would count."""
    own = turned.nurse.families._own()
    client = (await turned.nurse.families.look_up([visitor.person], own, own)).clients[visitor.person]
    found = client.keys[-1].payload.effective_at
    assert found is not None
    return found
