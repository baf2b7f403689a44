"""`zegel partner`: joining a Huis. A root key, the request to join, devices, and the list that makes them count."""

from pathlib import Path
from typing import Any, get_args

import click

from zegel.cli.console import answer, json_option, moment, now
from zegel.cli.passphrase import open_keys, passphrase, passphrase_option
from zegel.cli.setting import (
    DAY,
    FILE,
    FOLDER,
    ask_relay,
    cost_option,
    give_relay,
    huis_option,
    partner_option,
    read_file,
    relay_option,
    write_new,
)
from zegel.partner_setup import (
    DEVICE_TERM,
    LIST_TERM,
    describe_device,
    device_list,
    join_request,
    make_keystore,
    make_root,
    new_id,
    read_device_request,
    renewed,
    with_device,
    without_device,
)
from zegel.steward.errors import SetupError
from zegel.steward.huis_file import read_huis
from zegel.steward.known import Known, read_known
from zegel_keys.exhibit import Exhibit, read
from zegel_keys.keystore import files
from zegel_keys.keystore.key_file import KeyFile
from zegel_keys.keystore.vault import Cost
from zegel_keys.verification import read_payload
from zegel_protocol import encoding
from zegel_protocol.dsse import MAX_ENVELOPE_BYTES
from zegel_protocol.objects import DeviceList
from zegel_protocol.objects.devices import Device, Function
from zegel_protocol.objects.membership import Actor, Secrecy


@click.group()
def partner() -> None:
    """For a partner that joins a Huis, or changes its devices."""


root_option = click.option("--root", "root_path", type=FILE, required=True, help="The file partner-root.zk.")


@partner.command("root")
@click.argument("folder", type=FOLDER)
@click.option("--name", required=True, help="The partner's name, as a label on the key.")
@cost_option
@passphrase_option
@json_option
def root_command(folder: Path, name: str, cost: Cost, passphrase_file: Path | None) -> None:
    """Make the partner's root key in FOLDER. It lists devices and does nothing else: best kept offline."""
    root = make_root(folder, passphrase(passphrase_file, "the partner's root key", new=True), name, cost)
    answer(
        {"root_key": root.public, "file": str(root.path)},
        f"Root key: {root.public}",
        f"It is in {root.path}. Keep a copy where it cannot get lost.",
        "Next: zegel partner join. Tell the steward this key by another way too, such as by telephone.",
    )


@partner.command("join")
@root_option
@huis_option
@partner_option
@click.option("--name", required=True, help="The partner's name, as families read it.")
@click.option("--sector", required=True, help="A sector of the rulebook, such as ocmw.")
@click.option("--secrecy", type=click.Choice(get_args(Secrecy)), required=True, help="The duty its people are under.")
@click.option("--actor", type=click.Choice(get_args(Actor)), default="professional", show_default=True)
@click.option("--out", type=FILE, required=True, help="Where to write the request, for the steward.")
@passphrase_option
@json_option
def join_command(
    root_path: Path,
    huis_path: Path,
    partner: str,
    name: str,
    sector: str,
    secrecy: Secrecy,
    actor: Actor,
    out: Path,
    passphrase_file: Path | None,
) -> None:
    """Write the request to join, signed with the root key, as a file for the steward."""
    huis = read_huis(huis_path)
    (root,) = open_keys([root_path], "partner-root", passphrase_file)
    request = join_request(
        root, huis.huis, partner=partner, name=name, actor=actor, secrecy=secrecy, sector=sector, now=now()
    )
    write_new(out, request)
    answer(
        {"file": str(out), "root_key": root.public, "huis": huis.huis},
        f"{out} is the request to join {huis.name}: send it to the steward.",
        f"Tell them by another way that the root key is {root.public}",
    )


@partner.command("device")
@click.argument("folder", metavar="KEYSTORE", type=FOLDER)
@huis_option
@partner_option
@click.option("--name", required=True, help="The partner's name.")
@relay_option(required=True)
@click.option("--function", type=click.Choice(get_args(Function)), required=True, help="What its user does.")
@click.option("--worker", help="The id of its one user, if they have another device already; else a new one.")
@click.option("--service", is_flag=True, help="It is no human's device: it never witnesses, vouches or raises alarms.")
@click.option("--inbox/--no-inbox", default=True, show_default=True, help="Whether messages are sealed to it.")
@click.option("--days", type=click.IntRange(1, 3_650), default=DEVICE_TERM // DAY, show_default=True)
@click.option("--out", type=FILE, help="Where to write how it describes itself; else device.json in its keystore.")
@cost_option
@passphrase_option
@json_option
def device_command(
    folder: Path,
    huis_path: Path,
    partner: str,
    name: str,
    relay: str,
    function: Function,
    worker: str | None,
    service: bool,
    inbox: bool,
    days: int,
    out: Path | None,
    cost: Cost,
    passphrase_file: Path | None,
) -> None:
    """Make this device's keystore, with its own key, and a file for whoever holds the partner's root."""
    if service and worker is not None:
        raise click.UsageError("A device is a worker's (--worker), or a service's (--service).")
    huis, user = read_huis(huis_path), None if service else worker or new_id()
    secret = passphrase(passphrase_file, "the new keystore", new=True)
    with make_keystore(
        folder, secret, huis, partner=partner, name=name, relay=relay, function=function, worker=user, cost=cost
    ) as keystore:
        request = describe_device(keystore.identity, now(), inbox=inbox, term=days * DAY)
    file = out or folder / "device.json"
    write_new(file, encoding.encode(request))
    answer(
        {"device": request.device.device, "worker": user, "keystore": str(folder), "file": str(file)},
        f"Device {request.device.device} has its keystore in {folder}.",
        f"Its user is {user}: give that id to their next device too." if user else "It is a service's.",
        f"Next, where the partner's root key is: zegel partner devices --add {file}",
    )


@partner.command("devices")
@root_option
@huis_option
@partner_option
@click.option("--add", type=FILE, multiple=True, help="A device.json to list.")
@click.option("--remove", multiple=True, help="The id of a device to leave out: from then on it counts no more.")
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
    """Sign the partner's next device list and give it to the relay; without a change, show the one in force."""
    huis = read_huis(huis_path).huis
    shown, ours = ask_relay(relay), _last_of_ours(root_path, partner)
    known = read_known(huis, [*shown, *([ours] if ours is not None else [])])
    require_member(known, partner)
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
    require_member(known, partner, root)
    before = known.envelope(chain[-1].d) if chain else None
    envelope = device_list(root, huis, partner, devices, at, before=before, term=days * DAY)
    files.write(_path_of_ours(root_path, partner), envelope)
    give_relay(relay, [envelope])
    made, d = read_payload(envelope, DeviceList)
    _say(partner, d, made)


def require_member(known: Known, partner: str, root: KeyFile | None = None) -> None:
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
    lines = [f"{partner} has no device list yet."]
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
