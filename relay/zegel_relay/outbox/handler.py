"""What a handler of promised work is, and how it ends.

A handler may be called again for work that it did already: a worker can die between the deed and the record of it. So a
handler looks first at what stands in the database, and doing it twice has to be harmless.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from zegel_relay.outbox.workroom import Workroom
from zegel_relay.storage.models import OutboxItem

_CODE: Final = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
CODE_CHARACTERS: Final = 48


@dataclass(frozen=True)
class Done:
    """The work is done, or there is nothing left to do."""


@dataclass(frozen=True)
class Later:
    """Not now: the row is due again at `due_at` (seconds since 1970). Counts as no failed try."""

    due_at: int


Result = Done | Later


class WorkError(Exception):
    """The work failed, and may succeed another time: it is tried again, each time later, and is dead in the end.

    `code` is a stable code of 48 characters at most, without an id or an address: operators see it, and logs show it.
    """

    def __init__(self, code: str) -> None:
        if len(code) > CODE_CHARACTERS or _CODE.fullmatch(code) is None:
            raise ValueError("a code is words in lower case, with dots and dashes between")
        super().__init__(code)
        self.code = code


Handler = Callable[[Workroom, OutboxItem, int], Awaitable[Result]]
"""`handler(room, item, now)` does one row's work. `item` is detached: changing it changes nothing.

Raises `WorkError` to be called again; any other exception is treated as one, with the code `work.failed`.
"""
