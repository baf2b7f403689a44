"""The `zegel` command: a Huis from nothing to a directory in force, its partners and their devices."""

import pytest

from unit.sdk.terminal import ORIGIN, QUICK, ROOT, STEWARD, opened, trust
from zegel_keys.keystore.directory import Keystore
from zegel_protocol import encoding


def test_a_huis_grows_from_nothing_to_a_directory(terminal, relay):
    shown = opened(terminal)
    device = encoding.decode((terminal.folder / "desk/device.json").read_bytes().rstrip(), dict)["device"]["device"]
    assert (shown["directory"]["version"], shown["rulebook"]["version"], shown["pending"]) == (1, 1, [])
    assert [(item["partner"], item["listed"], item["devices"]["count"]) for item in shown["partners"]] == [
        ("ocmw-gent", True, 1)
    ]
    in_force = trust(relay)
    assert in_force.rp_id == "portal.example"
    assert [item.device for item in in_force.devices("ocmw-gent", None)] == [device]
    with Keystore.open(terminal.folder / "desk", "zeven zachte zeehonden") as keystore:
        assert (keystore.identity.device, keystore.identity.huis) == (device, relay.huis)
    assert set(relay.asked) == {ORIGIN}


def test_what_is_published_is_shown_refreshed_and_changed(terminal, relay):
    opened(terminal)
    refreshed = terminal.json("steward", "refresh", *STEWARD)
    assert (refreshed["directory"]["version"], refreshed["directory"]["refreshed"]) == (2, True)
    assert terminal.json("steward", "show", *STEWARD)["directory"] == refreshed["directory"]
    changed = terminal.json("steward", "publish", *STEWARD, "--without", "ocmw-gent", "--days", "7")
    assert [item["listed"] for item in changed["partners"]] == [False]
    made = changed["directory"]
    assert (made["version"], made["expires"] - made["issued"]) == (3, 7 * 86_400)
    text = terminal.run("steward", "show", *STEWARD).stdout
    assert "Directory 3" in text
    assert "NOT listed" in text


def test_devices_are_shown_renewed_and_removed(terminal, relay):
    opened(terminal)
    # Looking needs no passphrase.
    shown = terminal.json("partner", "devices", *ROOT, passphrase=None)["devices"]
    (device,) = shown["list"]
    renewed = terminal.json("partner", "devices", *ROOT, "--renew", "--days", "30")["devices"]
    assert (renewed["version"], renewed["list"][0]["device"]) == (2, device["device"])
    left = terminal.json("partner", "devices", *ROOT, "--remove", device["device"])["devices"]
    assert (left["version"], left["list"]) == (3, [])
    assert trust(relay).devices("ocmw-gent", None) == ()
    terminal.fail("devices.unknown", "partner", "devices", *ROOT, "--remove", device["device"])
    assert "no device list yet" not in terminal.run("partner", "devices", *ROOT).stdout


def test_a_second_device_of_the_same_worker(terminal, relay):
    opened(terminal)
    worker = terminal.json("partner", "devices", *ROOT)["devices"]["list"][0]["worker"]
    about = ("--huis", "@steward/huis.json", "--partner", "ocmw-gent", "--name", "OCMW Gent", "--relay", ORIGIN)
    made = terminal.json("partner", "device", "@b", *about, "--function", "nurse", "--worker", worker, *QUICK)
    assert made["worker"] == worker
    assert (
        terminal.json("partner", "device", "@c", *about, "--function", "service", "--service", *QUICK)["worker"] is None
    )
    added = terminal.json("partner", "devices", *ROOT, "--add", "@b/device.json", "--add", "@c/device.json")["devices"]
    assert [item["service"] for item in added["list"]].count(True) == 1
    assert [item["worker"] for item in added["list"]].count(worker) == 2
    terminal.run("partner", "device", "@d", *about, "--function", "nurse", "--worker", worker, "--service", exit_code=2)
    terminal.fail(
        "file.unusable", "partner", "device", "@d", *about, "--function", "nurse", "--out", "@join.json", *QUICK
    )
    assert not (terminal.folder / "d").exists()


@pytest.mark.parametrize("fails", ["before", "after"])
def test_a_list_whose_answer_never_came_is_given_again(terminal, relay, fails):
    terminal.run("steward", "admit", "@join.json", *STEWARD, "--yes")
    relay.fails = fails
    terminal.fail("relay.unreachable", "partner", "devices", *ROOT, "--add", "@desk/device.json")
    assert terminal.json("partner", "devices", *ROOT)["devices"]["version"] == 1
    assert [item.kind for item in relay.held] == ["root", "membership", "devices"]


@pytest.mark.parametrize("fails", ["before", "after"])
def test_a_directory_whose_answer_never_came_is_published_anew(terminal, relay, fails):
    opened(terminal)
    relay.fails = fails
    terminal.fail("relay.unreachable", "steward", "publish", *STEWARD)
    version = terminal.json("steward", "publish", *STEWARD)["directory"]["version"]
    assert version == (2 if fails == "before" else 3)


def test_a_relay_that_shows_an_older_directory_is_found_out(terminal, relay):
    opened(terminal)
    terminal.run("steward", "publish", *STEWARD)
    relay.held = [item for item in relay.held if item not in relay.directories()[1:]]
    for command in ("publish", "refresh", "show"):
        terminal.fail("directory.older", "steward", command, *STEWARD)


def test_what_a_partner_is_called_is_the_stewards_choice(terminal, relay):
    words = ("--yes", "--partner", "ocmw-x", "--name", "OCMW X", "--sector", "volunteer", "--secrecy", "pledge")
    made = terminal.json("steward", "admit", "@join.json", *STEWARD, *words, "--actor", "non-professional")
    assert (made["partner"], made["version"], made["submitted"]) == ("ocmw-x", 1, True)
    terminal.fail("partner.unknown", "partner", "devices", *ROOT)


def test_a_root_key_is_compared_before_anybody_is_admitted(terminal):
    folder = ("--folder", "@steward")
    key = terminal.json("steward", "admit", "@join.json", *folder, given="y\n")["root_key"]
    terminal.fail("partner.key", "steward", "admit", "@join.json", *folder, "--root-key", "A" * 43)
    assert terminal.json("steward", "admit", "@join.json", *folder, "--root-key", key)["version"] == 2
    refused = terminal.run("steward", "admit", "@join.json", *folder, given="n\n", exit_code=1)
    assert key in refused.stderr
    assert len(terminal.json("steward", "show", *folder)["pending"]) == 2


def test_a_partner_whose_root_is_another_lists_nothing(terminal, relay):
    opened(terminal)
    terminal.run("partner", "root", "@other", "--name", "OCMW", *QUICK)
    words = ["@other/partner-root.zk" if word == "@ocmw/partner-root.zk" else word for word in ROOT]
    terminal.fail("partner.key", "partner", "devices", *words, "--renew")
