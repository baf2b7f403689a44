"""The specification as the tests read it: the tables of `docs/spec/`, and what the code says that they must hold."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from architecture.source_tree import PACKAGES, ROOT, python_files, tree_of

FOLDER = ROOT / "docs" / "spec"
CODE = re.compile(r"[a-z]+(?:-[a-z]+)*\.[a-z]+(?:-[a-z]+)*")
_CELL = re.compile(r"(?<!\\)\|")
_NAME = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Table:
    """One table: the heading that it stands under, its column titles, and its rows of cells."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def names(self) -> list[str]:
        """Every word in backticks in the first column, from top to bottom."""
        return [name for row in self.rows for name in _NAME.findall(row[0])]

    def row(self, name: str) -> tuple[str, ...]:
        """Return the one row that begins with this word in backticks."""
        found = [row for row in self.rows if f"`{name}`" in row[0]]
        assert len(found) == 1, f"{len(found)} rows for {name} under {self.heading}"
        return found[0]


@cache
def text(name: str) -> str:
    """Return a document of the folder, by its name without `.md`."""
    return (FOLDER / f"{name}.md").read_text("utf-8")


@cache
def tables(name: str) -> tuple[Table, ...]:
    """Return the tables of a document, in order."""
    found: list[Table] = []
    heading, lines = "", []
    for line in [*text(name).splitlines(), ""]:
        if line.startswith("|"):
            lines.append(tuple(cell.strip() for cell in _CELL.split(line.strip().strip("|"))))
            continue
        if lines:
            found.append(Table(heading, lines[0], tuple(lines[2:])))
            lines = []
        if line.startswith("#"):
            heading = line.lstrip("# ")
    return tuple(found)


def rows_of(name: str, first: str) -> dict[str, tuple[str, ...]]:
    """Return the rows of all tables whose first column has this title, by the words in backticks of that column."""
    return {
        word: row
        for table in tables(name)
        if table.columns[0] == first
        for row in table.rows
        for word in _NAME.findall(row[0])
    }


def words_in(cell: str) -> set[str]:
    """Return the words in backticks of a cell."""
    return set(_NAME.findall(cell))


def annotations(struct: type) -> Iterator[tuple[str, ast.expr]]:
    """Yield (name, annotation) of each field that a struct's own class declares, in order."""
    for node in _class(struct).body:
        if isinstance(node, ast.AnnAssign) and "ClassVar" not in ast.unparse(node.annotation):
            yield _target(node), node.annotation


def sets_of(struct: type) -> dict[str, tuple[int, int]]:
    """Return the fields that a struct's class requires to be sets, with the least and the most that they hold."""
    found: dict[str, tuple[int, int]] = {}
    for node in ast.walk(_class(struct)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "require_set":
            field = ast.literal_eval(node.args[0])
            bounds = {item.arg: ast.literal_eval(item.value) for item in node.keywords}
            found[field] = bounds.get("least", 0), bounds.get("most", 1000)
    return found


def _class(struct: type) -> ast.ClassDef:
    package, _, rest = struct.__module__.partition(".")
    path = PACKAGES[package] / Path(*rest.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    found = [node for node in tree_of(file).body if isinstance(node, ast.ClassDef) and node.name == struct.__name__]
    return found[0]


def error_codes(*folders: Path) -> dict[str, set[str]]:
    """Return every code of the error families in these folders, with the files that use it.

    A code is the first code-like argument of an error's constructor: a literal, a name that was given literals in that
    function, an f-string or parameter of a helper whose callers give literals, or what a local function returns. An
    error whose code cannot be told comes under the code `?`.
    """
    found: dict[str, set[str]] = {}
    for file in python_files(*folders):
        tree = tree_of(file)
        for scope, call in _error_calls(tree):
            for code in _codes_of(call, scope, tree) or {"?"}:
                found.setdefault(code, set()).add(f"{file.relative_to(ROOT)}:{call.lineno}")
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign | ast.AnnAssign) and _target(node) == "code":
                for code in filter(CODE.fullmatch, _literals(node.value) if node.value is not None else ()):
                    found.setdefault(code, set()).add(f"{file.relative_to(ROOT)}:{node.lineno}")
    return found


_BASES = {"Conflict", "Forbidden", "NotFound", "NotMigrated", "Unauthorised", "Unavailable", "RelayProblem"}
_PLAIN = {"ValueError", "TypeError", "RuntimeError", "AssertionError", "KeyError", "UsageError", "ValidationError"}


def _error_calls(tree: ast.Module) -> Iterator[tuple[ast.AST, ast.Call]]:
    """Yield (the function around it, call) of each construction of an error that has a code."""
    for scope in ast.walk(tree):
        if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(scope):
                if isinstance(node, ast.Call) and node.args and _makes_error(node):
                    yield scope, node


def _makes_error(call: ast.Call) -> bool:
    name = ast.unparse(call.func)
    if name == "super().__init__":
        return _is_code(call.args[0])
    last = name.rpartition(".")[2]
    return last in _BASES or (last.endswith("Error") and last[0].isupper() and last not in _PLAIN)


def _codes_of(call: ast.Call, scope: ast.AST, tree: ast.Module) -> set[str]:
    for argument in call.args[:2]:
        codes = _resolve(argument, scope, tree)
        if codes:
            return codes
    return set()


def _resolve(value: ast.expr, scope: ast.AST, tree: ast.Module) -> set[str]:
    if _is_code(value):
        return {ast.literal_eval(value)}
    if isinstance(value, ast.JoinedStr) and len(value.values) == 2 and isinstance(value.values[1], ast.FormattedValue):
        prefix = str(ast.literal_eval(value.values[0]))
        return {prefix + word for word in _given(ast.unparse(value.values[1].value), scope, tree)}
    if isinstance(value, ast.Name):
        assigned = [node for node in ast.walk(scope) if isinstance(node, ast.Assign) and _target(node) == value.id]
        literals = {code for node in assigned for code in _literals(node.value) if CODE.fullmatch(code)}
        return literals or {word for word in _given(value.id, scope, tree) if CODE.fullmatch(word)}
    if isinstance(value, ast.Call):
        named = [node for node in tree.body if getattr(node, "name", None) == ast.unparse(value.func)]
        return {code for node in named for code in _literals(node) if CODE.fullmatch(code)}
    return set()


def _given(parameter: str, scope: ast.AST, tree: ast.Module) -> set[str]:
    """Return the literals that callers in this file give for a parameter of the function `scope`."""
    if not isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
        return set()
    names = [item.arg for item in scope.args.args]
    if parameter not in names:
        return set()
    place = names.index(parameter)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == scope.name]
    return {word for node in calls if len(node.args) > place for word in _literals(node.args[place])}


def _literals(node: ast.AST) -> set[str]:
    return {item.value for item in ast.walk(node) if isinstance(item, ast.Constant) and isinstance(item.value, str)}


def _is_code(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and isinstance(value.value, str) and bool(CODE.fullmatch(value.value))


def _target(node: ast.Assign | ast.AnnAssign) -> str:
    target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
    return ast.unparse(target)
