"""Pages of what reached people another way than on their yes to one message: an alarm, and a table."""

import pytest
import pytest_asyncio

from e2e.alarm_town import CLB, HOUR, NURSE, OCMW, AlarmTown, open_alarm_town
from e2e.families import Household, months_from, say_yes
from zegel import Draft
from zegel_demo.huis import DAY
from zegel_protocol.decision.age import month_start

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory):
    async with open_alarm_town(tmp_path_factory.mktemp("town")) as opened:
        yield opened


def said(town: AlarmTown, notice, section: str) -> list[str]:
    """Return the lines of one section of a notice's page."""
    return [line.text for line in town.phone.page(notice) if line.section == section]


async def test_an_alarm_is_told_with_the_code_and_then_with_its_second_look(town):
    sent = await town.alarm()
    (notice,) = await town.phone.notices()
    assert notice.notice.payload.codes == ("alarm", "code-first", "no-consent")
    assert said(town, notice, "who")[0] == (
        "Kind en Gezin (verpleegkundige) meldde een grote zorg over u aan Vertrouwenscentrum."
    )
    assert "Dit was een alarm. Het mocht niet wachten." in said(town, notice, "who")
    assert said(town, notice, "yes")[0].startswith("Er is geen ja gevraagd.")
    assert said(town, notice, "code")[-1] == "Lees de afspraken"
    assert (await town.phone.code())[0] == "De afspraken van Huis van het Kind"
    assert notice.readable() == [("motivation", "Blauwe plekken op de rug; hij durft niet naar huis.")]

    await town.workers[f"{NURSE}/second"].alarms.countersign(sent.manifest)
    (notice,) = await town.phone.notices()
    assert "Een tweede medewerker keek dit na en is het ermee eens." in said(town, notice, "next")
    (late,) = await town.phone.notices()
    assert "stop" not in {line.action for line in town.phone.page(late)}


async def test_who_sits_at_the_table_is_on_the_page(town):
    cursor = town.phone.cursor
    nurse = town.nurse
    planned = town.clock() + 7 * DAY + HOUR
    conference = await nurse.conferences.convene(town.household, [town.person], (OCMW, CLB), planned=planned)
    asked = set(await nurse.conferences.ask_consent(conference, [("follow", "whole"), ("plan", "whole")]))
    for request in await town.phone.requests():
        if request.request.d in asked:
            await town.phone.accept(request)
    reached = await nurse.conferences.invite(conference, "Hoe loopt het?", to=[OCMW])
    assert reached[0].sent is not None
    (notice,) = await town.phone.notices(cursor)
    assert notice.notice.payload.codes == ()
    lines = said(town, notice, "next")
    assert lines[1] == "Wie zit aan tafel? CLB Gent, Kind en Gezin en het OCMW."
    assert "U bent er zelf bij. U mag iemand meebrengen." in lines
    assert ("agenda", "Hoe loopt het?") in notice.readable()
    await nurse.conferences.close(conference)
    (notice,) = await town.phone.notices(cursor)
    assert said(town, notice, "next")[1] == "Dit overleg is voorbij."


async def test_at_twelve_a_parents_yes_ends_after_some_weeks_and_the_next_is_ones_own(town):
    home = Household.new(town.huis, town.nurse)
    mother = await home.adult()
    month = months_from(town.clock(), 1)
    child = await town.nurse.families.add_person(
        home.id, turns12=month, turns18=months_from(town.clock(), 73), authority=[mother]
    )
    hers = await home.phone(mother)
    draft = Draft("information", "coordinate", OCMW, home.id, (child,)).note("plan", "Woensdag bij oma.")
    await say_yes(hers, await home.ask(draft))
    assert [item.counts_for for item in await hers.given()] == [(child,), (child,)]

    await town.turn(month_start(month) + DAY - town.clock())
    own = await home.phone(child)
    assert await hers.given() == ()
    assert [item.counts_for for item in await own.given()] == [(child,), (child,)]
    request = await home.ask(draft)
    assert await hers.requests() == []

    await town.turn(61 * DAY)
    assert [item.counts_for for item in await own.given()] == [(), ()]
    again = await home.ask(draft)
    await say_yes(own, again)
    assert [item.counts_for for item in await own.given()][-2:] == [(child,), (child,)]
    assert request != again
    await hers.close()
    await own.close()
