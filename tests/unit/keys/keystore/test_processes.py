"""Several processes on one keystore, and processes that die in the middle of changing it."""

import os
import shutil
from pathlib import Path
from queue import Empty

import pytest

from unit.keys.keystore import processes
from unit.keys.keystore.examples import OTHER, PASSPHRASE, fails, identity
from unit.keys.keystore.processes import ELSEWHERE, SPAWN, WRITES, ended_well, start
from zegel_keys.keystore.directory import Keystore
from zegel_keys.keystore.errors import PassphraseError
from zegel_keys.keystore.state import State


def test_two_processes_write_at_once_and_nothing_is_lost(keystore: Keystore):
    go = SPAWN.Event()
    writers = [start(processes.write_values, keystore.paths.folder, who, go) for who in ("one", "two")]
    go.set()
    assert ended_well(*writers)
    state = keystore.state
    for who in ("one", "two"):
        for number in range(WRITES):
            assert state.get("values", f"{who}/{number}") == str(number).encode()
    assert state.get("values", "count") == str(2 * WRITES).encode()
    # Each message was taken by one of them, and the prekeys were made once.
    assert {value for _, value in state.items("seen")} <= {b"one", b"two"}
    assert len(state.items("seen")) == WRITES
    assert len(state.items("prekeys")) == 4


def test_another_process_that_holds_the_identity_is_waited_for_and_its_death_frees_it(keystore: Keystore):
    held, release = SPAWN.Event(), SPAWN.Event()
    holder = start(processes.hold, keystore.paths.folder, held, release)
    assert held.wait(30)
    with fails("keystore.busy"), keystore.exclusive(timeout=0.1):
        pytest.fail("two hold one lock")
    holder.kill()
    holder.join(30)
    with keystore.exclusive():
        pass


def test_a_state_opened_before_a_fork_serves_parent_and_child(state: State, store_key: bytes):
    assert ended_well(start(processes.use_after_fork, state.path, store_key))
    assert len(state.items("values")) == 41
    assert state.get("values", "parent") == b"after"


def test_too_little_memory_for_the_passphrase_is_told_as_such(tmp_path: Path):
    folder = tmp_path / "keystore"
    Keystore.create(folder, PASSPHRASE, identity(), cost="moderate").close()
    codes = SPAWN.Queue()
    child = start(processes.open_in_little_memory, folder, codes)
    assert codes.get(timeout=60) == "keystore.memory"
    assert ended_well(child)


def deaths(template: Path, change: str) -> list[Path]:
    """Return a folder for each place where a process was killed while doing `change`."""
    steps = SPAWN.Queue()
    child = start(processes.die_at_every_step, template, change, steps)
    try:
        count = steps.get(timeout=60)
    except Empty:
        pytest.fail("the changes did not come to an end")
    assert ended_well(child)
    assert count > 4
    return [template.with_name(f"{template.name}-{step}") for step in range(count)]


def opens(folder: Path, passphrase: str) -> bool:
    try:
        Keystore.open(folder, passphrase).close()
    except PassphraseError:
        return False
    return True


@pytest.mark.slow
def test_killed_at_any_step_of_a_new_passphrase_one_of_the_two_opens(keystore: Keystore):
    keystore.close()
    seen = set()
    for folder in deaths(keystore.paths.folder, "passphrase"):
        answer = (opens(folder, PASSPHRASE), opens(folder, OTHER))
        assert sum(answer) == 1
        seen.add(answer)
        # Nothing is left of the generation that no longer counts, and the next change works.
        assert not list(folder.glob("*.previous"))
        now = PASSPHRASE if answer[0] else OTHER
        with Keystore.open(folder, now) as opened, opened.exclusive() as custody:
            assert opened.identity == keystore.identity
            custody.change_passphrase(now, "third", cost="interactive")
        assert not list(folder.glob(".*.new"))
        shutil.rmtree(folder)
    assert len(seen) == 2


@pytest.mark.slow
def test_killed_at_any_step_of_a_new_identity_the_old_or_the_new_one_is_there(keystore: Keystore):
    keystore.close()
    relays = set()
    for folder in deaths(keystore.paths.folder, "identity"):
        with Keystore.open(folder, PASSPHRASE) as opened:
            relays.add(opened.identity.relay)
    assert relays == {keystore.identity.relay, ELSEWHERE}


@pytest.mark.slow
def test_killed_at_any_step_of_creation_it_is_there_whole_or_can_be_made_anew(tmp_path: Path):
    outcomes = set()
    for folder in deaths(tmp_path / "keystore", "create"):
        whole = (folder / "identity.zk").exists()
        outcomes.add(whole)
        if not whole:
            Keystore.create(folder, PASSPHRASE, identity(), cost="interactive").close()
        with Keystore.open(folder, PASSPHRASE) as opened:
            opened.state.put("values", "cursor", os.urandom(8))
    assert outcomes == {True, False}
