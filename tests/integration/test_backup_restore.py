"""A backup is restored: the relay signs nothing before the steward's epoch, and everyone goes on from there."""

import asyncio
import json
import os
import shutil
import subprocess
import sys

import aiohttp
import pytest
from click.testing import CliRunner

from e2e.world import OCMW, open_world
from servers.databases import SqliteDatabases
from zegel import LogSetBack, RelayProblem, RelayUnreachable
from zegel.cli import main
from zegel.epochs import dropped
from zegel.steward.epoch import give_again, make_epoch, restored_head
from zegel.steward.folder import StewardFolder
from zegel.steward.relay_access import visitor
from zegel_demo.relay_process import RelayProcess
from zegel_keys.verification import read_payload
from zegel_protocol import tlog
from zegel_protocol.objects import Epoch, Revocation

pytestmark = pytest.mark.own_database


@pytest.fixture
async def world(tmp_path, monkeypatch):
    # A copy of the file is what is restored here; Postgres has its own tools, and `test_backup_scripts` for them.
    monkeypatch.setattr(RelayProcess, "databases", SqliteDatabases())
    opened = await open_world(tmp_path)
    yield opened
    await opened.close()


def relay_command(*arguments):
    command = [sys.executable, "-m", "zegel_relay", *map(os.fspath, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def back_up(world, target):
    done = relay_command("backup", "--folder", world.huis.relay.folder, "--to", target)
    assert done.returncode == 0, done.stderr


def restore(world, copy):
    """Lose the machine, and start from the copy on the same address."""
    relay = world.huis.relay
    port = int(relay.address.rpartition(":")[2])
    relay.kill()
    for file in relay.folder.glob("relay.sqlite3*"):
        file.unlink()
    shutil.copy(copy, relay.folder / "relay.sqlite3")
    relay.start(port)


async def epoch(world, **changes):
    async with visitor(world.huis.relay.address) as client:
        known = await world.huis.known()
        last = await restored_head(client, known)
        envelope = make_epoch(known, world.huis.keys, changes.get("last", last), world.huis.clock())
        await client.submit_object(envelope)
        return read_payload(envelope, Epoch)[0]


async def code_of(awaitable, kind):
    with pytest.raises(kind) as caught:
        await awaitable
    return caught.value.code


async def asked(world, path):
    async with aiohttp.ClientSession() as session, session.get(world.huis.relay.address + path) as answer:
        return answer.status, await answer.json()


async def send(world, text):
    return await world.nurse.send(world.draft(ask=text))


async def open_all(world):
    found = []
    for waiting in await world.ocmw.inbox():
        message = await world.ocmw.open(waiting)
        await world.ocmw.acknowledge(message)
        found.append(message.sections[0].note.text)
    return found


@pytest.mark.slow
async def test_a_restored_relay_waits_for_the_epoch_and_everyone_goes_on(world, tmp_path):
    await world.consent()
    first = await send(world, "Voor de back-up.")
    assert await open_all(world) == ["Voor de back-up."]
    notices = await world.phone.notices()
    assert len(notices) == 1
    back_up(world, tmp_path / "copy.sqlite3")
    lost = [await send(world, "Verloren."), await send(world, "Ook verloren.")]
    assert await open_all(world) == ["Verloren.", "Ook verloren."]
    await world.phone.notices(world.phone.cursor)
    restore(world, tmp_path / "copy.sqlite3")

    # Nothing is signed, nothing is taken, and everyone is told why.
    assert (await asked(world, "/v1/ready"))[1]["code"] == "relay.restored"
    with pytest.raises(RelayUnreachable, match=r"relay\.restored"):
        await send(world, "Te vroeg.")
    with pytest.raises(RelayUnreachable, match=r"relay\.restored"):
        await world.huis.publish()
    before = await asked(world, "/v1/log/checkpoint")

    said = await epoch(world)
    assert said.number == 1
    checkpoint = tlog.parse_checkpoint((await asked(world, "/v1/log/checkpoint"))[1]["checkpoint"])
    assert checkpoint.origin == tlog.log_origin(world.huis.id, 1)
    assert tlog.parse_checkpoint(before[1]["checkpoint"]).size == said.last.size == checkpoint.size - 1

    # Each who had seen more is told once, and goes on; what was given before the backup holds.
    for party in (world.nurse, world.ocmw):
        assert await code_of(party.setting(), LogSetBack) == "log.set-back"
        await party.setting()
        assert len(dropped(party._keystore.state)) == 1
    assert await code_of(world.phone.requests(), LogSetBack) == "log.set-back"
    assert [event.event for event in await world.nurse.events(first.manifest)] == ["opened"]
    assert sorted(await world.nurse.lost()) == sorted(sent.manifest for sent in lost)
    await world.nurse.refresh()
    newest = await send(world, "Opnieuw.")
    assert await open_all(world) == ["Opnieuw."]
    again = await world.phone.notices(world.phone.cursor)
    assert [notice.copy.manifest.d for notice in again] == [newest.manifest]
    # A message of before the backup opens under its old receipt.
    assert (await world.ocmw.open(first.manifest)).d == first.manifest


async def test_an_epoch_is_for_a_restored_log_and_for_no_other(world, tmp_path):
    assert await code_of(epoch(world), RelayProblem) == "epoch.unneeded"
    back_up(world, tmp_path / "copy.sqlite3")
    restore(world, tmp_path / "copy.sqlite3")
    known = await world.huis.known()
    async with visitor(world.huis.relay.address) as client:
        last = await restored_head(client, known)
    other = type(last)(size=last.size - 1, root=last.root)
    assert await code_of(epoch(world, last=other), RelayProblem) == "epoch.last"
    await epoch(world)
    assert await code_of(epoch(world), RelayProblem) == "epoch.unneeded"
    # Nothing was lost, so nobody is told of a loss.
    await world.nurse.setting()
    await world.ocmw.setting()


async def test_what_a_device_had_signed_and_the_relay_lost_is_offered_again(world, tmp_path):
    forward, _ = await world.consent()
    back_up(world, tmp_path / "copy.sqlite3")
    message = await send(world, "Voor het verlies.")
    (waiting,) = await world.ocmw.inbox()
    opened = await world.ocmw.open(waiting)
    await world.ocmw.acknowledge(opened)
    await world.phone.revoke([forward], "changed-mind")
    restore(world, tmp_path / "copy.sqlite3")
    await epoch(world)
    assert await code_of(world.phone._phone.consents(), LogSetBack) == "log.set-back"
    # The relay shows the yes as good again. Whoever saw the no does not believe it.
    assert (await code_of(world.phone._phone.consents(), Exception)) == "pin.status-rollback"
    assert await world.phone.offer_again() != []
    case = await world.phone._phone.consents()
    assert any(isinstance(held.payload, Revocation) for chain in case.chains.values() for held in chain)
    assert message.manifest


async def test_the_steward_s_command_gives_the_epoch_and_what_was_signed_since(world, tmp_path):
    place = StewardFolder(tmp_path / "steward")
    back_up(world, tmp_path / "copy.sqlite3")
    await world.huis.publish()
    for item in await world.huis.shown():
        if item.kind in ("directory", "root", "rulebook"):
            place.keep(item.envelope)
    restore(world, tmp_path / "copy.sqlite3")
    secret = tmp_path / "secret"
    secret.write_text("a passphrase for a demo, and for nothing else\n")
    secret.chmod(0o600)
    command = ["steward", "epoch", "--folder", place.path, "--json", "--relay", world.huis.relay.address]
    words = list(map(os.fspath, [*command, "--passphrase-file", secret]))
    # The command has a loop of its own.
    done = await asyncio.to_thread(CliRunner().invoke, main, words)
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    assert facts["epoch"] == 1
    assert len(facts["accepted"]) == 1
    assert [partner for partner in (await world.huis.known()).listed if partner == OCMW] == [OCMW]


async def test_a_copy_is_never_written_over(world, tmp_path):
    back_up(world, tmp_path / "copy.sqlite3")
    assert (tmp_path / "copy.sqlite3").stat().st_mode & 0o777 == 0o600
    done = relay_command("backup", "--folder", world.huis.relay.folder, "--to", tmp_path / "copy.sqlite3")
    assert (done.returncode, json.loads(done.stderr)["code"]) == (1, "backup.exists")


async def test_a_database_restored_by_other_means_is_marked_by_command(world):
    relay = world.huis.relay
    port = int(relay.address.rpartition(":")[2])
    relay.stop()
    done = relay_command("restored", "--folder", relay.folder)
    assert json.loads(done.stdout)["restored"] is True
    relay.start(port)
    with pytest.raises(RelayUnreachable, match=r"relay\.restored"):
        await world.nurse._client.inbox(0)
    async with visitor(relay.address) as client:
        assert await give_again(client, [], []) is not None
    await epoch(world)
    await world.nurse._client.inbox(0)
