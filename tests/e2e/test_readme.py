"""What the README tells a newcomer to type is run as it stands there."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def name_of_ocmw(keystore: Path) -> tuple[str, ...]:
    async with await zegel.Partner.connect(keystore, PASSPHRASE) as partner:
        return (await partner.setting()).setting.names("ocmw-gent")


def test_a_huis_by_hand(tmp_path):
    (block,) = re.findall(r"```sh\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "code.md").write_text("Wij delen wat nodig is.\n", encoding="utf-8")
    (tmp_path / "passphrase").write_text(PASSPHRASE, encoding="utf-8")
    (tmp_path / "passphrase").chmod(0o600)
    bins = Path(sys.executable).parent
    environment = {
        "PATH": f"{bins}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "ZEGEL_PASSPHRASE_FILE": str(tmp_path / "passphrase"),
    }
    port = str(free_port())
    servers: list[subprocess.Popen[bytes]] = []
    try:
        for line in block.strip().splitlines():
            command = line.replace("8470", port)
            if "HUIS" in command:
                huis = re.search(r'"huis":"([\w-]+)"', (tmp_path / "steward/huis.json").read_text(encoding="utf-8"))
                assert huis is not None
                command = command.replace("HUIS", huis.group(1))
            if command.endswith("&"):
                words = ["exec " + command.removesuffix("&")]
                served = subprocess.Popen(words, shell=True, cwd=tmp_path, env=environment, stdout=subprocess.PIPE)
                servers.append(served)
                assert served.stdout is not None
                assert b"listening" in served.stdout.readline()
                continue
            done = subprocess.run(
                command, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
            )
            assert done.returncode == 0, (command, done.stderr)
        assert asyncio.run(name_of_ocmw(tmp_path / "device")) == ("OCMW Gent",)
    finally:
        for served in servers:
            served.send_signal(signal.SIGTERM)
            served.wait(timeout=20)
            if served.stdout is not None:
                served.stdout.close()
