"""A new version on the database of the one before: it says what to do and touches nothing; migrated, all goes on."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import Any

import pytest
from alembic import command
from sqlalchemy import inspect

from e2e.world import open_world
from servers.databases import PostgresDatabases, SqliteDatabases
from servers.postgres import ask, in_thread
from zegel import Refused
from zegel_demo.relay_process import RelayProcess, RelayStartError
from zegel_demo.worker_process import WorkerProcess, WorkerStartError
from zegel_relay.storage import database

pytestmark = pytest.mark.own_database

FIRST = "0001"


class Databases:
    """What both kinds have to give here: a database of the first version, and a way to ask and to fill any."""

    def __init__(self, kind, folder):
        self.made = SqliteDatabases() if kind == "sqlite" else PostgresDatabases()
        self.folder = folder
        folder.mkdir()

    def first(self):
        """Return the address of a new database with the tables of the first version, and the columns of each."""
        url = self.made.empty(self.folder)

        def upgrade(connection):
            config = database._config()
            config.attributes["connection"] = connection
            command.upgrade(config, FIRST)
            found = inspect(connection)
            return {name: [column["name"] for column in found.get_columns(name)] for name in found.get_table_names()}

        async def make():
            engine = database.open_engine(url)
            async with engine.execution_options(zegel_writes=True).begin() as connection:
                tables = await connection.run_sync(upgrade)
            await engine.dispose()
            return tables

        tables = in_thread(make)
        tables.pop("alembic_version")
        return url, tables

    @staticmethod
    def rows(url, statement, values=()):
        if url.startswith("sqlite:"):
            with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
                return connection.execute(statement, values).fetchall()
        pieces = statement.split("?")
        numbered = "".join(f"{piece}${number}" for number, piece in enumerate(pieces[:-1], 1)) + pieces[-1]
        return ask(url, numbered, values)


@pytest.fixture(params=["sqlite", "postgres"])
def databases(request, tmp_path):
    made = Databases(request.param, tmp_path / "first")
    yield made
    made.made.close()


def go_back(databases, relay):
    """Put all that the relay has into a database of the first version, as far as that version kept it."""
    url, tables = databases.first()
    now = relay.database_url or f"sqlite:///{relay.folder.absolute()}/relay.sqlite3"
    copied = []
    for table, columns in tables.items():
        names = ", ".join(columns)
        held = databases.rows(now, f"SELECT {names} FROM {table}")
        for row in held:
            marks = ", ".join("?" for _ in columns)
            databases.rows(url, f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row))
        copied.append((f"SELECT {names} FROM {table}", sorted(map(repr, held))))
    (relay.folder / "database.url").write_text(url, "utf-8")
    return copied


def kept(databases, relay, copied):
    """Whether every row is still there as it was."""
    return all(sorted(map(repr, databases.rows(relay.database_url, query))) == held for query, held in copied)


def relay_command(relay, *arguments):
    command = [sys.executable, "-m", "zegel_relay", *arguments, "--folder", os.fspath(relay.folder)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, env=relay.environment()
    )  # fmt: skip


@pytest.mark.slow
async def test_what_an_earlier_version_kept_is_carried_over(tmp_path, monkeypatch, databases):
    monkeypatch.setattr(RelayProcess, "databases", databases.made)
    world: Any = await open_world(tmp_path / "huis")
    try:
        relay = world.huis.relay
        port = int(relay.address.rpartition(":")[2])
        forward, _ = await world.consent()
        read = await world.nurse.send(world.draft(ask="Gelezen."))
        message = await world.ocmw.open((await world.ocmw.inbox())[0])
        await world.ocmw.acknowledge(message)
        waits = await world.nurse.send(world.draft(ask="Wacht nog."))
        relay.stop()
        copied = go_back(databases, relay)

        # Neither serves nor works on it, and both say why.
        with pytest.raises(RelayStartError) as refused:
            relay.start(port)
        last = json.loads(str(refused.value).splitlines()[-1])
        assert last["code"] == "database.older"
        assert "zegel-relay migrate" in last["detail"]
        worker = WorkerProcess(relay.folder, tmp_path / "worker.log", {"ZEGEL_REDIS_URL": "redis://127.0.0.1:1/0"})
        worker.settings |= {"ZEGEL_DATABASE_URL": relay.database_url}
        with pytest.raises(WorkerStartError) as idle:
            await asyncio.to_thread(worker.start)
        assert "database.older" in str(idle.value)
        assert kept(databases, relay, copied)

        done = relay_command(relay, "migrate")
        assert (done.returncode, json.loads(done.stdout)) == (0, {"migrated": True})
        assert kept(databases, relay, copied)
        relay.start(port)

        # What waited is there, what was read is not offered again, and whoever saw the log sees the same one grow.
        (waiting,) = await world.ocmw.inbox()
        assert waiting.manifest == waits.manifest
        message = await world.ocmw.open(waiting)
        assert getattr(message.sections[0].note, "text", "") == "Wacht nog."
        await world.ocmw.acknowledge(message)
        assert [word.event for word in await world.nurse.events(read.manifest)] == ["opened"]
        after = await world.nurse.send(world.draft(ask="Daarna."))
        told = [item.copy.manifest.d for item in await world.phone.notices()]
        assert told == [read.manifest, waits.manifest, after.manifest]
        await world.phone.revoke([forward], "changed-mind")
        assert await world.ocmw.inbox() == []
        with pytest.raises(Refused):
            await world.nurse.send(world.draft(ask="Niet meer."))
    finally:
        await world.close()
