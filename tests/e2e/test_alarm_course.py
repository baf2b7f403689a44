"""The course of an alarm at a running relay: called, not opened, and then; its second signature; and what ends each."""

import asyncio
import json
import os
import subprocess
import sys

import pytest

from e2e.alarm_town import DESK, HOUR, MINUTE, NURSE, OCMW, AlarmTown, open_alarm_town
from e2e.families import complete
from servers.databases import rows
from zegel import RelayProblem

pytestmark = pytest.mark.slow

LEVELS = ("alarm-second-device", "alarm-phone", "alarm-team-lead", "alarm-steward")
LOOK_SECONDS = 20
"""By when a relay has looked for what is due: it does so every five seconds, on a machine that is busy with tests."""


@pytest.fixture
async def town(tmp_path):
    async with open_alarm_town(tmp_path / "huis") as town:
        yield town


def course(town: AlarmTown, d: str) -> list[tuple[str, str, str]]:
    """Return (kind, owner, state) of what an alarm came to, in the order in which it did."""
    found = rows(
        town.huis.relay,
        "SELECT kind, owner, state FROM deadlines WHERE object_d = ? AND kind LIKE 'alarm-%' ORDER BY due_at",
        [d],
    )
    return [(kind, owner.removeprefix("partner:"), state) for kind, owner, state in found]


def overdue(town: AlarmTown) -> list[dict[str, object]]:
    """Return what the relay's operator is shown of alarms that are late."""
    relay = town.huis.relay
    command = [sys.executable, "-m", "zegel_relay", "overdue", "--alarms", "--folder", os.fspath(relay.folder)]
    done = subprocess.run(command, env=relay.environment(), capture_output=True, text=True, check=True, timeout=60)
    shown: list[dict[str, object]] = json.loads(done.stdout)["overdue"]
    return shown


async def reached(town: AlarmTown, d: str, levels: int) -> list[tuple[str, str, str]]:
    """Return the course once it came to so many levels, all of them late by now. Raises `TimeoutError`."""
    async with asyncio.timeout(LOOK_SECONDS * 4):
        while len(found := course(town, d)) < levels:  # noqa: ASYNC110 (another process writes it)
            await asyncio.sleep(0.2)
    return found


async def page_of(town: AlarmTown, name: str, **options: int):
    return await town.workers[name]._client.inbox(**{"after": 0} | options)


async def test_it_is_shown_first_whatever_the_cursor_and_calls_the_first_device_and_then_the_others(town: AlarmTown):
    sent = await town.alarm()
    first = await page_of(town, DESK)
    (item,) = first.urgent
    assert (item.manifest, item.yours) == (sent.manifest, True)
    assert first.called == item.called == item.since
    assert [item.yours for item in (await page_of(town, f"{DESK}/second")).urgent] == [False]
    # Whoever has seen it and waits for news is called again at the next level, and not before.
    later = await page_of(town, DESK, after=first.cursor, wait=1, called=first.called)
    assert (later.items, [item.manifest for item in later.urgent]) == ((), [sent.manifest])
    waiting = asyncio.create_task(
        page_of(town, f"{DESK}/second", after=first.cursor, wait=LOOK_SECONDS, called=first.called)
    )
    await asyncio.sleep(0.5)
    town.clock.turn(15 * MINUTE)
    called = await waiting
    assert called.called > first.called
    assert [item.yours for item in called.urgent] == [True]
    # Nobody else is shown it, least of all the person.
    assert (await page_of(town, OCMW)).urgent == ()
    assert (await town.phone._phone.relay.inbox(0)).urgent == ()


async def test_unopened_it_comes_to_each_level_at_its_time_and_once(town: AlarmTown):
    sent = await town.alarm()
    # To have it on a machine is not to have read it.
    (waiting,) = await town.desk.inbox()
    message = await town.desk.open(waiting)
    await town.desk.acknowledge(message, "received")
    assert course(town, sent.manifest) == []
    owners = (DESK, NURSE, DESK, DESK)
    for number, minutes in enumerate((15, 15, 30, 60), 1):
        town.clock.turn(minutes * MINUTE)
        found = await reached(town, sent.manifest, number)
        assert [(kind, owner) for kind, owner, _ in found] == list(zip(LEVELS, owners, strict=True))[:number]
        if number == 2:
            town.huis.relay.kill()
            town.huis.relay.start(int(town.huis.relay.address.rpartition(":")[2]))
    states = {item.kind: item.state for item in (await town.nurse._client.deadlines()).items if item.kind in LEVELS}
    assert set(states) == set(LEVELS)
    assert set(states.values()) <= {"open", "overdue"}
    shown = overdue(town)
    assert [(row["kind"], row["owner"], row["message"]) for row in shown if row["kind"] in LEVELS] == [
        (kind, f"partner:{owner}", sent.manifest) for kind, owner in zip(LEVELS, owners, strict=True)
    ]
    assert town.person not in json.dumps(shown)
    # The person was told at once, whatever became of it.
    assert [notice.copy.manifest.d for notice in await town.phone.notices()] == [sent.manifest]
    await town.desk.acknowledge(message)
    assert {state for _, _, state in course(town, sent.manifest)} == {"done"}
    assert rows(town.huis.relay, "SELECT state FROM outbox WHERE kind = 'alarm'") == [("done",)]
    assert (await page_of(town, DESK)).urgent == ()


async def test_opened_it_goes_no_further(town: AlarmTown):
    sent = await town.alarm()
    town.clock.turn(16 * MINUTE)
    await reached(town, sent.manifest, 1)
    (waiting,) = await town.desk.inbox()
    await town.desk.acknowledge(await town.desk.open(waiting))
    assert course(town, sent.manifest) == [("alarm-second-device", DESK, "done")]
    assert (await page_of(town, DESK)).urgent == ()
    other = await town.alarm()
    town.clock.turn(3 * HOUR)
    # The relay that has come to the end of another one has passed by this one.
    await reached(town, other.manifest, len(LEVELS))
    assert len(course(town, sent.manifest)) == 1
    promised = "SELECT state FROM outbox WHERE kind = 'alarm' AND object_d = ?"
    assert rows(town.huis.relay, promised, [sent.manifest]) == [("done",)]


async def test_a_relay_that_was_down_comes_at_once_to_what_it_missed_and_the_notice_falls_due(town: AlarmTown):
    sent = await town.alarm(wait=HOUR)
    town.huis.relay.kill()
    town.clock.turn(3 * HOUR)
    town.huis.relay.start(int(town.huis.relay.address.rpartition(":")[2]))
    assert [kind for kind, _, _ in await reached(town, sent.manifest, 4)] == list(LEVELS)
    page = await town.phone._phone.relay.notices(0, LOOK_SECONDS)
    assert [item.manifest for item in page.items] == [sent.manifest]


async def test_another_worker_signs_after_it(town: AlarmTown):
    sent = await town.alarm()
    second, ocmw = town.workers[f"{NURSE}/second"], town.workers[OCMW]

    async def refused(signing, code):
        with pytest.raises(RelayProblem) as no:
            await signing
        assert no.value.code == code

    async def state():
        page = await town.nurse._client.deadlines()
        return [(item.owner.key, item.state) for item in page.items if item.kind == "second-signature"]

    assert await state() == [(f"partner:{NURSE}", "open")]
    await refused(town.nurse.alarms.countersign(sent.manifest), "countersignature.same-worker")
    await refused(town.desk.alarms.countersign(sent.manifest), "countersignature.party")
    # Who does not agree has looked, and it is owed still.
    await ocmw.alarms.countersign(sent.manifest, agrees=False)
    await refused(ocmw.alarms.countersign(sent.manifest), "countersignature.again")
    assert await state() == [(f"partner:{NURSE}", "open")]
    await town.turn(25 * HOUR)
    async with asyncio.timeout(90):
        while await state() != [(f"partner:{NURSE}", "overdue")]:  # noqa: ASYNC110 (another process marks it)
            await asyncio.sleep(1)
    shown = overdue(town)
    assert "second-signature" in {row["kind"] for row in shown}
    await second.alarms.countersign(sent.manifest)
    assert await state() == [(f"partner:{NURSE}", "done")]


async def test_what_needs_no_second_signature_takes_none(town: AlarmTown):
    draft = complete(town.nurse.referral(OCMW, town.household, [town.person]).note("ask", "Hulp."), town.clock())
    request = await town.nurse.families.ask_consent(draft)
    await town.phone.accept(next(item for item in await town.phone.requests() if item.request.d == request))
    sent = await town.nurse.send(draft)
    with pytest.raises(RelayProblem) as refused:
        await town.workers[f"{NURSE}/second"].alarms.countersign(sent.manifest)
    assert refused.value.code == "countersignature.not-asked"
    with pytest.raises(RelayProblem) as nothing_waits:
        await town.desk.alarms.review_delay(sent.manifest, None)
    assert nothing_waits.value.code == "countersignature.not-asked"
