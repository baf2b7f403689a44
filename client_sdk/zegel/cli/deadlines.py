"""`zegel deadlines`: what this partner owes by when, and what is owed on its messages; late first (article 5)."""

from typing import Any

import click

from zegel.cli.console import answer, moment
from zegel.cli.desk import at_desk
from zegel.inbox_desk import Due
from zegel.partner import Partner


@click.command("deadlines", short_help="Show what is due, late first.")
@click.option("--all", "everything", is_flag=True, help="Also what is done, or lapsed.")
@click.option("--mine", is_flag=True, help="Only what this partner owes.")
@at_desk
async def deadlines_command(partner: Partner, everything: bool, mine: bool) -> None:
    """Show what was agreed and is not done yet: by whom, about which message, by when.

    \b
    Example:
      zegel deadlines --mine
    """
    due = await partner.desk.deadlines(all_states=everything)
    shown = [item for item in due if item.mine or not mine]
    answer({"deadlines": [facts_of(item) for item in shown]}, *([_line(item) for item in shown] or ["Nothing is due."]))


def facts_of(item: Due) -> dict[str, Any]:
    """Return a deadline as JSON."""
    return {
        "kind": item.kind, "owner": item.owner.key, "mine": item.mine, "object": item.object, "message": item.message,
        "number": item.number, "since": item.since, "due": item.due, "state": item.state, "closed": item.closed,
        "says": item.says,
    }  # fmt: skip


def _line(item: Due) -> str:
    who = "you" if item.mine else item.owner.key.partition(":")[2]
    step = f" {item.number}" if item.kind == "step" else ""
    late = "LATE  " if item.state == "overdue" else "      "
    return f"{late}{moment(item.due)} ({item.says})  {item.kind}{step}, {who}  {item.message or item.object}"
