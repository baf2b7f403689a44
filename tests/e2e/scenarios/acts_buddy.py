"""What a volunteer does in the tables before anyone shares with them: accept the code, pledge confidentiality."""

import re

from e2e.scenarios.play import Player, act
from e2e.scenarios.tables import Row
from zegel_demo.huis import CODE


@act(r"reads and accepts the code of ethics")
async def accept_code(player: Player, row: Row, found: re.Match[str]) -> str:
    """Accept the code in force, as the worker of this device."""
    await player.worker(row["who"]).ethics.accept_code(CODE)
    return "done"


@act(r"pledges confidentiality")
async def pledge(player: Player, row: Row, found: re.Match[str]) -> str:
    """Pledge with the partner's root key."""
    member = player.town.huis.members[player.town.partners[row["who"]]]
    await player.worker(row["who"]).ethics.pledge(member.root)
    return "done"
