"""What the README tells a newcomer to type is run as it stands there."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from fpdf import FPDF

import zegel
from e2e.world import CHILD_AND_FAMILY
from zegel_demo.huis import DAY, PASSPHRASE
from zegel_demo.ports import free_port
from zegel_protocol.objects.desk import Shift

DESK = "vertrouwenscentrum"
README = Path(__file__).parents[2] / "README.md"


async def test_the_five_lines_send_a_referral(world):
    await world.consent(["money"])
    block, _ = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
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


async def test_a_question_an_alarm_and_a_table_without_a_loop(world):
    _, block = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    huis, now = world.huis, world.huis.clock()
    await huis.admit(DESK, "Vertrouwenscentrum", "safetydesk", "penal", "safety-desk")
    await huis.publish()
    async with await huis.connect(DESK) as desk:
        watched = Shift(opens=now - DAY, closes=now + DAY, devices=(desk.identity.device,))
        await desk.alarms.set_rota([watched], "09 123 45 67", "Bel ons ook als u twijfelt.")
        scope: dict[str, Any] = {
            "keystore_folder": huis.members[CHILD_AND_FAMILY].devices["first"], "passphrase": PASSPHRASE,
            "household": world.household, "elif_id": world.elif_id,
        }  # fmt: skip
        await asyncio.to_thread(exec, block, scope)
        assert [item.urgent for item in await desk.inbox()] == [True]
    assert [kind for kind, _, _ in scope["due"]] == ["answer"]
    assert scope["phone_first"][0].startswith("112 ")
    # Elif has said no yes yet: nobody is reached, and each refusal says so.
    assert [item.error.codes for item in scope["reached"]] == [("consent.missing",)] * 2
    assert len(await world.phone.requests()) == 1
    notices = await world.phone.notices()
    assert [notice.copy.manifest.payload.kind for notice in notices] == ["question", "concern"]


def run_in_a_shell(script: str, folder: Path, seconds: int) -> str:
    """Run a newcomer's lines in a shell of their own, which ends with the first that fails; return what they said."""
    environment = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(folder)}
    # The relay goes with the shell, also when a line fails.
    lines = f"set -eu\ntrap 'kill $(jobs -p)' EXIT\n{script}"
    shell = subprocess.Popen(
        ["bash", "-c", lines], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        said, _ = shell.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(shell.pid, signal.SIGKILL)
        shell.communicate()
        raise
    assert shell.returncode == 0, said
    return said


@pytest.mark.slow
def test_by_hand_a_pdf_goes_from_one_partner_to_another(tmp_path):
    blocks = re.findall(r"```sh\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 2
    document = FPDF()
    document.add_page()
    document.set_font("helvetica")
    document.cell(text="Een brief van de deurwaarder")
    document.output(str(tmp_path / "letter.pdf"))
    (tmp_path / "code.md").write_text("Wij delen wat nodig is.\n", encoding="utf-8")
    said = run_in_a_shell("".join(blocks).replace("8470", str(free_port())), tmp_path, 280)
    arrived = tmp_path / "letters" / "letter.pdf"
    assert arrived.read_bytes() == (tmp_path / "letter.pdf").read_bytes()
    assert arrived.stat().st_mode & 0o077 == 0
    # An sees that the OCMW read it.
    assert said.rstrip().endswith("ocmw: read")
    assert "Traceback" not in said
