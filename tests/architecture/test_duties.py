"""The table of duties holds: an article a row, each place is there, and each test is one and says what it is about."""

import ast
import re
from pathlib import Path

import pytest

from architecture.source_tree import ROOT, tree_of

DOCUMENT = ROOT / "docs" / "duties.md"
COLUMNS = ["art.", "behaviour", "where it lives", "the test that proves it"]
ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split("|")]
    for line in DOCUMENT.read_text("utf-8").splitlines()
    if line.startswith("|")
]
DUTIES = {row[0]: row for row in ROWS[2:]}
TESTS = sorted({name for row in ROWS[2:] for name in re.findall(r"`(tests/[^`]+)`", row[3])})


def paths_in(cell: str) -> list[str]:
    """Return the words in backticks of a cell."""
    return re.findall(r"`([^`]+)`", cell)


def test_there_is_a_row_for_each_article_and_no_other():
    assert ROWS[0] == COLUMNS
    assert [row[0] for row in ROWS[2:]] == [str(number) for number in range(11)]
    assert {len(row) for row in ROWS} == {4}
    assert all(len(row[1].split()) > 15 for row in DUTIES.values())


@pytest.mark.parametrize("article", DUTIES)
def test_what_a_row_names_is_there(article):
    _, _, places, tests = DUTIES[article]
    assert paths_in(places)
    assert paths_in(tests)
    missing = [name for name in paths_in(places) + paths_in(tests) if not (ROOT / name).is_file()]
    assert missing == []
    assert all(name.startswith("tests/") for name in paths_in(tests))
    assert not [name for name in paths_in(places) if name.startswith("tests/")]


@pytest.mark.parametrize("name", TESTS)
def test_a_named_test_tests_something_and_says_what(name):
    tree = tree_of(ROOT / name)
    tests = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]
    assert tests
    assert ast.get_docstring(tree)
    # Nothing that is named here is switched off: a duty that is skipped is a duty that nobody keeps.
    assert not re.search(r"mark\.(skip|skipif|xfail)\b", (ROOT / name).read_text("utf-8"))


def test_every_scenario_proves_a_duty():
    scenarios = {str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "e2e" / "scenarios").glob("test_*.py")}
    assert len(scenarios) == 9
    assert scenarios <= set(TESTS)


def test_a_scenario_names_its_own_number():
    for name in TESTS:
        found = re.search(r"test_scenario_(\d+)_", name)
        if found:
            assert (ast.get_docstring(tree_of(ROOT / name)) or "").startswith(f"Scenario {found[1]}:"), name


def test_the_documents_that_a_newcomer_reads_name_this_one():
    assert "docs/duties.md" in (ROOT / "README.md").read_text("utf-8")
    assert Path(__file__).relative_to(ROOT).as_posix() in DOCUMENT.read_text("utf-8")
