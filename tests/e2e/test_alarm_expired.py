"""An alarm after the steward did not renew the directory in time: it goes on, and everyone is told that it did."""

import pytest
import pytest_asyncio

from e2e.alarm_town import DAY, DESK, NURSE, OCMW, WHY, AlarmTown, open_alarm_town
from e2e.families import complete
from zegel import Refused
from zegel_protocol.errors import ChainError
from zegel_protocol.refusal import Code
from zegel_protocol.texts.catalogue import phrase

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory):
    async with open_alarm_town(tmp_path_factory.mktemp("town")) as opened:
        yield opened


async def test_an_alarm_goes_under_an_expired_directory_and_is_flagged_for_everyone(town: AlarmTown):
    directory = (await town.nurse.setting()).setting.directory.payload
    timely = await town.alarm()
    assert timely.expired_directory is False
    message = await town.desk.open(timely.manifest)
    assert message.expired_directory is False
    await town.desk.acknowledge(message)
    # The steward is away: nobody publishes, and the list of partners runs out.
    town.clock.turn(directory.expires - town.clock() + DAY)

    plain = town.nurse.information(OCMW, town.household, [town.person]).note("plan", "Donderdag.")
    with pytest.raises(Refused) as refused:
        await town.nurse.send(complete(plain, town.clock()))
    assert Code.DIRECTORY_EXPIRED in refused.value.codes

    sent = await town.alarm()
    assert sent.expired_directory is True
    (waiting,) = [item for item in await town.desk.inbox() if item.manifest == sent.manifest]
    assert waiting.urgent
    message = await town.desk.open(waiting)
    assert message.expired_directory is True
    assert [getattr(section.note, "text", "") for section in message.sections] == [WHY]
    await town.desk.acknowledge(message)
    assert [item.event for item in await town.nurse.events(sent.manifest)] == ["opened"]
    # Who signs second is not held up either, here or elsewhere.
    assert (await town.workers[OCMW].alarms.look(sent.manifest)).manifest == sent.manifest
    await town.workers[f"{NURSE}/second"].alarms.countersign(sent.manifest)
    assert sent.manifest not in {item.object for item in await town.nurse.alarms.waiting()}

    # A phone believes no list that has run out, for that might hide who was taken out; once it is renewed, it is told.
    with pytest.raises(ChainError) as stale:
        await town.phone.notices()
    assert stale.value.code == "directory.expired"
    await town.huis.publish()
    told = await town.phone.notices()
    assert len(told) == 2
    flagged = [item for item in told if "expired-directory" in item.notice.payload.codes]
    assert [item.notice.payload.manifest for item in flagged] == [sent.manifest]
    page = [line.text for line in town.phone.page(flagged[0])]
    assert phrase("nl", "notice.expired-directory") in page
    # By the new list it was judged anew, so nothing is left to be unsure of.
    again = await town.desk.open(sent.manifest)
    assert again.expired_directory is False
    assert DESK in {item.partner for item in await town.nurse.alarms.desks()}
