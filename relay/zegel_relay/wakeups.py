"""Wake-ups inside one process: who waits for something new of a party is told that there may be some.

A wake-up carries nothing and may be lost or come for nothing: whoever waits looks in the database, before and after.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Wakeups:
    """The waiters of this process, by party key (`partner:<id>` or `person:<id>`)."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether the relay is stopping, so that nobody should wait any longer."""
        return self._closed

    @contextmanager
    def watch(self, party: str) -> Iterator[asyncio.Event]:
        """Yield an event that is set by each `notify` from here on. Watch first, look in the database then."""
        event = asyncio.Event()
        if self._closed:
            event.set()
        self._waiting.setdefault(party, set()).add(event)
        try:
            yield event
        finally:
            others = self._waiting[party]
            others.discard(event)
            if not others:
                del self._waiting[party]

    def notify(self, party: str) -> None:
        """Wake all who wait for this party."""
        for event in self._waiting.get(party, ()):
            event.set()

    def close(self) -> None:
        """Wake everyone, and let nobody wait again: long polls answer at once, so that the server can stop."""
        self._closed = True
        for events in self._waiting.values():
            for event in events:
                event.set()
