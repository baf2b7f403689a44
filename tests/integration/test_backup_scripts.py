"""The scripts of `deploy/backup`, run as an operator runs them: on SQLite and on Postgres, into an empty database."""

import asyncio
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from e2e.documents import write_pdf
from e2e.world import open_world
from integration.test_backup_restore import code_of, epoch
from servers.databases import PostgresDatabases, SqliteDatabases, rows
from zegel import LogSetBack, RelayUnreachable
from zegel.compose import INLINE_BYTES
from zegel_demo.relay_process import RelayProcess
from zegel_relay.storage.blobs import INLINE_BYTES as KEPT_INLINE

pytestmark = pytest.mark.own_database

SCRIPTS = Path(__file__).parents[2] / "deploy" / "backup"


@dataclass
class Operator:
    """Who runs the scripts, with the programs and addresses that they need."""

    folder: Path
    variables: dict[str, str]

    def run(self, script, *words, exit_code=0):
        command = [str(SCRIPTS / script), *map(str, words)]
        path = f"{Path(sys.executable).parent}:{self.variables.get('PROGRAMS', '')}:{os.environ['PATH']}"
        environment = {"PATH": path, "HOME": str(self.folder)} | self.variables
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=120)
        assert done.returncode == exit_code, done.stderr
        return (done.stdout if exit_code == 0 else done.stderr).strip()


@pytest.fixture(params=["sqlite", "postgres"])
def stores(request, monkeypatch):
    chosen = SqliteDatabases() if request.param == "sqlite" else PostgresDatabases()
    monkeypatch.setattr(RelayProcess, "databases", chosen)
    yield chosen
    chosen.close()


@pytest.fixture
async def world(tmp_path, stores):
    opened = await open_world(tmp_path)
    yield opened
    await opened.close()


@pytest.fixture
def operator(world, stores, tmp_path):
    variables = {"ZEGEL_FOLDER": str(world.huis.relay.folder)}
    if isinstance(stores, PostgresDatabases):
        variables |= {
            "ZEGEL_PG_SERVICE": "zegel", "PROGRAMS": str(stores.server._programs),
            "ZEGEL_DATABASE_URL": world.huis.relay.database_url,
        }  # fmt: skip
    made = Operator(tmp_path / "operator", variables)
    made.folder.mkdir()
    name_service(made, world.huis.relay.database_url)
    return made


def name_service(operator, url):
    """Say where the Postgres database is, as an operator says it to libpq."""
    if url:
        parts = urlsplit(url)
        service = f"[zegel]\nhost=127.0.0.1\nport={parts.port}\nuser={parts.username}\ndbname={parts.path[1:]}\n"
        (operator.folder / ".pg_service.conf").write_text(service, "utf-8")
        secret = operator.folder / ".pgpass"
        password = unquote(parts.password).replace(":", "\\:")
        secret.write_text(f"127.0.0.1:{parts.port}:*:{parts.username}:{password}\n", "utf-8")
        secret.chmod(0o600)


def check_private(taken):
    assert all(path.stat().st_mode & 0o077 == 0 for path in taken.rglob("*"))
    # Who has the backup cannot speak as the relay.
    assert list(taken.rglob("*.json")) == []


def lose_everything(world, stores, operator):
    """The machine is gone; another has an empty database, and the keys files from their own copy."""
    relay = world.huis.relay
    port = int(relay.address.rpartition(":")[2])
    relay.kill()
    keys = operator.folder / "keys"
    shutil.rmtree(relay.folder)
    relay.folder.mkdir()
    shutil.copy(keys / "keys.json", relay.folder)
    if isinstance(stores, PostgresDatabases):
        url = stores.empty(relay.folder)
        (relay.folder / "database.url").write_text(url, "utf-8")
        assert relay.database_url == url
        name_service(operator, url)
    return port


@pytest.mark.slow
async def test_what_was_backed_up_is_there_again_after_everything_was_lost(world, stores, operator, tmp_path):
    relay, target = world.huis.relay, tmp_path / "backups"
    await world.consent()
    draft = world.draft(ask="Voor de back-up.")
    letter = write_pdf(tmp_path / "brief.pdf", "Geachte mevrouw,", 20_000)
    assert letter.stat().st_size > max(INLINE_BYTES, KEPT_INLINE)
    draft.file("money", letter)
    first = await world.nurse.send(draft)
    operator.run("keys.sh", operator.folder / "keys")
    taken = Path(operator.run("backup.sh", target))
    check_private(taken)
    lost = await world.nurse.send(world.draft(ask="Daarna."))

    # Over what is there, nothing is restored.
    assert "not empty" in operator.run("restore.sh", taken, exit_code=1)
    port = lose_everything(world, stores, operator)
    operator.run("restore.sh", taken)
    assert "not empty" in operator.run("restore.sh", taken, exit_code=1)
    relay.start(port)

    with pytest.raises(RelayUnreachable, match=r"relay\.restored"):
        await world.ocmw.inbox()
    await epoch(world)
    assert await code_of(world.nurse.setting(), LogSetBack) == "log.set-back"
    assert await world.nurse.lost() == [lost.manifest]
    assert [item.manifest for item in await world.ocmw.inbox()] == [first.manifest]
    message = await world.ocmw.open(first.manifest)
    assert [section.name for section in message.sections if section.name is not None] == ["brief.pdf"]
    assert rows(relay, "SELECT restored_at FROM log_head") == [(None,)]
    await world.ocmw.acknowledge(message)


async def test_a_second_backup_shares_ciphertexts_with_the_first_and_a_damaged_one_is_not_restored(
    world, operator, tmp_path
):
    await world.consent()
    draft = world.draft()
    draft.file("money", write_pdf(tmp_path / "brief.pdf", "Geachte mevrouw,", 20_000))
    await world.nurse.send(draft)
    made = [Path(operator.run("backup.sh", tmp_path / "backups"))]
    # A backup is named by its second.
    await asyncio.sleep(1.1)
    made.append(Path(operator.run("backup.sh", tmp_path / "backups")))
    (one,), (two,) = ([file for file in path.joinpath("blobs").rglob("*") if file.is_file()] for path in made)
    assert one.stat().st_ino == two.stat().st_ino
    (database,) = made[1].glob("relay.*")
    with database.open("r+b") as file:
        file.seek(5000)
        file.write(b"\0\0\0\0damage")
    shutil.rmtree(world.huis.relay.folder / "blobs")
    assert "damaged" in operator.run("restore.sh", made[1], exit_code=1)
