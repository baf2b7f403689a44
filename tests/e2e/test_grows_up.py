"""At 18 a parent's yes ends at once: nothing more goes on it, the parent learns nothing more, the young adult all."""

import pytest
import pytest_asyncio

from e2e.alarm_town import DAY, NURSE, OCMW, AlarmTown, open_alarm_town
from e2e.families import Household, Overheard, complete, months_from, say_yes, send_and_open
from zegel import Draft, RelayProblem
from zegel_protocol.decision.age import month_start
from zegel_protocol.objects.person import Capability
from zegel_protocol.refusal import Code

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory):
    async with open_alarm_town(tmp_path_factory.mktemp("town")) as opened:
        yield opened


async def rebut(town: AlarmTown, person: str, capability: Capability) -> None:
    """Have two workers of the nurse's partner rebut what the age of a person presumes."""
    colleague = town.workers[f"{NURSE}/second"]
    payload = await town.nurse.families.prepare_change(person, capability=capability)
    signatures = [worker.families.sign_change(payload) for worker in (town.nurse, colleague)]
    await town.nurse.families.submit_change(payload, signatures)


def word(town: AlarmTown, home: Household, person: str) -> Draft:
    """Return a message about a person, complete."""
    draft = town.nurse.information(OCMW, home.id, [person]).note("plan", "Woensdag om drie uur.")
    return complete(draft, town.clock())


async def test_a_parents_yes_ends_at_eighteen_and_the_young_adult_takes_over(town: AlarmTown):
    home = Household.new(town.huis, town.nurse)
    mother = await home.adult()
    month = months_from(town.clock(), 1)
    young = await town.nurse.families.add_person(
        home.id, turns12=months_from(town.clock(), -71), turns18=month, authority=[mother]
    )
    # At 17 not able to decide, as two workers reasoned; so the mother says yes, and what she said yes to goes.
    await rebut(town, young, Capability(capable=False, until=town.clock() + 120 * DAY))
    hers, own = await home.phone(mother), await home.phone(young)
    request = await home.ask(word(town, home, young))
    assert await own.requests() == []
    await say_yes(hers, request)
    await send_and_open(town.nurse, town.workers[OCMW], word(town, home, young))
    assert [item.counts_for for item in await hers.given()] != []
    # From 12 on it is the young person who is told, not the mother.
    assert await hers.notices() == []
    (before,) = await own.notices()
    assert ("plan", "Woensdag om drie uur.") in before.readable()

    await town.turn(month_start(month) - 60 - town.clock())
    assert (await town.nurse.preflight(word(town, home, young))).ok
    await town.turn(120)
    # A minute later: the rebuttal still has months, and counts for nobody who is of age.
    refused = {item.code for item in (await town.nurse.preflight(word(town, home, young))).refusals}
    assert refused == {Code.SIGNER_NOT_ENTITLED}
    assert await hers.given() == ()

    draft = word(town, home, young)
    overheard = Overheard(hers)
    again = await home.ask(draft)
    assert await hers.requests() == []
    await say_yes(own, again)
    sent, _ = await send_and_open(town.nurse, town.workers[OCMW], draft)
    assert await hers.notices() == []
    for attempt in (hers._phone.relay.deliver(sent.manifest), hers._phone.relay.events(sent.manifest)):
        with pytest.raises(RelayProblem) as hidden:
            await attempt
        assert hidden.value.code == "message.unknown"
    assert young.encode() not in b"\n".join(overheard.answers)
    # What was told before stays the young adult's to read, and what is new is theirs alone.
    assert [item.notice.payload.manifest for item in await own.notices()][-1] == sent.manifest
    assert len(await own.notices()) == 2
    await hers.close()
    await own.close()


async def test_a_rebuttal_is_by_two_workers_and_never_for_long(town: AlarmTown):
    home = Household.new(town.huis, town.nurse)
    mother = await home.adult()
    child = await home.child(10, [mother])
    soon = Capability(capable=True, until=town.clock() + 30 * DAY)
    with pytest.raises(RelayProblem) as alone:
        await town.nurse.families.change_person(child, capability=soon)
    assert alone.value.code == "signature.missing"
    with pytest.raises(RelayProblem) as long:
        await rebut(town, child, Capability(capable=True, until=town.clock() + 400 * DAY))
    assert long.value.code == "person.rebuttal"
    await rebut(town, child, soon)
    own = await home.phone(child)
    await say_yes(own, await home.ask(word(town, home, child)))
    assert (await town.nurse.preflight(word(town, home, child))).ok
    # Once it is over, the mother decides again, and one worker writes the next version.
    await town.turn(31 * DAY)
    await town.nurse.families.change_person(child, conflict=True)
    assert Code.SIGNER_NOT_ENTITLED in {
        item.code for item in (await town.nurse.preflight(word(town, home, child))).refusals
    }
    await own.close()
