"""`zegel keys`, and what setting up says: a device without a relay, short passphrases, names, an empty relay."""

import pytest

from unit.sdk.terminal import ORIGIN, QUICK, ROOT, STEWARD, opened
from zegel.cli.keys import fingerprint
from zegel_keys.keystore.directory import Keystore

DESK = ("--keystore", "@desk")
SECRET = "zeven zachte zeehonden"


def test_a_device_shows_itself_and_no_private_key(terminal):
    shown = terminal.json("keys", *DESK)
    with Keystore.open(terminal.folder / "desk", SECRET) as keystore:
        own = keystore.identity
    assert (shown["partner"], shown["device"], shown["worker"]) == ("ocmw-gent", own.device, own.worker)
    assert (shown["relay"], shown["sign_key"]) == (ORIGIN, own.signing_key.public)
    assert shown["prekeys"] == {"held": 0, "until": None, "version": 0, "published": 0}
    text = terminal.run("keys", *DESK).stdout
    assert shown["fingerprint"] in text
    assert own.seed not in text + str(shown)
    assert terminal.run("keys", *DESK, "-q").stdout == f"ocmw-gent/{own.device}\n"


def test_a_keystore_that_is_not_there_is_told_before_anything_is_asked(terminal):
    terminal.fail("keystore.missing", "keys", "--keystore", "@nowhere", passphrase=None)
    terminal.fail("keystore.missing", "inbox", "--keystore", "@nowhere", passphrase=None)


def test_a_fingerprint_tells_keys_apart():
    # SHA-256 of 32 zero bytes begins with 66687aad.
    assert fingerprint("A" * 43).startswith("6668 7aad f862 bd77")
    assert fingerprint("A" * 43) != fingerprint("A" * 42 + "E")


def test_the_passphrase_is_changed(terminal):
    (terminal.folder / "new.txt").write_text("acht andere apen eten appels\n", "utf-8")
    new = ("--new-passphrase-file", "@new.txt", *QUICK)
    terminal.fail("keystore.passphrase", "keys", "passphrase", *DESK, *new, passphrase="new.txt")
    # The keystore may be named before the inner command too.
    assert terminal.json("keys", *DESK, "passphrase", *new)["changed"] is True
    terminal.fail("keystore.passphrase", "keys", *DESK)
    terminal.json("keys", *DESK, passphrase="new.txt")


def test_the_relay_of_a_keystore_is_changed(terminal):
    terminal.json("keys", "relay", "https://other.example/", *DESK)
    assert terminal.json("keys", *DESK)["relay"] == "https://other.example"
    terminal.run("keys", "relay", "other.example", *DESK, exit_code=2)


def test_keys_are_not_refreshed_behind_a_relay_that_is_away(terminal):
    terminal.json("keys", "relay", "http://127.0.0.1:9", *DESK)
    terminal.fail("relay.unreachable", "keys", "refresh", *DESK)


@pytest.mark.parametrize(("secret", "short"), [("geheim", True), ("vier woorden die niets delen", False)])
def test_a_short_new_passphrase_is_warned_about(terminal, secret, short):
    (terminal.folder / "new.txt").write_text(f"{secret}\n", "utf-8")
    said = terminal.run("partner", "root", "@new", "--name", "OCMW", *QUICK, passphrase="new.txt").stderr
    assert ("short" in said) is short


def test_a_relay_with_nothing_of_the_huis_says_whom_to_ask(terminal, relay):
    terminal.fail("partner.unknown", "partner", "devices", *ROOT, "--add", "@desk/device.json")


def test_what_is_shown_has_names(terminal, relay):
    terminal.run("steward", "admit", "@join.json", *STEWARD, "--yes")
    said = terminal.run("steward", "show", *STEWARD).stdout
    assert said.startswith("Huis: ")
    assert "Waits to be published: OCMW Gent (ocmw-gent) as ocmw." in said
    opened(terminal)
    assert terminal.json("steward", "show", *STEWARD)["name"] == "Huis"


def test_an_origin_may_end_with_a_slash(terminal, relay):
    terminal.run("steward", "admit", "@join.json", "--folder", "@steward", "--relay", f"{ORIGIN}/", "--yes")
    assert set(relay.asked) == {ORIGIN}
