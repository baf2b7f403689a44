"""`zegel steward`: founding a Huis, admitting partners, signing rulebooks. Publishing is in `publishing`."""

from pathlib import Path

import click
import msgspec

from zegel.cli.console import answer, json_option, moment, now, short_option
from zegel.cli.epoch import epoch_command, give_command
from zegel.cli.finding import finding_command
from zegel.cli.passphrase import open_keys, passphrase, passphrase_option
from zegel.cli.portal import portal
from zegel.cli.prove import proof_command
from zegel.cli.publishing import publish_command, refresh_command, show_command
from zegel.cli.setting import (
    FILE,
    ask_relay,
    cost_option,
    folder_option,
    give_relay,
    key_option,
    read_file,
    relay_option,
)
from zegel.cli.values import PARTNER, TERM
from zegel.steward.errors import SetupError
from zegel.steward.folder import StewardFolder
from zegel.steward.founding import MAX_ROOTS, found
from zegel.steward.joining import JoinRequest, read_join_request
from zegel.steward.known import read_known
from zegel.steward.membership import DEFAULT_TERM, admit
from zegel.steward.rules import digest_of_code, sign_rulebook
from zegel_keys.keystore.vault import Cost
from zegel_keys.verification import read_payload
from zegel_protocol.durations import DAY
from zegel_protocol.objects import Membership, Root, Rulebook
from zegel_protocol.rulebook.rules_file import MAX_RULES_BYTES
from zegel_protocol.rulebook.template import default_source, read_rules


@click.group("steward", short_help="Found and run a Huis.")
def steward() -> None:
    """For the steward of a Huis. Root keys stay on this machine; the relay gets what they signed."""


@steward.command("found", short_help="Found a Huis: its keys and its id.")
@folder_option
@click.option("--name", required=True, help="The name of the Huis, for people.")
@click.option("--roots", type=click.IntRange(1, MAX_ROOTS), default=1, show_default=True, help="How many root keys.")
@click.option(
    "--threshold", type=click.IntRange(1, MAX_ROOTS), default=1, show_default=True, help="How many must sign."
)
@click.option("--freshness-passphrase-file", type=FILE, help="Passphrase of the freshness key, if it has its own.")
@cost_option
@passphrase_option
@short_option
@json_option
def found_command(
    folder: Path,
    name: str,
    roots: int,
    threshold: int,
    freshness_passphrase_file: Path | None,
    cost: Cost,
    passphrase_file: Path | None,
) -> None:
    """Found a Huis: make its keys and its id. Done once, offline.

    \b
    Example:
      zegel steward found --folder steward --name "Huis van het Kind" --roots 3 --threshold 2
    """
    secret = passphrase(passphrase_file, "the steward's keys", new=True)
    own = passphrase(freshness_passphrase_file, "the freshness key") if freshness_passphrase_file else None
    founding = found(folder, secret, name, roots, threshold, cost, freshness_passphrase=own)
    file = StewardFolder(folder).huis_path
    answer(
        {"huis": founding.huis, "name": name, "roots": roots, "threshold": threshold, "huis_file": str(file)},
        f"{name} is founded: {founding.huis}",
        f"Give {file} to every partner, by a way that they trust. Keep a copy of {folder} where it cannot get lost:",
        "without its root keys nobody can ever admit a partner or change a rule again.",
        f"Next: zegel-relay init --huis {founding.huis} --folder FOLDER > relay-keys.json",
        short=founding.huis,
    )


@steward.command("admit", short_help="Sign that a partner is a member.")
@click.argument("request_path", metavar="JOIN_FILE", type=FILE)
@folder_option
@key_option
@click.option("--partner", type=PARTNER, help="Another id than the partner proposes.")
@click.option("--name", help="Another name.")
@click.option("--sector", type=TERM, help="Another sector.")
@click.option("--secrecy", type=click.Choice(["penal", "office", "pledge"]), help="Another secrecy.")
@click.option("--actor", type=click.Choice(["professional", "non-professional"]), help="Another sort of actor.")
@click.option("--host", type=PARTNER, help="The partner that stands behind this volunteer or person.")
@click.option("--root-key", help="The root key as the partner told it by another way: then nothing is asked.")
@click.option("--yes", is_flag=True, help="Do not ask whether the root key was compared.")
@click.option("--days", type=click.IntRange(1, 36_500), default=DEFAULT_TERM // DAY, show_default=True)
@relay_option(required=False)
@passphrase_option
@json_option
def admit_command(
    request_path: Path,
    folder: Path,
    key_paths: tuple[Path, ...],
    root_key: str | None,
    yes: bool,
    days: int,
    relay: str | None,
    passphrase_file: Path | None,
    **changes: str | None,
) -> None:
    """Sign a partner's membership. It is in force once a directory is published; with --relay its devices may come.

    \b
    Example:
      zegel steward admit join.json --folder steward --relay https://relay.example
    """
    place = StewardFolder(folder)
    huis = place.huis.huis
    request = read_join_request(read_file(request_path), huis)
    request = msgspec.structs.replace(request, **{field: text for field, text in changes.items() if text is not None})
    _compare(request, root_key, yes)
    shown = ask_relay(relay)
    known = read_known(huis, [*shown, *place.kept()])
    keys = open_keys(key_paths or place.root_paths()[: known.root.threshold], "steward-root", passphrase_file)
    envelope = admit(known, request, keys, now(), days * DAY)
    place.keep(envelope, pending=True)
    held = {item.d for item in shown}
    earlier = [
        item.envelope for item in place.kept() if item.kind in (Root.KIND, Membership.KIND) and item.d not in held
    ]
    give_relay(relay, earlier)
    made, d = read_payload(envelope, Membership)
    answer(
        {"partner": made.partner, "version": made.version, "membership": d, "root_key": made.root_key,
         "not_after": made.not_after, "submitted": relay is not None},
        f"{made.name} ({made.partner}) is admitted as {made.sector}, until {moment(made.not_after)}.",
        "Next: the partner sends its devices (zegel partner devices), and you publish (zegel steward publish)."
        if relay is not None
        else "Next: give it to the relay (this command again, with --relay); then the partner can send its devices.",
    )  # fmt: skip


def _compare(request: JoinRequest, root_key: str | None, yes: bool) -> None:
    """Whoever could change the file on its way could have put another key in: a person compares it."""
    if root_key is not None and root_key != request.root_key:
        raise SetupError(
            "partner.key",
            f"The request names root key {request.root_key}, not the one that you were told.",
            "Admit nobody with this file: ask the partner for it again, by another way.",
        )
    if root_key is None and not yes:
        click.echo(
            f"{request.name} ({request.partner}), {request.sector}, {request.secrecy}, {request.actor}", err=True
        )
        click.echo(f"Root key: {request.root_key}", err=True)
        click.confirm(
            "Did the partner tell you this very root key, by another way than this file?", abort=True, err=True
        )


@steward.command("rulebook", short_help="Sign the rules.")
@click.argument("rules_path", metavar="[RULES_FILE]", type=FILE, required=False)
@click.option("--print-default", is_flag=True, help="Print the default rules, to be edited; sign nothing.")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="The steward's folder.")
@click.option("--name", help="Whom families turn to with a complaint; else the name of the Huis.")
@click.option("--code", "code_path", type=FILE, help="The code of ethics that partners accept: its digest is signed.")
@click.option("--code-version", default="1.0", show_default=True, help="Which version of the code that is.")
@key_option
@relay_option(required=False)
@passphrase_option
@json_option
def rulebook_command(
    rules_path: Path | None,
    print_default: bool,
    folder: Path | None,
    name: str | None,
    code_path: Path | None,
    code_version: str,
    key_paths: tuple[Path, ...],
    relay: str | None,
    passphrase_file: Path | None,
) -> None:
    """Sign the rules in RULES_FILE, or the default rules. They are in force once a directory names them.

    \b
    Examples:
      zegel steward rulebook --folder steward --code code.md
      zegel steward rulebook --print-default > rules.json
    """
    if print_default:
        click.echo(default_source(), nl=False)
        return
    if folder is None or code_path is None:
        raise click.UsageError("Signing needs --folder, and --code with the file of the code of ethics.")
    rules = read_rules(read_file(rules_path, MAX_RULES_BYTES)) if rules_path is not None else None
    place = StewardFolder(folder)
    known = read_known(place.huis.huis, [*ask_relay(relay), *place.kept()])
    keys = open_keys(key_paths or place.root_paths()[: known.root.threshold], "steward-root", passphrase_file)
    digest = digest_of_code(code_path.read_bytes())
    named = name or place.huis.name
    envelope = sign_rulebook(known, keys, now(), name=named, code_version=code_version, code_digest=digest, rules=rules)
    place.keep(envelope, pending=True)
    made, d = read_payload(envelope, Rulebook)
    answer(
        {"rulebook": d, "version": made.version, "code_digest": digest},
        f"Rulebook {made.version} is signed: {d}",
        "Next: zegel steward publish",
    )


steward.add_command(publish_command)
steward.add_command(epoch_command)
steward.add_command(give_command)
steward.add_command(refresh_command)
steward.add_command(show_command)
steward.add_command(proof_command)
steward.add_command(finding_command)
steward.add_command(portal)
