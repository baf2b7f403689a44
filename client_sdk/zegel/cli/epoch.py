"""`zegel steward epoch` and `give`: after a backup was restored, where the log goes on, and what the relay lost."""

import asyncio
from pathlib import Path

import click

from zegel.cli.console import answer, json_option, moment, now
from zegel.cli.passphrase import open_keys, passphrase_option
from zegel.cli.setting import FILE, folder_option, give_relay, key_option, read_file, relay_option
from zegel.steward.epoch import GivenAgain, give_again, make_epoch, restored_head, unanswered
from zegel.steward.folder import StewardFolder
from zegel.steward.known import read_known
from zegel.steward.relay_access import fetch, visitor
from zegel_keys.exhibit import read
from zegel_keys.verification import read_payload
from zegel_protocol.objects import Epoch


@click.command("epoch", short_help="After a restore: say where the log goes on.")
@folder_option
@key_option
@relay_option(required=True)
@passphrase_option
@json_option
def epoch_command(folder: Path, key_paths: tuple[Path, ...], relay: str, passphrase_file: Path | None) -> None:
    """Say that the relay was restored from a backup. What it accepted after the backup was made is lost there.

    \b
    Example:
      zegel steward epoch --folder steward --relay https://relay.example
    """
    place = StewardFolder(folder)
    envelope, given = asyncio.run(_set_back(place, key_paths, relay, passphrase_file))
    epoch = read_payload(envelope, Epoch)[0]
    lines = [
        f"Epoch {epoch.number}, {moment(epoch.at)}: the log goes on from its first {epoch.last.size} entries.",
        f"Given again: {len(given.accepted)}; not taken: {len(given.refused)}.",
        *(f"- {d}: {code}" for d, code in given.refused),
        "Everyone's software notices by itself. What the relay lost must come again from who made it.",
        f"If the directory is older than the one you published last: zegel steward publish --relay {relay}",
    ]
    facts = {
        "epoch": epoch.number, "size": epoch.last.size, "root": epoch.last.root, "accepted": given.accepted,
        "refused": [{"d": d, "code": code} for d, code in given.refused],
    }  # fmt: skip
    answer(facts, *lines)


async def _set_back(
    place: StewardFolder, key_paths: tuple[Path, ...], relay: str, passphrase_file: Path | None
) -> tuple[bytes, GivenAgain]:
    """Give the relay an epoch for its log as it is, then whatever was signed here and it lost."""
    async with visitor(relay) as client:
        shown = await fetch(client)
        known = read_known(place.huis.huis, shown)
        last, kept = await restored_head(client, known), place.signed(Epoch.KIND)
        envelope = unanswered(kept, shown, last)
        if envelope is None:
            keys = open_keys(key_paths or place.root_paths()[: known.root.threshold], "steward-root", passphrase_file)
            envelope = make_epoch(known, keys, last, now(), kept)
            # Before it leaves: whoever does not know whether it arrived gives the same one again.
            place.keep(envelope)
        await client.submit_object(envelope)
        signed = [item for item in place.all_signed() if item.d != read(envelope).d]
        return envelope, await give_again(client, signed, shown)


@click.command("give", short_help="Give a relay signed objects again.")
@click.argument("paths", metavar="FILE...", type=FILE, nargs=-1, required=True)
@relay_option(required=True)
@json_option
def give_command(paths: tuple[Path, ...], relay: str) -> None:
    """Give a relay signed objects again, as they stand in these files, such as a device list that it lost.

    \b
    Example:
      zegel steward give ocmw/devices-ocmw-gent.json --relay https://relay.example
    """
    envelopes = [read_file(path) for path in paths]
    digests = [read(envelope).d for envelope in envelopes]
    give_relay(relay, envelopes)
    answer({"given": digests}, *(f"Given: {d}" for d in digests))
