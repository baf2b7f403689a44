"""Waiting for news: nothing that comes in between is missed, and nobody holds up a relay that stops."""

import asyncio
import time

from zegel_relay.api.long_poll import wait_for_news
from zegel_relay.wakeups import Wakeups

PARTY = "partner:ocmw"


class Shelf:
    """What there is to find, and how often somebody looked."""

    def __init__(self):
        self.found = None
        self.looks = 0

    async def look(self):
        self.looks += 1
        return self.found


async def test_what_is_there_comes_at_once():
    shelf = Shelf()
    shelf.found = "news"
    assert await wait_for_news(Wakeups(), PARTY, shelf.look, 30) == "news"
    assert shelf.looks == 1


async def test_nothing_comes_after_the_time():
    shelf = Shelf()
    begin = time.monotonic()
    assert await wait_for_news(Wakeups(), PARTY, shelf.look, 0.05) is None
    assert 0.04 < time.monotonic() - begin < 5
    assert await wait_for_news(Wakeups(), PARTY, shelf.look, 0) is None


async def test_a_wake_up_brings_it_and_one_for_nothing_or_for_another_does_not():
    wakeups, shelf = Wakeups(), Shelf()
    task = asyncio.create_task(wait_for_news(wakeups, PARTY, shelf.look, 30))
    await asyncio.sleep(0.01)
    wakeups.notify("partner:clb")
    wakeups.notify(PARTY)
    await asyncio.sleep(0.01)
    assert (task.done(), shelf.looks) == (False, 2)
    shelf.found = "news"
    wakeups.notify(PARTY)
    assert await asyncio.wait_for(task, 5) == "news"


async def test_what_is_committed_while_somebody_looks_is_not_missed():
    wakeups = Wakeups()
    state: dict[str, str | None] = {"news": None}

    async def look():
        seen = state["news"]
        if state["news"] is None:
            # Committed after this look read its state, and before it returned.
            state["news"] = "news"
            wakeups.notify(PARTY)
            await asyncio.sleep(0)
        return seen

    assert await asyncio.wait_for(wait_for_news(wakeups, PARTY, look, 30), 5) == "news"


async def test_what_another_process_accepted_is_found_at_the_end():
    shelf = Shelf()
    task = asyncio.create_task(wait_for_news(Wakeups(), PARTY, shelf.look, 0.05))
    await asyncio.sleep(0.01)
    shelf.found = "news"
    assert await asyncio.wait_for(task, 5) == "news"


async def test_a_relay_that_stops_lets_everyone_go():
    wakeups, shelf = Wakeups(), Shelf()
    tasks = [asyncio.create_task(wait_for_news(wakeups, PARTY, shelf.look, 30)) for _ in range(3)]
    await asyncio.sleep(0.01)
    wakeups.close()
    assert await asyncio.wait_for(asyncio.gather(*tasks), 5) == [None] * 3
    assert await asyncio.wait_for(wait_for_news(wakeups, PARTY, shelf.look, 30), 5) is None


async def test_who_left_is_forgotten():
    wakeups, shelf = Wakeups(), Shelf()
    task = asyncio.create_task(wait_for_news(wakeups, PARTY, shelf.look, 30))
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert wakeups._waiting == {}


async def test_while_no_wake_up_comes_from_elsewhere_it_looks_again_by_itself():
    shelf = Shelf()
    wakeups = Wakeups(look_again=0.02)
    task = asyncio.create_task(wait_for_news(wakeups, PARTY, shelf.look, 30))
    await asyncio.sleep(0.1)
    assert shelf.looks > 1
    shelf.found = "news"
    assert await asyncio.wait_for(task, 5) == "news"


async def test_what_is_told_to_other_processes_names_no_party():
    told: list[str] = []
    here, there = Wakeups(), Wakeups()
    here.forward = told.append
    with there.watch(PARTY) as woken, there.watch("partner:clb") as other:
        here.notify(PARTY)
        assert PARTY not in told[0]
        there.hear(told[0])
        assert woken.is_set()
        assert not other.is_set()
