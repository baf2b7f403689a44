"""What was sent from this keystore: to whom, about whom, as what and when. No word of what it said is kept.

Written before a message leaves, and shown once its receipt is in hand: the receipts are the proof, this is their label.
"""

from dataclasses import dataclass

import msgspec

from zegel.compose import Composed
from zegel_keys.keystore import rows
from zegel_keys.keystore.state import State
from zegel_keys.verification import read_payload
from zegel_protocol.fields import PartnerId, Random128, Term, Time
from zegel_protocol.objects import Manifest

_TABLE = "values"
_NAME = "sent/"
_RECEIPTS = "receipts"


class _Label(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The row of one message."""

    id: str
    kind: Term
    purpose: Term
    to: PartnerId | None = None
    household: Random128 | None = None
    about: tuple[Random128, ...]
    thread: str | None = None
    at: Time
    person: Random128 | None = None


@dataclass(frozen=True)
class SentMessage:
    """A message that the relay gave a receipt for, by its manifest's `D`. `at`: when it was sealed (UTC seconds).

    `to`: a partner; `person`: the client, of a question or a reply.

    All but `manifest` is None, and `about` empty, for a message whose label this keystore does not have.
    """

    manifest: str
    id: str | None = None
    kind: str | None = None
    purpose: str | None = None
    to: str | None = None
    household: str | None = None
    about: tuple[str, ...] = ()
    thread: str | None = None
    at: int | None = None
    person: str | None = None


class SentMessages:
    """The sent messages of one keystore."""

    def __init__(self, state: State) -> None:
        self._state = state

    def remember(self, composed: Composed) -> None:
        """Keep the label of a sealed message, before it is sent."""
        manifest, _ = read_payload(bytes(composed.submission.manifest), Manifest)
        about = {person for item in composed.sealed for person in item.context.about}
        label = _Label(
            id=manifest.id, kind=manifest.kind, purpose=manifest.purpose, to=manifest.to.partner,
            household=manifest.household, about=tuple(sorted(about)), thread=manifest.thread, at=manifest.created,
            person=manifest.to.person,
        )  # fmt: skip
        rows.store(self._state, _TABLE, f"{_NAME}{composed.manifest}", label)

    def all(self) -> list[SentMessage]:
        """Return the messages that have a receipt, oldest first. Raises `DamagedError`."""
        found = []
        for manifest, _ in self._state.items(_RECEIPTS):
            label = rows.load(self._state, _TABLE, f"{_NAME}{manifest}", _Label)
            found.append(SentMessage(manifest, **(msgspec.structs.asdict(label) if label is not None else {})))
        return sorted(found, key=lambda item: (item.at or 0, item.manifest))
