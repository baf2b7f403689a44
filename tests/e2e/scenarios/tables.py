"""The tables of a scenario as the tests read them, so that a coordinator reads the very text that is run.

A scenario is plain text: a line that begins with a day and a time (`Tuesday 09:40`) sets the clock of everyone, a line
that begins with `|` is a row of a table, and everything else is for the reader. A row whose first cell is empty goes on
with the row before it. What stands in brackets in an `expected` cell explains, and is not compared.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MOMENT = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun)\w*,? (\d\d):(\d\d)(, a week later)?")
_RULE = re.compile(r"\|[-| ]+\|")
_GLOSS = re.compile(r"\s*\([^)]*\)")


@dataclass(frozen=True)
class Moment:
    """From here on it is this time of the next such day, or of the one a week after."""

    weekday: str
    hour: int
    minute: int
    week_later: bool


@dataclass(frozen=True)
class Row:
    """One row: its cells by the titles of their columns, and where it stands."""

    cells: dict[str, str]
    line: int

    def __getitem__(self, title: str) -> str:
        return self.cells[title]

    def __str__(self) -> str:
        return f"line {self.line}: | " + " | ".join(self.cells.values()) + " |"


@dataclass(frozen=True)
class Table:
    """One table. Which it is, its column titles say."""

    titles: tuple[str, ...]
    rows: tuple[Row, ...]


def read(scenario: str) -> Iterator[Moment | Table]:
    """Yield the moments and the tables of a scenario, in order. Raises `ValueError` for a row that does not fit."""
    rows: list[tuple[int, list[str]]] = []
    for number, line in enumerate([*scenario.splitlines(), ""], 1):
        line = line.strip()
        if line.startswith("|"):
            if not _RULE.fullmatch(line):
                rows.append((number, [cell.strip() for cell in line.strip("|").split("|")]))
            continue
        if rows:
            yield _table(rows)
            rows = []
        if found := _MOMENT.match(line):
            yield Moment(found[1], int(found[2]), int(found[3]), bool(found[4]))


def _table(rows: list[tuple[int, list[str]]]) -> Table:
    titles, joined = rows[0][1], list[tuple[int, list[str]]]()
    for number, cells in rows[1:]:
        if len(cells) != len(titles):
            raise ValueError(f"line {number} has {len(cells)} cells, and not {len(titles)}")
        if cells[0] or not joined:
            joined.append((number, cells))
        else:
            before = joined[-1][1]
            before[:] = [f"{old} {new}".strip() for old, new in zip(before, cells, strict=True)]
    return Table(tuple(titles), tuple(Row(dict(zip(titles, cells, strict=True)), at) for at, cells in joined))


def without_gloss(cell: str) -> str:
    """Return what of an `expected` cell is compared."""
    return _GLOSS.sub("", cell).strip()


def names_in(cell: str) -> tuple[str, ...]:
    """Return the names of a list such as `Ana, Ben and Carl`."""
    return tuple(name.strip() for name in re.split(r",| and ", cell) if name.strip())
