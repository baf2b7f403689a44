"""`zegel-relay retention`: what ends by the rulebook's periods, now or as a look ahead."""

from dataclasses import asdict
from pathlib import Path

import click

from zegel_relay.cli.answers import FOLDER, TABLE, chosen_settings, database, run, say, say_rows
from zegel_relay.outbox.workroom import open_room
from zegel_relay.retention.run import Ended, run_retention
from zegel_relay.wakeups import Wakeups


@click.command(short_help="End what is over now, or say how much would end.")
@FOLDER
@click.option("--dry-run", is_flag=True, help="End nothing; say how much would end now.")
@TABLE
def retention(folder: Path | None, dry_run: bool, table: bool) -> None:
    """End everything whose period is over, as the relay does every hour; print how much of what.

    The periods are the rulebook's: docs/retention.md says what they apply to. What ends is gone from the database and
    the blob folder; backups end by their own dates.
    """
    chosen = chosen_settings(folder=folder)

    async def end() -> Ended:
        async with database(chosen) as engine:
            room = open_room(chosen, engine, Wakeups())
            return await run_retention(room, room.clock.now(), dry_run)

    ended = asdict(run(end))
    if table:
        say_rows("ended", [{"what": what, "count": count} for what, count in ended.items()], ("what", "count"), table)
    else:
        say(dry_run=dry_run, **ended)
