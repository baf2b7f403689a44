"""`zegel-relay export-case`: what a steward needs to check an opening proof, as one file."""

import os
from pathlib import Path

import click
import msgspec

from zegel_relay.cli.answers import FOLDER, chosen_settings, database, fail, run, say
from zegel_relay.services.opening_case import OpeningCase, read_case
from zegel_relay.storage.database import open_sessions


@click.command("export-case", short_help="Export what checks an opening proof, for the steward.")
@FOLDER
@click.argument("message")
@click.option("--to", "target", type=click.Path(path_type=Path), help="The file to write (0600); printed without it.")
def export_case(folder: Path | None, message: str, target: Path | None) -> None:
    """Export the case of an opening proof: MESSAGE is its id, or the D of its manifest.

    The file holds the manifest, entries, wrapped keys, receipts and acknowledgements, and the setting that proves who
    signed them; no content, and no key to any. It names who wrote to whom about whom: give it to the steward, and to
    nobody else.
    """
    chosen = chosen_settings(folder=folder)

    async def read() -> OpeningCase:
        async with database(chosen) as engine, open_sessions(engine)() as session:
            return await read_case(session, message)

    data = msgspec.json.encode(run(read))
    if target is None:
        click.echo(data.decode())
        return
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
    except OSError as error:
        fail(error)
    say(exported=str(target), bytes=len(data))
