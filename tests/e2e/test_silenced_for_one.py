"""A father whom a safety flag silences for one of two children learns nothing of what is about both."""

import pytest
import pytest_asyncio

from e2e import traces
from e2e.families import Household, Overheard, complete, say_yes, send_and_open
from e2e.town import HOME, notices_of, open_town
from zegel import RelayProblem
from zegel_demo.client_sealing import own_words

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOTH = "Noor en Lou slapen nu bij oma."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory):
    async with open_town(tmp_path_factory.mktemp("town")) as opened:
        yield opened


async def test_he_reads_of_the_other_child_and_not_of_the_two_together(town):
    home = Household.new(town.huis, town.clb)
    mother, father = await home.adult(), await home.adult()
    noor = await home.child(7, [mother, father], silenced=[father])
    lou = await home.child(9, [mother, father])
    async with await home.phone(mother) as mothers, await home.phone(father) as fathers:
        draft = town.clb.referral(HOME, home.id, [noor, lou])
        draft.note("plan", BOTH).note("school", "Lou komt graag naar school.", about=[lou])
        complete(draft, town.huis.clock())
        # Each child is asked about in a request of its own: a yes names all whom it is about, and he sees Lou's.
        with pytest.raises(RelayProblem) as refused:
            await home.ask(draft)
        assert refused.value.code == "person.apart"
        for child in (noor, lou):
            await say_yes(mothers, await home.ask(draft, persons=[child]))
        listening = Overheard(fathers)
        sent, notes = await send_and_open(town.clb, town.home, draft)
        assert notes["plan"] == BOTH

        (hers,), (his,) = await mothers.notices(), await fathers.notices()
        assert ("plan", BOTH) in hers.readable()
        assert his.readable() == [("school", "Lou komt graag naar school.")]
        signed = notices_of(town.huis, sent.manifest)
        assert set(signed[father].entries) < set(signed[mother].entries)
        assert len(signed[father].entries) == 1
        # Neither the words' ciphertext nor his other child's name is in anything that he was answered.
        together = next(item for item in hers.copy.sections if item.entry.payload.type == "plan").entry
        answers = b"\n".join(listening.forget())
        assert not traces.found_in(traces.spellings(together.payload.ct), {"answers": answers})
        assert not traces.found_in(traces.spellings(noor), {"answers": answers})


async def test_a_yes_to_both_that_was_asked_before_the_flag_is_asked_anew(town):
    home = Household.new(town.huis, town.clb)
    mother, father = await home.adult(), await home.adult()
    noor, lou = await home.child(7, [mother, father]), await home.child(9, [mother, father])
    async with await home.phone(mother) as mothers, await home.phone(father) as fathers:
        draft = complete(town.clb.referral(HOME, home.id, [noor, lou]).note("plan", BOTH), town.huis.clock())
        asked = await home.ask(draft)
        await town.clb.families.change_person(noor, silenced=[father])
        with pytest.raises(RelayProblem) as late:
            await say_yes(mothers, asked)
        assert late.value.code == "person.apart"
        assert [item.consent.payload.about for item in await fathers.given()] == []
        for child in (noor, lou):
            await say_yes(mothers, await home.ask(draft, persons=[child]))
        assert {item.consent.payload.about for item in await fathers.given()} == {(lou,)}
        await send_and_open(town.clb, town.home, draft)


async def test_nobody_goes_to_tell_him_once_one_of_the_two_silences_him(town):
    home = Household.new(town.huis, town.clb)
    mother, father = await home.adult(), await home.adult()
    noor, lou = await home.child(7, [mother, father]), await home.child(9, [mother, father])
    async with await home.phone(mother) as mothers:
        draft = complete(town.clb.referral(HOME, home.id, [noor, lou]).note("plan", BOTH), town.huis.clock())
        await say_yes(mothers, await home.ask(draft))
        sent = await town.clb.send(draft)

    async def owed():
        return [duty.person for duty in await town.clb.duties() if duty.message == sent.manifest]

    assert await owed() == [father]
    await town.clb.families.change_person(noor, silenced=[father])
    assert await owed() == []


async def test_a_mother_who_writes_of_both_does_not_write_to_him(town):
    home = Household.new(town.huis, town.clb)
    mother, father = await home.adult(), await home.adult()
    noor = await home.child(7, [mother, father], silenced=[father])
    lou = await home.child(9, [mother, father])
    async with await home.phone(mother) as mothers, await home.phone(father) as fathers:
        sent = await mothers.send(HOME, [own_words(tuple(sorted((noor, lou))), "ask", BOTH)])
        assert set(notices_of(town.huis, sent.manifest)) == {mother}
        assert await fathers.notices() == []
        of_lou = await mothers.send(HOME, [own_words((lou,), "ask", "Lou hoest.")])
        assert set(notices_of(town.huis, of_lou.manifest)) == {mother, father}
        (his,) = await fathers.notices()
        assert [item.entry.payload.about for item in his.copy.sections] == [(lou,)]
