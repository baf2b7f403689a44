"""What every command shares: the folder option, the settings, answers as JSON, and how a failure is said.

Exit codes: 0 done, 1 it could not be done (the line on standard error says what to do), 2 wrong usage.
"""

import asyncio
import errno
import json
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

import click
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from zegel_protocol.errors import ProtocolError
from zegel_relay import settings
from zegel_relay.services.errors import ServiceError
from zegel_relay.settings import Settings, SettingsError
from zegel_relay.storage.database import check_migrated, open_engine, sqlite_path
from zegel_relay.storage.errors import NotMigrated, StorageError

FOLDER: Final = click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), help="Where the relay keeps its data."
)
TABLE: Final = click.option("--table", is_flag=True, help="For people: a table instead of JSON.")

T = TypeVar("T")


def chosen_settings(**options: Any) -> Settings:
    """Return the settings with the options of the command line (None: not given). Wrong ones end as wrong usage."""
    try:
        return settings.load(options)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error


def say(**facts: Any) -> None:
    """Print one JSON object on one line, at once: another program may wait for it."""
    click.echo(json.dumps(facts))
    sys.stdout.flush()


def say_rows(name: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str], table: bool) -> None:
    """Print rows as `{name: [...]}`, or as columns for people."""
    if not table:
        say(**{name: [dict(row) for row in rows]})
        return
    lines = [list(columns), *([_cell(row.get(column)) for column in columns] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def fail(error: Exception) -> NoReturn:
    """Print code and detail of a failure as JSON on standard error, and end with exit code 1."""
    if isinstance(error, (StorageError, ProtocolError, ServiceError)):
        code, detail = error.code, error.detail
    elif isinstance(error, SQLAlchemyError):
        # A text of the database's driver may quote what it was given.
        code, detail = "database.failed", f"The database failed: {type(error).__name__}."
    else:
        code, detail = "relay.failed", _of_system(error)
    click.echo(json.dumps({"code": code, "detail": detail}), err=True)
    raise SystemExit(1)


def _of_system(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"Another process listens there already: end it, or choose another --port. ({error})"
    if isinstance(error, FileNotFoundError):
        return f"{error.filename} is not there. Is --folder (ZEGEL_FOLDER) right?"
    return str(error)


@asynccontextmanager
async def database(chosen: Settings) -> AsyncIterator[AsyncEngine]:
    """Yield an engine on the relay's database, whose tables are of this version. Raises `StorageError`."""
    require_there(chosen)
    engine = open_engine(chosen.database_url)
    try:
        await check_migrated(engine)
        yield engine
    finally:
        await engine.dispose()


def require_there(chosen: Settings) -> None:
    """Return if the file of an SQLite database is there. Raises `NotMigrated` (`database.empty`)."""
    path = sqlite_path(chosen.database_url)
    if path is not None and not path.exists():
        # Told apart from a database that is damaged: mostly the folder is misspelt.
        detail = f"There is no {path} yet. Is --folder (ZEGEL_FOLDER) right? A new database: `zegel-relay migrate`."
        raise NotMigrated("database.empty", detail)


def run(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Return what `work` returns; what can fail in daily life is said and ends the command."""
    try:
        return asyncio.run(work())
    except (StorageError, ProtocolError, ServiceError, SQLAlchemyError, OSError) as error:
        fail(error)
