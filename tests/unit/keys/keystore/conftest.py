"""A state and a keystore, made anew for each test."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from unit.keys.keystore.examples import PASSPHRASE, identity
from zegel_keys.keystore.directory import Keystore
from zegel_keys.keystore.state import State


@pytest.fixture
def store_key() -> bytes:
    return os.urandom(32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that only its owner reaches."""
    place = tmp_path / "private"
    place.mkdir(0o700)
    return place


@pytest.fixture
def state(folder: Path, store_key: bytes) -> Iterator[State]:
    state = State.create(folder / "state.db", store_key)
    yield state
    state.close()


@pytest.fixture
def keystore(tmp_path: Path) -> Iterator[Keystore]:
    with Keystore.create(tmp_path / "keystore", PASSPHRASE, identity(), cost="interactive") as keystore:
        yield keystore
