"""A year with a hundred families, in which time is passed in: nothing is left undone, and nothing is done twice."""

import os
import shutil
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from sqlalchemy import select

from integration.year.life import CGG, CLIENT, Family, Owed, families
from integration.year.town import NEW_CODE_DAY, PARTNERS, Town, open_town
from servers.mail import MailServer
from zegel import Refused
from zegel_demo.huis import DAY
from zegel_protocol.refusal import Code
from zegel_relay.outbox.promise import DEAD, WAITING
from zegel_relay.storage.models import Deadline, MessageDelivery, MessageWraps, OutboxItem, StoredNotice

FAMILIES = int(os.environ.get("ZEGEL_YEAR_FAMILIES", "100"))
RAM = Path("/dev/shm")
ACCEPTED: list[Owed] = [("accept-code", partner, "overdue" if partner == CGG else "done") for partner in PARTNERS]
COLLEAGUE: Owed = ("accept-code", "school-de-linde", "done")
PAST_RETENTION = 31 * DAY


@pytest.fixture
def folder():
    """A folder in memory where there is one: what a year writes to disk needs not survive it."""
    made = Path(tempfile.mkdtemp(prefix="zegel-year-", dir=RAM if RAM.is_dir() else None))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def mail():
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.mark.slow
@pytest.mark.own_database
async def test_a_year_with_a_hundred_families(folder, mail):
    async with open_town(folder, mail.url) as town:
        everyone = list(families(town, FAMILIES, seed=2027))
        try:
            while town.day < 365:
                for family in everyone:
                    for act in family.plan.get(town.day, ()):
                        await act(family)
                if town.day == 300:
                    await who_has_not_accepted_the_code_sends_nothing(town, everyone[0])
                await town.next_day()
            await what_is_owed(town, everyone)
            await nothing_waits(town)
            await everyone_was_told(town, everyone)
            await nobody_was_pinged_twice_a_day(town, everyone, mail)
            await what_was_read_is_gone(town)
        finally:
            for family in everyone:
                if family.phone is not None:
                    await family.phone.close()


async def what_is_owed(town: Town, everyone: list[Family]) -> None:
    """Deadlines are those of the plans, each in the state in which its plan leaves it: none missing, none twice."""
    async with town.relay.relay.sessions() as session:
        rows = (await session.scalars(select(Deadline))).all()
    mothers = {f"person:{family.mother}" for family in everyone}
    found = Counter(
        (row.kind, CLIENT if row.owner in mothers else row.owner.removeprefix("partner:"), row.state) for row in rows
    )
    assert found == Counter([*(owed for family in everyone for owed in family.expected), *ACCEPTED, COLLEAGUE])


async def nothing_waits(town: Town) -> None:
    """No promised work is due and undone, or was tried too often."""
    async with town.relay.relay.sessions() as session:
        due = select(OutboxItem.kind).where(OutboxItem.state == WAITING, OutboxItem.due_at <= town.calendar.at)
        assert (await session.scalars(due)).all() == []
        assert (await session.scalars(select(OutboxItem.kind).where(OutboxItem.state == DEAD))).all() == []


async def everyone_was_told(town: Town, everyone: list[Family]) -> None:
    """Each mother was told of every notice that is hers, once, and of no other."""
    async with town.relay.relay.sessions() as session:
        rows = (await session.execute(select(StoredNotice.person, StoredNotice.d))).all()
    theirs: dict[str, set[str]] = defaultdict(set)
    for person, notice in rows:
        theirs[person].add(notice)
    assert [family.sort for family in everyone if family.told != theirs[family.mother]] == []
    assert [family.sort for family in everyone if family.twice] == []
    assert theirs.keys() <= {family.mother for family in everyone}


async def nobody_was_pinged_twice_a_day(town: Town, everyone: list[Family], mail: MailServer) -> None:
    """Whoever wants pings got some, and on no day more than one."""
    pinged = Counter(town.mail_days(mail))
    assert max(pinged.values()) == 1
    with_phone = {family.mother for family in everyone if family.phone is not None}
    assert {address for address, _ in pinged} == {f"{person}@families.example" for person in with_phone}


async def what_was_read_is_gone(town: Town) -> None:
    """Of what a partner was handed a month ago, the relay holds no key any more."""
    async with town.relay.relay.sessions() as session:
        old = MessageDelivery.delivered_at < town.calendar.at - PAST_RETENTION
        same = MessageWraps.message_d == MessageDelivery.message_d, MessageWraps.reader == MessageDelivery.reader
        kept = select(MessageWraps.d).join(MessageDelivery, same[0] & same[1])
        read = select(MessageDelivery.message_d).where(old, MessageDelivery.reader.startswith("partner:"))
        assert len((await session.scalars(read)).all()) > 0
        assert (await session.scalars(kept.where(old, MessageDelivery.reader.startswith("partner:")))).all() == []


async def who_has_not_accepted_the_code_sends_nothing(town: Town, family: Family) -> None:
    """The new code came months ago: whoever did not accept it in time is refused, and told that this is why."""
    assert town.day > NEW_CODE_DAY + 30
    late = town.partners[CGG]
    draft = late.talks.ask(family.mother, family.id, [family.mother], "Hoe gaat het nu met u?")
    with pytest.raises(Refused) as refused:
        await late.send(draft)
    assert Code.CODE_NOT_ACCEPTED in refused.value.codes
