"""An objection of one member of a household stops what is theirs (article 9); others do not come across it."""

import pytest
import pytest_asyncio

from e2e import traces
from e2e.families import Household, Overheard, complete, say_yes, send_and_open
from e2e.town import CGG, CLB, HOME, JAC, all_answers, open_town
from zegel import Refused, RelayProblem
from zegel_protocol.api import EvidenceQuery
from zegel_protocol.objects import Objection
from zegel_protocol.objects.parties import Party

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory):
    async with open_town(tmp_path_factory.mktemp("town")) as opened:
        yield opened


async def test_a_young_persons_objection_shows_nowhere_in_what_is_about_her_mother(town):
    home = Household.new(town.huis, town.clb)
    mother = await home.adult()
    jac = Household(town.huis, town.jac, home.id)
    async with await home.phone(mother) as mothers:
        lotte = await jac.child(14, [mother])
        async with await jac.phone(lotte) as phone:
            theirs = complete(
                town.jac.referral(CGG, home.id, [lotte]).note("mind", "Slaapt slecht."), town.huis.clock()
            )
            await say_yes(phone, await jac.ask(theirs))
            overheard = Overheard(mothers)
            before = await all_answers(mothers, overheard)
            await phone.object_to(to=CGG)
            with pytest.raises(Refused) as refused:
                await town.jac.send(theirs)
            assert refused.value.codes == ("objection.stands",)
            assert await all_answers(mothers, overheard) == before

            # What is about her mother goes its way, and shows nobody that somebody else in the family objected.
            listening = Overheard.of(town.clb._client)
            hers = complete(town.clb.referral(HOME, home.id, [mother]).note("ask", "Rust."), town.huis.clock())
            await say_yes(mothers, await home.ask(hers))
            sent, notes = await send_and_open(town.clb, town.home, hers)
            assert notes["ask"] == "Rust."
            answers = b"\n".join(listening.forget())
            assert traces.found_in(traces.spellings(mother), {"answers": answers})
            assert not traces.found_in(traces.spellings(lotte), {"answers": answers})
            (notice,) = await mothers.notices()
            assert notice.notice.payload.manifest == sent.manifest


async def test_one_parents_objection_is_no_hindrance_to_what_is_the_others_own(town):
    home = Household.new(town.huis, town.clb)
    mother, father = await home.adult(), await home.adult()
    child = await home.child(7, [mother, father])
    async with await home.phone(mother) as mothers, await home.phone(father) as fathers:
        about_child = complete(town.clb.referral(HOME, home.id, [child]).note("plan", "Woensdag."), town.huis.clock())
        await say_yes(mothers, await home.ask(about_child))
        await fathers.object_to([child], to=HOME)
        with pytest.raises(Refused) as refused:
            await town.clb.send(about_child)
        assert refused.value.codes == ("objection.stands",)
        # Her own words, and a share about her alone, do not wait for him.
        sent = await mothers.send(HOME, "Ik wil zelf met iemand praten.")
        message = await town.home.open(sent.manifest)
        await town.home.acknowledge(message)
        about_her = complete(town.clb.referral(HOME, home.id, [mother]).note("ask", "Rust."), town.huis.clock())
        await say_yes(mothers, await home.ask(about_her))
        await send_and_open(town.clb, town.home, about_her)
        assert len(await mothers.notices()) == 2


async def test_a_partner_learns_of_no_objection_between_others(town):
    """An objection names partners, and so who else helps a family: each sees those that stop what is theirs."""
    home = Household.new(town.huis, town.clb)
    mother = await home.adult()

    async def seen(asking, sender, to):
        sides = Party(partner=sender), Party(partner=to)
        bundle = await asking._client.evidence(
            EvidenceQuery(household=home.id, persons=(mother,), sender=sides[0], to=sides[1])
        )
        case = await asking._view.believe(bundle)
        return {held.d for held in case.records.all(Objection, home.id)}

    async with await home.phone(mother) as mothers:
        to_care = await mothers.object_to(to=CGG)
        from_jac = await mothers.object_to(sender=JAC, to=HOME)
        assert await seen(town.clb, CLB, HOME) == set()
        assert await seen(town.home, CLB, HOME) == set()
        assert await seen(town.clb, CLB, CGG) == {to_care}
        assert await seen(town.cgg, JAC, CGG) == {to_care}
        assert await seen(town.jac, JAC, HOME) == {from_jac}
        everyone = await mothers.object_to()
        assert await seen(town.clb, CLB, HOME) == {everyone}
        assert await seen(town.jac, JAC, HOME) == {from_jac, everyone}
        # What was taken back is shown with who took it back, and to the same sides alone.
        back = await mothers.withdraw_objection(from_jac)
        assert await seen(town.clb, CLB, HOME) == {everyone}
        assert await seen(town.jac, JAC, HOME) == {from_jac, everyone, back}
        with pytest.raises(RelayProblem) as refused:
            await seen(town.school, CLB, CGG)
        assert refused.value.code == "evidence.party"
        assert set(await mothers.objections()) == {to_care, everyone}
