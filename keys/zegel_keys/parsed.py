"""What an envelope's bytes say, read once: payload, identity, and which keys were found to have signed.

Everything here follows from the bytes alone (and, for a signature, from the key it is held against), so it can be
kept while there is room, and is never out of date. Which keys count, and at which place in the log, is no such thing:
that is asked anew each time, by `verification`.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Final, TypeVar

from zegel_protocol import dsse, encoding
from zegel_protocol.errors import MalformedError
from zegel_protocol.objects import Payload

P = TypeVar("P", bound=Payload)

ROOM: Final = 24 * 1024 * 1024
"""Bytes of envelopes that are kept at most; what was read from them takes two to three times as much."""
LARGEST: Final = 512 * 1024
"""Bytes of the largest envelope that is kept: one stranger's object shall not drive out a whole Huis."""


class Parsed:
    """An envelope, opened. `d` is its object's identity; nothing of it is believed yet."""

    __slots__ = ("_payload", "body", "d", "held", "media_type", "signatures", "size")

    def __init__(self, envelope: bytes) -> None:
        """Open it. Raises `MalformedError`."""
        self.media_type, self.body, self.signatures = dsse.open_envelope(envelope)
        self.d = dsse.digest(self.media_type, self.body)
        self.size = len(envelope)
        self._payload: Payload | None = None
        self.held: set[Hashable] = set()
        """Signatures that were checked, each with all that its check depends on beside the object itself."""

    def payload(self, kind: type[P]) -> P:
        """Return the payload, of the kind expected. Raises `MalformedError` (`envelope.type`: it is of another)."""
        if self.media_type != dsse.payload_type(kind.KIND):
            raise MalformedError("envelope.type", f"a {kind.KIND} belongs here")
        if not isinstance(self._payload, kind):
            self._payload = encoding.decode(self.body, kind)
        return self._payload


class _Memory:
    """Parsed envelopes by their bytes; the longest unused goes first. For any number of threads."""

    def __init__(self, room: int, largest: int) -> None:
        self._room, self._largest, self._used = room, largest, 0
        self._kept: OrderedDict[bytes, Parsed] = OrderedDict()
        self._lock = threading.Lock()

    def parse(self, envelope: bytes) -> Parsed:
        with self._lock:
            found = self._kept.get(envelope)
            if found is not None:
                self._kept.move_to_end(envelope)
                return found
        parsed = Parsed(envelope)
        if parsed.size <= self._largest:
            self._keep(envelope, parsed)
        return parsed

    def _keep(self, envelope: bytes, parsed: Parsed) -> None:
        with self._lock:
            if envelope in self._kept:
                return
            self._kept[envelope] = parsed
            self._used += parsed.size
            while self._used > self._room:
                _, dropped = self._kept.popitem(last=False)
                self._used -= dropped.size


_memory = _Memory(ROOM, LARGEST)


def parse(envelope: bytes) -> Parsed:
    """Return what an envelope says. Raises `MalformedError`, as `dsse.open_envelope`."""
    return _memory.parse(envelope)
