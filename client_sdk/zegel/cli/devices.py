"""`zegel partner devices`: the partner's device list, signed by its root, given to the relay, and looked at.

The newest list is kept beside the root key too, so that the chain goes on from it whatever a relay shows.
"""

from pathlib import Path
from typing import Any

import click

from zegel.cli.console import answer, json_option, moment, now
from zegel.cli.passphrase import open_keys, passphrase_option
from zegel.cli.setting import (
    FILE,
    ask_relay,
    give_relay,
    huis_option,
    partner_option,
    read_file,
    relay_option,
    root_option,
)
from zegel.cli.values import ID
from zegel.partner_setup import LIST_TERM, device_list, read_device_request, renewed, with_device, without_device
from zegel.steward.errors import SetupError
from zegel.steward.huis_file import read_huis
from zegel.steward.known import Known, read_known
from zegel_keys.exhibit import Exhibit, read
from zegel_keys.keystore import files
from zegel_keys.keystore.key_file import KeyFile
from zegel_keys.verification import read_payload
from zegel_protocol.dsse import MAX_ENVELOPE_BYTES
from zegel_protocol.durations import DAY
from zegel_protocol.objects import DeviceList
from zegel_protocol.objects.devices import Device


@click.command("devices", short_help="List, renew and remove devices.")
@root_option
@huis_option
@partner_option
@click.option("--add", type=FILE, multiple=True, help="A device.json to list.")
@click.option(
    "--remove", type=ID, multiple=True, help="The id of a device to leave out: from then on it counts no more."
)
@click.option("--renew", is_flag=True, help="List all that stay for another term.")
@click.option("--days", type=click.IntRange(1, 3_650), default=LIST_TERM // DAY, show_default=True)
@relay_option(required=True)
@passphrase_option
@json_option
def devices_command(
    root_path: Path,
    huis_path: Path,
    partner: str,
    add: tuple[Path, ...],
    remove: tuple[str, ...],
    renew: bool,
    days: int,
    relay: str,
    passphrase_file: Path | None,
) -> None:
    """Sign the partner's next device list and give it to the relay; without a change, show the one in force.

    \b
    Example:
      zegel partner devices --root ocmw/partner-root.zk --huis huis.json --partner ocmw-gent \\
        --relay https://relay.example --add desk/device.json
    """
    huis = read_huis(huis_path).huis
    shown, ours = ask_relay(relay), _last_of_ours(root_path, partner)
    if not shown:
        raise SetupError(
            "partner.unknown",
            "This relay has nothing of the Huis yet.",
            "Ask the steward to admit this partner with `zegel steward admit --relay`; check the relay's address.",
        )
    known = read_known(huis, [*shown, *([ours] if ours is not None else [])])
    _require_member(known, partner)
    if ours is not None and ours.d not in {item.d for item in shown}:
        # Signed here, and the answer never came: the chain goes on from it, so the relay must have it first.
        give_relay(relay, [ours.envelope])
    chain = known.lists.get(partner, ())
    devices = chain[-1].payload.devices if chain else ()
    if not (add or remove or renew):
        _say(partner, chain[-1].d if chain else None, chain[-1].payload if chain else None)
        return
    at = now()
    for device in remove:
        devices = without_device(devices, device)
    if renew:
        devices = renewed(devices, at)
    for path in add:
        devices = with_device(devices, read_device_request(read_file(path), huis, partner))
    (root,) = open_keys([root_path], "partner-root", passphrase_file)
    _require_member(known, partner, root)
    before = known.envelope(chain[-1].d) if chain else None
    envelope = device_list(root, huis, partner, devices, at, before=before, term=days * DAY)
    files.write(_path_of_ours(root_path, partner), envelope)
    give_relay(relay, [envelope])
    made, d = read_payload(envelope, DeviceList)
    _say(partner, d, made)


def _require_member(known: Known, partner: str, root: KeyFile | None = None) -> None:
    """Return if the steward admitted this partner, and with this root key. Raises `SetupError` (`partner.*`)."""
    chain = known.members.get(partner)
    if not chain:
        raise SetupError(
            "partner.unknown", f"The steward has not admitted {partner} yet.", "Send the request to join, and wait."
        )
    if root is not None and chain[-1].payload.root_key != root.public:
        raise SetupError(
            "partner.key",
            f"The steward admitted {partner} with another root key than {root.path}.",
            "Give that key's file; if it is lost, ask to join anew with this one.",
        )


def _path_of_ours(root_path: Path, partner: str) -> Path:
    return root_path.with_name(f"devices-{partner}.json")


def _last_of_ours(root_path: Path, partner: str) -> Exhibit | None:
    """Return the list that was signed here last: a relay that shows less than it is then found out by the chain."""
    path = _path_of_ours(root_path, partner)
    return read(files.read(path, MAX_ENVELOPE_BYTES)) if path.exists() else None


def _say(partner: str, d: str | None, listed: DeviceList | None) -> None:
    facts: dict[str, Any] = {"partner": partner, "devices": None}
    lines = [f"{partner} has no device list yet. Next: zegel partner devices --add device.json"]
    if listed is not None:
        facts["devices"] = {
            "d": d, "version": listed.version, "expires": listed.expires,
            "list": [_device_facts(item) for item in listed.devices],
        }  # fmt: skip
        lines = [f"Device list {listed.version} of {partner}, until {moment(listed.expires)}: {d}"]
        lines += [_device_line(item) for item in listed.devices]
    answer(facts, *lines)


def _device_facts(device: Device) -> dict[str, Any]:
    return {
        "device": device.device, "worker": device.worker, "service": device.service, "function": device.function,
        "inbox": device.inbox, "not_after": device.not_after,
    }  # fmt: skip


def _device_line(device: Device) -> str:
    whose = "a service" if device.service else f"worker {device.worker}"
    inbox = "inbox" if device.inbox else "no inbox"
    return f"- {device.device}: {device.function}, {whose}, {inbox}, until {moment(device.not_after)}"
