"""Every dependency is argued for in `docs/dependencies.md`, declared where it is used, pinned without an address."""

import json
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest

from architecture.source_tree import PACKAGES, ROOT, imported_names, python_files, tree_of

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
BASE = PYPROJECT["project"]["dependencies"]
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
GROUPS = PYPROJECT["dependency-groups"]
DOCUMENT = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
INTEROP = ROOT / "tests" / "interop"


def name_of(requirement):
    """Return the normalised name of a requirement (PEP 503): `sqlalchemy[asyncio]>=2.1` gives `sqlalchemy`."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^A-Za-z0-9._-]", requirement)[0]).lower()


def declared():
    """Return the names of all that the project depends on: Python's, and npm's where there is a package.json."""
    names = {name_of(line) for lines in [BASE, *EXTRAS.values(), *GROUPS.values()] for line in lines}
    if (INTEROP / "package.json").exists():
        package = json.loads((INTEROP / "package.json").read_text("utf-8"))
        names |= {*package.get("dependencies", {}), *package.get("devDependencies", {})}
    return names


def rows():
    """Return the names that have a row of their own in the document's tables."""
    return set(re.findall(r"^\| `([^`]+)` \|", DOCUMENT, re.MULTILINE))


def test_every_dependency_has_a_row():
    assert declared() - {row if row.startswith("@") else name_of(row) for row in rows()} == set()


def test_every_row_fills_every_column():
    lines = re.findall(r"^\| `.*", DOCUMENT, re.MULTILINE)
    cells = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]
    assert cells
    assert [row[0] for row in cells if len(row) != 5 or not all(row)] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_pins_and_hashes_and_names_no_address(lock):
    text = lock.read_text("utf-8")
    pins = re.findall(r"^[a-z0-9][^\s]*==[^\s]+.*\\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)
    assert pins
    assert len(pins) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE))
    assert re.findall(r"https?:|file:|^--", text, re.MULTILINE) == []


def test_the_locks_pin_all_that_is_declared():
    expected = {
        "base": BASE,
        "relay": BASE + EXTRAS["relay"],
        "demo": BASE + EXTRAS["relay"] + EXTRAS["demo"] + GROUPS["build"],
        "dev": BASE + EXTRAS["relay"] + EXTRAS["demo"] + EXTRAS["dev"] + GROUPS["build"],
        "node": GROUPS["node"],
    }
    assert {lock.stem for lock in LOCKS} == set(expected)
    for lock in LOCKS:
        pinned = set(re.findall(r"^([a-z0-9-]+)(?:\[[^\]]*\])?==", lock.read_text("utf-8"), re.MULTILINE))
        assert {name_of(line) for line in expected[lock.stem]} - pinned == set(), lock.name


def test_npm_locks_record_no_download_address():
    locks = [lock for lock in ROOT.rglob("package-lock.json") if "node_modules" not in lock.parts]
    assert [str(lock) for lock in locks if '"resolved"' in lock.read_text("utf-8")] == []


@pytest.mark.parametrize(
    ("package", "allowed"),
    [
        ("zegel_protocol", BASE),
        ("zegel_keys", BASE),
        ("zegel", BASE + EXTRAS["command"] + EXTRAS["letter"]),
        ("zegel_relay", BASE + EXTRAS["relay"]),
    ],
)
def test_what_a_package_imports_is_declared_for_it(package, allowed):
    distributions = packages_distributions()
    imported = {
        name.partition(".")[0]
        for file in python_files(PACKAGES[package])
        for name in imported_names(tree_of(file)).values()
    }
    foreign = imported - set(sys.stdlib_module_names) - set(PACKAGES)
    names = {module: {name_of(dist) for dist in distributions.get(module, [module])} for module in foreign}
    declared_names = {name_of(line) for line in allowed}
    assert {module for module, dists in names.items() if not dists & declared_names} == set()
