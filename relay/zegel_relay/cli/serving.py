"""`zegel-relay serve`: the relay as a process, from its first line to its last."""

import asyncio
import json
import os
import signal
from pathlib import Path

import click
from aiohttp import web

from zegel_protocol.errors import ProtocolError
from zegel_relay import logs, loop, metrics
from zegel_relay.api.app import create_app
from zegel_relay.cli.answers import FOLDER, chosen_settings, fail, say
from zegel_relay.relay import Relay
from zegel_relay.settings import Settings
from zegel_relay.storage import database
from zegel_relay.storage.errors import NotMigrated, StorageError


@click.command(short_help="Serve until SIGTERM or SIGINT.")
@FOLDER
@click.option("--host", help="Where to listen; 127.0.0.1 unless it is said.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; 0 takes a free one.")
@click.option("--public-url", help="The origin that clients use.")
def serve(folder: Path | None, host: str | None, port: int | None, public_url: str | None) -> None:
    """Serve until SIGTERM or SIGINT; what was begun is ended first."""
    chosen = chosen_settings(folder=folder, host=host, port=port, public_url=public_url)
    logs.configure(chosen.trace)
    # Whatever it writes is its owner's alone, also when it is copied out of its folder.
    os.umask(0o077)
    try:
        loop.run(_serve(chosen))
    except (StorageError, ProtocolError, OSError) as error:
        fail(error)


async def _serve(chosen: Settings) -> None:
    stop = asyncio.Event()
    running = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        running.add_signal_handler(number, stop.set)
    relay = Relay.open(chosen)
    await _migrate_if_new(relay)
    app = create_app(relay)
    # Requests are logged by the application, without what this log would show of them.
    measured: web.AppRunner | None = None
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=chosen.drain_seconds)
    try:
        await runner.setup()
        await web.TCPSite(runner, chosen.host, chosen.port).start()
        address = _address(runner)
        relay.public_url = relay.public_url or address
        measured = await metrics.start(relay.metrics, relay.sources()) if chosen.metrics_port else None
        say(listening=address, public_url=relay.public_url, **json.loads(relay.keys.public()))
        await stop.wait()
        # Whoever asks whether it is ready learns it first, and has time to send the next request elsewhere.
        relay.draining = True
        await asyncio.sleep(chosen.unready_seconds)
    finally:
        await runner.cleanup()
        if measured is not None:
            # Last, so that the end shows in the metrics too.
            await measured.cleanup()


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
