"""The figures as they are printed: what was measured, ours and the floor's side by side, and their ratio."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One measure: ours, what it is held against, and the ratio; text is printed as it is, "" where there is none."""

    name: str
    ours: str
    floor: str = ""
    ratio: str = ""


HEAD = Line("", "Zegel", "floor", "ratio")


def render(lines: Iterable[Line]) -> str:
    """Return the lines as columns."""
    rows = [(line.name, line.ours, line.floor, line.ratio) for line in (HEAD, *lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    text = []
    for number, row in enumerate(rows):
        cells = [row[0].ljust(widths[0]), *(row[column].rjust(widths[column]) for column in (1, 2, 3))]
        text.append("  ".join(cells).rstrip())
        if number == 0:
            text.append("-" * (sum(widths) + 6))
    return "\n".join(text)
