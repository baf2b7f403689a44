"""`zegel prove` and `zegel steward proof`: a reader shows the steward what a sender really put in one section."""

import asyncio
from pathlib import Path

import click
import msgspec

from zegel.cli.console import answer, json_option, moment
from zegel.cli.desk import at_desk
from zegel.cli.message_view import section_facts, section_lines
from zegel.cli.setting import FILE, ask_relay, folder_option, relay_option
from zegel.cli.values import DIGEST
from zegel.partner import Partner
from zegel.proving import check_proof, read_proof
from zegel.steward.folder import StewardFolder


@click.command("prove", short_help="Show the steward what a sender put in one section.")
@click.argument("manifest", type=DIGEST)
@click.argument("number", type=click.IntRange(0))
@click.option("--out", type=FILE, required=True, help="Where to write the proof; it can be read by whoever has it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@at_desk
async def prove_command(partner: Partner, manifest: str, number: int, out: Path, yes: bool) -> None:
    """Write the proof of one section of the message MANIFEST, by the NUMBER that `zegel open` shows, for the steward.

    It opens this section, for whoever has the file, and no other. This device signs it and answers for it.

    \b
    Example:
      zegel prove MANIFEST 1 --out proof.json
    """
    if not yes:
        click.confirm("Whoever gets the file can read this section. Write it?", abort=True, err=True)
    proof = await partner.prove(manifest, number)
    await asyncio.to_thread(_write, out, msgspec.json.encode(proof))
    answer(
        {"file": str(out), "manifest": manifest, "n": number},
        f"{out} proves what stands in section {number}. Give it to the steward by a way that you both trust.",
        "Next, there: zegel steward proof",
    )


def _write(path: Path, data: bytes) -> None:
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(data)


@click.command("proof", short_help="Read a section that a reader proves.")
@click.argument("file", type=FILE)
@folder_option
@relay_option(required=True)
@click.option("--save", type=FILE, help="Where to save the section's file.")
@json_option
def proof_command(file: Path, folder: Path, relay: str, save: Path | None) -> None:
    """Check the proof in FILE and show the section. It proves what was sent, not that it is true.

    \b
    Example:
      zegel steward proof proof.json --folder steward --relay https://relay.example
    """
    proven = check_proof(StewardFolder(folder).huis.huis, ask_relay(relay), read_proof(file))
    saved = None if save is None or proven.section.note is not None else str(proven.section.save(save))
    answer(
        {"manifest": proven.manifest, "from": proven.sender, "to": proven.reader, "accepted_at": proven.accepted_at,
         "section": section_facts(proven.section, None, saved)},
        f"{proven.sender} sent this to {proven.reader}, accepted {moment(proven.accepted_at)}:",
        *section_lines(proven.section, None, saved),
    )  # fmt: skip
