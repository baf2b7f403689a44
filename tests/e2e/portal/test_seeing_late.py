"""What a family reads, in a browser, of what comes late: what was promised and not done, and a notice that had to wait.

Articles 5 and 10 of the duties. Relay, workers and browser go by one clock that is turned.
"""

import asyncio
import os
import shutil
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from playwright.async_api import Route

from e2e.portal.seeing import DESK, Reader, come_in_as, same
from e2e.stage import Stage
from e2e.world import CHILD_AND_FAMILY, OCMW
from zegel_demo.huis import DAY, Huis
from zegel_demo.ports import free_port
from zegel_demo.turned_clock import TurnedClock
from zegel_protocol.objects.manifest import Delay

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]
HOUR = 3600


@dataclass
class Turned:
    """A Huis with its page, and its clock."""

    stage: Stage
    clock: TurnedClock
    answers: dict[str, bytes] = field(default_factory=dict)

    async def turn(self, seconds: int, reader: Reader) -> None:
        """Let time pass for everyone; the steward publishes anew. The reader's page locked itself meanwhile."""
        await reader.close()
        self.clock.turn(seconds)
        await self.stage.huis.publish()
        for worker in (self.stage.nurse, self.stage.ocmw):
            await worker.refresh()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def turned(tmp_path_factory, page_shell):
    folder = tmp_path_factory.mktemp("portal")
    shutil.copytree(page_shell, folder / "shell")
    settings, port = {"ZEGEL_SHELL_FOLDER": os.fspath(folder / "shell")}, free_port()
    huis = await Huis.open(folder / "huis", "Huis van het Kind", settings=settings, portal_port=port)
    clock = TurnedClock(folder / "clock")
    clock.wind(huis.relay)
    huis.relay.stop()
    huis.relay.start_at_localhost(port)
    huis.clock = clock
    await huis.admit(CHILD_AND_FAMILY, "Kind en Gezin", "opgroeien", "penal", "nurse")
    await huis.admit(OCMW, "het OCMW", "ocmw", "penal", "social-worker")
    await huis.admit(DESK, "Vertrouwenscentrum", "safetydesk", "penal", "safety-desk")
    await huis.publish()
    stage = Stage(huis, await huis.connect(CHILD_AND_FAMILY), await huis.connect(OCMW))
    async with await huis.connect(DESK):
        yield Turned(stage, clock)
    await stage.close()


async def test_what_is_late_is_said_in_words(browser, turned):
    world = await turned.stage.family()
    await world.consent()
    await world.nurse.send(world.draft())
    reader = await come_in_as(browser, world.huis, world.phone, clock=turned.clock)
    (card,) = await reader.first_page()
    assert reader.say("page-timeline.late") not in card
    await turned.turn(12 * DAY, reader)
    async with asyncio.timeout(30):
        while not any(item.late for item in await world.phone.deadlines()):  # noqa: ASYNC110 (the relay's own round)
            await asyncio.sleep(0.5)
    reader = await come_in_as(browser, world.huis, world.phone, clock=turned.clock)
    (card,) = await reader.first_page()
    assert reader.say("page-timeline.late") in card
    owed = await reader.page.locator(".owed").inner_text()
    (due,) = [item for item in await world.phone.deadlines() if item.late]
    assert same(due.text) in same(owed)
    page = same(await reader.open())
    assert same(reader.say("notice.late")) in page
    # Late is a word and no alarm: nothing on either page is an alert.
    assert await reader.page.locator("main [role=alert]").all_inner_texts() == []
    await reader.close()
    await world.close()


async def look(reader: Reader) -> tuple[list[str], str, str]:
    """Look at the first page; return what it asked for, in order of the addresses, what it says, and its markup."""
    asked = len(reader.asked)
    await reader.first_page()
    main = reader.page.locator("main")
    return sorted(reader.asked[asked:]), await main.inner_text(), await main.inner_html()


async def test_a_notice_that_waits_leaves_no_trace_and_is_there_when_it_falls_due(browser, turned):
    world = await turned.stage.family()
    await world.consent()
    await world.nurse.send(world.draft())
    reader = await come_in_as(browser, world.huis, world.phone, clock=turned.clock)
    sizes: dict[str, set[int]] = {}

    async def hear(route: Route) -> None:
        answer = await route.fetch()
        sizes.setdefault(route.request.url, set()).add(len(await answer.body()))
        await route.fulfill(response=answer)

    await reader.page.route("**/v1/**", hear)
    await look(reader)
    before = await look(reader)
    delay = Delay(until=turned.clock() + 2 * HOUR, code="danger-if-told")
    draft = world.nurse.alarms.draft(DESK, world.household, [world.elif_id], delay=delay, off_call=True)
    await world.nurse.alarms.send(draft.note("motivation", "Blauwe plekken; hij durft niet naar huis."))
    assert await look(reader) == before
    # Each answer is as long as it was before, to the byte: no number grew, and nothing was left open.
    assert {url: len(found) for url, found in sizes.items() if len(found) > 1} == {}
    await reader.behave()
    await turned.turn(3 * HOUR, reader)
    async with asyncio.timeout(30):
        while len(await world.phone.notices()) < 2:  # noqa: ASYNC110 (another process releases it)
            await asyncio.sleep(0.5)
    reader = await come_in_as(browser, world.huis, world.phone, clock=turned.clock)
    cards = await reader.first_page()
    assert len(cards) == 2
    lines = [world.phone.render(notice) for notice in await world.phone.notices()]
    page = same(await reader.open())
    assert all(same(line) in page for line in lines[1][1:])
    assert same(reader.say("notice.delayed", reason=reader.say("delay-reason.danger-if-told"))) in page
    await reader.close()
    await world.close()
