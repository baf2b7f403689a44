"""`zegel-relay init`: the relay's keys, made once."""

from pathlib import Path

import click

from zegel_relay import contact_key, keys_file
from zegel_relay.cli.answers import FOLDER, chosen_settings, fail
from zegel_relay.storage.errors import StorageError


@click.command(short_help="Make the relay's keys, once; print the public ones.")
@click.option("--huis", required=True, help="The id of the Huis; the steward has it.")
@FOLDER
def init(huis: str, folder: Path | None) -> None:
    """Make the relay's keys, and print the public ones for the directory."""
    chosen = chosen_settings(folder=folder)
    try:
        chosen.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        contact = contact_key.create_or_load(chosen.contact_key_file)
        keys = keys_file.create(chosen.keys_file, huis, contact.public)
    except (StorageError, OSError) as error:
        fail(error)
    click.echo(keys.public().decode())
