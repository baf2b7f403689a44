"""Which notices a person is not to be told of yet, and where the others stand.

A notice that waits has no position, and neither has its message among what its person is shown: readers go on from the
last position that they saw, and it gets one behind that when it falls due (`notify.release`). So one that was to be
told of at once is told of, also when this clock stepped back since, or another relay's is a second ahead.
"""

from sqlalchemy import ColumnElement

from zegel_protocol.positions import first_position
from zegel_relay.storage.models import StoredNotice


def is_held_back() -> ColumnElement[bool]:
    """Return the condition that a row of `StoredNotice` is of a notice that is not to be told of yet."""
    return StoredNotice.position.is_(None)


def own_position(reader: str, index: int) -> int:
    """Return where a message that is accepted at `index` of the log stands among those of a reader (`Party.key`)."""
    return first_position(index) if reader.startswith("person:") else index
