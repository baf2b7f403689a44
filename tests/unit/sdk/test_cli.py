"""The `zegel` command: a Huis from nothing to a directory in force, and how it fails: in sentences, with exit codes."""

import json

import pytest
from click.testing import CliRunner

from unit.sdk.setting_relay import MemoryRelay
from zegel.cli import main, setting
from zegel.cli.console import moment
from zegel_keys.keystore.directory import Keystore
from zegel_keys.signing import SigningKey
from zegel_keys.trust import establish
from zegel_protocol import encoding
from zegel_protocol.rulebook.template import default_source

ORIGIN = "https://relay.example"
QUICK = ("--cost", "interactive")


class Terminal:
    """Runs commands in one folder, where `pass.txt` is everybody's passphrase."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "pass.txt").write_text("zeven zachte zeehonden\r\nsecond line\n", "utf-8")
        (folder / "code.txt").write_text("The code of ethics.", "utf-8")

    def run(self, *words, given=None, passphrase="pass.txt", exit_code=0):
        variables = {"ZEGEL_PASSPHRASE_FILE": str(self.folder / passphrase) if passphrase else None}
        arguments = [str(self.folder / word[1:]) if word.startswith("@") else word for word in words]
        result = CliRunner(env=variables).invoke(main, arguments, input=given)
        assert result.exit_code == exit_code, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    def json(self, *words, **how):
        return json.loads(self.run(*words, "--json", **how).stdout)

    def fail(self, code, *words, **how):
        """Run a command that must fail with this code, say so on standard error, and nothing on standard output."""
        result = self.run(*words, "--json", exit_code=1, **how)
        assert result.stdout == ""
        # What is asked comes before it on standard error.
        problem = json.loads(result.stderr.splitlines()[-1])
        assert problem["code"] == code
        return problem["detail"]


@pytest.fixture(scope="module")
def founded(tmp_path_factory):
    """A folder in which a Huis was founded, a partner asked to join, and has a device."""
    terminal = Terminal(tmp_path_factory.mktemp("terminal"))
    huis = terminal.json("steward", "found", "--folder", "@steward", "--name", "Huis", *QUICK)["huis"]
    terminal.run("partner", "root", "@ocmw", "--name", "OCMW Gent", *QUICK)
    about = ("--huis", "@steward/huis.json", "--partner", "ocmw-gent", "--name", "OCMW Gent")
    join = ("--root", "@ocmw/partner-root.zk", "--sector", "ocmw", "--secrecy", "penal", "--out", "@join.json")
    terminal.run("partner", "join", *about, *join)
    terminal.run("partner", "device", "@desk", *about, "--relay", ORIGIN, "--function", "nurse", *QUICK)
    keys = {"huis": huis, "relay_key": SigningKey.generate().public, "log_key": SigningKey.generate().public}
    (terminal.folder / "relay.json").write_text(json.dumps(keys), "utf-8")
    return terminal, huis


@pytest.fixture
def terminal(founded, tmp_path):
    """The same folder, copied, so that each test goes on from there."""
    source, _ = founded
    for path in source.folder.rglob("*"):
        target = tmp_path / path.relative_to(source.folder)
        if path.is_dir():
            target.mkdir(path.stat().st_mode & 0o777)
        else:
            target.write_bytes(path.read_bytes())
            target.chmod(path.stat().st_mode & 0o777)
    return Terminal(tmp_path)


@pytest.fixture
def relay(founded, monkeypatch):
    relay = MemoryRelay(founded[1])
    monkeypatch.setattr(setting, "visitor", relay)
    return relay


STEWARD = ("--folder", "@steward", "--relay", ORIGIN)
ROOT = ("--root", "@ocmw/partner-root.zk", "--huis", "@steward/huis.json", "--partner", "ocmw-gent", "--relay", ORIGIN)
FIRST = ("--relay-keys", "@relay.json", "--origin", "https://portal.example")


def opened(terminal):
    """Admit the partner, list its device, sign the rules, publish."""
    terminal.run("steward", "admit", "@join.json", *STEWARD, "--yes")
    terminal.run("partner", "devices", *ROOT, "--add", "@desk/device.json")
    terminal.run("steward", "rulebook", "--folder", "@steward", "--code", "@code.txt")
    return terminal.json("steward", "publish", *STEWARD, *FIRST)


def trust(relay):
    return establish(relay.huis, relay.held, lambda _trust, _item: None)


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


def test_a_wrong_passphrase_is_told_in_sentences(terminal):
    (terminal.folder / "wrong.txt").write_text("acht andere apen", "utf-8")
    words = ("steward", "admit", "@join.json", "--folder", "@steward", "--yes")
    result = terminal.run(*words, passphrase="wrong.txt", exit_code=1)
    assert result.stdout == ""
    assert result.stderr.startswith("The passphrase does not open ")
    assert "Traceback" not in result.stderr
    terminal.fail("keystore.passphrase", *words, passphrase="wrong.txt")
    assert not list((terminal.folder / "steward").glob("pending/*"))


def test_passphrases_are_asked_when_no_file_is_named(terminal):
    words = ("partner", "root", "@asked", "--name", "OCMW", *QUICK)
    terminal.run(*words, given="one\nother\none\none\n", passphrase=None)
    join = ("--huis", "@steward/huis.json", "--partner", "a", "--name", "A", "--sector", "ocmw", "--secrecy", "penal")
    asked = ("partner", "join", "--root", "@asked/partner-root.zk", *join)
    terminal.fail("keystore.passphrase", *asked, "--out", "@a.json", given="two\n", passphrase=None)
    terminal.run(*asked, "--out", "@a.json", given="one\n", passphrase=None)
    terminal.fail("file.unusable", *asked, "--out", "@a.json", given="one\n", passphrase=None)


def test_passphrase_files_that_will_not_do(terminal):
    words = ("partner", "root", "@new", "--name", "OCMW", *QUICK)
    terminal.fail("file.unusable", *words, passphrase="none.txt")
    (terminal.folder / "empty.txt").write_bytes(b"\n")
    terminal.fail("keystore.passphrase-empty", *words, passphrase="empty.txt")
    (terminal.folder / "long.txt").write_bytes(b"x" * 5000)
    terminal.run(*words, passphrase="long.txt", exit_code=2)
    # Not UTF-8, and no less a passphrase.
    (terminal.folder / "latin.txt").write_bytes(b"caf\xe9\n")
    terminal.run(*words, passphrase="latin.txt")


def test_the_rules_can_be_copied_and_edited(terminal, relay):
    assert terminal.run("steward", "rulebook", "--print-default").stdout_bytes == default_source()
    edited = default_source().replace(b'"languages": ["nl", "en"]', b'"languages": ["nl"]')
    (terminal.folder / "rules.json").write_bytes(edited)
    sign = ("--folder", "@steward", "--code", "@code.txt")
    assert terminal.json("steward", "rulebook", "@rules.json", *sign)["version"] == 1
    published = terminal.json("steward", "publish", *STEWARD, *FIRST)
    assert published["partners"] == []
    assert trust(relay).setting.rulebook.payload.languages == ("nl",)
    (terminal.folder / "rules.json").write_bytes(edited.replace(b'"nl"', b'"nl", "nl"'))
    terminal.fail("rules.repeated", "steward", "rulebook", "@rules.json", *sign)
    assert terminal.json("steward", "rulebook", *sign)["version"] == 2
    terminal.run("steward", "rulebook", exit_code=2)


def test_a_first_directory_says_which_relay(terminal, relay):
    terminal.run("steward", "rulebook", "--folder", "@steward", "--code", "@code.txt")
    terminal.fail("relay.missing", "steward", "publish", *STEWARD)
    terminal.run("steward", "publish", *STEWARD, "--origin", "https://portal.example", exit_code=2)
    (terminal.folder / "bad.json").write_text("{}", "utf-8")
    portal = ("--origin", "https://portal.example")
    terminal.fail("relay.keys", "steward", "publish", *STEWARD, "--relay-keys", "@bad.json", *portal)
    keys = json.loads((terminal.folder / "relay.json").read_text("utf-8"))
    (terminal.folder / "bad.json").write_text(json.dumps({**keys, "huis": "A" * 43}), "utf-8")
    terminal.fail("relay.foreign", "steward", "publish", *STEWARD, "--relay-keys", "@bad.json", *portal)
    assert relay.held == []


def test_what_does_not_verify_is_told_with_its_code(terminal, relay):
    (terminal.folder / "join.json").write_text("{}", "utf-8")
    detail = terminal.fail("object.malformed", "steward", "admit", "@join.json", *STEWARD, "--yes")
    assert "nothing was changed" in detail
    terminal.fail("file.unusable", "steward", "show", "--folder", "@nowhere")


def test_wrong_usage_is_no_failure(terminal):
    terminal.run("steward", "publish", exit_code=2)
    terminal.run("steward", "found", "--folder", "@x", "--name", "X", "--roots", "17", exit_code=2)
    terminal.fail("huis.threshold", "steward", "found", "--folder", "@x", "--name", "X", "--threshold", "2")
    assert not (terminal.folder / "x").exists()


def test_json_may_be_asked_for_first(terminal):
    assert json.loads(terminal.run("--json", "steward", "show", "--folder", "@steward").stdout)["threshold"] == 1


@pytest.mark.parametrize(("seconds", "text"), [(0, "1970-01-01 00:00 UTC"), (2**53 - 1, "second 9007199254740991")])
def test_every_time_can_be_told(seconds, text):
    assert moment(seconds) == text
