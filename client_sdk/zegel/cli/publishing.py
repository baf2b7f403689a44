"""`zegel steward publish`, `refresh` and `show`: the directory made, kept fresh, and looked at."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import msgspec

from zegel.cli.console import answer, json_option, moment, now
from zegel.cli.passphrase import open_keys, passphrase_option
from zegel.cli.portal import BUNDLE, bundle_digests
from zegel.cli.setting import FILE, ask_relay, folder_option, give_relay, key_option, read_file, relay_option
from zegel.cli.values import DIGEST, ORIGIN, PARTNER
from zegel.steward.directory import MAX_REFRESH, RelayFacts, publish
from zegel.steward.errors import SetupError
from zegel.steward.folder import StewardFolder
from zegel.steward.freshness import refresh
from zegel.steward.known import Known, read_known
from zegel_keys.exhibit import Exhibit
from zegel_keys.verification import read_payload
from zegel_protocol.durations import DAY
from zegel_protocol.errors import MalformedError
from zegel_protocol.fields import Digest, Key32
from zegel_protocol.objects import Membership, Rulebook
from zegel_protocol.objects.directory import MAX_LIFE


class RelayKeys(msgspec.Struct, frozen=True, kw_only=True):
    """What `zegel-relay init` prints; the line that `serve` prints holds it too."""

    huis: Digest
    relay_key: Key32
    log_key: Key32


days_option = click.option(
    "--days", type=click.IntRange(1, MAX_LIFE // DAY), default=MAX_LIFE // DAY, show_default=True,
    help="Days until it expires.",
)  # fmt: skip


@click.command("publish", short_help="Put what was signed here in force.")
@folder_option
@key_option
@click.option("--relay-keys", type=FILE, help="What `zegel-relay init` printed: for the first directory.")
@click.option(
    "--origin",
    "origins",
    type=ORIGIN,
    multiple=True,
    help="A web origin of the portal, such as https://portal.example; once for each, or as before.",
)
@click.option("--rp-id", help="The portal's relying party id; else the host of the first origin.")
@click.option(
    "--bundle",
    "bundles",
    type=BUNDLE,
    multiple=True,
    help="Digest of a portal file, or the folder or URL of the built page; all of them, or as before.",
)
@click.option("--without", type=PARTNER, multiple=True, help="A partner to leave out from now on.")
@click.option("--freshness-key", type=DIGEST, help="Another freshness key, by its public key.")
@days_option
@click.option(
    "--refresh-days", type=click.IntRange(0, MAX_REFRESH // DAY), default=MAX_REFRESH // DAY, show_default=True,
    help="Days that the freshness key may refresh it; 0: not at all.",
)  # fmt: skip
@relay_option(required=True)
@passphrase_option
@json_option
def publish_command(
    folder: Path,
    key_paths: tuple[Path, ...],
    relay_keys: Path | None,
    origins: tuple[str, ...],
    rp_id: str | None,
    bundles: tuple[str, ...],
    without: tuple[str, ...],
    freshness_key: str | None,
    days: int,
    refresh_days: int,
    relay: str,
    passphrase_file: Path | None,
) -> None:
    """Publish a directory: what was admitted and signed in this folder comes into force, with all current devices.

    \b
    Example:
      zegel steward publish --folder steward --relay https://relay.example \\
        --relay-keys relay-keys.json --origin https://portal.example
    """
    place, shown = StewardFolder(folder), ask_relay(relay)
    place.require_not_older(shown)
    huis = place.huis
    known = read_known(huis.huis, [*shown, *place.kept()])
    facts = _relay_facts(known, relay_keys, origins, rp_id, bundle_digests(bundles))
    keys = open_keys(key_paths or place.root_paths()[: known.root.threshold], "steward-root", passphrase_file)
    pending = place.pending()
    books = [item.envelope for item in pending if item.kind == Rulebook.KIND]
    envelope = publish(
        known,
        keys,
        now(),
        memberships=[item.envelope for item in pending if item.kind == Membership.KIND],
        without=without,
        rulebook=books[-1] if books else None,
        relay=facts,
        freshness_key=freshness_key or (huis.freshness_key if known.base is None else None),
        life=days * DAY,
        refresh_for=refresh_days * DAY,
        after=place.newest_directory,
    )
    held = {item.d for item in shown}
    give_relay(relay, [*(item.envelope for item in place.kept() if item.d not in held), envelope])
    place.keep(envelope)
    place.settle()
    _say(place, known.with_more([envelope]))


def _relay_facts(
    known: Known, relay_keys: Path | None, origins: tuple[str, ...], rp_id: str | None, bundles: tuple[str, ...]
) -> RelayFacts | None:
    """Return what is given over what the last directory says; None when nothing is given."""
    if relay_keys is None and not origins and rp_id is None and not bundles:
        return None
    last = known.directory.payload if known.directory is not None else None
    keys = _read_relay_keys(relay_keys, known.huis) if relay_keys is not None else last
    named = origins or (last.origins if last is not None else ())
    if keys is None or not named:
        raise click.UsageError("The first directory needs --relay-keys and --origin.")
    host = rp_id or (last.rp_id if last is not None else urlsplit(named[0]).hostname or "")
    return RelayFacts(keys.relay_key, keys.log_key, host, named, bundles or (last.bundles if last is not None else ()))


def _read_relay_keys(path: Path, huis: str) -> RelayKeys:
    try:
        keys = msgspec.json.decode(read_file(path), type=RelayKeys)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise MalformedError("relay.keys", f"{path} is not what `zegel-relay init` printed") from error
    if keys.huis != huis:
        raise SetupError(
            "relay.foreign", f"{path} is of a relay for another Huis.", "Give what this Huis's own relay printed."
        )
    return keys


@click.command("refresh", short_help="Keep the directory fresh: every day.")
@folder_option
@days_option
@relay_option(required=True)
@passphrase_option
@json_option
def refresh_command(folder: Path, days: int, relay: str, passphrase_file: Path | None) -> None:
    """Refresh the directory with the freshness key: new times and devices. It admits nobody; run it every day.

    \b
    Example:
      zegel steward refresh --folder steward --relay https://relay.example
    """
    place, shown = StewardFolder(folder), ask_relay(relay)
    place.require_not_older(shown)
    known = read_known(place.huis.huis, shown)
    (key,) = open_keys([place.freshness_path], "freshness", passphrase_file)
    envelope = refresh(known, key, now(), days * DAY)
    give_relay(relay, [envelope])
    place.keep(envelope)
    _say(place, known.with_more([envelope]))


@click.command("show", short_help="Show what is in force.")
@folder_option
@relay_option(required=False)
@json_option
def show_command(folder: Path, relay: str | None) -> None:
    """Show what is in force, as far as it verifies, and what waits in this folder.

    \b
    Example:
      zegel steward show --folder steward --relay https://relay.example
    """
    place, shown = StewardFolder(folder), ask_relay(relay)
    if relay is not None:
        place.require_not_older(shown)
    _say(place, read_known(place.huis.huis, [*shown, *place.kept()]))


def _say(place: StewardFolder, known: Known) -> None:
    listed, pending, name = known.listed, place.pending(), place.huis.name
    partners = [_partner_facts(known, partner, listed=partner in listed) for partner in sorted(known.members)]
    facts: dict[str, Any] = {
        "huis": known.huis,
        "name": name,
        "roots": len(known.root.roots),
        "threshold": known.root.threshold,
        "partners": partners,
        "pending": [item.d for item in pending],
    }
    lines = [
        f"{name}: {known.huis}",
        f"{known.root.threshold} of {len(known.root.roots)} root keys sign.",
    ]
    if known.directory is not None and known.rulebook is not None:
        made, rules = known.directory.payload, known.rulebook
        facts["directory"] = {
            "d": known.directory.d, "version": made.version, "issued": made.issued, "expires": made.expires,
            "refreshed": made.base is not None, "refresh_until": made.refresh_until,
        }  # fmt: skip
        facts["rulebook"] = {"d": rules.d, "version": rules.payload.version, "name": rules.payload.name}
        by = "refreshed" if made.base is not None else "published"
        lines.append(f"Directory {made.version}, {by} {moment(made.issued)}, expires {moment(made.expires)}.")
        if made.refresh_until is not None:
            lines.append(f"It may be refreshed until {moment(made.refresh_until)}.")
        lines.append(f"Rulebook {rules.payload.version}: {rules.payload.name}.")
    lines += [_partner_line(item) for item in partners]
    lines += [_pending_line(item) for item in pending]
    answer(facts, *lines)


def _partner_facts(known: Known, partner: str, *, listed: bool) -> dict[str, Any]:
    held = known.listed[partner] if listed else known.members[partner][-1]
    devices = known.lists[partner][-1] if partner in known.lists else None
    return {
        "partner": partner, "name": held.payload.name, "sector": held.payload.sector, "secrecy": held.payload.secrecy,
        "not_after": held.payload.not_after, "listed": listed,
        "devices": None if devices is None else {
            "d": devices.d, "version": devices.payload.version, "expires": devices.payload.expires,
            "count": len(devices.payload.devices),
        },
    }  # fmt: skip


def _partner_line(facts: dict[str, Any]) -> str:
    devices = facts["devices"]
    counted = f"{devices['count']} device(s), list {devices['version']}" if devices else "no device list yet"
    state = "listed" if facts["listed"] else "NOT listed"
    return f"- {facts['partner']} ({facts['name']}), {facts['sector']}: {state}, {counted}."


def _pending_line(item: Exhibit) -> str:
    """Return what waits in the folder, by the name that people know it by."""
    if item.kind == Membership.KIND:
        made = read_payload(item.envelope, Membership)[0]
        return f"Waits to be published: {made.name} ({made.partner}) as {made.sector}."
    if item.kind == Rulebook.KIND:
        rules = read_payload(item.envelope, Rulebook)[0]
        return f"Waits to be published: rulebook {rules.version}, {rules.name}."
    return f"Waits to be published: {item.kind} {item.d}"
