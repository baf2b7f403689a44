"""`zegel keys`: who this device is, its sealing keys, its passphrase and its relay. Private keys are never shown."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import click
import msgspec

from zegel.cli.console import answer, json_option, moment, now, short_option
from zegel.cli.desk import keystore_option, secret_of
from zegel.cli.passphrase import passphrase, passphrase_option
from zegel.cli.setting import cost_option
from zegel.cli.values import ORIGIN
from zegel.partner import Partner
from zegel.prekeys import published_version
from zegel_keys.keystore import rows
from zegel_keys.keystore.directory import Keystore
from zegel_keys.keystore.identity import Identity
from zegel_keys.keystore.prekeys import Held, set_version
from zegel_keys.keystore.vault import Cost
from zegel_protocol import b64


@click.group("keys", invoke_without_command=True, short_help="Show this device and its keys; change its passphrase.")
@keystore_option(required=False)
@passphrase_option
@short_option
@json_option
@click.pass_context
def keys(context: click.Context, keystore: Path | None, passphrase_file: Path | None) -> None:
    """Show this device: whose it is, its key's fingerprint, and until when it can receive.

    \b
    Example:
      zegel keys --keystore desk
    """
    if context.invoked_subcommand is not None:
        # What was named before the inner command holds for it too.
        given = {"keystore": keystore, "passphrase_file": passphrase_file}
        named = {name: value for name, value in given.items() if value is not None}
        context.default_map = {context.invoked_subcommand: named}
        return
    if keystore is None:
        raise click.UsageError("Missing option '--keystore' (or the variable ZEGEL_KEYSTORE).")
    with Keystore.open(keystore, secret_of(keystore, passphrase_file)) as opened:
        _say(opened)


@keys.command("refresh", short_help="Publish new sealing keys where they are due.")
@keystore_option()
@passphrase_option
@json_option
def refresh_command(keystore: Path, passphrase_file: Path | None) -> None:
    """Make and publish the next sealing keys where they are due, and erase those that are long past.

    Every command that connects does this by itself; this one does nothing else.

    \b
    Example:
      zegel keys refresh --keystore desk
    """
    secret = secret_of(keystore, passphrase_file)
    asyncio.run(_refresh(keystore, secret))
    with Keystore.open(keystore, secret) as opened:
        _say(opened)


async def _refresh(keystore: Path, secret: str) -> None:
    async with await Partner.connect(keystore, secret) as partner:
        # Connecting forgives a relay that is away; whoever asks for this wants to be told.
        await partner.refresh()


@keys.command("passphrase", short_help="Change the passphrase of this keystore.")
@click.option(
    "--new-passphrase-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File whose first line is the new passphrase; without it, you are asked.",
)
@cost_option
@keystore_option()
@passphrase_option
@json_option
def passphrase_command(
    keystore: Path, passphrase_file: Path | None, new_passphrase_file: Path | None, cost: Cost
) -> None:
    """Change the passphrase. Programs that have the keystore open go on.

    \b
    Example:
      zegel keys passphrase --keystore desk
    """
    old = secret_of(keystore, passphrase_file)
    with Keystore.open(keystore, old) as opened:
        new = passphrase(new_passphrase_file, "the keystore from now on", new=True)
        with opened.exclusive() as custody:
            custody.change_passphrase(old, new, cost)
    answer(
        {"keystore": str(keystore), "changed": True},
        f"{keystore} has its new passphrase.",
        "Copies of the folder from before still open with the old one: delete those that you don't need.",
    )


@keys.command("relay", short_help="Have this keystore use another origin of its relay.")
@click.argument("origin", type=ORIGIN)
@keystore_option()
@passphrase_option
@json_option
def relay_command(keystore: Path, passphrase_file: Path | None, origin: str) -> None:
    """Have this keystore use its relay at another ORIGIN from now on.

    \b
    Example:
      zegel keys relay https://relay.example --keystore desk
    """
    with (
        Keystore.open(keystore, secret_of(keystore, passphrase_file)) as opened,
        opened.exclusive() as custody,
    ):
        custody.replace_identity(msgspec.structs.replace(custody.identity, relay=origin))
    answer({"keystore": str(keystore), "relay": origin}, f"{keystore} uses the relay at {origin} from now on.")


def fingerprint(key: str) -> str:
    """Return what two people compare of a public key: 128 bits of its SHA-256, in groups of four hex digits."""
    digits = hashlib.sha256(b64.decode(key, 32)).hexdigest()[:32]
    return " ".join(digits[start : start + 4] for start in range(0, 32, 4))


def _say(keystore: Keystore) -> None:
    own, state = keystore.identity, keystore.state
    periods = [held.period for _, held in rows.load_all(state, "prekeys", Held)]
    ends = max((period.not_after for period in periods), default=None)
    published = published_version(state)
    facts: dict[str, Any] = {
        "partner": own.partner, "name": own.partner_name, "device": own.device, "worker": own.worker,
        "service": own.service, "function": own.function, "huis": own.huis, "relay": own.relay,
        "sign_key": own.signing_key.public, "fingerprint": fingerprint(own.signing_key.public),
        "prekeys": {"held": len(periods), "until": ends, "version": set_version(state), "published": published},
    }  # fmt: skip
    answer(facts, *_lines(own), _sealing_line(ends, published), short=f"{own.partner}/{own.device}")


def _lines(own: Identity) -> list[str]:
    user = "a service's" if own.worker is None else f"worker {own.worker}'s"
    return [
        f"{own.partner_name} ({own.partner}), {own.function}",
        f"Device       {own.device}, {user}",
        f"Fingerprint  {fingerprint(own.signing_key.public)}",
        f"Huis         {own.huis}",
        f"Relay        {own.relay}",
    ]


def _sealing_line(ends: int | None, published: int) -> str:
    if ends is None or not published:
        return "Sealing keys none published yet: `zegel keys refresh`, once this device is on its partner's list."
    if ends <= now():
        return "Sealing keys ended: `zegel keys refresh`, else nobody can send to this device."
    return f"Sealing keys published; senders can use them until {moment(ends)}"
