"""A ping leaves once a day, within the hours that the person chose, for all that waits; and is tried again, or dead."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from zegel_keys.contact_box import ContactKeyPair, seal_address
from zegel_keys.envelopes import new_nonce, sign_payload
from zegel_keys.exhibit import read
from zegel_keys.signing import SigningKey
from zegel_protocol.objects import Contact
from zegel_protocol.objects.contact import Hours
from zegel_protocol.objects.parties import Sender
from zegel_protocol.texts.civil_time import belgian_seconds
from zegel_relay import contact_key
from zegel_relay.notify.ping import TOGETHER_SECONDS, ping
from zegel_relay.outbox.handler import Done, Later, WorkError
from zegel_relay.outbox.promise import DEAD, DONE, promise
from zegel_relay.outbox.retry import MAX_ATTEMPTS
from zegel_relay.outbox.work import work
from zegel_relay.storage.database import writing
from zegel_relay.storage.models import OutboxItem, StoredNotice, StoredObject

PERSON, SUBJECT = "ab" * 16, "person:" + "ab" * 16
DAY = 86_400
NOON = belgian_seconds(2026, 11, 24, 12, 0, 0)


@pytest.fixture
def key(settings):
    return contact_key.create_or_load(settings.contact_key_file)


@pytest.fixture
def room(key, relay, settings, mail, clock):
    clock.at = NOON
    made = relay.workroom()
    return replace(made, settings=replace(settings, smtp_url=mail.url, mail_from="noreply@post.example"))


async def add(room, *rows):
    async with writing(room.sessions) as session:
        session.add_all(rows)


async def choose(room, key: ContactKeyPair, *, version=1, wording="plain", hours=(9, 19), address="elif@mail.example"):
    sealed = seal_address(key.public, PERSON, address) if wording != "none" else None
    contact = Contact(
        v=1, huis="A" * 43, nonce=new_nonce(), person=PERSON, version=version, by=Sender(person=PERSON),
        wording=wording, language="nl", hours=Hours(opens=hours[0], closes=hours[1]),
        key=key.public if sealed is not None else None, sealed=sealed, at=1, prev=None if version == 1 else "A" * 43,
    )  # fmt: skip
    envelope = sign_payload(contact, SigningKey.generate())
    row = StoredObject(
        d=read(envelope).d, kind=Contact.KIND, subject=PERSON, household=None, version=version, envelope=envelope,
        log_index=1000 + version, accepted_at=1,
    )  # fmt: skip
    await add(room, row)


async def promised(room, reason="A", at=None, due=None) -> OutboxItem:
    now = room.clock.now() if at is None else at
    item = promise("ping", SUBJECT, reason * 43, due if due is not None else now, now)
    await add(room, item)
    async with room.sessions() as session:
        found: OutboxItem = await session.get(OutboxItem, item.id)
        session.expunge(found)
        return found


async def do(room, item, now):
    """Do a row's work, and write down how it ended."""
    result = await ping(room, item, now)
    ended = {"due_at": result.due_at} if isinstance(result, Later) else {"state": DONE}
    async with writing(room.sessions) as session:
        await session.execute(update(OutboxItem).where(OutboxItem.id == item.id).values(ended))
    return result


async def test_one_mail_for_all_that_waits_and_the_next_one_a_day_later(room, key, mail, clock):
    await choose(room, key)
    first, second = await promised(room, "A"), await promised(room, "B", at=NOON + 1, due=NOON + 1)
    clock.at = NOON + 1
    assert await do(room, second, NOON + 1) == Later(NOON + 1 + TOGETHER_SECONDS)
    assert await do(room, first, NOON + 1) == Done()
    assert await do(room, second, NOON + 1) == Done()
    assert len(mail.mails) == 1
    third = await promised(room, "C", at=NOON + 60)
    assert await do(room, third, NOON + 60) == Later(belgian_seconds(2026, 11, 25, 9, 0, 0))
    assert await do(room, third, NOON + DAY) == Done()
    assert [item.to for item in mail.mails] == [("elif@mail.example",)] * 2


@pytest.mark.parametrize(
    ("hour", "then"), [(8, (24, 9)), (19, (25, 9)), (23, (25, 9))], ids=["before", "as they end", "after"]
)
async def test_outside_the_hours_it_waits(room, key, mail, hour, then):
    await choose(room, key)
    now = belgian_seconds(2026, 11, 24, hour, 0, 0)
    item = await promised(room, at=now)
    assert await ping(room, item, now) == Later(belgian_seconds(2026, 11, then[0], then[1], 0, 0))
    assert mail.mails == []


async def test_a_delayed_notice_is_never_pinged_before(room, key, mail):
    await choose(room, key, hours=(0, 24))
    notice = StoredNotice(
        d="A" * 43,
        person=PERSON,
        message_d="B" * 43,
        envelope=b"",
        not_before=NOON + 3 * DAY,
        log_index=1,
        due_at=NOON + 3 * DAY,
    )
    await add(room, notice)
    item = await promised(room)
    assert await do(room, item, NOON) == Later(NOON + 3 * DAY)
    assert mail.mails == []
    # A ping for something else, meanwhile, does not speak for it either.
    other = await promised(room, "C", at=NOON + DAY)
    assert await do(room, other, NOON + DAY) == Done()
    assert await do(room, item, NOON + 3 * DAY) == Done()
    assert len(mail.mails) == 2


@pytest.mark.parametrize("wording", ["none", None], ids=["no pings chosen", "no contact"])
async def test_who_chose_none_gets_none(room, key, mail, wording):
    if wording is not None:
        await choose(room, key)
        await choose(room, key, version=2, wording="none")
    assert await ping(room, await promised(room), NOON) == Done()
    assert mail.asked == 0


async def test_without_a_mail_server_nobody_is_pinged(room, key, mail):
    await choose(room, key)
    room = replace(room, settings=replace(room.settings, smtp_url="", mail_from=""))
    assert await ping(room, await promised(room), NOON) == Done()
    assert mail.asked == 0


async def failing(room, item) -> str:
    with pytest.raises(WorkError) as failed:
        await ping(room, item, NOON)
    return failed.value.code


async def test_what_a_mail_server_says_becomes_a_code_without_an_address(room, key, mail):
    await choose(room, key)
    item = await promised(room)
    mail.answer_recipient = "550 no elif@mail.example here"
    assert await failing(room, item) == "mail.refused"
    mail.answer_recipient = "451 later"
    assert await failing(room, item) == "mail.unreachable"
    mail.answer_recipient = ""
    mail.answer_data = "554 this looks like spam"
    assert await failing(room, item) == "mail.refused"
    mail.answer_data = "452 disk full"
    assert await failing(room, item) == "mail.unreachable"
    mail.answer_data = ""
    mail.stop()
    assert await failing(room, item) == "mail.unreachable"
    mail.start()
    assert await ping(room, item, NOON) == Done()
    assert len(mail.mails) == 1


async def test_an_answer_that_is_lost_makes_a_second_ping_and_never_none(room, key, mail):
    await choose(room, key)
    item = await promised(room)
    mail.drop = True
    assert await failing(room, item) == "mail.unreachable"
    mail.drop = False
    assert await ping(room, item, NOON) == Done()
    assert len(mail.mails) == 2


async def test_an_address_that_is_refused_each_time_is_a_dead_letter(room, key, mail, clock):
    await choose(room, key, hours=(0, 24))
    item = await promised(room)
    mail.answer_recipient = "550 no such user"
    for _ in range(MAX_ATTEMPTS):
        assert await work(room, item.id)
        clock.at += 2 * DAY
    async with room.sessions() as session:
        row = await session.get(OutboxItem, item.id)
        assert (row.state, row.error) == (DEAD, "mail.refused")
    assert mail.asked == MAX_ATTEMPTS


async def test_an_address_sealed_to_another_key_or_no_key_is_a_code(room, key, mail):
    await choose(room, ContactKeyPair.generate())
    item = await promised(room)
    assert await failing(room, item) == "contact.unopenable"
    assert await failing(replace(room, contact_key=None), item) == "contact-key.missing"
    assert mail.asked == 0
