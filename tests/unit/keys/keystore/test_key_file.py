"""Roots in files of their own, and that no secret shows in what people print."""

import pickle
from pathlib import Path

import msgspec
import pytest

from unit.keys.keystore.examples import OTHER, PASSPHRASE, fails, holds, identity, names
from zegel_keys.keystore.errors import BusyError, DamagedError, PassphraseError, StorageError
from zegel_keys.keystore.key_file import KeyFile, KeyPayload, RootKind, file_name
from zegel_keys.keystore.vault import Vault
from zegel_keys.signing import check
from zegel_protocol import b64, encoding


def made(path: Path, kind: RootKind = "partner-root") -> KeyFile:
    return KeyFile.create(path, PASSPHRASE, kind, "OCMW Gent", cost="interactive")


@pytest.mark.parametrize("kind", ["partner-root", "steward-root", "freshness"])
def test_opens_to_the_key_that_was_made(folder: Path, kind: RootKind):
    path = folder / file_name(kind)
    new = made(path, kind)
    again = KeyFile.open(path, PASSPHRASE, kind)
    assert (again.kind, again.label, again.public) == (kind, "OCMW Gent", new.public)
    check(new.public, b"message", again.signing_key.sign(b"message"))
    assert path.stat().st_mode & 0o777 == 0o600
    assert not holds(folder, new.signing_key.seed)


def test_each_has_its_usual_name():
    assert file_name("partner-root") == "partner-root.zk"
    assert file_name("steward-root", 2) == "steward-root-2.zk"


def test_every_key_is_another(folder: Path):
    assert len({made(folder / file_name("steward-root", number), "steward-root").public for number in range(3)}) == 3


def test_one_kind_never_passes_for_another(folder: Path):
    made(folder / "root.zk", "partner-root")
    with fails("keystore.kind"):
        KeyFile.open(folder / "root.zk", PASSPHRASE, "steward-root")
    Vault(folder / "identity.zk", "identity").create(encoding.encode(identity()), PASSPHRASE, "interactive")
    with fails("keystore.kind"):
        KeyFile.open(folder / "identity.zk", PASSPHRASE)


def test_a_payload_that_says_another_kind_is_damaged(folder: Path):
    payload = KeyPayload(kind="steward-root", seed=b64.encode(bytes(32)), label="x")
    Vault(folder / "root.zk", "partner-root").create(encoding.encode(payload), PASSPHRASE, "interactive")
    with fails("keystore.damaged"):
        KeyFile.open(folder / "root.zk", PASSPHRASE)
    Vault(folder / "other.zk", "partner-root").create(b"{}", PASSPHRASE, "interactive")
    with fails("keystore.damaged"):
        KeyFile.open(folder / "other.zk", PASSPHRASE)


def test_nothing_is_overwritten(folder: Path):
    first = made(folder / "root.zk")
    with fails("keystore.exists"):
        made(folder / "root.zk")
    assert KeyFile.open(folder / "root.zk", PASSPHRASE).public == first.public


def test_a_new_passphrase_ends_the_old_one(folder: Path):
    new = made(folder / "root.zk")
    with fails("keystore.passphrase"):
        new.change_passphrase(OTHER, "third", cost="interactive")
    new.change_passphrase(PASSPHRASE, OTHER, cost="interactive")
    with fails("keystore.passphrase"):
        KeyFile.open(folder / "root.zk", PASSPHRASE)
    assert KeyFile.open(folder / "root.zk", OTHER).public == new.public
    assert names(folder) == {"root.zk", ".root.zk.lock"}


@pytest.mark.parametrize("label", ["", "x" * 121, "e\N{COMBINING ACUTE ACCENT}"])
def test_a_label_that_could_not_be_read_back_is_not_written(folder: Path, label: str):
    with pytest.raises(Exception, match=r"object\."):
        KeyFile.create(folder / "root.zk", PASSPHRASE, "freshness", label, cost="interactive")
    assert names(folder) == set()


def test_no_secret_shows_when_it_is_printed(folder: Path):
    root, mine = made(folder / "root.zk"), identity()
    payload = KeyPayload(kind="freshness", seed=mine.seed, label="x")
    secrets = {mine.seed, b64.encode(root.signing_key.seed), root.signing_key.seed.hex()}
    for text in (repr(root), repr(root.signing_key), repr(payload), repr(mine), str(mine), f"{mine}"):
        assert not any(secret in text for secret in secrets)


def test_an_identity_belongs_to_the_huis_of_its_genesis_roots():
    mine = identity()
    assert not mine.service
    with pytest.raises(ValueError, match="genesis"):
        msgspec.structs.replace(mine, huis=identity().huis)


def test_errors_travel_between_processes(tmp_path: Path):
    for error in (
        PassphraseError.at(tmp_path),
        DamagedError.at(tmp_path / "x", "cut"),
        BusyError.at(tmp_path / "x", 10),
        StorageError.at(tmp_path, "full"),
    ):
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), again.code, str(again)) == (type(error), error.code, str(error))
