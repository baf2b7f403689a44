"""People are told: by a ping that says nothing, by a worker where there is no device; and it is noticed if not."""

import asyncio
import os

import pytest

from e2e.desk import Desk, Office, colleague
from e2e.world import CHILD_AND_FAMILY, OCMW, World, open_world
from zegel import Choice, RelayProblem
from zegel_demo.huis import DAY
from zegel_protocol.objects.contact import Hours

ADDRESS = "elif.yilmaz@mail.example"
ALWAYS = Hours(opens=0, closes=24)
NEUTRAL = "Er is iets nieuws. Kijk wanneer het u past."


@pytest.fixture
async def pinged(tmp_path, mail):
    """A world whose relay sends pings, with a yes of Elif's to one referral."""
    world = await open_world(tmp_path, ZEGEL_SMTP_URL=mail.url, ZEGEL_MAIL_FROM="noreply@post.example")
    await world.consent()
    yield world
    await world.close()


async def send(world: World) -> str:
    return (await world.nurse.send(world.draft())).manifest


async def test_one_ping_for_two_messages_and_nothing_in_it(pinged: World, mail):
    await pinged.phone.choose_contact(Choice(ADDRESS, hours=ALWAYS))
    manifest = await send(pinged)
    await send(pinged)
    (first,) = await mail.wait(1)
    await asyncio.sleep(2)
    assert len(mail.mails) == 1
    assert (first.sender, first.to) == ("noreply@post.example", (ADDRESS,))
    assert first.text.strip() == NEUTRAL
    message = first.message
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "text/plain"
    assert set(message.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding",
        "MIME-Version",
    }  # fmt: skip
    said = first.raw.decode().lower()
    names = (pinged.elif_id, pinged.household, manifest, pinged.huis.id, CHILD_AND_FAMILY, OCMW)
    assert not [word for word in (*names, "huis", "kind", "ocmw", "zegel", "http", "127.0.0.1", "localhost")
                if word.lower() in said]  # fmt: skip
    assert ADDRESS not in pinged.huis.relay.log.read_text()


async def test_no_contact_and_no_pings_chosen_no_mail(pinged: World, mail):
    await send(pinged)
    await pinged.phone.choose_contact(Choice(None))
    await send(pinged)
    await pinged.phone.choose_contact(Choice(ADDRESS, wording="none"))
    await send(pinged)
    await asyncio.sleep(2)
    assert mail.mails == []
    assert mail.asked == 0


async def test_the_last_choice_counts_and_the_one_before_is_erased(pinged: World, mail):
    await pinged.phone.choose_contact(Choice("old@mail.example", hours=ALWAYS))
    await pinged.phone.choose_contact(Choice("new@mail.example", wording="short", language="en", hours=ALWAYS))
    await send(pinged)
    (ping,) = await mail.wait(1)
    assert ping.to == ("new@mail.example",)
    assert ping.text.strip() == "There is something new."


async def test_nobody_changes_the_contact_of_who_has_keys(pinged: World):
    await pinged.phone.choose_contact(Choice(ADDRESS))
    with pytest.raises(RelayProblem) as refused:
        await pinged.ocmw.set_contact(pinged.elif_id, Choice("worker@partner.example"))
    assert refused.value.code == "contact.own-keys"


async def test_a_worker_sets_the_contact_of_who_has_no_keys_and_only_then(pinged: World):
    person = await pinged.nurse.families.add_person(pinged.household)
    await pinged.nurse.set_contact(person, Choice("first@mail.example"))
    await pinged.ocmw.set_contact(person, Choice("second@mail.example"))
    with pytest.raises(RelayProblem) as unknown:
        await pinged.nurse.set_contact(os.urandom(16).hex(), Choice("third@mail.example"))
    assert unknown.value.code == "person.unknown"


@pytest.mark.slow
@pytest.mark.own_database
async def test_a_mail_server_that_is_away_gets_the_ping_later(pinged: World, mail):
    mail.stop()
    await pinged.phone.choose_contact(Choice(ADDRESS, hours=ALWAYS))
    await send(pinged)
    await asyncio.sleep(2)
    mail.start()
    await mail.wait(1, seconds=150)


# Who has no device is told in person


@pytest.fixture
async def agreed(tmp_path):
    """A desk with a couple without a phone, who said yes to a referral to the nurse."""
    office = await Office.open(tmp_path)
    desk = await office.desk()
    await desk.yes(await desk.ask(desk.draft(plan="Dinsdag om 10 uur.")))
    yield desk
    await office.close()


@pytest.fixture
async def desk(agreed):
    """The same desk, once the referral was sent."""
    await agreed.sara.send(agreed.draft(plan="Dinsdag om 10 uur."))
    return agreed


async def test_the_recipient_tells_where_the_message_says_so(agreed: Desk):
    draft = agreed.draft(plan="Dinsdag om 10 uur.")
    draft.notice_by = CHILD_AND_FAMILY
    await agreed.sara.send(draft)
    assert await agreed.sara.duties() == []
    duties = await agreed.nurse.duties()
    assert {duty.person for duty in duties} == set(agreed.couple)
    assert "Kind en Gezin" in (await agreed.nurse.letter(duties[0])).splitlines()[0]
    for duty in duties:
        await agreed.nurse.confirm_told(duty, "by-letter")
    assert await agreed.nurse.duties() == []
    assert await agreed.sara.untold(agreed.huis.clock() + 30 * DAY) == []


async def test_the_partner_owes_it_until_a_worker_says_that_they_were_told(desk: Desk):
    now = desk.huis.clock()
    duties = await desk.sara.duties()
    assert {duty.person for duty in duties} == set(desk.couple)
    assert not any(duty.overdue for duty in duties)
    assert all(duty.overdue for duty in await desk.tom.duties(now + 30 * DAY))
    assert await desk.nurse.duties() == []
    assert {(item.person, item.why, item.owing) for item in await desk.sara.untold(now + 30 * DAY)} == {
        (person, "not-told", OCMW) for person in desk.couple
    }
    await desk.tom.confirm_told(duties[0], "by-letter")
    assert [duty.person for duty in await desk.sara.duties()] == [duties[1].person]
    assert [item.person for item in await desk.sara.untold(now + 30 * DAY)] == [duties[1].person]
    await desk.sara.confirm_told(duties[1])
    assert await desk.sara.duties() == []
    assert await desk.sara.untold(now + 30 * DAY) == []


async def test_the_letter_says_what_the_page_says_and_no_content(desk: Desk):
    duty = (await desk.sara.duties())[0]
    letter = await desk.sara.letter(duty)
    assert letter.startswith("het OCMW\n")
    assert "Wat? Praktische afspraken en de afspraak." in letter
    assert "Waarom?" in letter
    assert "Wilt u dat dit stopt? Zeg het aan het OCMW.\nDan krijgt Kind en Gezin niets nieuws." in letter
    assert "U zei ja op" in letter
    assert "Dinsdag om 10 uur" not in letter
    assert "Lees alles" not in letter
    assert "Why?" in await desk.sara.letter(duty, "en")


async def test_only_a_worker_of_the_partner_that_owes_it_says_so(desk: Desk):
    duty = (await desk.sara.duties())[0]
    with pytest.raises(RelayProblem) as foreign:
        await desk.nurse.confirm_told(duty)
    assert foreign.value.code == "acknowledgement.not-owed"
    service = await colleague(desk.huis, OCMW, "robot", service=True)
    async with service:
        with pytest.raises(RelayProblem) as unmanned:
            await service.confirm_told(duty)
    assert unmanned.value.code == "signature.service"
    assert len(await desk.sara.duties()) == 2


async def test_who_enrols_meanwhile_says_so_themselves(desk: Desk):
    async with desk.huis.phone(desk.household, desk.couple[0]) as phone:
        await desk.huis.enrol(desk.sara, phone)
        (notice,) = await phone.notices()
        await phone.tell(notice)
    assert [duty.person for duty in await desk.sara.duties()] == [desk.couple[1]]


# Who was not told is noticed


async def test_the_sender_notices_who_was_not_told_in_time(world: World):
    await world.consent()
    sent = await world.nurse.send(world.draft())
    later = world.huis.clock() + 30 * DAY
    assert await world.nurse.untold() == []
    (untold,) = await world.nurse.untold(later)
    assert (untold.person, untold.message, untold.why, untold.owing) == (world.elif_id, sent.manifest, "not-told", None)
    for notice in await world.phone.notices():
        await world.phone.tell(notice)
    assert await world.nurse.untold(later) == []
    assert await world.ocmw.untold(later) == []
