"""A shared inbox: whose message it is, who steps in, what is due; nobody outside the team sees how it is divided."""

import pytest

from e2e.families import complete, say_yes
from e2e.world import OCMW
from zegel import NotForThisDevice, RelayProblem, Sent, partner_setup
from zegel.inbox_desk import NoColleague
from zegel.prekeys import keys_of_device
from zegel_demo.huis import DAY, PASSPHRASE
from zegel_keys.envelopes import new_nonce, sign_payload
from zegel_protocol.objects import Assignment

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def received(desk) -> str:
    """Return the `D` of a message that the OCMW gets from the nurse."""
    family = await desk.nurse.families.add_person(desk.household)
    phone = desk.huis.phone(desk.household, family)
    await desk.huis.enrol(desk.nurse, phone)
    draft = desk.nurse.referral(OCMW, desk.household, [family]).note("ask", "Een afspraak.")
    request = await desk.nurse.families.ask_consent(draft)
    await say_yes(phone, request)
    await phone.close()
    sent: Sent = await desk.nurse.send(complete(draft, desk.huis.clock()))
    return sent.manifest


async def test_a_message_is_given_to_a_colleague_who_is_away_and_another_steps_in(desk):
    sara, tom = desk.sara, desk.tom
    message, now = await received(desk), desk.huis.clock()
    await sara.desk.assign(message)
    await sara.desk.assign(message, tom.identity.worker)
    given = (await tom.desk.assigned())[message]
    assert (given.worker, given.now, given.substituted) == (tom.identity.worker, tom.identity.worker, False)

    await tom.desk.set_absence(None, sara.identity.worker, now - DAY, now + 7 * DAY)
    given = (await sara.desk.assigned())[message]
    assert (given.worker, given.now, given.substituted) == (tom.identity.worker, sara.identity.worker, True)
    later = (await sara.desk.assigned(now + 8 * DAY))[message]
    assert later.now == tom.identity.worker
    # How the team divides its work is nobody else's to see.
    assert await desk.nurse.desk.assigned() == {}


async def test_nobody_gives_away_what_is_not_theirs_or_to_who_is_no_colleague(desk):
    message = await received(desk)
    with pytest.raises(NoColleague):
        await desk.sara.desk.assign(message, desk.nurse.identity.worker)
    with pytest.raises(RelayProblem) as foreign:
        await desk.nurse.desk.assign(message)
    assert foreign.value.code == "message.unknown"
    with pytest.raises(NoColleague):
        await desk.sara.desk.set_absence(None, desk.nurse.identity.worker, 1, 2)
    # Past their own software, the relay says no.
    identity = desk.sara.identity
    stranger = Assignment(
        v=1, huis=identity.huis, nonce=new_nonce(), partner=OCMW, manifest=message,
        worker=desk.nurse.identity.worker or "", at=desk.huis.clock(),
    )  # fmt: skip
    with pytest.raises(RelayProblem) as refused:
        await desk.sara._view.submit(sign_payload(stranger, identity.signing_key))
    assert refused.value.code == "worker.unknown"


async def test_what_is_due_shows_late_first_in_words(desk):
    message = await received(desk)
    due = [item for item in await desk.sara.desk.deadlines() if item.message == message]
    assert [(item.kind, item.mine, item.state) for item in due] == [("first-contact", True, "open")]
    assert due[0].says in ("in 1 day", "in 2 days")
    theirs = [item for item in await desk.nurse.desk.deadlines() if item.message == message]
    assert [(item.kind, item.mine) for item in theirs] == [("first-contact", False)]


async def test_a_device_that_is_no_inbox_device_opens_what_a_colleague_gives_it(desk):
    home = await beside_the_inbox(desk, "at-home")
    try:
        message, other = await received(desk), await received(desk)
        with pytest.raises(NotForThisDevice):
            await home.open(message)
        await desk.sara.desk.hand_to(message, home.identity.device)
        opened = await home.open(message)
        assert {section.type for section in opened.sections} == {"ask", "agreement"}
        await home.acknowledge(opened)
        # It opens that message, and no other; and nobody of another partner is given anything.
        with pytest.raises(NotForThisDevice):
            await home.open(other)
        with pytest.raises(NoColleague):
            await desk.sara.desk.hand_to(message, desk.nurse.identity.device)
        with pytest.raises((RelayProblem, NoColleague)):
            await desk.nurse.desk.hand_to(message, desk.nurse.identity.device)
        # The inbox devices open it as before.
        assert (await desk.tom.open(message)).d == message
    finally:
        await home.close()


async def test_keys_of_another_message_are_not_taken_for_this_one(desk):
    home = await beside_the_inbox(desk, "on-the-road")
    try:
        message, other = await received(desk), await received(desk)
        sara = desk.sara
        await sara.open(message)
        held = await keys_of_device(sara._client, sara._view, OCMW, home.identity.device)
        envelope = await sara._receiver.keys_again(
            await sara._reminding.hand_out(other), other, held, desk.huis.clock()
        )
        with pytest.raises(RelayProblem) as foreign:
            await sara._client.give_keys(message, envelope)
        assert foreign.value.code == "wraps.foreign"
    finally:
        await home.close()


async def beside_the_inbox(desk, name):
    """Give Tom a second device, to which no message is sealed, and connect it."""
    member = desk.huis.members[OCMW]
    made = partner_setup.make_device(
        member.folder / name, PASSPHRASE, member.root, desk.huis.founding.file, desk.huis.clock(), partner=OCMW,
        name=member.name, relay=desk.huis.relay.address, function="social-worker", worker=desk.tom.identity.worker,
        before=member.lists[-1], inbox=False, cost="interactive",
    )  # fmt: skip
    made.keystore.close()
    member.devices[name] = member.folder / name
    member.lists.append(made.list_envelope)
    await desk.huis.give(made.list_envelope)
    return await desk.huis.connect(OCMW, name)
