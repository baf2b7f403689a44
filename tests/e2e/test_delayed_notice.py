"""A notice that may not reach its person yet: for them neither it nor its message is there, by any way of asking."""

import asyncio
import os

import msgspec
import pytest

from e2e.alarm_town import CLB, DAY, DESK, HOUR, JAC, MINUTE, NURSE, OCMW, WHY, AlarmTown, open_alarm_town
from e2e.families import complete
from servers.databases import rows
from zegel import RelayProblem
from zegel_keys.envelopes import new_nonce, sign_payload
from zegel_keys.exhibit import read
from zegel_protocol import b64
from zegel_protocol.api import Bundle, EvidenceQuery
from zegel_protocol.objects import Acknowledgement, Status
from zegel_protocol.objects.manifest import Delay
from zegel_protocol.objects.parties import Party, Sender

pytestmark = pytest.mark.slow


@pytest.fixture
async def town(tmp_path):
    async with open_alarm_town(tmp_path / "huis") as town:
        yield town


async def asked(town: AlarmTown, d: str) -> dict[str, object]:
    """Return everything that a phone is answered now, of itself and of the message `d`, byte for byte.

    Left out is what differs between any two answers: the relay's own statements of this second.
    """
    phone, person = town.phone._phone.relay, Party(person=town.person)
    query = EvidenceQuery(
        persons=(town.person,), sender=person, to=Party(partner=DESK), household=town.household, answers=d
    )
    # A word that is as well formed as any, with a receipt that nobody ever gave.
    told = Acknowledgement(
        v=1, huis=town.huis.id, nonce=new_nonce(), manifest=d, receipt=d, reader=person,
        by=Sender(person=town.person), event="opened", codes=(), seen=town.phone._phone.view.seen, at=town.clock(),
    )  # fmt: skip
    word = sign_payload(told, town.phone._phone.seed.identity_key)
    asking = {
        "notices": phone.notices(0),
        "inbox": phone.inbox(0),
        "deliver": phone.deliver(d),
        "events": phone.events(d),
        "receipt": phone.receipt(d),
        "requests": phone.requests(),
        "consents": phone.consents(),
        "deadlines": phone.deadlines(),
        "contact": phone.contact(town.person),
        "evidence": phone.evidence(query),
        "word": phone.submit_object(word),
    }
    return {name: await _answer(question) for name, question in asking.items()}


async def _answer(question):
    try:
        answer = await question
    except RelayProblem as problem:
        return (problem.status, problem.code, problem.what)
    if isinstance(answer, Bundle):
        items = [item for item in answer.items if read(bytes(item.object)).kind != Status.KIND]
        answer = Bundle(items=tuple(items))
    return msgspec.json.encode(answer)


def some_d() -> str:
    return b64.encode(os.urandom(32))


async def refer(town: AlarmTown, text: str = "Drie deurwaarders.") -> str:
    """Send something about the person that they are told of at once; return its `D`."""
    draft = town.nurse.referral(OCMW, town.household, [town.person]).note("money", text)
    request = await town.nurse.families.ask_consent(complete(draft, town.clock()))
    asked_for = next(item for item in await town.phone.requests() if item.request.d == request)
    await town.phone.accept(asked_for)
    return (await town.nurse.send(complete(draft, town.clock()))).manifest


async def shown_within(town: AlarmTown, after: int = 0, seconds: int = 20) -> list[str]:
    """Return the `D` of the messages of the notices from a cursor on, as soon as there are any."""
    page = await town.phone._phone.relay.notices(after, seconds)
    return [item.manifest for item in page.items]


async def test_nothing_betrays_a_message_whose_notice_waits(town: AlarmTown):
    before = await asked(town, some_d())
    waiting = asyncio.create_task(town.phone._phone.relay.notices(0, 3))
    sent = await town.alarm(wait=70 * HOUR)
    assert (await waiting).items == ()
    assert await asked(town, sent.manifest) == before
    # Everyone else goes on, and what they say betrays nothing either.
    (item,) = await town.desk.inbox()
    await town.desk.acknowledge(await town.desk.open(item))
    await town.workers[f"{NURSE}/second"].alarms.countersign(sent.manifest)
    assert await asked(town, sent.manifest) == before
    assert {event.event for event in await town.nurse.events(sent.manifest)} >= {"opened"}
    # Nothing of it is promised but its release: no ping, no duty to tell, nothing that wakes the phone.
    promised = rows(town.huis.relay, "SELECT kind FROM outbox WHERE object_d IN (SELECT d FROM notices)")
    assert promised == [("release",)]
    assert await town.nurse.duties() == []


async def test_a_notice_that_falls_due_stands_behind_what_the_phone_has_seen(town: AlarmTown):
    late = await town.alarm(wait=2 * HOUR)
    at_once = await refer(town)
    (first,) = await town.phone.notices()
    assert first.copy.manifest.d == at_once
    cursor = town.phone.cursor
    inbox = await town.phone._phone.relay.inbox(0)
    assert [item.manifest for item in inbox.items] == [at_once]
    await town.turn(2 * HOUR + MINUTE)
    assert await shown_within(town, cursor) == [late.manifest]
    (second,) = await town.phone.notices(cursor)
    assert set(second.notice.payload.codes) == {"alarm", "code-first", "delayed", "no-consent"}
    assert second.readable() == [("motivation", "Blauwe plekken op de rug; hij durft niet naar huis.")]
    more = await town.phone._phone.relay.inbox(inbox.cursor)
    assert [item.manifest for item in more.items] == [late.manifest]
    # Nothing comes twice, nothing is lost, and what is told at once afterwards stands behind it.
    assert await town.phone.notices(town.phone.cursor) == []
    third = await refer(town, "Nog een brief.")
    assert [notice.copy.manifest.d for notice in await town.phone.notices(town.phone.cursor)] == [third]
    assert [notice.copy.manifest.d for notice in await town.phone.notices()] == [at_once, late.manifest, third]
    promised = rows(town.huis.relay, "SELECT kind FROM outbox WHERE object_d = ?", [second.notice.d])
    assert sorted(promised) == [("ping",), ("release",)]


async def test_several_that_fall_due_together_come_one_after_the_other(town: AlarmTown):
    sent = [(await town.alarm(wait=HOUR + number)).manifest for number in range(3)]
    await town.turn(2 * HOUR)
    found: list[str] = []
    while len(found) < len(sent):
        found += [notice.copy.manifest.d for notice in await town.phone.notices(town.phone.cursor, 10)]
    assert sorted(found) == sorted(sent)
    assert [notice.copy.manifest.d for notice in await town.phone.notices()] == found


async def test_a_partner_from_outside_lets_it_wait_longer_each_time_another(town: AlarmTown):
    sent = await town.alarm(wait=70 * HOUR)
    accepted = town.clock()
    ocmw, clb = town.workers[OCMW].alarms, town.workers[CLB].alarms

    async def refused(review, code):
        with pytest.raises(RelayProblem) as no:
            await review
        assert no.value.code == code

    await refused(ocmw.review_delay(sent.manifest, town.clock() + 14 * DAY + HOUR), "countersignature.too-long")
    await refused(town.nurse.alarms.review_delay(sent.manifest, None), "countersignature.party")
    await refused(town.desk.alarms.review_delay(sent.manifest, None), "countersignature.party")
    await refused(ocmw.review_delay(some_d(), None), "countersignature.unknown")
    await ocmw.review_delay(sent.manifest, town.clock() + 14 * DAY)
    await refused(ocmw.review_delay(sent.manifest, town.clock() + 14 * DAY), "countersignature.again")
    await town.turn(4 * DAY)
    assert await shown_within(town, seconds=6) == []
    await town.turn(9 * DAY)
    await clb.review_delay(sent.manifest, town.clock() + 14 * DAY)
    await town.turn(13 * DAY)
    jac = town.workers[JAC].alarms
    await refused(jac.review_delay(sent.manifest, accepted + 30 * DAY + HOUR), "countersignature.too-long")
    await jac.review_delay(sent.manifest, accepted + 30 * DAY - HOUR)
    assert await shown_within(town, seconds=6) == []
    await town.turn(4 * DAY)
    assert await shown_within(town) == [sent.manifest]
    await refused(town.workers[f"{NURSE}/second"].alarms.review_delay(sent.manifest, None), "countersignature.party")
    (notice,) = await town.phone.notices()
    assert [item.what for item in notice.looked] == ["delay"] * 3


async def test_who_does_not_agree_ends_the_waiting_at_once(town: AlarmTown):
    sent = await town.alarm(wait=70 * HOUR)
    assert await shown_within(town, seconds=1) == []
    waiting = asyncio.create_task(shown_within(town))
    await town.workers[OCMW].alarms.review_delay(sent.manifest, None)
    assert await waiting == [sent.manifest]
    with pytest.raises(RelayProblem) as late:
        await town.workers[CLB].alarms.review_delay(sent.manifest, None)
    assert late.value.code == "countersignature.late"


async def test_who_has_no_device_is_owed_a_telling_from_then_on_and_not_before(town: AlarmTown):
    other = await town.nurse.families.add_person(town.household)
    delay = Delay(until=town.clock() + HOUR, code="danger-if-told")
    draft = town.nurse.alarms.draft(DESK, town.household, [other], delay=delay)
    sent = await town.nurse.alarms.send(draft.note("motivation", WHY))
    assert await town.nurse.duties() == []
    assert rows(town.huis.relay, "SELECT count(*) FROM outbox WHERE kind = 'tell'") == [(0,)]
    await town.turn(HOUR + MINUTE)
    async with asyncio.timeout(30):
        while not (owed := await town.nurse.duties()):  # noqa: ASYNC110 (another process releases it)
            await asyncio.sleep(0.5)
    (duty,) = owed
    assert (duty.person, duty.message, duty.overdue) == (other, sent.manifest, False)
    await town.nurse.confirm_told(duty)
    assert await town.nurse.duties() == []


async def test_the_sender_is_shown_when_a_review_lets_it_be_told_and_asks_no_sooner(town: AlarmTown):
    sent = await town.alarm(wait=HOUR)
    until = town.clock() + 14 * DAY
    await town.workers[OCMW].alarms.review_delay(sent.manifest, until)
    (item,) = (await town.nurse._client.sent_notices(sent.manifest)).items
    assert (item.due, item.position) == (until, None)
    await town.turn(13 * DAY)
    assert await town.nurse.untold() == []
