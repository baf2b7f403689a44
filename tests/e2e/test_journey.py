"""The whole journey: asked, consented, sent, opened, answered, told, stopped."""

import pytest

from e2e.world import OCMW
from servers.databases import rows
from zegel import Carried, Refused
from zegel_demo import rash
from zegel_relay.storage.models import RefusalCount


async def test_a_referral_travels_and_the_client_is_told(world):
    await world.consent()
    draft = world.draft(money="Drie deurwaarders, samen ongeveer € 6.400.", ask="Hulp bij schulden.")
    sent = await world.nurse.send(draft)
    (waiting,) = await world.ocmw.inbox()
    assert waiting.manifest == sent.manifest
    message = await world.ocmw.open(waiting)
    assert {section.type: section.note.text for section in message.sections if section.type != "agreement"} == {
        "money": "Drie deurwaarders, samen ongeveer € 6.400.",
        "ask": "Hulp bij schulden.",
    }
    await world.ocmw.acknowledge(message)
    assert await world.ocmw.inbox() == []

    answer = world.ocmw.report_back(message)
    answer.carried = Carried(how="with-client")
    answer.note("follow", "Eerste gesprek gehad.")
    await world.ocmw.send(answer)
    (back,) = await world.nurse.inbox()
    assert (await world.nurse.open(back)).sections[0].note.text == "Eerste gesprek gehad."

    notices = await world.phone.notices()
    assert [notice.copy.manifest.payload.kind for notice in notices] == ["referral", "report-back"]
    page = "\n".join(world.phone.render(notices[0]))
    assert "Kind en Gezin" in page
    assert "OCMW" in page


@pytest.mark.parametrize("sending", ["checked", "rash"])
async def test_without_consent_nothing_leaves(world, sending):
    draft = world.draft()
    with pytest.raises(Refused) as refused:
        await (world.nurse.send(draft) if sending == "checked" else rash.send(world.nurse, draft, world.huis.clock()))
    assert refused.value.codes == ("consent.missing",)
    assert refused.value.refusals[0].mend.what == ("money",)
    assert await world.ocmw.inbox() == []
    assert await world.phone.notices() == []


async def test_revocation_withdraws_what_was_not_delivered_and_refuses_what_follows(world):
    forward, _ = await world.consent()
    sent = await world.nurse.send(world.draft())
    await world.phone.revoke([forward], "changed-mind")
    assert await world.ocmw.inbox() == []
    with pytest.raises(Exception, match=r"message\.withdrawn|withdrawn"):
        await world.ocmw.open(sent.manifest)
    with pytest.raises(Refused) as refused:
        await rash.send(world.nurse, world.draft(), world.huis.clock())
    assert refused.value.codes == ("consent.revoked",)


async def test_the_same_bytes_twice_give_the_same_receipt(world):
    await world.consent()
    composed = await rash.seal(world.nurse, world.draft(), world.huis.clock())
    first = await world.nurse._client.submit_message(composed.submission)
    assert await world.nurse._client.submit_message(composed.submission) == first
    assert len(await world.ocmw.inbox()) == 1


async def test_a_message_to_a_partner_who_closed_itself_to_the_purpose_is_refused(world):
    draft = world.nurse.referral("school-de-linde", world.household, [world.elif_id])
    draft.note("money", "Schulden.")
    checked = await world.nurse.preflight(draft)
    assert "recipient.closed" in {item.code.value for item in checked.refusals}
    assert draft.to != OCMW


async def test_refusals_are_counted_by_day_and_code_and_nothing_else(world):
    for _ in range(2):
        with pytest.raises(Refused):
            await rash.send(world.nurse, world.draft(), world.huis.clock())
    assert [column.name for column in RefusalCount.__table__.columns] == ["day", "code", "count"]
    counted = rows(world.huis.relay, "SELECT * FROM refusals")
    assert [(len(row), *row[1:]) for row in counted] == [(3, "consent.missing", 2)]
