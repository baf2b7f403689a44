"""What happens in the tables between parents: a conflict that becomes known, a yes that both give, an objection."""

import re

from e2e.scenarios.acts_family import newest_request
from e2e.scenarios.play import Player, act
from e2e.scenarios.tables import Row


@act(r"learns that (?P<child>\w+)'s parents are in conflict")
async def conflict(player: Player, row: Row, found: re.Match[str]) -> str:
    """Make a conflict between a child's parents known."""
    await player.worker(row["who"]).families.change_person(player.people[found["child"]], conflict=True)
    return "done"


@act(r"says yes together with (?P<other>\w+)")
async def together(player: Player, row: Row, found: re.Match[str]) -> str:
    """Give one yes with another holder of authority, each on a phone of their own."""
    mine, theirs = player.phones[row["who"]], player.phones[found["other"]]
    joint = await mine.begin_together(await newest_request(mine), [player.people[found["other"]]])
    await theirs.read_together(joint)
    await theirs.give_together(await theirs.co_sign(joint))
    return "done"
