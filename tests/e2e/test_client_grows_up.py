"""Children grow up: from 12 on the yes is their own, and a trusted adult reads what they read."""

import os

import pytest

from e2e.families import Household, say_yes
from e2e.world import OCMW
from zegel import RelayProblem
from zegel_demo.client_sealing import own_words
from zegel_protocol.encoding import decode
from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects import Person


async def teenager(world, years):
    """Return a household with a mother and a child of an age."""
    family = Household.new(world.huis, world.nurse)
    mother = await family.adult()
    return family, mother, await family.child(years, [mother])


async def trust(world, family, child):
    """Put a trusted adult beside a young person, as workers of two partners do; return the adult's id."""
    adult = await family.adult()
    payload = await world.nurse.families.prepare_change(child, trusted=[adult])
    signatures = [party.families.sign_change(payload) for party in (world.nurse, world.ocmw)]
    await world.nurse.families.submit_change(payload, signatures)
    return adult


async def test_a_trusted_adult_reads_what_the_young_person_reads(world):
    family, mother, child = await teenager(world, 14)
    aunt = await trust(world, family, child)
    hers, own, beside = await family.phone(mother), await family.phone(child), await family.phone(aunt)
    await own.send(OCMW, "Ik wil graag met iemand praten.")
    (notice,) = await beside.notices()
    assert notice.readable() == [("ask", "Ik wil graag met iemand praten.")]
    assert await hers.notices() == []

    await world.nurse.send(world.nurse.talks.ask(child, family.id, [child], "Lukt het op school?"))
    asked = (await beside.notices())[-1]
    assert asked.readable() == [("question", "Lukt het op school?")]
    assert "answer" not in {line.action for line in beside.page(asked)}
    with pytest.raises(ProtocolError) as answered:
        await beside.answer(asked, "Ja hoor.")
    assert answered.value.code == "question.not-asked"
    for phone in (hers, own, beside):
        await phone.close()


async def test_nobody_unknown_is_put_beside_a_young_person(world):
    family, _, child = await teenager(world, 14)
    for who, wanted in ((os.urandom(16).hex(), "person.unknown"), (await family.adult(), None)):
        payload = await world.nurse.families.prepare_change(child, trusted=[who])
        signatures = [party.families.sign_change(payload) for party in (world.nurse, world.ocmw)]
        if wanted is None:
            await world.nurse.families.submit_change(payload, signatures)
        else:
            with pytest.raises(RelayProblem) as refused:
                await world.nurse.families.submit_change(payload, signatures)
            assert refused.value.code == wanted
    assert decode(await world.nurse.families.prepare_change(child), Person).trusted == (who,)


async def test_whose_yes_counts_follows_the_age(world):
    family, mother, child = await teenager(world, 13)
    hers, own = await family.phone(mother), await family.phone(child)
    draft = world.nurse.referral(OCMW, family.id, [child])
    draft.note("ask", "Praten met iemand.")
    request = await world.nurse.families.ask_consent(draft)
    assert await hers.requests() == []
    await say_yes(own, request)
    with pytest.raises(ProtocolError) as theirs:
        await hers.object_to([child])
    assert theirs.value.code == "objection.not-theirs"
    with pytest.raises(RelayProblem) as hidden:
        await hers.send(OCMW, [own_words((child,), "ask", "Hij wil praten.")])
    assert hidden.value.code == "evidence.party"
    await hers.close()
    await own.close()
