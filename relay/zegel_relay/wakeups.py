"""Wake-ups: who waits for something new of a party is told that there may be some, in this process and in others.

A wake-up carries nothing and may be lost or come for nothing: whoever waits looks in the database, before and after.
Between processes they travel by `redis_line`; while nothing carries them, waiters look again every few seconds.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

LOOK_AGAIN_SECONDS: Final = 2.0
"""How long news of another process may take while no wake-up comes from there."""


def tag_of(party: str) -> str:
    """Return what a wake-up says instead of a `Party.key`: whoever listens between processes learns no id."""
    return hashlib.sha256(b"zegel wake-up " + party.encode()).hexdigest()[:32]


class Wakeups:
    """The waiters of this process, by party key (`partner:<id>` or `person:<id>`).

    `look_again` is after how many seconds a waiter looks without being woken; None while every wake-up comes here.
    `forward` is called with the tag of each party that is notified, to tell other processes.
    """

    def __init__(self, look_again: float | None = None) -> None:
        self.look_again = look_again
        self.forward: Callable[[str], None] | None = None
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether the relay is stopping, so that nobody should wait any longer."""
        return self._closed

    @property
    def watchers(self) -> int:
        """How many wait."""
        return sum(map(len, self._waiting.values()))

    @contextmanager
    def watch(self, party: str) -> Iterator[asyncio.Event]:
        """Yield an event that is set by each `notify` from here on. Watch first, look in the database then."""
        event, tag = asyncio.Event(), tag_of(party)
        if self._closed:
            event.set()
        self._waiting.setdefault(tag, set()).add(event)
        try:
            yield event
        finally:
            others = self._waiting[tag]
            others.discard(event)
            if not others:
                del self._waiting[tag]

    def notify(self, party: str) -> None:
        """Wake all who wait for this party, here and in other processes."""
        tag = tag_of(party)
        self.hear(tag)
        if self.forward is not None:
            self.forward(tag)

    def hear(self, tag: str) -> None:
        """Wake who waits here for the party with this tag: another process has news of it."""
        for event in self._waiting.get(tag, ()):
            event.set()

    def wake_all(self) -> None:
        """Have everyone look: wake-ups may have been lost, or how they come has changed."""
        for events in self._waiting.values():
            for event in events:
                event.set()

    def close(self) -> None:
        """Wake everyone, and let nobody wait again: long polls answer at once, so that the server can stop."""
        self._closed = True
        self.wake_all()
