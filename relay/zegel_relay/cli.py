"""The `zegel-relay` command: make keys, make tables, serve. Answers are JSON on standard output; logs go to stderr.

Exit codes: 0 done, 1 it could not be done (the line on standard error says what to do), 2 wrong usage.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, Final, NoReturn

import click
from aiohttp import web

from zegel_protocol.errors import ProtocolError
from zegel_relay import keys_file, logs, settings
from zegel_relay.api.app import create_app
from zegel_relay.relay import Relay
from zegel_relay.settings import Settings, SettingsError
from zegel_relay.storage import database
from zegel_relay.storage.errors import NotMigrated, StorageError

_FOLDER: Final = click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), help="Where the relay keeps its data."
)


@click.group()
@click.version_option(package_name="zegel")
def main() -> None:
    """Run a Zegel relay: it carries sealed messages, and cannot read them."""


@main.command()
@click.option("--huis", required=True, help="The id of the Huis; the steward has it.")
@_FOLDER
def init(huis: str, folder: Path | None) -> None:
    """Make the relay's keys, and print the public ones for the directory."""
    chosen = _settings(folder=folder)
    try:
        chosen.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        keys = keys_file.create(chosen.keys_file, huis)
    except (StorageError, OSError) as error:
        _fail(error)
    click.echo(keys.public().decode())


@main.command()
@_FOLDER
def migrate(folder: Path | None) -> None:
    """Bring the database to this version's tables. Make a backup first."""
    chosen = _settings(folder=folder)
    try:
        asyncio.run(database.migrate(chosen.database_url))
    except (StorageError, OSError) as error:
        _fail(error)
    _say(migrated=True)


@main.command()
@_FOLDER
@click.option("--host", help="Where to listen; 127.0.0.1 unless it is said.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; 0 takes a free one.")
@click.option("--public-url", help="The origin that clients use.")
def serve(folder: Path | None, host: str | None, port: int | None, public_url: str | None) -> None:
    """Serve until SIGTERM or SIGINT; what was begun is ended first."""
    chosen = _settings(folder=folder, host=host, port=port, public_url=public_url)
    logs.configure(chosen.trace)
    # Whatever it writes is its owner's alone, also when it is copied out of its folder.
    os.umask(0o077)
    try:
        asyncio.run(_serve(chosen))
    except (StorageError, ProtocolError, OSError) as error:
        _fail(error)


async def _serve(chosen: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    relay = Relay.open(chosen)
    await _migrate_if_new(relay)
    app = create_app(relay)
    # Requests are logged by the application, without what this log would show of them.
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=chosen.drain_seconds)
    try:
        await runner.setup()
        await web.TCPSite(runner, chosen.host, chosen.port).start()
        address = _address(runner)
        relay.public_url = relay.public_url or address
        _say(listening=address, public_url=relay.public_url, **json.loads(relay.keys.public()))
        await stop.wait()
    finally:
        await runner.cleanup()


async def _migrate_if_new(relay: Relay) -> None:
    """Make the tables of a database that has none; one with an earlier version's waits for a backup and `migrate`."""
    try:
        await database.check_migrated(relay.engine)
    except NotMigrated as error:
        if error.code != "database.empty":
            raise
        await relay.engine.dispose()
        await database.migrate(relay.settings.database_url)


def _address(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _settings(**options: Any) -> Settings:
    try:
        return settings.load(options)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error


def _say(**facts: Any) -> None:
    click.echo(json.dumps(facts))
    sys.stdout.flush()


def _fail(error: Exception) -> NoReturn:
    detail = error.detail if isinstance(error, (StorageError, ProtocolError)) else str(error)
    code = error.code if isinstance(error, (StorageError, ProtocolError)) else "relay.failed"
    click.echo(json.dumps({"code": code, "detail": detail}), err=True)
    raise SystemExit(1)
