"""The keystore folder: made whole, opened by its passphrase only, changed by one at a time."""

import os
import threading
from pathlib import Path

import pytest
from msgspec.structs import replace

from unit.keys.keystore.examples import OTHER, PASSPHRASE, fails, holds, identity, names
from zegel_keys.keystore import files
from zegel_keys.keystore.directory import Keystore
from zegel_keys.keystore.errors import KeystoreError
from zegel_keys.keystore.identity import Identity
from zegel_keys.keystore.key_file import KeyFile
from zegel_keys.keystore.vault import Vault
from zegel_protocol import b64


def rotated(before: Identity) -> Identity:
    return replace(before, seed=b64.encode(os.urandom(32)))


def test_opens_to_what_was_put_in(tmp_path: Path):
    mine = identity()
    with Keystore.create(tmp_path / "a" / "keystore", PASSPHRASE, mine, cost="interactive") as made:
        made.state.put("values", "cursor", b"12")
        assert made.identity == mine
    with Keystore.open(str(tmp_path / "a" / "keystore"), PASSPHRASE) as opened:
        assert opened.identity == mine
        assert opened.identity.signing_key.seed == b64.decode(mine.seed)
        assert opened.state.get("values", "cursor") == b"12"
        assert opened.paths.spool.is_dir()


def test_only_its_owner_reaches_it_and_nothing_secret_stands_in_the_clear(keystore: Keystore):
    keystore.state.put("values", "cursor", b"12")
    for path in (keystore.paths.folder, *keystore.paths.folder.iterdir()):
        assert path.stat().st_mode & 0o077 == 0
    for needle in (keystore.identity.seed.encode(), b64.decode(keystore.identity.seed), PASSPHRASE.encode(), b"OCMW"):
        assert not holds(keystore.paths.folder, needle)


def test_two_may_have_it_open(keystore: Keystore):
    with Keystore.open(keystore.paths.folder, PASSPHRASE) as other:
        other.state.put("values", "cursor", b"12")
        assert keystore.state.get("values", "cursor") == b"12"


def test_a_wrong_passphrase_loses_nothing(keystore: Keystore):
    before = keystore.paths.identity.read_bytes()
    with fails("keystore.passphrase"):
        Keystore.open(keystore.paths.folder, OTHER)
    with fails("keystore.passphrase"), keystore.exclusive() as custody:
        custody.change_passphrase(OTHER, "new", cost="interactive")
    assert keystore.paths.identity.read_bytes() == before


def test_an_existing_one_is_never_overwritten(keystore: Keystore):
    before = keystore.paths.identity.read_bytes()
    with fails("keystore.exists"):
        Keystore.create(keystore.paths.folder, PASSPHRASE, identity(), cost="interactive")
    assert keystore.paths.identity.read_bytes() == before


def test_a_state_whose_identity_was_lost_is_never_overwritten(keystore: Keystore):
    keystore.paths.identity.unlink()
    before = keystore.paths.state.read_bytes()
    with fails("keystore.exists"):
        Keystore.create(keystore.paths.folder, PASSPHRASE, identity(), cost="interactive")
    assert keystore.paths.state.read_bytes() == before
    with fails("keystore.missing"):
        Keystore.open(keystore.paths.folder, PASSPHRASE)


def test_a_lost_state_is_told_and_not_made_anew(keystore: Keystore):
    keystore.close()
    keystore.paths.state.unlink()
    with fails("keystore.missing"):
        Keystore.open(keystore.paths.folder, PASSPHRASE)


def test_what_is_not_there_is_not_made_by_opening(tmp_path: Path):
    with fails("keystore.missing"):
        Keystore.open(tmp_path / "nowhere", PASSPHRASE)
    assert names(tmp_path) == set()


def test_an_interrupted_creation_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def interrupted(*_: object) -> bytes:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Vault, "create", interrupted)
        with pytest.raises(KeyboardInterrupt):
            Keystore.create(tmp_path / "keystore", PASSPHRASE, identity(), cost="interactive")
    with fails("keystore.missing"):
        Keystore.open(tmp_path / "keystore", PASSPHRASE)
    mine = identity()
    Keystore.create(tmp_path / "keystore", PASSPHRASE, mine, cost="interactive").close()
    with Keystore.open(tmp_path / "keystore", PASSPHRASE) as opened:
        assert opened.identity == mine
        assert names(opened.paths.folder) >= {"identity.zk", "state.db", "spool", "lock"}
        assert not opened.paths.creating.exists()


def test_a_partner_root_may_rest_in_the_same_folder(folder: Path):
    KeyFile.create(folder / "partner-root.zk", OTHER, "partner-root", "OCMW Gent", cost="interactive")
    Keystore.create(folder, PASSPHRASE, identity(), cost="interactive").close()
    assert KeyFile.open(folder / "partner-root.zk", OTHER).kind == "partner-root"


def test_an_empty_folder_is_made_private_a_used_one_is_refused(tmp_path: Path):
    empty, used = tmp_path / "empty", tmp_path / "used"
    for place in (empty, used):
        place.mkdir(0o755)
    (used / "something").touch()
    Keystore.create(empty, PASSPHRASE, identity(), cost="interactive").close()
    assert empty.stat().st_mode & 0o777 == 0o700
    with fails("keystore.permissions"):
        Keystore.create(used, PASSPHRASE, identity(), cost="interactive")
    assert names(used) == {"something"}


def test_a_folder_that_others_reach_is_not_opened(keystore: Keystore):
    keystore.paths.folder.chmod(0o750)
    with fails("keystore.permissions"):
        Keystore.open(keystore.paths.folder, PASSPHRASE)


def test_an_identity_that_could_not_be_read_back_is_not_written(tmp_path: Path, keystore: Keystore):
    wrong = replace(identity(), relay="not an origin")
    with fails("object.malformed"):
        Keystore.create(tmp_path / "new", PASSPHRASE, wrong, cost="interactive")
    with fails("keystore.passphrase-empty"):
        Keystore.create(tmp_path / "new", "", identity(), cost="interactive")
    assert not (tmp_path / "new").exists()
    with fails("object.malformed"), keystore.exclusive() as custody:
        custody.replace_identity(replace(custody.identity, relay="not an origin"))


def test_a_rotated_identity_is_seen_by_others_at_their_next_look(keystore: Keystore):
    with Keystore.open(keystore.paths.folder, PASSPHRASE) as other:
        with keystore.exclusive() as custody:
            custody.replace_identity(new := rotated(custody.identity))
        assert keystore.identity == new
        assert other.identity != new
        with other.exclusive() as custody:
            assert custody.identity == new
        assert other.identity == other.reload() == new
    with Keystore.open(keystore.paths.folder, PASSPHRASE) as again:
        assert again.identity == new


def test_an_identity_of_another_partner_does_not_take_over_the_state(keystore: Keystore):
    with keystore.exclusive() as custody, pytest.raises(ValueError, match="keystore of its own"):
        custody.replace_identity(identity("caw-gent"))


def test_a_new_passphrase_ends_the_old_one_and_disturbs_nobody(keystore: Keystore):
    with Keystore.open(keystore.paths.folder, PASSPHRASE) as other:
        with keystore.exclusive() as custody:
            custody.change_passphrase(PASSPHRASE, OTHER, cost="interactive")
        other.state.put("values", "cursor", b"12")
        assert other.reload() == keystore.identity
    with fails("keystore.passphrase"):
        Keystore.open(keystore.paths.folder, PASSPHRASE)
    with Keystore.open(keystore.paths.folder, OTHER) as opened:
        assert opened.state.get("values", "cursor") == b"12"
        assert not list(opened.paths.folder.glob("*.previous"))


def test_a_passphrase_can_be_changed_after_another_process_rotated_the_identity(keystore: Keystore):
    with Keystore.open(keystore.paths.folder, PASSPHRASE) as other, other.exclusive() as custody:
        custody.replace_identity(new := rotated(custody.identity))
    with keystore.exclusive() as custody:
        custody.change_passphrase(PASSPHRASE, OTHER, cost="interactive")
    with Keystore.open(keystore.paths.folder, OTHER) as opened:
        assert opened.identity == new


def test_who_asks_while_another_holds_it_is_told_so(keystore: Keystore):
    with Keystore.open(keystore.paths.folder, PASSPHRASE) as other, keystore.exclusive():
        for each in (other, keystore):
            with fails("keystore.busy"), each.exclusive(timeout=0.05):
                pytest.fail("two hold one lock")
    with keystore.exclusive(timeout=0):
        pass


def test_who_waits_gets_it_when_it_is_free(keystore: Keystore):
    order: list[str] = []
    waiting = threading.Event()

    def wait() -> None:
        waiting.set()
        with keystore.exclusive(timeout=20):
            order.append("waiter")

    thread = threading.Thread(target=wait)
    with keystore.exclusive():
        thread.start()
        waiting.wait()
        order.append("holder")
    thread.join()
    assert order == ["holder", "waiter"]


def test_custody_ends_with_its_block(keystore: Keystore):
    with keystore.exclusive() as custody:
        pass
    with pytest.raises(RuntimeError):
        custody.replace_identity(rotated(keystore.identity))


def test_an_error_gives_the_lock_back(keystore: Keystore):
    with pytest.raises(KeyError), keystore.exclusive():
        raise KeyError
    with keystore.exclusive(timeout=0):
        pass


def test_a_damaged_identity_is_restored_from_the_generation_before(keystore: Keystore):
    whole = keystore.paths.identity.read_bytes()
    previous = keystore.paths.folder / "identity.zk.previous"
    files.write(previous, whole)
    keystore.paths.identity.write_bytes(whole[:200] + b"#" + whole[201:])
    with pytest.raises(KeystoreError) as caught:
        Keystore.open(keystore.paths.folder, PASSPHRASE)
    assert caught.value.code == "keystore.damaged"
    assert str(previous) in caught.value.detail
    assert previous.read_bytes() == whole
    previous.rename(keystore.paths.identity)
    with Keystore.open(keystore.paths.folder, PASSPHRASE) as opened:
        assert opened.identity == keystore.identity


def test_a_previous_generation_goes_when_the_present_one_was_seen_to_open(keystore: Keystore):
    previous = keystore.paths.folder / "identity.zk.previous"
    files.write(previous, b"the one before")
    with fails("keystore.passphrase"):
        Keystore.open(keystore.paths.folder, OTHER)
    assert previous.exists()
    with keystore.exclusive():
        Keystore.open(keystore.paths.folder, PASSPHRASE).close()
        assert previous.exists()
    Keystore.open(keystore.paths.folder, PASSPHRASE).close()
    assert not previous.exists()
