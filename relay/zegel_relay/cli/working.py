"""`zegel-relay worker` and `beat`: promised work and periodic tasks outside the relay, on any number of machines."""

import os
from pathlib import Path

import click

from zegel_relay.cli.answers import FOLDER, chosen_settings, database, fail, run
from zegel_relay.outbox.workroom import read_contact_key
from zegel_relay.settings import Settings
from zegel_relay.storage.errors import StorageError


@click.command(short_help="Do promised work beside the relays; needs Redis.")
@FOLDER
@click.option("--processes", type=click.IntRange(1, 64), default=1, show_default=True, help="Rows worked on at once.")
@click.option("--beat", is_flag=True, help="Also call sweeps and periodic tasks; at least one process has to.")
def worker(folder: Path | None, processes: int, beat: bool) -> None:
    """Do what the relay promised, until SIGTERM or SIGINT; what was begun is ended first.

    Needs redis_url. The same database, blob folder and settings as the relay's; of keys only the contact key.
    """
    chosen = _checked(folder)
    # Celery is loaded only where it works.
    from zegel_relay.tasks.worker import run_worker

    raise SystemExit(run_worker(chosen, processes, beat))


@click.command(short_help="Call periodic tasks; needs Redis.")
@FOLDER
def beat(folder: Path | None) -> None:
    """Call sweeps and periodic tasks, until SIGTERM or SIGINT. Any number may run; each task still runs once a period.

    Needs redis_url.
    """
    chosen = _checked(folder)
    from zegel_relay.tasks.worker import run_beat

    run_beat(chosen)


def _checked(folder: Path | None) -> Settings:
    """Return the settings of a process that can work: with Redis, the tables of this version, and a safe key file."""
    chosen = chosen_settings(folder=folder)
    if not chosen.redis_url:
        raise click.UsageError("redis_url: workers are called over Redis; without it the relay works inside itself")
    os.umask(0o077)

    async def check() -> None:
        async with database(chosen):
            pass

    run(check)
    try:
        read_contact_key(chosen)
    except StorageError as error:
        fail(error)
    return chosen
