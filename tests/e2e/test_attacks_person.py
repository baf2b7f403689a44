"""A partner that says false things about people: what one partner may change alone, and what takes two."""

import asyncio
import os

import pytest

from e2e.world import CHILD_AND_FAMILY, SCHOOL
from zegel import RelayProblem


async def refused(change) -> str:
    with pytest.raises(RelayProblem) as no:
        await change
    return no.value.code


async def test_attack_26_a_partner_makes_its_own_person_a_reader_of_a_childs_file(world):
    nurse = world.nurse.families
    child = await nurse.add_person(world.household, turns12="2090-01", turns18="2096-01", authority=[world.elif_id])
    async with await world.huis.connect(SCHOOL) as school:
        theirs = await school.families.add_person(os.urandom(16).hex())
        holders = [world.elif_id, theirs]
        assert await refused(school.families.change_person(child, authority=holders)) == "person.two-partners"
        # With the word of a second partner it stands: a guardian who really came.
        payload = await school.families.prepare_change(child, authority=holders)
        both = [school.families.sign_change(payload), nurse.sign_change(payload)]
        await school.families.submit_change(payload, both)
    known = await nurse.look_up([child], nurse._own(), nurse._own())
    assert known.clients[child].current.authority == tuple(sorted(holders))


async def test_attack_26_one_partner_protects_alone_and_loosens_nothing(world):
    nurse = world.nurse.families
    father = await nurse.add_person(world.household)
    child = await nurse.add_person(
        world.household, turns12="2090-01", turns18="2096-01", authority=[world.elif_id, father]
    )
    async with await world.huis.connect(SCHOOL) as school:
        await school.families.change_person(child, conflict=True, silenced=[father])
        assert await refused(school.families.change_person(child, conflict=False)) == "person.two-partners"
        assert await refused(school.families.change_person(child, silenced=[])) == "person.two-partners"
        await school.families.change_person(child, authority=[world.elif_id], silenced=[])
    assert (await nurse.look_up([child], nurse._own(), nurse._own())).clients[child].current.conflict


async def test_what_a_partner_signed_outlives_its_membership(world):
    """Elif was enrolled by a partner that leaves: she still reads, and still stops what she agreed to."""
    forward, _ = await world.consent()
    await world.nurse.send(world.draft())
    await world.huis.publish(without=[CHILD_AND_FAMILY])
    (notice,) = await world.phone.notices()
    assert ("money", "Drie deurwaarders, samen ongeveer € 6.400.") in notice.readable()
    await world.phone.revoke([forward], "no-trust")
    assert await world.ocmw.inbox() == []


async def test_a_partner_that_changes_its_root_goes_on(world):
    """A new membership with a new root key: between its acceptance and the next directory nothing stands still."""
    await world.consent()
    await world.nurse.send(world.draft())
    member = world.huis.members[CHILD_AND_FAMILY]
    # The renewed membership begins a second or more after the message was accepted, under the one before it.
    await asyncio.sleep(1.1)
    await world.huis.renew_root(member)
    assert len(await world.ocmw.inbox()) == 1
    await world.huis.publish()
    (waiting,) = await world.ocmw.inbox()
    await world.ocmw.open(waiting)
    assert (await world.phone.notices())[0].readable()
