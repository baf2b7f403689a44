"""`zegel partner rules` and `zegel partner pledge`: what a partner's root signs besides its devices (articles 0, 3)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from zegel.cli.console import answer, now
from zegel.cli.desk import at_desk
from zegel.cli.passphrase import passphrase
from zegel.cli.setting import FILE, root_option
from zegel.cli.values import TERM
from zegel.partner import Partner
from zegel_keys.keystore.key_file import KeyFile
from zegel_protocol.objects.partner_rules import Closed

F = TypeVar("F", bound=Callable[..., Any])

_WAYS: Final = ("receive", "send")


def _root_passphrase_option(command: F) -> F:
    return click.option(
        "--root-passphrase-file", type=FILE, help="A file with the root key's passphrase; else it is asked for."
    )(command)


def _closing_options(command: F) -> F:
    for option in reversed((
        click.argument("way", type=click.Choice(_WAYS)),
        click.option("--purpose", type=TERM, help="Only of this purpose."),
        click.option("--kind", type=TERM, help="Only of this kind of message."),
        click.option("--type", "category", type=TERM, help="Only this category or part."),
        click.option("--sector", type=TERM, help="Only to, or from, partners of this sector."),
    )):  # fmt: skip
        command = option(command)
    return command


@click.command("pledge", short_help="Pledge confidentiality, for volunteers.")
@root_option
@_root_passphrase_option
@at_desk
async def pledge_command(partner: Partner, root_path: Path, root_passphrase_file: Path | None) -> None:
    """Pledge confidentiality for this partner: a volunteer, a parents' initiative, one of the family's own network.

    Without it nothing may be shared with them. A new version of the code asks for it anew.

    \b
    Example:
      zegel partner pledge --keystore rik --root rik/partner-root.zk
    """
    d = await partner.ethics.pledge(_root(root_path, root_passphrase_file))
    answer({"declaration": d, "partner": partner.identity.partner}, "The pledge of confidentiality is made.")


@click.group("rules", short_help="Close for yourself what the Huis allows.")
def rules() -> None:
    """This partner's own rules: narrower than those of the Huis, never wider, never below the floor."""


@rules.command("show", short_help="Show what is closed.")
@at_desk
async def show_command(partner: Partner) -> None:
    """Show what this partner closed for itself, as it is in force.

    \b
    Example:
      zegel partner rules show --keystore desk
    """
    closed = await partner.own_rules.show()
    lines = [_line(item) for item in closed] or ["This partner closed nothing for itself: the rules of the Huis hold."]
    answer({"closed": [_facts(item) for item in closed]}, *lines)


@rules.command("close", short_help="Close something.")
@_closing_options
@root_option
@_root_passphrase_option
@at_desk
async def close_command(
    partner: Partner, way: str, root_path: Path, root_passphrase_file: Path | None, **options: str | None
) -> None:
    """Do not RECEIVE, or not SEND, what fits all that the options say. It is in force at once.

    \b
    Example:
      zegel partner rules close receive --type health --keystore desk --root ocmw/partner-root.zk
    """
    closed = _closed(way, **options)
    await partner.own_rules.close(_root(root_path, root_passphrase_file), now(), closed)
    _say(closed, "Closed")


@rules.command("open", short_help="Open again what you closed.")
@_closing_options
@root_option
@_root_passphrase_option
@at_desk
async def open_command(
    partner: Partner, way: str, root_path: Path, root_passphrase_file: Path | None, **options: str | None
) -> None:
    """Take back a closing, said as it was made.

    \b
    Example:
      zegel partner rules open receive --type health --keystore desk --root ocmw/partner-root.zk
    """
    closed = _closed(way, **options)
    if closed not in await partner.own_rules.show():
        raise click.UsageError("That is not closed; `zegel partner rules show` shows what is.")
    await partner.own_rules.open(_root(root_path, root_passphrase_file), now(), closed)
    _say(closed, "Open again")


def _closed(way: str, *, purpose: str | None, kind: str | None, category: str | None, sector: str | None) -> Closed:
    if (purpose, kind, category, sector) == (None, None, None, None):
        raise click.UsageError("Say what: --purpose, --kind, --type or --sector.")
    return Closed(way="send" if way == "send" else "receive", purpose=purpose, kind=kind, type=category, sector=sector)


def _root(path: Path, passphrase_file: Path | None) -> KeyFile:
    return KeyFile.open(path, passphrase(passphrase_file, f"the root key {path}"), "partner-root")


def _say(closed: Closed, done: str) -> None:
    answer(
        {"closed": _facts(closed)},
        f"{done}: {_line(closed).removeprefix('- ')}.",
        "Once the steward publishes the next directory, nobody can hold that back.",
    )


def _facts(closed: Closed) -> dict[str, str | None]:
    return {
        "way": closed.way, "purpose": closed.purpose, "kind": closed.kind, "type": closed.type,
        "sector": closed.sector,
    }  # fmt: skip


def _line(closed: Closed) -> str:
    parts = [f"{name} {word}" for name, word in _facts(closed).items() if name != "way" and word is not None]
    return f"- {closed.way} {', '.join(parts)}"
