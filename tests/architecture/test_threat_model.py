"""The threat model names a test for every *cannot*, and each named test is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
SOURCES = {path: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")}
REQUIRED = {1, 2, 3, *range(4, 10), 11, 12, 13, 14, 15, *range(16, 25), *range(26, 31)}


def test_every_attack_that_must_be_caught_is_listed():
    listed = {int(number) for group in re.findall(r"\[([\d, ]+)\]", TEXT) for number in group.split(",")}
    assert listed >= REQUIRED


def test_every_listed_attack_has_a_test_that_tries_it():
    defined = set(re.findall(r"def (test_attack_\d\d_\w*)", "\n".join(SOURCES.values())))
    for prefix in re.findall(r"`(test_attack_\d\d_\w*)`", TEXT):
        assert any(name.startswith(prefix) for name in defined), prefix


def test_every_named_file_is_there():
    for name in re.findall(r"`(tests/[\w/.]+)`", TEXT):
        assert (ROOT / name).exists(), name


def test_every_cannot_names_its_test():
    rows = [line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith("| cannot")]
    for row in rows:
        last = row.rstrip("|").rsplit("|", 1)[-1]
        assert "`" in last, row
