"""A year of a hundred families, by a turned clock: at its end nothing is left undone, and nothing was done twice.

What each family and partner did, and what is to have come of it, stands in `year_life`; here it is held against what
the relay has.
"""

import random
from collections import Counter

import pytest
from sqlalchemy import select

from integration.year_huis import YearHuis
from integration.year_life import CLB, DAY, NURSE, OCMW, Life
from zegel_keys.verification import read_payload
from zegel_protocol.objects import Acknowledgement, Notice
from zegel_protocol.texts.civil_time import belgian_seconds
from zegel_relay.outbox.promise import DEAD, DONE, PING, RELEASE, TELL, WAITING
from zegel_relay.storage.models import Deadline, MessageEvent, OutboxItem, StoredNotice, StoredObject

pytestmark = pytest.mark.slow

BEGIN = belgian_seconds(2027, 1, 4, 9, 0, 0)
DAYS = 355
"""Memberships and device lists are of a year."""
NEW_CODE = 150
PHONES, CHILDREN, OTHERS = 25, 10, 65


async def found(folder, database_url, monkeypatch):
    """A Huis with three partners and a hundred families."""
    year = await YearHuis.open(folder, BEGIN, database_url)
    year.count(monkeypatch)
    huis = year.huis
    nurse = await huis.admit(NURSE, "Kind en Gezin", "opgroeien", "penal", "nurse")
    await huis.add_device(nurse, "second", "nurse")
    await huis.admit(OCMW, "het OCMW", "ocmw", "penal", "social-worker")
    await huis.admit(CLB, "het CLB", "clb", "penal", "counsellor")
    await huis.publish()
    life = Life(
        year, random.Random(12), await huis.connect(NURSE), await huis.connect(NURSE, "second"),
        await huis.connect(OCMW), await huis.connect(CLB),
    )  # fmt: skip
    for _ in range(PHONES):
        await life.family(phone=True)
    for number in range(CHILDREN):
        await life.family(phone=True, turns12=2 + number)
    for _ in range(OTHERS):
        await life.family(phone=False)
    return life


def planned(life):
    """Return what happens on which day."""
    days = {}
    for act, times in (
        (life.referral, 60),
        (life.question, 18),
        (life.own_word, 18),
        (life.revocation, 12),
        (life.alarm, 15),
    ):
        for _ in range(times):
            days.setdefault(life.chance.randrange(1, DAYS - 60), []).append(act)
    for number, family in enumerate(item for item in life.families if item.child is not None):
        # 4 January: the month two months on begins 56 days later.
        days.setdefault(20 + 30 * number, []).append(lambda family=family: life.before_birthday(family))
    return days


async def live(life):
    """Let the year go by, a day at a time."""
    year, days = life.year, planned(life)
    for day in range(DAYS):
        if day % 10 == 9:
            await year.huis.publish()
        if day % 30 == 29:
            for partner in life.partners:
                await partner.refresh()
            await life.told()
        if day == NEW_CODE:
            await year.rules("code-2", b"The second version of the partners' own code.\n")
            await year.huis.publish()
        if day == NEW_CODE + 20:
            for partner in (life.nurse, life.colleague, life.ocmw):
                await partner.ethics.accept_code()
        for act in days.get(day, ()):
            await act()
        await life.do_due()
        await year.turn(DAY - (year.clock() - BEGIN) % DAY)
    await life.read_all()


async def rows(life, model):
    async with life.year.room.sessions() as session:
        return list(await session.scalars(select(model)))


@pytest.fixture
async def life(tmp_path, database_url, monkeypatch):
    life = await found(tmp_path, database_url, monkeypatch)
    yield life
    for family in life.families:
        if family.phone is not None:
            await family.phone.close()
    for partner in life.partners:
        await partner.close()
    await life.year.close()


async def test_a_year_of_a_hundred_families(life):
    await live(life)
    assert len(life.families) == 100
    await every_deadline_ended_as_it_should(life)
    await who_did_not_accept_the_code_is_late_and_nobody_else(life)
    await who_turned_12_was_to_be_asked_anew_once(life)
    await everyone_was_told_or_somebody_owes_it(life)
    await nothing_was_done_twice_and_nothing_waits_that_is_due(life)


async def every_deadline_ended_as_it_should(life):
    found = [row for row in await rows(life, Deadline) if row.message_d is not None]
    states = {(row.kind, row.message_d): row.state for row in found}
    assert len(states) == len(found)
    assert states == life.expected
    assert set(states.values()) == {"done", "overdue", "lapsed"}
    assert not [row for row in found if (row.state in ("done", "lapsed")) != (row.closed_at is not None)]
    reached = {
        d: {kind for kind, message in states if message == d and kind.startswith("alarm-")} for d in life.escalated
    }
    assert reached == life.escalated


async def who_did_not_accept_the_code_is_late_and_nobody_else(life):
    found = [row for row in await rows(life, Deadline) if row.kind == "accept-code"]
    late = Counter((row.owner, row.state) for row in found if row.since >= BEGIN + NEW_CODE * DAY)
    assert late == {(f"partner:{NURSE}", "done"): 2, (f"partner:{OCMW}", "done"): 1, (f"partner:{CLB}", "overdue"): 1}


async def who_turned_12_was_to_be_asked_anew_once(life):
    people = {row.d: row.subject for row in await rows(life, StoredObject) if row.kind == "person"}
    found = [row for row in await rows(life, Deadline) if row.kind == "invite"]
    assert {(people[row.object_d], row.owner): row.state for row in found} == {
        (child, f"partner:{partner}"): state if partner == NURSE else "overdue"
        for child, state in life.invited.items()
        for partner in (NURSE, OCMW)
    }
    assert len(found) == 2 * len(life.invited)
    assert {row.number for row in found} == {12}


async def everyone_was_told_or_somebody_owes_it(life):
    notices, done = await rows(life, StoredNotice), life.year.done
    assert notices
    assert not [row for row in notices if row.position is None]
    assert {done[PING, f"person:{row.person}", row.d] for row in notices} == {1}
    events = {row.d: read_payload(row.envelope, Acknowledgement)[0] for row in await rows(life, StoredObject)
              if row.kind == Acknowledgement.KIND}  # fmt: skip
    told = {word.notice for word in events.values() if word.event == "told"}
    owed = {row.object_d: row.state for row in await rows(life, OutboxItem) if row.kind == TELL}
    without = [row for row in notices if "without-device" in read_payload(row.envelope, Notice)[0].codes]
    assert without
    assert any(row.d in told for row in without)
    assert any(row.d not in told for row in without)
    for row in without:
        # What was done is cleaned away after a week.
        assert owed.get(row.d, DONE) == (DONE if row.d in told else WAITING)


async def nothing_was_done_twice_and_nothing_waits_that_is_due(life):
    done, now = life.year.done, life.year.clock()
    assert {done[key] for key in done if key[0] in (PING, RELEASE, TELL)} == {1}
    outbox = await rows(life, OutboxItem)
    assert not [row for row in outbox if row.state == DEAD]
    assert not [row for row in outbox if row.state == WAITING and row.due_at <= now]
    deadlines = await rows(life, Deadline)
    assert not [row for row in deadlines if row.state == "open" and row.overdue_at <= now]
    # Whoever was told of a message heard once that something about it was late.
    told = Counter(row.message_d for row in await rows(life, StoredNotice))
    late = [row for row in deadlines if row.kind in ("first-contact", "report-back", "reply", "erasure")]
    for row in late:
        pings = sum(times for (kind, _, d), times in done.items() if kind == PING and d == row.d)
        was_late = row.state == "overdue" or (row.closed_at or 0) > row.overdue_at
        assert pings == (told[row.message_d] if was_late else 0)
    events = Counter((row.message_d, row.reader, row.event, row.d) for row in await rows(life, MessageEvent))
    assert set(events.values()) == {1}
