"""A row to insert, without what an object of the mapper carries: a message writes twenty, and nobody reads them."""

from functools import lru_cache
from typing import Any

from sqlalchemy import Table

from zegel_relay.storage.models import Base


class NewRow:
    """A row of `model`'s table, with `values` for its columns. A column that is not named is null.

    Raises `ValueError` for a column that the table does not have: a mistake in a service.
    """

    __slots__ = ("model", "values")

    def __init__(self, model: type[Base], **values: Any) -> None:
        self.model = model
        # The same columns in each row of a table, so that all go into one statement.
        self.values = _nothing(model) | values
        if len(self.values) != len(_nothing(model)):
            raise ValueError(
                f"no such column of {model.__tablename__}: {sorted(values.keys() - _nothing(model).keys())}"
            )


@lru_cache(maxsize=128)
def _nothing(model: type[Base]) -> dict[str, None]:
    return dict.fromkeys(column.name for column in table_of(model).columns)


def table_of(model: type[Base]) -> Table:
    """Return the table of a model. Raises `TypeError` for one that is mapped to anything else."""
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError("rows are of plain tables")
    return table
