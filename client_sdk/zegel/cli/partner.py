"""`zegel partner`: joining a Huis. A root key, the request to join, and devices; the list of those is in `devices`."""

from pathlib import Path
from typing import get_args

import click

from zegel.cli.console import answer, json_option, now
from zegel.cli.devices import devices_command
from zegel.cli.passphrase import open_keys, passphrase, passphrase_option
from zegel.cli.rules import pledge_command, rules
from zegel.cli.setting import (
    FILE,
    FOLDER,
    cost_option,
    huis_option,
    partner_option,
    relay_option,
    require_new,
    root_option,
    write_new,
)
from zegel.cli.values import ID, PARTNER, TERM
from zegel.partner_setup import (
    DEVICE_TERM,
    describe_device,
    join_request,
    make_keystore,
    make_root,
    new_id,
)
from zegel.steward.huis_file import read_huis
from zegel_keys.keystore.vault import Cost
from zegel_protocol import encoding
from zegel_protocol.durations import DAY
from zegel_protocol.objects.devices import Function
from zegel_protocol.objects.membership import Actor, Secrecy


@click.group("partner", short_help="Join a Huis; list devices.")
def partner() -> None:
    """For a partner that joins a Huis, or changes its devices."""


@partner.command("root", short_help="Make the partner's root key.")
@click.argument("folder", type=FOLDER)
@click.option("--name", required=True, help="The partner's name, as a label on the key.")
@cost_option
@passphrase_option
@json_option
def root_command(folder: Path, name: str, cost: Cost, passphrase_file: Path | None) -> None:
    """Make the partner's root key in FOLDER. It lists devices and does nothing else: best kept offline.

    \b
    Example:
      zegel partner root ocmw --name "OCMW Gent"
    """
    root = make_root(folder, passphrase(passphrase_file, "the partner's root key", new=True), name, cost)
    answer(
        {"root_key": root.public, "file": str(root.path)},
        f"Root key: {root.public}",
        f"It is in {root.path}. Keep a copy where it cannot get lost.",
        "Next: zegel partner join. Tell the steward this key by another way too, such as by telephone.",
    )


@partner.command("join", short_help="Write the request to join.")
@root_option
@huis_option
@partner_option
@click.option("--name", required=True, help="The partner's name, as families read it.")
@click.option("--sector", type=TERM, required=True, help="A sector of the rulebook, such as ocmw.")
@click.option("--secrecy", type=click.Choice(get_args(Secrecy)), required=True, help="The duty its people are under.")
@click.option("--actor", type=click.Choice(get_args(Actor)), default="professional", show_default=True)
@click.option("--host", type=PARTNER, help="The partner that stands behind a volunteer, or one of the family's own.")
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
    host: str | None,
    out: Path,
    passphrase_file: Path | None,
) -> None:
    """Write the request to join, signed with the root key, as a file for the steward.

    \b
    Example:
      zegel partner join --root ocmw/partner-root.zk --huis huis.json --partner ocmw-gent \\
        --name "OCMW Gent" --sector ocmw --secrecy penal --out join.json
    """
    huis = read_huis(huis_path)
    require_new(out)
    (root,) = open_keys([root_path], "partner-root", passphrase_file)
    request = join_request(
        root, huis.huis, partner=partner, name=name, actor=actor, secrecy=secrecy, sector=sector, now=now(), host=host
    )
    write_new(out, request)
    answer(
        {"file": str(out), "root_key": root.public, "huis": huis.huis},
        f"{out} is the request to join {huis.name}: send it to the steward.",
        f"Tell them by another way that the root key is {root.public}",
    )


@partner.command("device", short_help="Make a device's keystore.")
@click.argument("folder", metavar="KEYSTORE", type=FOLDER)
@huis_option
@partner_option
@click.option("--name", required=True, help="The partner's name.")
@relay_option(required=True)
@click.option("--function", type=click.Choice(get_args(Function)), required=True, help="What its user does.")
@click.option("--worker", type=ID, help="The id of its one user, if they have another device already; else a new one.")
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
    """Make this device's keystore, with its own key, and a file for whoever holds the partner's root.

    \b
    Example:
      zegel partner device desk --huis huis.json --partner ocmw-gent --name "OCMW Gent" \\
        --function social-worker --relay https://relay.example
    """
    if service and worker is not None:
        raise click.UsageError("A device is a worker's (--worker), or a service's (--service).")
    file = out or folder / "device.json"
    require_new(file)
    huis, user = read_huis(huis_path), None if service else worker or new_id()
    secret = passphrase(passphrase_file, "the new keystore", new=True)
    with make_keystore(
        folder, secret, huis, partner=partner, name=name, relay=relay, function=function, worker=user, cost=cost
    ) as keystore:
        request = describe_device(keystore.identity, now(), inbox=inbox, term=days * DAY)
    write_new(file, encoding.encode(request))
    answer(
        {"device": request.device.device, "worker": user, "keystore": str(folder), "file": str(file)},
        f"Device {request.device.device} has its keystore in {folder}.",
        f"Its user is {user}: give that id to their next device too." if user else "It is a service's.",
        f"Next, where the partner's root key is: zegel partner devices --add {file}",
    )


partner.add_command(devices_command)
partner.add_command(pledge_command)
partner.add_command(rules)
