"""The work tree as the architecture tests read it: its packages, its Python files, their imports and calls."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {
    "zegel_protocol": ROOT / "protocol" / "zegel_protocol",
    "zegel_keys": ROOT / "keys" / "zegel_keys",
    "zegel": ROOT / "client_sdk" / "zegel",
    "zegel_relay": ROOT / "relay" / "zegel_relay",
}
DEMO = ROOT / "demo" / "zegel_demo"


def python_files(*folders: Path) -> list[Path]:
    """Return the Python files under `folders`, sorted; all packages when none is named."""
    return sorted(file for folder in folders or PACKAGES.values() for file in folder.rglob("*.py"))


@cache
def tree_of(file: Path) -> ast.Module:
    """Return the syntax tree of a Python file."""
    return ast.parse(file.read_text("utf-8"), str(file))


def imported_names(tree: ast.Module) -> dict[str, str]:
    """Return what each imported name stands for, relative imports apart: `from os import environ as e` gives
    `{"e": "os.environ"}`.
    """
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                names[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def used_names(file: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, full dotted name) of every name and attribute that a file uses, imports resolved.

    `from os import environ as e` and then `e["X"]` gives `os.environ`; a plain `open(...)` gives `open`.
    """
    tree = tree_of(file)
    names = imported_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.lineno, names.get(node.id, node.id)
        elif isinstance(node, ast.Attribute) and (dotted := _dotted(node)):
            head, _, rest = dotted.partition(".")
            yield node.lineno, f"{names.get(head, head)}.{rest}"


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (owner := _dotted(node.value)):
        return f"{owner}.{node.attr}"
    return ""
