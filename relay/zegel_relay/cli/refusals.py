"""`zegel-relay refusals`: how often which rule said no, without a client, a sender or a recipient."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from zegel_relay.cli.answers import FOLDER, TABLE, chosen_settings, database, run, say_rows
from zegel_relay.storage.database import open_sessions
from zegel_relay.storage.models import RefusalCount


@click.command(short_help="Show how often which rule said no.")
@FOLDER
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="The first day, as 2026-11-24; all of them without it."
)
@TABLE
def refusals(folder: Path | None, since: datetime | None, table: bool) -> None:
    """Show how many messages were refused, by day and code: what to explain better, or to decide anew."""
    chosen = chosen_settings(folder=folder)

    async def read() -> list[dict[str, Any]]:
        query = select(RefusalCount).order_by(RefusalCount.day, RefusalCount.code)
        if since is not None:
            query = query.where(RefusalCount.day >= since.date().isoformat())
        async with database(chosen) as engine, open_sessions(engine)() as session:
            rows = await session.scalars(query)
            return [{"day": row.day, "code": row.code, "count": row.count} for row in rows]

    say_rows("refusals", run(read), ("day", "code", "count"), table)
