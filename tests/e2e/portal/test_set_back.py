"""A relay that was restored from a backup: the page says so once, and gives it again what was signed here."""

import os
import shutil
import subprocess
import sys

import pytest

from e2e.portal.driven import Driven, Failed
from e2e.portal.house import House
from servers.databases import SqliteDatabases
from zegel.steward.epoch import make_epoch, restored_head
from zegel.steward.relay_access import visitor
from zegel_demo.relay_process import RelayProcess

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.own_database]


def back_up(folder, copy):
    command = [sys.executable, "-m", "zegel_relay", "backup", "--folder", os.fspath(folder), "--to", os.fspath(copy)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


@pytest.mark.slow
async def test_what_was_signed_here_and_the_relay_lost_is_given_again(
    tmp_path, monkeypatch, browser, driver_shell, databases
):
    # A copy of the file is what is restored here.
    monkeypatch.setattr(RelayProcess, "databases", SqliteDatabases())
    house = await House.open(tmp_path, browser, driver_shell)
    try:
        first = await house.enrol(await house.device(), *(await house.adult()))
        code = await first.make_code()
        relay = house.huis.relay
        copy = tmp_path / "copy.sqlite3"
        back_up(relay.folder, copy)
        phone = Driven(await house.device())
        await phone.come_in(code)
        await phone.ask("addPasskey")
        assert (await phone.ask("family"))["keys"] == 2

        relay.kill()
        for file in relay.folder.glob("relay.sqlite3*"):
            file.unlink()
        shutil.copy(copy, relay.folder / "relay.sqlite3")
        relay.start_at_localhost(int(house.huis.origin.rpartition(":")[2]))
        with pytest.raises(Failed) as waiting:
            await phone.ask("family")
        assert waiting.value.code == "relay.unreachable"
        async with visitor(relay.address) as client:
            known = await house.huis.known()
            last = await restored_head(client, known)
            await client.submit_object(make_epoch(known, house.huis.keys, last, house.huis.clock()))

        with pytest.raises(Failed) as told:
            await phone.ask("family")
        assert told.value.code == "log.set-back"
        assert (await phone.ask("family"))["keys"] == 2
        # What the relay keeps beside its log is lost too: the code on paper helps, and the passkey is kept.
        with pytest.raises(Failed) as lost:
            await phone.log_in()
        assert lost.value.code == "keyring.nothing"
        await phone.come_in(code)
        await phone.ask("addPasskey")
        assert (await phone.ask("family"))["keys"] == 2
        await phone.log_in()
    finally:
        await house.close()
