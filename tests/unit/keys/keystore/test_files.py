"""Writing secret files: in which order, and what is left when the disk refuses."""

import errno
import os
import stat
from pathlib import Path

import pytest

from unit.keys.keystore.examples import fails, names
from zegel_keys.keystore import files


def test_the_new_bytes_are_on_disk_before_the_rename_and_the_rename_before_returning(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(descriptor: int) -> None:
        done.append("force folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "force file")
        fsync(descriptor)

    def noted_replace(path: Path, target: Path) -> Path:
        done.append("rename")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    files.write(folder / "file", b"bytes")
    assert done == ["force file", "rename", "force folder"]
    assert (folder / "file").read_bytes() == b"bytes"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "keystore.storage"),
        (errno.EIO, "keystore.storage"),
        (errno.EROFS, "keystore.permissions"),
        (errno.EACCES, "keystore.permissions"),
    ],
)
def test_a_refusing_disk_leaves_the_old_file_and_no_litter(
    folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
):
    files.write(folder / "file", b"old")

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", refuse)
        with fails(code):
            files.write(folder / "file", b"new")
    assert (folder / "file").read_bytes() == b"old"
    assert names(folder) == {"file"}


def test_a_disk_that_gives_back_other_bytes_leaves_the_previous_generation(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    files.write(folder / "file", b"old")
    replace = Path.replace

    def corrupt(path: Path, target: Path) -> Path:
        moved = replace(path, target)
        if moved.name == "file":
            moved.write_bytes(b"nEw")
        return moved

    monkeypatch.setattr(Path, "replace", corrupt)
    with fails("keystore.damaged"):
        files.renew(folder / "file", b"new", 100)
    assert (folder / "file.previous").read_bytes() == b"old"


def test_leftovers_of_a_killed_writer_are_swept_and_nothing_else(folder: Path):
    for name in (".file.00ff.new", "file", "file.previous", ".other.00ff.new"):
        files.write(folder / name, b"")
    files.sweep(folder / "file")
    assert names(folder) == {"file", "file.previous", ".other.00ff.new"}


@pytest.mark.parametrize("mode", [0o701, 0o710, 0o704, 0o770, 0o755])
def test_a_folder_that_others_reach_is_refused(folder: Path, mode: int):
    folder.chmod(mode)
    with fails("keystore.permissions"):
        files.require_private(folder)


def test_a_file_of_another_user_is_refused_one_of_root_is_not(folder: Path, monkeypatch: pytest.MonkeyPatch):
    found = list(folder.stat())
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    for owner in (0, 1000):
        found[4] = owner
        files.require_private(folder, os.stat_result(found))
    found[4] = 1001
    with fails("keystore.permissions"):
        files.require_private(folder, os.stat_result(found))
