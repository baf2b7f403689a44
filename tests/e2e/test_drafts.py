"""Drafts that a program made wrongly, and parties used wrongly: a clear error, nothing sent."""

import datetime

import pytest

from e2e.world import CHILD_AND_FAMILY, OCMW
from zegel import ContentError, FollowUp, PartnerClosed
from zegel.sync import Partner
from zegel_demo.huis import PASSPHRASE


async def test_an_empty_draft_says_so(world):
    with pytest.raises(ContentError) as empty:
        await world.nurse.send(world.nurse.referral(OCMW, world.household, [world.elif_id]))
    assert empty.value.code == "content.schema"
    assert "add a note or a file" in empty.value.detail


@pytest.mark.parametrize("due", [datetime.datetime(2026, 12, 1, tzinfo=datetime.UTC), 1.5, "donderdag"])
async def test_a_time_of_another_type_is_found_before_anything_is_sealed(world, due):
    await world.consent()
    draft = world.draft()
    draft.follow_up = (FollowUp(code="first-contact", due=due),)
    with pytest.raises(ContentError) as wrong:
        await world.nurse.preflight(draft)
    assert "follow_up[0].due" in wrong.value.path
    assert world.nurse.unsent() == []


async def test_one_text_is_no_list_of_people(world):
    with pytest.raises(TypeError, match="a list of person ids"):
        world.nurse.referral(OCMW, world.household, world.elif_id)


async def test_a_closed_partner_says_so(world):
    partner = Partner(world.huis.members[CHILD_AND_FAMILY].devices["first"], PASSPHRASE)
    partner.close()
    with pytest.raises(PartnerClosed):
        partner.inbox()
