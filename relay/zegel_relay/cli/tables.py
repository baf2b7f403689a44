"""`zegel-relay migrate`, `backup` and `restored`: the database as a whole."""

import os
from pathlib import Path

import click

from zegel_relay.cli.answers import FOLDER, chosen_settings, require_there, run, say
from zegel_relay.clock import SystemClock
from zegel_relay.storage import backup, database
from zegel_relay.storage.log import Head


@click.command(short_help="Make or update the database's tables.")
@FOLDER
def migrate(folder: Path | None) -> None:
    """Bring the database to this version's tables. Make a backup first."""
    chosen = chosen_settings(folder=folder)
    run(lambda: database.migrate(chosen.database_url))
    say(migrated=True)


@click.command("backup", short_help="Copy an SQLite database while the relay runs.")
@FOLDER
@click.option(
    "--to", "target", required=True, type=click.Path(path_type=Path), help="The file to write; not there yet."
)
def backup_command(folder: Path | None, target: Path) -> None:
    """Copy an SQLite database while the relay runs. The copy waits for the steward's epoch before it signs anything."""
    chosen = chosen_settings(folder=folder)
    os.umask(0o077)

    async def copy() -> None:
        require_there(chosen)
        await backup.back_up(chosen.database_url, target, SystemClock().now())

    run(copy)
    say(backup=str(target))


@click.command(short_help="Mark a database that was restored by other means.")
@FOLDER
def restored(folder: Path | None) -> None:
    """Mark a database that was restored by other means: nothing is signed before the steward's epoch."""
    chosen = chosen_settings(folder=folder)

    async def mark() -> Head:
        require_there(chosen)
        return await backup.mark(chosen.database_url, SystemClock().now())

    head = run(mark)
    say(restored=True, size=head.size, epoch=head.epoch)
