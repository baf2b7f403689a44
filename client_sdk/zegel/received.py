"""What was opened at this keystore: from whom, about whom, as what, when. No word of what it said is kept.

It lets a partner find the messages that a revocation touches, and answer for them, after they are no more handed out.
"""

from dataclasses import dataclass

import msgspec

from zegel.message import Message
from zegel_keys.keystore import rows
from zegel_keys.keystore.state import State
from zegel_protocol.fields import Digest, Random128, Term, Time
from zegel_protocol.objects.parties import Party

_TABLE = "values"
_NAME = "received/"


class _Label(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The row of one message."""

    id: str
    kind: Term
    purpose: Term
    sender: Party
    household: Random128 | None = None
    about: tuple[Random128, ...] = ()
    thread: str | None = None
    answers: Digest | None = None
    accepted_at: Time


@dataclass(frozen=True)
class ReceivedMessage:
    """A message that was opened here, by its manifest's `D`. `accepted_at`: by the relay, in UTC seconds."""

    manifest: str
    id: str
    kind: str
    purpose: str
    sender: Party
    household: str | None
    about: tuple[str, ...]
    thread: str | None
    answers: str | None
    accepted_at: int


class ReceivedMessages:
    """The opened messages of one keystore."""

    def __init__(self, state: State) -> None:
        self._state = state

    def remember(self, message: Message) -> None:
        """Keep the label of an opened message."""
        manifest = message.manifest
        label = _Label(
            id=manifest.id, kind=manifest.kind, purpose=manifest.purpose, sender=manifest.sender.party,
            household=manifest.household, about=message.about, thread=manifest.thread, answers=manifest.answers,
            accepted_at=message.place.at,
        )  # fmt: skip
        rows.store(self._state, _TABLE, f"{_NAME}{message.d}", label)

    def find(self, manifest: str) -> ReceivedMessage | None:
        """Return the label of a message, or None where it was not opened here. Raises `DamagedError`."""
        label = rows.load(self._state, _TABLE, f"{_NAME}{manifest}", _Label)
        return ReceivedMessage(manifest, **msgspec.structs.asdict(label)) if label is not None else None

    def all(self) -> list[ReceivedMessage]:
        """Return all of them, oldest first. Raises `DamagedError`."""
        names = [name.removeprefix(_NAME) for name, _ in self._state.items(_TABLE) if name.startswith(_NAME)]
        found = [item for name in names if (item := self.find(name)) is not None]
        return sorted(found, key=lambda item: (item.accepted_at, item.manifest))

    def forget(self, manifest: str) -> bool:
        """Forget a message; whether it was known."""
        return self._state.delete(_TABLE, f"{_NAME}{manifest}")
