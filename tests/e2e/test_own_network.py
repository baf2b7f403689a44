"""Someone of the family's own network steps in, and a child is born (articles 0 and 4; persons).

A grandmother is no organisation: she is admitted by herself, under a pledge, with a partner behind her.
"""

import pytest

from e2e.families import months_from
from e2e.world import CHILD_AND_FAMILY, World, complete
from zegel import Draft, Refused

GRANDMOTHER = "oma-van-elif"


def draft(world: World, about: str) -> Draft:
    asked = world.nurse.referral(GRANDMOTHER, world.household, [about])
    asked.note("who", "Elif", form="first-name").note("plan", "Woensdag tot vier uur bij oma.")
    return complete(asked, world.huis.clock())


async def test_a_grandmother_steps_in_on_a_pledge_and_on_a_signed_yes(world: World):
    huis = world.huis
    huis.declares = False
    grandmother = await huis.admit(
        GRANDMOTHER, "Oma Fatma", "network", "pledge", "volunteer", actor="non-professional", host=CHILD_AND_FAMILY
    )
    await huis.publish()
    async with await huis.connect(GRANDMOTHER) as oma:
        asked = draft(world, world.elif_id)
        with pytest.raises(Refused) as refused:
            await world.nurse.send(asked)
        assert set(refused.value.codes) == {"pledge.missing", "consent.missing"}
        await oma.ethics.accept_code()
        await oma.ethics.pledge(grandmother.root)
        request = await world.nurse.families.ask_consent(asked)
        (shown,) = [item for item in await world.phone.requests() if item.request.d == request]
        await world.phone.accept(shown)
        sent = await world.nurse.send(asked)
        message = await oma.open(sent.manifest)
        assert {section.type for section in message.sections} == {"who", "plan", "agreement"}
        # Neither a whole name nor what troubles her is a grandmother's to be sent by an organisation.
        more = draft(world, world.elif_id).note("money", "Drie deurwaarders.")
        with pytest.raises(Refused) as refused:
            await world.nurse.send(more)
        assert "category.not-relevant" in refused.value.codes


async def test_a_birth_makes_a_new_person_and_carries_nothing_over(world: World):
    await world.consent()
    now = world.huis.clock()
    baby = await world.nurse.families.add_person(
        world.household, turns12=months_from(now, 144), turns18=months_from(now, 216), authority=[world.elif_id]
    )
    # What the mother said yes to is about her.
    about_baby = complete(world.nurse.referral("ocmw-gent", world.household, [baby]).note("money", "Dure luiers."), now)
    with pytest.raises(Refused) as refused:
        await world.nurse.send(about_baby)
    assert refused.value.codes == ("consent.missing",)
    sent = await world.nurse.send(world.draft())
    assert [item.notice.payload.manifest for item in await world.phone.notices(0)] == [sent.manifest]
    request = await world.nurse.families.ask_consent(about_baby)
    (shown,) = [item for item in await world.phone.requests() if item.request.d == request]
    await world.phone.accept(shown)
    await world.nurse.send(about_baby)
