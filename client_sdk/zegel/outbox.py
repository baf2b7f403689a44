"""What was sealed and not yet receipted: kept in the keystore's state until the relay's receipt is in hand.

The sealed bytes are what is kept, so sending again after a crash or a lost line sends the same message: the relay then
gives the same receipt, and nobody gets anything twice.
"""

from dataclasses import dataclass

import msgspec

from zegel.compose import Composed
from zegel.errors import Refused, RelayProblem, RelayUnreachable
from zegel.relay_client import RelayClient
from zegel_keys.keystore.state import State
from zegel_protocol.api import Submission
from zegel_protocol.refusal import passes

_MESSAGE = "message/"
_BLOB = "blob/"


class _Spooled(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed message on its way: its submission, and the names of ciphertexts to upload before it."""

    id: str
    manifest: str
    submission: bytes
    uploads: tuple[str, ...]
    wraps: tuple[str, ...]
    told: int


@dataclass(frozen=True)
class Delivered:
    """What the relay answered to a spooled message: the receipt's envelope, and which wraps it must name."""

    id: str
    manifest: str
    wraps: tuple[str, ...]
    told: int
    receipt: bytes


class Outbox:
    """The sealed messages of one device that still have to arrive."""

    def __init__(self, state: State, client: RelayClient) -> None:
        self._state, self._client = state, client

    def put(self, composed: Composed, *, told: int) -> str:
        """Keep a sealed message durably; return its id."""
        spooled = _Spooled(
            id=composed.id,
            manifest=composed.manifest,
            submission=msgspec.json.encode(composed.submission),
            uploads=tuple(composed.uploads),
            wraps=composed.wraps,
            told=told,
        )
        with self._state.transaction() as transaction:
            for ct, body in composed.uploads.items():
                transaction.put("spool", f"{_BLOB}{ct}", body)
            transaction.put("spool", f"{_MESSAGE}{composed.id}", msgspec.json.encode(spooled))
        return composed.id

    def waiting(self) -> list[str]:
        """Return the ids of messages that still have to arrive, oldest first."""
        names = (name for name, _ in self._state.items("spool"))
        return sorted(name.removeprefix(_MESSAGE) for name in names if name.startswith(_MESSAGE))

    async def send(self, message: str) -> Delivered:
        """Send one kept message; it stays kept until `settle` says that its receipt was checked.

        A refusal takes it out of the outbox: it was not accepted, and sending the same again changes nothing; unless
        what is refused passes, such as an expired directory. Raises `RelayUnreachable` (it is kept), `Refused` (kept if
        `zegel_protocol.refusal.passes`) or `RelayProblem` (it is not; `outbox.unknown`: no such message is kept here).
        """
        data = self._state.get("spool", f"{_MESSAGE}{message}")
        if data is None:
            raise RelayProblem(404, "outbox.unknown", "No such message waits here: it was sent, or withdrawn.")
        spooled = msgspec.json.decode(data, type=_Spooled)
        try:
            for ct in spooled.uploads:
                body = self._state.get("spool", f"{_BLOB}{ct}")
                if body is not None:
                    await self._client.upload(ct, body)
            submission = msgspec.json.decode(spooled.submission, type=Submission)
            receipt = await self._client.submit_message(submission)
        except RelayUnreachable as error:
            raise RelayUnreachable(
                error.what,
                "The message is sealed and kept on this device; nobody gets it twice.",
                "It leaves when you send what is kept (`flush`).",
            ) from error
        except Refused as refused:
            if not passes(refused.refusals):
                self.settle(message)
            raise
        except RelayProblem:
            self.settle(message)
            raise
        return Delivered(spooled.id, spooled.manifest, spooled.wraps, spooled.told, receipt)

    def settle(self, message: str) -> None:
        """Forget a message that arrived, or that was refused."""
        data = self._state.get("spool", f"{_MESSAGE}{message}")
        if data is None:
            return
        with self._state.transaction() as transaction:
            for ct in msgspec.json.decode(data, type=_Spooled).uploads:
                transaction.delete("spool", f"{_BLOB}{ct}")
            transaction.delete("spool", f"{_MESSAGE}{message}")
