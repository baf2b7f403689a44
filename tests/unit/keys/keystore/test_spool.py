"""The spool: files of the owner alone, held while they are worked on, swept when nobody needs them any more."""

import os
import stat
import subprocess
import sys

import pytest

from zegel_keys.keystore.errors import MissingError, StorageError
from zegel_keys.keystore.spool import UNFINISHED, Spool, _SpoolFile

NOW = 1_790_000_000


@pytest.fixture
def spool(tmp_path):
    return Spool(tmp_path)


def never(_name):
    return False


def test_a_new_file_is_the_owners_alone(spool):
    name, file = spool.create()
    file.close()
    assert stat.S_IMODE(spool.path(name).stat().st_mode) == 0o600
    other, file = spool.create()
    file.close()
    assert other != name


@pytest.mark.parametrize("name", ["", ".", "..", "../state.db", "a/b", ".hidden"])
def test_a_name_is_a_plain_one(spool, name):
    with pytest.raises(ValueError, match="not the name"):
        spool.path(name)


def test_a_file_is_held_by_one(spool):
    name, file = spool.create()
    assert spool.take(name) is None
    file.close()
    with spool.take(name) as again:
        assert spool.take(name) is None
        again.write(b"x")
    with spool.take(name) as again:
        assert again.read() == b"x"


def test_a_file_that_is_not_there_is_not_made_unasked(spool, tmp_path):
    with pytest.raises(MissingError):
        spool.take("gone", make=False)
    assert list(tmp_path.iterdir()) == []


def test_a_lock_is_had_by_one_and_does_not_wait(spool):
    with spool.alone("flush") as first, spool.alone("flush") as second, spool.alone("other") as third:
        assert (first, second, third) == (True, False, True)
    with spool.alone("flush") as again:
        assert again


HOLD = """
import signal, sys
from pathlib import Path
from zegel_keys.keystore.spool import Spool
name, file = Spool(Path(sys.argv[1])).create()
print(name, flush=True)
signal.pause()
"""


def test_a_killed_program_holds_nothing(spool, tmp_path):
    with subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        name = program.stdout.readline().strip()
        assert spool.take(name) is None
        assert spool.sweep(never, NOW) == 0
        program.kill()
    assert spool.sweep(never, NOW) == 1
    assert list(tmp_path.iterdir()) == []


def test_what_a_row_names_stays(spool):
    kept, file = spool.create()
    file.close()
    left, file = spool.create()
    file.close()
    assert spool.sweep(lambda name: name == kept, NOW) == 1
    assert spool.path(kept).exists()
    assert not spool.path(left).exists()


def test_a_row_that_is_written_while_the_file_is_held_is_seen(spool):
    """Who asks first and locks then would take a file whose row came in between."""
    name, file = spool.create()
    asked = []

    def is_named(found):
        asked.append(found)
        return True

    assert spool.sweep(is_named, NOW) == 0
    assert asked == []
    file.close()
    assert spool.sweep(is_named, NOW) == 0
    assert asked == [name]


def test_a_download_rests_for_a_day(spool):
    file = spool.take(f"in{UNFINISHED}")
    file.write(b"x")
    file.close()
    path = spool.path(f"in{UNFINISHED}")
    for age, swept in ((86_399, 0), (86_401, 1)):
        os.utime(path, (NOW - age, NOW - age))
        assert spool.sweep(never, NOW) == swept
    assert not path.exists()


def test_discarding_what_is_gone_changes_nothing(spool):
    name, file = spool.create()
    file.close()
    spool.discard(name, name)
    assert not spool.path(name).exists()


def test_a_full_disk_is_told_as_the_keystores(spool):
    name, file = spool.create()
    file.close()
    spool.path(name).unlink()
    spool.path(name).symlink_to("/dev/full")
    handle = os.open(spool.path(name), os.O_RDWR)
    full = _SpoolFile(spool.path(name), handle)
    with pytest.raises(StorageError) as no:
        full.write(bytes(100_000))
    assert no.value.code == "keystore.storage"
    full.close()
