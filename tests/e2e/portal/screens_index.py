"""The page to look through the pictures with: one row a view, one column a language, width and scheme."""

from collections.abc import Iterable
from html import escape
from pathlib import Path

_HEAD = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>The family\'s page</title><style>'
    "body{font-family:system-ui,sans-serif;margin:2rem;background:#ddd}figure{margin:0}"
    ".row{display:flex;gap:1rem;align-items:flex-start;overflow-x:auto}img{inline-size:220px;border:1px solid #888}"
    "figcaption{font-size:.8rem}</style><h1>The family's page</h1>"
)


def index_of(folder: Path) -> str:
    """Return the page for the pictures in `folder`, `<language>-<width>-<scheme>-<name>.png`."""
    rows: dict[str, list[Path]] = {}
    for path in sorted(folder.glob("*.png")):
        rows.setdefault(path.stem.split("-", 3)[3], []).append(path)
    return _HEAD + "".join(_row(name, paths) for name, paths in rows.items())


def _row(name: str, paths: Iterable[Path]) -> str:
    pictures = "".join(
        f'<figure><a href="{escape(path.name)}"><img src="{escape(path.name)}" alt="" loading="lazy"></a>'
        f"<figcaption>{escape(' '.join(path.stem.split('-')[:3]))}</figcaption></figure>"
        for path in paths
    )
    return f'<h2>{escape(name)}</h2><div class="row">{pictures}</div>'
