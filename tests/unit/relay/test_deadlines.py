"""Deadlines pass their time once, whoever looks: marked, shown and pinged at once; and what a message opens."""

import asyncio
from typing import cast

import msgspec
import pytest
from sqlalchemy import select

from vectors.making.huis import make_rules
from vectors.making.object_samples import samples
from zegel_protocol.objects import Manifest
from zegel_protocol.objects.manifest import FollowUp, PlanStep
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.objects.rulebook import KindRule
from zegel_protocol.rulebook.working_days import end_of_working_day
from zegel_protocol.texts.civil_time import belgian_seconds
from zegel_relay.notify.remind import remind
from zegel_relay.outbox.handler import Done
from zegel_relay.outbox.overdue import mark_overdue
from zegel_relay.outbox.promise import PING, promise
from zegel_relay.services.deadlines import close_deadlines, deadline_d, open_deadline, worker_number
from zegel_relay.services.owed import deadlines_of, ended_by, is_to_asker, late_from, reminders_of
from zegel_relay.services.owing import read_deadlines
from zegel_relay.storage.database import writing
from zegel_relay.storage.models import Deadline, Message, OutboxItem, StoredNotice

NURSE, OCMW, CLB = "partner:nurse", "partner:ocmw", "partner:clb"
ELIF, FATHER, OTHER = "ab" * 16, "cd" * 16, "ef" * 16
M, R, W = "M" * 43, "R" * 43, "W" * 43
TUESDAY = belgian_seconds(2026, 11, 24, 9, 40, 0)
DAY = 86_400


async def add(room, *rows):
    async with writing(room.sessions) as session:
        session.add_all(rows)


async def run(room, *statements):
    async with writing(room.sessions) as session:
        for statement in statements:
            await session.execute(statement)


def notice(person, position, message=M):
    d = (person[:2] * 22)[:43]
    return StoredNotice(
        d=d, person=person, message_d=message, envelope=b"", not_before=1, due_at=1, log_index=1, position=position
    )


@pytest.fixture
async def room(relay):
    """A message from the nurse to the OCMW; Elif was told of it, and the father is not to be told yet."""
    room = relay.workroom()
    message = Message(
        d=M, id="m", sender=NURSE, recipient=OCMW, household=None, thread=None, log_index=1, accepted_at=1
    )
    await add(room, message, notice(ELIF, 256), notice(FATHER, None))
    return room


async def states(room):
    async with room.sessions() as session:
        return {row.kind: row.state for row in await session.scalars(select(Deadline))}


async def pings(room):
    async with room.sessions() as session:
        found = await session.scalars(select(OutboxItem.subject).where(OutboxItem.kind == PING))
        return sorted(found)


async def test_late_is_marked_once_and_everyone_whom_it_concerns_hears_it_once(room):
    await add(room, open_deadline("first-contact", OCMW, M, 100, 50, message_d=M, overdue_at=200))
    assert await mark_overdue(room, 199) == 0
    woken = [room.wakeups.watch(party) for party in (NURSE, OCMW, f"person:{ELIF}", f"person:{FATHER}", CLB)]
    events = [watch.__enter__() for watch in woken]
    assert await mark_overdue(room, 200) == 1
    assert [event.is_set() for event in events] == [True, True, True, False, False]
    for watch in woken:
        watch.__exit__(None, None, None)
    assert await states(room) == {"first-contact": "overdue"}
    assert await pings(room) == [f"person:{ELIF}"]
    assert await mark_overdue(room, 10**9) == 0
    assert await pings(room) == [f"person:{ELIF}"]


async def test_two_that_look_at_once_mark_it_once(room):
    rows = [open_deadline("step", OCMW, M, 100, 50, message_d=M, number=n) for n in range(8)]
    await add(room, *rows)
    assert sum(await asyncio.gather(*(mark_overdue(room, 100) for _ in range(3)))) == 8
    assert await pings(room) == [f"person:{ELIF}"] * 8


async def test_a_crash_between_the_mark_and_the_ping_leaves_neither(room, monkeypatch):
    await add(room, open_deadline("reply", OCMW, M, 100, 50, message_d=M))

    async def broken(*_):
        raise OSError("the process dies here")

    with monkeypatch.context() as patched:
        patched.setattr("zegel_relay.outbox.overdue.put_once", broken)
        with pytest.raises(OSError, match="dies"):
            await mark_overdue(room, 100)
    assert (await states(room), await pings(room)) == ({"reply": "open"}, [])
    assert await mark_overdue(room, 100) == 1
    assert (await states(room), await pings(room)) == ({"reply": "overdue"}, [f"person:{ELIF}"])


async def test_silence_to_a_question_is_an_answer(room):
    await add(room, open_deadline("answer", f"person:{ELIF}", M, 100, 50, message_d=M))
    with room.wakeups.watch(NURSE) as woken:
        assert await mark_overdue(room, 100) == 1
        assert woken.is_set()
    assert await states(room) == {"answer": "lapsed"}
    assert await pings(room) == []


async def test_how_an_alarm_goes_on_is_nothing_to_ping_a_family_about(room):
    await add(room, open_deadline("alarm-phone", NURSE, M, 100, 50, message_d=M))
    assert await mark_overdue(room, 100) == 1
    assert await pings(room) == []


async def test_what_is_done_is_done_and_stays_so(room):
    await add(room, open_deadline("step", OCMW, M, 100, 50, message_d=M, number=1))
    await add(room, open_deadline("step", OCMW, M, 100, 50, message_d=M, number=2))
    await run(room, close_deadlines("step", M, 60, by_d=W, owner=NURSE), close_deadlines("reply", M, 60, by_d=W))
    assert await mark_overdue(room, 100) == 2
    await run(room, close_deadlines("step", M, 70, by_d=W, number=1))
    await run(room, close_deadlines("step", M, 80, by_d=R))
    async with room.sessions() as session:
        rows = list(await session.scalars(select(Deadline).order_by(Deadline.number)))
    assert [(row.state, row.closed_at, row.by_d) for row in rows] == [("done", 70, W), ("done", 80, R)]


async def test_one_such_thing_is_owed_once():
    names = {
        deadline_d("step", OCMW, M),
        deadline_d("step", NURSE, M),
        deadline_d("reply", OCMW, M),
        deadline_d("step", OCMW, R),
        deadline_d("step", OCMW, M, M),
        deadline_d("step", OCMW, M, None, 1),
    }
    assert len(names) == 6
    assert open_deadline("step", OCMW, M, 1, 1).d == open_deadline("step", OCMW, M, 2, 2).d


async def test_each_sees_their_own(room):
    await add(
        room,
        open_deadline("first-contact", OCMW, M, 100, 50, message_d=M),
        open_deadline("answer", f"person:{ELIF}", M, 90, 50, message_d=M),
        open_deadline("erasure", OCMW, R, 80, 50, message_d=M),
        open_deadline("second-signature", NURSE, M, 70, 50, message_d=M),
        open_deadline("accept-code", CLB, R, 60, 50, number=worker_number("00000ff" + "0" * 25)),
    )

    async def kinds(party):
        async with room.sessions() as session:
            return [item.kind for item in (await read_deadlines(session, party, 55)).items]

    everything = ["second-signature", "erasure", "answer", "first-contact"]
    assert await kinds(NURSE) == everything
    assert await kinds(OCMW) == everything
    assert await kinds(CLB) == ["accept-code"]
    # Nothing here says whose revocation it was, so nobody may know that there was one.
    assert await kinds(f"person:{ELIF}") == ["answer", "first-contact"]
    assert await kinds(f"person:{FATHER}") == []
    assert await kinds(f"person:{OTHER}") == []


async def test_what_ended_is_shown_for_a_month(room):
    await add(room, open_deadline("reply", OCMW, M, 100, 50, message_d=M))
    await run(room, close_deadlines("reply", M, 60, by_d=W))
    async with room.sessions() as session:
        (item,) = (await read_deadlines(session, NURSE, 60 + 29 * DAY)).items
        assert (item.state, item.closed, item.owner) == ("done", 60, Party(partner="ocmw"))
        assert (await read_deadlines(session, NURSE, 60 + 31 * DAY)).items == ()


async def test_a_reminder_ends_with_what_it_reminds_of(room):
    row = open_deadline("reply", OCMW, M, 100, 50, message_d=M)
    await add(room, row)
    await run(room, close_deadlines("reply", M, 60, by_d=W))
    assert await remind(room, promise("remind", OCMW, row.d, 100, 50), 100) == Done()
    assert await remind(room, promise("remind", OCMW, R, 100, 50), 100) == Done()


# What a message opens and ends

QUESTION = KindRule(
    id="question", article=6, client=True, bases=(), carried=False, follow_up=False, thread="none", parts=(),
    senders=("partner",), recipients=("person",),
)  # fmt: skip
REQUEST = msgspec.structs.replace(QUESTION, id="request", parts=("question",), recipients=())
BOOK = msgspec.structs.replace(make_rules(), kinds=(QUESTION, REQUEST))
SENT = msgspec.structs.replace(
    cast(Manifest, samples()[Manifest.KIND]), sender=Sender(partner="nurse", device="11" * 16),
    to=Party(partner="ocmw"), follow_up=(), steps=(), answers=None,
)  # fmt: skip


def opened(**changes):
    rows = deadlines_of(M, msgspec.structs.replace(SENT, **changes), BOOK, TUESDAY)
    assert all((row.object_d, row.message_d, row.since, row.state) == (M, M, TUESDAY, "open") for row in rows)
    return [(row.kind, row.number, row.owner, row.due_at, row.overdue_at) for row in rows]


def test_agreements_are_owed_by_the_side_that_keeps_them_and_late_two_working_days_after():
    friday = belgian_seconds(2026, 11, 27, 17, 0, 0)
    late = belgian_seconds(2026, 12, 1, 23, 59, 59)
    agreed = (
        FollowUp(code="first-contact", due=friday),
        FollowUp(code="none-ask"),
        FollowUp(code="report-client", due=friday, by="sender"),
    )
    steps = (PlanStep(n=1, by=Party(person=ELIF), others=(), due=friday),)
    assert opened(follow_up=agreed, steps=steps) == [
        ("first-contact", 0, OCMW, friday, late),
        ("report-client", 0, NURSE, friday, late),
        ("step", 1, f"person:{ELIF}", friday, late),
    ]
    assert late_from(253_402_300_799, BOOK) == 253_402_300_799


def test_a_question_waits_for_its_person_and_a_persons_word_for_a_reply():
    assert opened(kind="question", to=Party(person=ELIF)) == [
        ("answer", 0, f"person:{ELIF}", TUESDAY + 14 * DAY, TUESDAY + 14 * DAY)
    ]
    own = {"sender": Sender(person=ELIF), "devices": None, "kind": "client-message"}
    due = belgian_seconds(2026, 12, 1, 23, 59, 59)
    assert opened(**own) == [("reply", 0, OCMW, due, belgian_seconds(2026, 12, 3, 23, 59, 59))]
    assert opened(**own, answers=R) == []
    assert opened() == []


def test_a_request_opens_an_answer_unless_a_day_to_tell_was_agreed():
    asked = msgspec.structs.replace(SENT, kind="request", follow_up=(), steps=())
    (row,) = deadlines_of(M, asked, BOOK, TUESDAY)
    due = end_of_working_day(TUESDAY, BOOK.follow_up.first_contact_days, BOOK.holidays)
    assert (row.kind, row.owner, row.due_at) == ("reply", OCMW, due)
    agreed = msgspec.structs.replace(asked, follow_up=(FollowUp(code="report-back", due=TUESDAY + DAY),))
    assert [item.kind for item in deadlines_of(M, agreed, BOOK, TUESDAY)] == ["report-back"]


def test_what_goes_to_who_began_and_asks_nothing_settles_it():
    asked = msgspec.structs.replace(SENT, kind="request")
    back = msgspec.structs.replace(
        SENT, kind="information", sender=Sender(partner="ocmw", device="22" * 16), to=Party(partner="nurse")
    )
    assert is_to_asker(back, asked, BOOK)
    assert not is_to_asker(msgspec.structs.replace(back, kind="request"), asked, BOOK)
    assert not is_to_asker(msgspec.structs.replace(back, to=Party(partner="clb")), asked, BOOK)
    assert not is_to_asker(back, None, BOOK)


def test_partners_are_reminded_from_the_due_day_on():
    follow_up = (FollowUp(code="first-contact", due=TUESDAY + DAY),)
    steps = (PlanStep(n=1, by=Party(person=ELIF), others=(), due=TUESDAY + DAY),)
    rows = deadlines_of(M, msgspec.structs.replace(SENT, follow_up=follow_up, steps=steps), BOOK, TUESDAY)
    assert [(item.kind, item.subject, item.object_d, item.due_at) for item in reminders_of(rows, TUESDAY)] == [
        ("remind", OCMW, rows[0].d, TUESDAY + DAY)
    ]


async def test_an_answer_ends_what_its_sender_owed(room):
    owed = [
        open_deadline("report-back", OCMW, M, 100, 50, message_d=M),
        open_deadline("report-client", OCMW, M, 100, 50, message_d=M),
        open_deadline("reply", OCMW, M, 100, 50, message_d=M),
        open_deadline("answer", f"person:{ELIF}", M, 100, 50, message_d=M),
    ]
    await add(room, *owed)

    async def ends(began=None, **changes):
        await run(room, *ended_by(W, msgspec.structs.replace(SENT, **changes), began, 60))
        return sorted(kind for kind, state in (await states(room)).items() if state == "done")

    ocmw = {"sender": Sender(partner="ocmw", device="22" * 16), "to": Party(partner="nurse")}
    assert await ends(kind="report-back", **ocmw) == []
    assert await ends(kind="report-back", answers=M) == []
    assert await ends(kind="feedback", began=M, **ocmw) == []
    assert await ends(kind="report-back", began=M, **ocmw) == ["report-back"]
    assert await ends(kind="reply", answers=M, **ocmw) == ["reply", "report-back"]
    own = {"sender": Sender(person=ELIF), "devices": None}
    assert await ends(kind="client-message", answers=M, **own) == ["answer", "reply", "report-back"]
