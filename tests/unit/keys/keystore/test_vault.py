"""The encrypted file: what opens it, what is told of damage, and that a hostile file exhausts nobody."""

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from unit.keys.keystore.examples import OTHER, PASSPHRASE, fails, names
from zegel_keys.keystore import files
from zegel_keys.keystore.errors import DamagedError
from zegel_keys.keystore.vault import Vault, kind_of

PAYLOAD = b"what must stay secret " * 40


@pytest.fixture
def vault(folder: Path) -> Vault:
    vault = Vault(folder / "identity.zk", "identity")
    vault.create(PAYLOAD, PASSPHRASE, "interactive")
    return vault


def rewritten(vault: Vault, change: Callable[[bytes], bytes]) -> Vault:
    """Change the file as somebody who knows the format would: with a checksum that matches."""
    body = vault.path.read_bytes()[:-65]
    changed = change(body)
    assert changed != body
    vault.path.write_bytes(changed + hashlib.sha256(changed).hexdigest().encode() + b"\n")
    return vault


def test_opens_to_what_was_put_in(vault: Vault):
    store_key, payload = vault.open(PASSPHRASE)
    assert payload == PAYLOAD
    assert len(store_key) == 32
    assert vault.read(store_key) == PAYLOAD
    assert kind_of(vault.path) == "identity"
    assert vault.path.stat().st_mode & 0o777 == 0o600


def test_nothing_secret_stands_in_the_clear(vault: Vault):
    raw = vault.path.read_bytes()
    store_key, _ = vault.open(PASSPHRASE)
    assert b"secret" not in raw
    assert store_key not in raw
    assert "secret" not in repr(vault.open(PASSPHRASE))


def test_two_files_share_nothing_though_their_passphrase_and_payload_are_the_same(vault: Vault, folder: Path):
    other = Vault(folder / "other.zk", "identity")
    other.create(PAYLOAD, PASSPHRASE, "interactive")
    assert other.open(PASSPHRASE).store_key != vault.open(PASSPHRASE).store_key


@pytest.mark.parametrize("wrong", ["", " ", PASSPHRASE + " ", PASSPHRASE.upper(), OTHER, "\udcff"])
def test_a_wrong_passphrase_is_told_as_such_and_loses_nothing(vault: Vault, wrong: str):
    before = vault.path.read_bytes()
    with fails("keystore.passphrase"):
        vault.open(wrong)
    with fails("keystore.passphrase"):
        vault.rewrap(wrong, OTHER, "interactive")
    assert vault.path.read_bytes() == before
    assert vault.open(PASSPHRASE).payload == PAYLOAD


def test_an_accent_may_be_composed_either_way(vault: Vault):
    assert vault.open(PASSPHRASE.replace("é", "e\N{COMBINING ACUTE ACCENT}")).payload == PAYLOAD


def test_an_empty_passphrase_is_refused_before_anything_is_written(folder: Path):
    with fails("keystore.passphrase-empty"):
        Vault(folder / "identity.zk", "identity").create(PAYLOAD, "", "interactive")
    assert names(folder) == set()


@pytest.mark.parametrize("flip", [0x01, 0x20, 0x80])
def test_any_flipped_byte_is_told_as_damage_and_the_file_is_left_as_it_is(vault: Vault, flip: int):
    whole = vault.path.read_bytes()
    for position in range(len(whole)):
        raw = bytearray(whole)
        raw[position] ^= flip
        vault.path.write_bytes(raw)
        with fails("keystore.damaged"):
            vault.open(PASSPHRASE)
        assert vault.path.read_bytes() == raw
    assert names(vault.path.parent) == {"identity.zk"}
    vault.path.write_bytes(whole)
    assert vault.open(PASSPHRASE).payload == PAYLOAD


def test_a_file_cut_short_or_grown_is_damaged(vault: Vault):
    whole = vault.path.read_bytes()
    for raw in [whole[:end] for end in range(len(whole))] + [whole + b"\n", b"\n" + whole, whole * 2, bytes(40_000)]:
        vault.path.write_bytes(raw)
        with fails("keystore.damaged"):
            vault.open(PASSPHRASE)


def test_damage_names_the_file_and_the_way_back(vault: Vault):
    vault.path.write_bytes(b"")
    with pytest.raises(DamagedError) as caught:
        vault.open(PASSPHRASE)
    assert caught.value.path == vault.path
    assert ".previous" not in caught.value.detail
    files.write(vault.path.with_name("identity.zk.previous"), b"the one before")
    with pytest.raises(DamagedError) as caught:
        vault.open(PASSPHRASE)
    assert str(vault.path.with_name("identity.zk.previous")) in caught.value.detail


@pytest.mark.parametrize("demand", ['"mem":1099511627776', '"mem":1073741825', '"mem":8192', '"ops":9', '"ops":1'])
def test_a_hostile_file_cannot_ask_for_more_than_the_bounds(vault: Vault, demand: str):
    name = demand.split(":", maxsplit=1)[0].encode()
    rewritten(vault, lambda body: re.sub(name + rb":[0-9]+", demand.encode(), body))
    with fails("keystore.damaged"):
        vault.open(PASSPHRASE)


def test_cheaper_costs_written_into_the_file_do_not_open_it(vault: Vault):
    rewritten(vault, lambda body: body.replace(b'"ops":2', b'"ops":3'))
    with fails("keystore.passphrase"):
        vault.open(PASSPHRASE)


@pytest.mark.parametrize("version", [0, 2, 999_999])
def test_an_unknown_version_is_told_from_damage(vault: Vault, version: int):
    rewritten(vault, lambda body: body.replace(b"zegel-vault 1", b"zegel-vault %d" % version))
    with fails("keystore.version"):
        vault.open(PASSPHRASE)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.replace(b"zegel-vault", b"other-vault"),
        lambda body: body.replace(b'{"head"', b'{ "head"'),
        lambda body: body.replace(b'"head"', b'"haed"'),
        lambda body: body.replace(b"argon2id", b"argon2i"),
        lambda body: body[:-2] + b',"more":1}\n',
        lambda body: body + body,
        lambda body: b"zegel-vault 1\n" + b"[" * 5000 + b"\n",
        lambda body: b"zegel-vault 1\n\xff\xfe\n",
    ],
)
def test_what_is_not_the_one_encoding_is_damaged(vault: Vault, change: Callable[[bytes], bytes]):
    rewritten(vault, change)
    with fails("keystore.damaged"):
        vault.open(PASSPHRASE)


def test_a_payload_of_another_file_does_not_open(vault: Vault, folder: Path):
    other = Vault(folder / "other.zk", "identity")
    other.create(b"another payload", PASSPHRASE, "interactive")
    payload = re.search(rb'"payload":"[^"]*"', other.path.read_bytes())
    assert payload is not None
    rewritten(vault, lambda body: re.sub(rb'"payload":"[^"]*"', payload[0], body))
    with fails("keystore.damaged"):
        vault.open(PASSPHRASE)


def test_a_file_of_another_kind_is_refused_and_relabelling_it_does_not_help(vault: Vault):
    freshness = Vault(vault.path, "freshness")
    with fails("keystore.kind"):
        freshness.open(PASSPHRASE)
    rewritten(vault, lambda body: body.replace(b'"kind":"identity"', b'"kind":"freshness"'))
    with fails("keystore.passphrase"):
        freshness.open(PASSPHRASE)


def test_a_new_passphrase_keeps_the_store_key_and_ends_the_old_one(vault: Vault):
    store_key = vault.open(PASSPHRASE).store_key
    vault.rewrap(PASSPHRASE, OTHER, "interactive")
    with fails("keystore.passphrase"):
        vault.open(PASSPHRASE)
    assert vault.open(OTHER) == (store_key, PAYLOAD)
    assert names(vault.path.parent) == {"identity.zk"}


def test_a_new_payload_keeps_the_passphrase(vault: Vault):
    store_key = vault.open(PASSPHRASE).store_key
    vault.replace(store_key, b"newer")
    assert vault.open(PASSPHRASE) == (store_key, b"newer")


def test_replacing_under_a_foreign_store_key_changes_nothing(vault: Vault):
    before = vault.path.read_bytes()
    with fails("keystore.damaged"):
        vault.replace(os.urandom(32), b"newer")
    assert vault.path.read_bytes() == before


def test_nothing_is_overwritten(vault: Vault):
    before = vault.path.read_bytes()
    with fails("keystore.exists"):
        vault.create(b"newer", OTHER, "interactive")
    assert vault.path.read_bytes() == before


def test_a_damaged_file_is_never_made_the_previous_generation(vault: Vault):
    store_key = vault.open(PASSPHRASE).store_key
    previous = vault.path.with_name("identity.zk.previous")
    files.write(previous, b"the good one")
    vault.path.write_bytes(vault.path.read_bytes()[:-1])
    with fails("keystore.damaged"):
        vault.replace(store_key, b"newer")
    with fails("keystore.damaged"):
        vault.rewrap(PASSPHRASE, OTHER, "interactive")
    assert previous.read_bytes() == b"the good one"


def test_a_missing_file_is_told_as_such(folder: Path):
    with fails("keystore.missing"):
        Vault(folder / "identity.zk", "identity").open(PASSPHRASE)
    with fails("keystore.missing"):
        kind_of(folder / "no folder" / "identity.zk")


def test_a_file_that_others_may_read_is_not_opened(vault: Vault):
    vault.path.chmod(0o640)
    with fails("keystore.permissions"):
        vault.open(PASSPHRASE)


def test_a_pipe_or_folder_in_its_place_does_not_hang_the_reader(folder: Path):
    os.mkfifo(folder / "pipe.zk", 0o600)
    (folder / "folder.zk").mkdir(0o700)
    for name in ("pipe.zk", "folder.zk"):
        with fails("keystore.damaged"):
            Vault(folder / name, "identity").open(PASSPHRASE)
