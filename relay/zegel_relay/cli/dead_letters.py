"""`zegel-relay dead-letters`: promised work that failed as often as it may, for an operator to look into."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import click

from zegel_relay.cli.answers import FOLDER, TABLE, chosen_settings, database, fail, run, say, say_rows
from zegel_relay.clock import SystemClock
from zegel_relay.outbox import dead_letters as dead
from zegel_relay.services.errors import NotFound
from zegel_relay.storage.database import Sessions, open_sessions
from zegel_relay.storage.models import OutboxItem

_COLUMNS = ("id", "kind", "error", "attempts", "created_at", "ended_at")
_IDS = click.argument("ids", metavar="[ID...]", nargs=-1)
_ALL = click.option("--all", "everything", is_flag=True, help="All of them.")


@click.group("dead-letters", short_help="Look at work that was given up; replay it.")
def dead_letters() -> None:
    """Look at promised work that failed too often; mend the cause, then replay it.

    A mail server that was away for a day leaves dead pings, for example: replaying sends them.
    """


@dead_letters.command("list", short_help="List them, with the code of the last error.")
@FOLDER
@TABLE
def list_command(folder: Path | None, table: bool) -> None:
    """List dead letters, the oldest first, with the code of their last error. Whom they are for is not shown."""
    rows = _with_sessions(folder, dead.list_dead)
    say_rows("dead_letters", [_shown(row) for row in rows], _COLUMNS, table)


@dead_letters.command(short_help="Show one, with whom it is for.")
@FOLDER
@click.argument("item_id", metavar="ID")
def show(folder: Path | None, item_id: str) -> None:
    """Show one dead letter, with the party it is for and the object that is its reason."""
    row = _with_sessions(folder, lambda sessions: dead.find_dead(sessions, item_id))
    say(**_shown(_found(row)), subject=_found(row).subject, object_d=_found(row).object_d)


@dead_letters.command(short_help="Have them tried again.")
@FOLDER
@_IDS
@_ALL
def replay(folder: Path | None, ids: tuple[str, ...], everything: bool) -> None:
    """Have dead letters tried again, from the first try on."""
    now = SystemClock().now()
    say(replayed=_change(folder, ids, everything, lambda sessions, which: dead.replay(sessions, which, now)))


@dead_letters.command(short_help="Remove them for good.")
@FOLDER
@_IDS
@_ALL
@click.confirmation_option(prompt="What they promised will not be done. Drop them?")
def drop(folder: Path | None, ids: tuple[str, ...], everything: bool) -> None:
    """Remove dead letters for good: what they promised is not done, so do it by hand if it has to be."""
    say(dropped=_change(folder, ids, everything, dead.drop))


def _change(
    folder: Path | None,
    ids: tuple[str, ...],
    everything: bool,
    act: Callable[[Sessions, tuple[str, ...]], Coroutine[Any, Any, int]],
) -> int:
    if everything == bool(ids):
        raise click.UsageError("say which: their ids, or --all")

    async def change(sessions: Sessions) -> int:
        which = tuple(row.id for row in await dead.list_dead(sessions)) if everything else ids
        return await act(sessions, which)

    changed: int = _with_sessions(folder, change)
    if not everything and not changed:
        _found(None)
    return changed


def _with_sessions(folder: Path | None, act: Callable[[Sessions], Coroutine[Any, Any, Any]]) -> Any:
    chosen = chosen_settings(folder=folder)

    async def within() -> Any:
        async with database(chosen) as engine:
            return await act(open_sessions(engine))

    return run(within)


def _found(row: OutboxItem | None) -> OutboxItem:
    if row is None:
        fail(
            NotFound("work.not-dead", "There is no dead letter of this id. `zegel-relay dead-letters list` shows all.")
        )
    return row


def _shown(row: OutboxItem) -> dict[str, Any]:
    return {column: getattr(row, column) for column in _COLUMNS}
