"""How the `zegel` command asks and fails: in sentences or JSON, with exit code 1, or 2 for wrong usage."""

import json

import pytest

from unit.sdk.terminal import FIRST, QUICK, STEWARD, trust
from zegel.cli.console import moment
from zegel_protocol.rulebook.template import default_source


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
