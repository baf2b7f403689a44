"""`docs/retention.md` names every table and field of the relay, every kind of object, every period, and no others."""

import re
from pathlib import Path

import msgspec

from zegel_protocol.objects import KINDS
from zegel_protocol.objects.rulebook import RetentionRules
from zegel_relay.services.object_rules import RULES
from zegel_relay.storage.models import Base

DOCUMENT = Path(__file__).parents[3] / "docs" / "retention.md"
CODE = re.compile(r"`([^`]+)`")


def rows(heading):
    """Return the cells of the table that begins with this heading."""
    lines = DOCUMENT.read_text("utf-8").splitlines()
    start = lines.index(heading) + 2
    table = lines[start : next(at for at in range(start, len(lines)) if not lines[at].startswith("|"))]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def test_every_field_is_named_once_and_says_how_long():
    described = rows("| table | fields | what | how long | what ends it |")
    assert all(all(cells) for cells in described)
    fields = [(table.strip("`"), field) for table, names, *_ in described for field in CODE.findall(names)]
    assert sorted(fields) == sorted(
        (table.name, column.name) for table in Base.metadata.tables.values() for column in table.columns
    )


def test_every_kind_of_object_that_is_stored_is_named_once():
    kinds = [kind for cells in rows("| objects of kind | how long |") for kind in CODE.findall(cells[0])]
    assert sorted(kinds) == sorted({*RULES, "manifest"})
    assert set(kinds) <= set(KINDS)


def test_every_period_of_the_rulebook_is_named_once():
    periods = [field for cells in rows("| period | from | default | field |") for field in CODE.findall(cells[3])]
    assert sorted(periods) == sorted(field.name for field in msgspec.structs.fields(RetentionRules))
