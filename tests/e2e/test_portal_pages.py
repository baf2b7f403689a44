"""The pages without script of a Huis that runs: what the rulebook and the directory say, and no person."""

import re

import aiohttp

from e2e.world import CHILD_AND_FAMILY, open_world

PATHS = ("/code", "/help", "/contact")


async def pages(world, language):
    async with aiohttp.ClientSession(world.huis.relay.address) as browser:
        found = {}
        for path in PATHS:
            async with browser.get(path, params={"language": language}) as answer:
                assert answer.status == 200
                found[path] = await answer.text()
        return found


async def test_the_pages_name_the_organisations_and_the_rules_and_nobody_else(tmp_path):
    world = await open_world(tmp_path)
    try:
        # Who helps one family, or in their own name, is a member too, and no organisation.
        await world.huis.admit(
            "tante-an", "Tante An Janssens", "network", "pledge", "volunteer", "non-professional", CHILD_AND_FAMILY
        )
        await world.huis.admit(
            "buddy-jo", "Buddy Jo Peeters", "volunteer", "pledge", "volunteer", host=CHILD_AND_FAMILY
        )
        await world.huis.admit("praatcafe", "<b>Praatcafé</b>", "initiative", "pledge", "volunteer", "non-professional")
        await world.huis.publish()
        dutch, english = await pages(world, "nl"), await pages(world, "en")
    finally:
        await world.close()
    for name in ("Kind en Gezin", "het OCMW", "Basisschool De Linde", "&lt;b&gt;Praatcafé&lt;/b&gt;"):
        assert f"<bdi>{name}</bdi>" in dutch["/contact"]
    assert "De afspraken van Huis van het Kind" in dutch["/code"]
    assert "code-1" in english["/code"]
    assert 'href="tel:112"' in dutch["/help"]
    everything = "".join([*dutch.values(), *english.values()])
    assert not [word for word in ("Janssens", "Peeters", "<b>") if word in everything]
    assert not re.search(r"[0-9a-f]{32}", everything)
    assert world.elif_id not in everything
    assert dutch["/help"] != english["/help"]
