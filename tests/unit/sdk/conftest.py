"""Fixtures of the tests of the `zegel` command: a founded Huis in a folder of its own, and a relay in memory."""

import pytest

from unit.sdk.setting_relay import MemoryRelay
from unit.sdk.terminal import copy_of, found_huis
from zegel.cli import setting


@pytest.fixture(scope="module")
def founded(tmp_path_factory):
    """A terminal where a Huis was founded, and the id of that."""
    return found_huis(tmp_path_factory.mktemp("terminal"))


@pytest.fixture
def terminal(founded, tmp_path):
    """A terminal of the test's own, with a copy of that Huis."""
    return copy_of(founded[0], tmp_path)


@pytest.fixture
def relay(founded, monkeypatch):
    """A relay of that Huis, which the command finds in place of one on the network."""
    relay = MemoryRelay(founded[1])
    monkeypatch.setattr(setting, "visitor", relay)
    return relay
