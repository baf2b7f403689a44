"""`zegel-relay overdue`: what is owed and late, for an operator or the steward: who owes what since when; no content.

An alarm that nobody opened is the steward's to follow up (article 10), by telephone: here they see which partners.
"""

from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from zegel_protocol.words import SECOND_SIGNATURE
from zegel_relay.cli.answers import FOLDER, TABLE, chosen_settings, database, run, say_rows
from zegel_relay.clock import SystemClock
from zegel_relay.services import alarm_course
from zegel_relay.services.deadlines import RUNNING
from zegel_relay.storage.database import open_sessions
from zegel_relay.storage.models import Deadline

_COLUMNS = ("kind", "owner", "message", "since", "due", "late_seconds")


@click.command(short_help="Show what is owed and late, alarms first.")
@FOLDER
@click.option("--alarms", is_flag=True, help="Only alarms that nobody opened, and second signatures that are missing.")
@TABLE
def overdue(folder: Path | None, alarms: bool, table: bool) -> None:
    """Show what is owed and late: alarms that nobody opened first, then what is late for longest.

    A partner is named by its id; of a person it is only said that it is one. `message` is the digest that both sides
    know the message by. What to do: phone the partner.
    """
    chosen = chosen_settings(folder=folder)
    now = SystemClock().now()

    async def read() -> list[dict[str, Any]]:
        late = [Deadline.state.in_(RUNNING), Deadline.overdue_at <= now]
        if alarms:
            late.append(Deadline.kind.in_((*alarm_course.KINDS, SECOND_SIGNATURE)))
        urgent_first = Deadline.kind.in_(alarm_course.KINDS).desc()
        query = select(Deadline).where(*late).order_by(urgent_first, Deadline.overdue_at, Deadline.d)
        async with database(chosen) as engine, open_sessions(engine)() as session:
            return [_shown(row, now) for row in await session.scalars(query)]

    say_rows("overdue", run(read), _COLUMNS, table)


def _shown(row: Deadline, now: int) -> dict[str, Any]:
    owner = row.owner if row.owner.startswith("partner:") else "a person"
    return {
        "kind": row.kind, "owner": owner, "message": row.message_d, "since": row.since, "due": row.due_at,
        "late_seconds": now - row.overdue_at,
    }  # fmt: skip
