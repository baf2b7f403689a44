"""The example in the README is run as it stands there."""

import re
import textwrap
from pathlib import Path

import zegel
from e2e.world import CHILD_AND_FAMILY
from zegel_demo.huis import DAY, PASSPHRASE

README = Path(__file__).parents[2] / "README.md"


async def test_the_five_lines_send_a_referral(world):
    await world.consent(["money"])
    (block,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert len(block.strip().splitlines()) == 5
    given = {
        **{name: getattr(zegel, name) for name in zegel.__all__},
        "keystore_folder": world.huis.members[CHILD_AND_FAMILY].devices["first"],
        "passphrase": PASSPHRASE,
        "household": world.household,
        "elif_id": world.elif_id,
        "thursday": world.huis.clock() + 2 * DAY,
    }
    scope: dict[str, object] = {}
    names = ", ".join(given)
    exec(f"async def example({names}):\n{textwrap.indent(block, '    ')}\n    return sent", scope)
    sent = await scope["example"](**given)  # type: ignore[operator]
    assert [item.manifest for item in await world.ocmw.inbox()] == [sent.manifest]
