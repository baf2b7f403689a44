"""Released vectors never change: each has the digest that the manifest gave it, and none stands outside it."""

import hashlib
import re

import pytest

from vectors import vector_file
from vectors.generate import Disagreement, add
from vectors.making.case import Case

LINES = vector_file.MANIFEST.read_text("utf-8").splitlines()
LISTED = {path: digest for digest, _, path in (line.partition("  ") for line in LINES)}


def test_the_manifest_lists_each_vector_once():
    assert all(re.fullmatch(r"[0-9a-f]{64}  [a-z0-9/.-]+\.json", line) for line in LINES)
    assert len(LISTED) == len(LINES)
    assert sorted(LISTED) == vector_file.paths()


@pytest.mark.parametrize("path", sorted(LISTED), ids=sorted(LISTED))
def test_a_released_vector_is_as_it_was(path):
    assert hashlib.sha256((vector_file.FOLDER / path).read_bytes()).hexdigest() == LISTED[path]


def case(expect="ok", length=1):
    return Case("padme/one.json", "One byte", "padme", {"length": length}, expect)


def test_the_generator_adds_and_never_overwrites(tmp_path):
    manifest = tmp_path / "MANIFEST.sha256"
    assert add(tmp_path, manifest, [case()]) == ["padme/one.json"]
    written, listed = (tmp_path / "padme/one.json").read_bytes(), manifest.read_bytes()
    assert add(tmp_path, manifest, [case(length=70_000)]) == []
    assert ((tmp_path / "padme/one.json").read_bytes(), manifest.read_bytes()) == (written, listed)


@pytest.mark.parametrize("wrong", [case("section.length"), case("ok", -1)])
def test_the_generator_writes_nothing_that_the_implementation_disagrees_with(tmp_path, wrong):
    with pytest.raises(Disagreement):
        add(tmp_path, tmp_path / "MANIFEST.sha256", [wrong])
    assert list(tmp_path.iterdir()) == []
