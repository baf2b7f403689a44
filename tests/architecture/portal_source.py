"""The portal's TypeScript as these tests see it: its files, and what each imports."""

import re
from pathlib import Path

from architecture.source_tree import ROOT

PORTAL = ROOT / "portal"
SOURCES = PORTAL / "src"
LAYERS = ("page", "client", "keys", "protocol")
"""From above to below: each imports itself and what stands after it."""

_STATEMENT = re.compile(r"^(?:import|export)\s+(?P<what>[^;\"]*?)from\s+\"(?P<named>[^\"]+)\"", re.MULTILINE)
_BARE = re.compile(r"^import\s+\"(?P<named>[^\"]+)\"", re.MULTILINE)
_LATER = re.compile(r"\bimport\(\s*\"(?P<named>[^\"]+)\"\s*\)")


def files() -> dict[str, str]:
    """Return the text of each file of `portal/src` by its path in there."""
    return {file.relative_to(SOURCES).as_posix(): file.read_text("utf-8") for file in sorted(SOURCES.rglob("*.ts"))}


def imports(text: str) -> list[str]:
    """Return what a file needs as soon as it is loaded: imports of types alone are gone by then."""
    found = [item["named"] for item in _STATEMENT.finditer(text) if not _only_types(item["what"])]
    return found + [item["named"] for item in _BARE.finditer(text)]


def mentions(text: str) -> list[str]:
    """Return all that a file names in an import: types, and what it loads later, too."""
    return [item["named"] for pattern in (_STATEMENT, _BARE, _LATER) for item in pattern.finditer(text)]


def target(file: str, named: str) -> str | None:
    """Return the path of what a relative import names; None for a package, and outside of `portal/src`."""
    if not named.startswith("."):
        return None
    path = (SOURCES / Path(file).parent / named).resolve()
    return path.relative_to(SOURCES).as_posix() if path.is_relative_to(SOURCES) else None


def loaded_with(entry: str, texts: dict[str, str]) -> set[str]:
    """Return every file and package that is there as soon as `entry` is: files by path, packages by name."""
    found: set[str] = set()
    waiting = [entry]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        waiting += [target(name, named) or named for named in imports(texts.get(name, ""))]
    return found


def _only_types(what: str) -> bool:
    names = what.strip().removeprefix("{").rstrip("} \n").split(",")
    kept = [name.strip() for name in names if name.strip()]
    return what.strip().startswith("type ") or all(name.startswith("type ") for name in kept)
