"""Revocation that travels, at the partner who received: what it is asked to erase, and what it honestly answers.

The client reads each answer, also "not erased: statutory file". What was read can't be unread; what stands outside this
keystore, people remove. Article 7 of the duties; `docs/spec/consent.md`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from zegel.acknowledging import Words
from zegel.dispatch import Dispatch
from zegel.errors import ZegelError
from zegel.received import ReceivedMessage, ReceivedMessages
from zegel.relay_client import RelayClient
from zegel.view import View
from zegel_keys.keystore.identity import Identity
from zegel_protocol.api import DeadlineItem, EvidenceQuery
from zegel_protocol.objects import Consent, Finding, Revocation
from zegel_protocol.objects.parties import Party
from zegel_protocol.words import ERASURE, OVER_BROAD

Why = Literal["revoked", "narrowed", "over-broad", "not-proven", "not-here"]
Answer = Literal["erased", "kept"]

REMAINS: Final = (
    "What was saved to a folder, copied or printed.",
    "What other devices and other software of this partner hold.",
    "What people have read, and backups.",
)
"""What no program here can remove, for whoever says `erased` to have seen to it."""


class ErasureError(ZegelError):
    """An answer that cannot be given; nothing was removed, and nothing was said."""

    def __init__(self, code: str, what: str, do: str) -> None:
        super().__init__(what, "Nothing was removed, and nothing was said.", do)
        self.code = code


@dataclass(frozen=True)
class Owed:
    """An answer that this partner owes by `due` (UTC seconds): about `message`, to `of` (both by their `D`).

    `why`: `revoked`; `narrowed` (a consent for less took its place); `over-broad` (found so by the steward); `not-here`
    (the message was opened at another keystore, so this one can't check); `not-proven`: the relay says so and shows
    nothing that does: tell the steward. `reason`: the code that the client gave. `received`: the message's label here.
    """

    message: str
    of: str
    why: Why
    since: int
    due: int
    overdue: bool
    reason: str | None = None
    received: ReceivedMessage | None = None


@dataclass(frozen=True)
class Erased:
    """What was done: how many drafts and files of this keystore went, and what is left for people to remove."""

    drafts: int
    remains: tuple[str, ...]


class Erasures:
    """The erasures that one device is asked for on behalf of its partner."""

    def __init__(
        self,
        identity: Identity,
        client: RelayClient,
        view: View,
        words: Words,
        received: ReceivedMessages,
        dispatch: Dispatch,
        clock: Callable[[], int],
    ) -> None:
        self._identity, self._client, self._view, self._words = identity, client, view, words
        self._received, self._dispatch, self._clock = received, dispatch, clock

    async def owed(self) -> list[Owed]:
        """Return what this partner still owes an answer to, overdue first, each checked against what asks for it.

        Raises `RelayUnreachable`, `RelayProblem`, `ProtocolError`.
        """
        own = Party(partner=self._identity.partner)
        page = await self._client.deadlines()
        items = [
            item for item in page.items
            if item.kind == ERASURE and item.owner == own and item.message and item.running
        ]  # fmt: skip
        found = [await self._checked(item, item.message or "") for item in items]
        return sorted(found, key=lambda item: (not item.overdue, item.due, item.message))

    async def _checked(self, item: DeadlineItem, message: str) -> Owed:
        label = self._received.find(message)
        owed = Owed(message, item.object, "not-here", item.since, item.due, item.state == "overdue", received=label)
        if label is None:
            return owed
        own = Party(partner=self._identity.partner)
        query = EvidenceQuery(
            persons=label.about, sender=label.sender, to=own, household=label.household, answers=message
        )
        flows = [(person, label.sender.key, own.key) for person in label.about]
        case = await self._view.believe(await self._client.evidence(query), flows)
        asking = next(
            (held.payload for flow in flows for held in case.chains.get(flow, ()) if held.d == item.object), None
        )
        finding = case.records.named(Finding, item.object)
        why: Why = "not-proven"
        if isinstance(asking, Revocation):
            why = "revoked"
        elif isinstance(asking, Consent) and asking.replaces:
            why = "narrowed"
        elif finding is not None and finding.payload.manifest == message and finding.payload.found == OVER_BROAD:
            why = "over-broad"
        reason = asking.reason_code if isinstance(asking, Revocation) else None
        return Owed(message, item.object, why, item.since, item.due, owed.overdue, reason, label)

    async def answer(self, owed: Owed, answer: Answer, reason: str | None = None) -> Erased:
        """Answer what is owed: `erased`, or `kept` for a reason of the rulebook's list; the client reads it.

        `erased` first removes what this keystore holds of it: drafts that answer it, and its label. Say it once people
        have removed the rest too (`Erased.remains`). Raises `ErasureError` (`erasure.reason`, `erasure.not-proven`,
        `erasure.answered`), `RelayProblem`, `RelayUnreachable` (what was removed is gone: answer again).
        """
        if owed.why == "not-proven":
            raise ErasureError(
                "erasure.not-proven",
                "The relay says that this is to be erased, and shows no revocation or finding that says so.",
                "Tell the steward.",
            )
        await self._require_reason(answer, reason)
        if not any((item.message, item.of) == (owed.message, owed.of) for item in await self.owed()):
            raise ErasureError(
                "erasure.answered", "This was answered before; an answer stands.", "See what is left: `zegel erasures`."
            )
        drafts = self._remove(owed) if answer == "erased" else 0
        await self._words.say(owed.message, answer, [reason] if reason is not None else [], owed.of)
        if answer == "erased":
            self._received.forget(owed.message)
        return Erased(drafts, REMAINS if answer == "erased" else ())

    async def _require_reason(self, answer: Answer, reason: str | None) -> None:
        case = await self._view.believe(await self._client.setting())
        reasons = case.setting.rulebook.payload.kept_reasons
        if answer == "kept" and reason not in reasons:
            raise ErasureError(
                "erasure.reason",
                "Whoever keeps what a family wants erased says why, in one of the rulebook's reasons.",
                f"The reasons: {', '.join(reasons) or 'none, so it is to be erased'}.",
            )
        if answer == "erased" and reason is not None:
            raise ErasureError("erasure.reason", "What is erased needs no reason.", "Leave it out, or say kept.")

    def _remove(self, owed: Owed) -> int:
        """Remove what this keystore holds of a message: drafts that answer it, kept or sealed and on their way."""
        label = owed.received
        return self._dispatch.forget_answers(owed.message, label.id if label is not None else None)
