"""What was sealed and not yet receipted: kept in the keystore's state until the relay's receipt is in hand.

The sealed bytes are what is kept, so sending again after a crash or a lost line sends the same message: the relay then
gives the same receipt, and nobody gets anything twice. Large ciphertexts are files of the spool, their keys stand in
the row; and with it the draft, to which the message goes back when it can't be sent as it is.
"""

from contextlib import ExitStack
from dataclasses import dataclass

import msgspec

from zegel.compose import Composed
from zegel.errors import RelayProblem, RelayUnreachable, SpoolDamaged
from zegel.kept_draft import TABLE, KeptDraft, SealedFile, names_of, read_row
from zegel.progress import OnProgress, Step
from zegel.relay_client import RelayClient
from zegel_keys.keystore.directory import Keystore
from zegel_keys.keystore.errors import MissingError
from zegel_protocol.api import Submission
from zegel_protocol.padme import ciphertext_size
from zegel_protocol.refusal import Refusal

_SPOOL = "spool"
_MESSAGE = "message/"


class _Spooled(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed message on its way: its submission, and the draft it was, whose files are what to upload before it."""

    id: str
    manifest: str
    submission: bytes
    wraps: tuple[str, ...]
    told: int
    draft: KeptDraft


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

    def __init__(self, keystore: Keystore, client: RelayClient) -> None:
        self._state, self._spool, self._client = keystore.state, keystore.spool, client

    def put(self, composed: Composed, draft: KeptDraft) -> str:
        """Keep a sealed message durably, in the place of the kept draft of that id if there is one; return its id."""
        spooled = _Spooled(
            id=composed.id,
            manifest=composed.manifest,
            submission=msgspec.json.encode(composed.submission),
            wraps=composed.wraps,
            told=len(composed.told),
            draft=draft,
        )
        with self._state.transaction() as transaction:
            before = transaction.get(TABLE, draft.id)
            transaction.put(_SPOOL, f"{_MESSAGE}{composed.id}", msgspec.json.encode(spooled))
            transaction.delete(TABLE, draft.id)
        if before is not None:
            self._spool.discard(*names_of([read_row(self._state, before, KeptDraft)]))
        return composed.id

    def waiting(self, *, urgent: bool | None = None) -> list[str]:
        """Return the ids of messages that still have to arrive, oldest first; `urgent`: alarms only, or all others."""
        rows = [item for item in self._state.items(_SPOOL) if item[0].startswith(_MESSAGE)]
        return sorted(
            name.removeprefix(_MESSAGE)
            for name, row in rows
            if urgent is None or read_row(self._state, row, _Spooled).draft.urgent is urgent
        )

    def drafts(self) -> list[tuple[str, KeptDraft]]:
        """Return what each of them was written as, by its id."""
        loaded = ((message, self._load(message)) for message in self.waiting())
        return [(message, spooled.draft) for message, spooled in loaded if spooled is not None]

    async def send(self, message: str, report: OnProgress | None = None) -> Delivered | None:
        """Send one kept message; it stays kept until `settle` or `return_to_drafts`. None: another program sends it.

        Raises `RelayUnreachable`, `Refused`, `SpoolDamaged` or `RelayProblem` (`outbox.unknown`: no such message is
        kept here).
        """
        with ExitStack() as held:
            for file in self._known(message).draft.files():
                try:
                    taken = self._spool.take(file.name, make=False)
                except MissingError as error:
                    # Sent by another program meanwhile; else it is lost.
                    self._known(message)
                    raise _damaged() from error
                if taken is None:
                    return None
                held.enter_context(taken)
            return await self._send(self._known(message), report)

    async def send_held(self, message: str, report: OnProgress | None = None) -> Delivered:
        """Send a kept message whose spool files the caller holds. Raises as `send`."""
        return await self._send(self._known(message), report)

    async def _send(self, spooled: _Spooled, report: OnProgress | None) -> Delivered:
        try:
            await self._upload(list(spooled.draft.files()), report)
            submission = msgspec.json.decode(spooled.submission, type=Submission)
            receipt = await self._client.submit_message(submission)
        except RelayUnreachable as error:
            raise RelayUnreachable(
                error.what,
                "The message is sealed and kept on this device; nobody gets it twice.",
                "It leaves when you send what is kept (`flush`).",
            ) from error
        return Delivered(spooled.id, spooled.manifest, spooled.wraps, spooled.told, receipt)

    async def _upload(self, files: list[SealedFile], report: OnProgress | None) -> None:
        sizes = [ciphertext_size(file.padded) for file in files]
        step = Step("uploading", sum(sizes), report)
        before = 0
        for file, size in zip(files, sizes, strict=True):
            path = self._spool.path(file.name)
            if path.stat().st_size != size:
                raise _damaged()
            begin = before

            def at(done: int, begin: int = begin) -> None:
                step.at(begin + done)

            await self._client.upload(file.ct, path, at)
            before += size

    def settle(self, message: str) -> None:
        """Forget a message that arrived: its row, and with it the only keys that stood here; then its files."""
        spooled = self._load(message)
        if spooled is None:
            return
        self._state.delete(_SPOOL, f"{_MESSAGE}{message}")
        self._spool.discard(*names_of([spooled.draft]))

    def return_to_drafts(self, message: str, problem: str, refusals: tuple[Refusal, ...]) -> str | None:
        """Make a draft of a message that can't be sent as it is, with what was said of it; return the draft's id.

        None: the message is not here any more.
        """
        spooled = self._load(message)
        if spooled is None:
            return None
        draft = msgspec.structs.replace(spooled.draft, problem=problem, refusals=refusals)
        with self._state.transaction() as transaction:
            if transaction.delete(_SPOOL, f"{_MESSAGE}{message}"):
                transaction.put(TABLE, draft.id, msgspec.json.encode(draft))
        return draft.id

    def names(self) -> set[str]:
        """Return the names of all spool files that messages on their way need."""
        rows = [value for name, value in self._state.items(_SPOOL) if name.startswith(_MESSAGE)]
        return names_of(read_row(self._state, value, _Spooled).draft for value in rows)

    def _known(self, message: str) -> _Spooled:
        spooled = self._load(message)
        if spooled is None:
            raise RelayProblem(404, "outbox.unknown", "No such message waits here: it was sent, or withdrawn.")
        return spooled

    def _load(self, message: str) -> _Spooled | None:
        data = self._state.get(_SPOOL, f"{_MESSAGE}{message}")
        return None if data is None else read_row(self._state, data, _Spooled)


def _damaged() -> SpoolDamaged:
    return SpoolDamaged(
        "A file of a message that waits to be sent is damaged on this device's disk.",
        "Nothing of it was sent.",
        "Throw the message away (`discard`), and send it anew.",
    )
