"""`zegel steward finding`: what the steward found about a section that a reader proved, signed, given to the relay."""

from pathlib import Path
from typing import get_args

import click

from zegel.cli.console import answer, json_option, now
from zegel.cli.passphrase import open_keys, passphrase_option
from zegel.cli.setting import FILE, ask_relay, folder_option, give_relay, key_option, relay_option
from zegel.cli.values import TERM
from zegel.proving import check_proof, read_proof
from zegel.steward.finding import Found, make_finding
from zegel.steward.folder import StewardFolder
from zegel.steward.known import read_known
from zegel_keys.envelopes import digest_of_envelope


@click.command("finding", short_help="Sign what you found about a proven section.")
@click.argument("file", metavar="PROOF", type=FILE)
@click.option("--found", type=click.Choice(get_args(Found)), required=True, help="What you found.")
@click.option("--code", "codes", type=TERM, multiple=True, help="Why, in a word without content.")
@folder_option
@key_option
@relay_option(required=True)
@passphrase_option
@json_option
def finding_command(
    file: Path,
    found: Found,
    codes: tuple[str, ...],
    folder: Path,
    key_paths: tuple[Path, ...],
    relay: str,
    passphrase_file: Path | None,
) -> None:
    """Check the proof in the file PROOF, sign what you found, and give it to the relay.

    After over-broad the recipient owes an answer on erasing it, and whoever was told of the message is told of this.
    Read the section first: zegel steward proof PROOF.

    \b
    Example:
      zegel steward finding proof.json --found over-broad --folder steward --relay https://relay.example
    """
    place = StewardFolder(folder)
    shown = ask_relay(relay)
    proven = check_proof(place.huis.huis, shown, read_proof(file))
    known = read_known(place.huis.huis, [*shown, *place.kept()])
    keys = open_keys(key_paths or place.root_paths()[: known.root.threshold], "steward-root", passphrase_file)
    envelope = make_finding(known, keys, proven, found, codes, now())
    give_relay(relay, [envelope])
    answer(
        {"finding": digest_of_envelope(envelope), "manifest": proven.manifest, "n": proven.n, "found": found,
         "from": proven.sender, "to": proven.reader},
        f"Found {found}: section {proven.n} of {proven.manifest}, from {proven.sender} to {proven.reader}.",
        *([f"{proven.reader} owes an answer on erasing it; the client is told."] if found == "over-broad" else []),
    )  # fmt: skip
