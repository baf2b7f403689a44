"""A party's signed word about a message: what became of it, and what is said about it (`docs/spec/receipts.md`).

Who may say which word, with which codes, stands in `zegel_protocol.words`; the relay judges it. Here a word is signed
with the receipt that this partner was given, be it as the reader or as the sender.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from zegel.message import Message, Waiting
from zegel.relay_client import RelayClient
from zegel.shelf import Shelf
from zegel.view import View
from zegel_keys.envelopes import new_nonce, sign_payload
from zegel_keys.keystore.identity import Identity
from zegel_keys.keystore.state import State
from zegel_keys.receipts import check_receipt
from zegel_protocol.objects import Acknowledgement
from zegel_protocol.objects.acknowledgement import Event
from zegel_protocol.objects.manifest import Seen
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.signed import Place
from zegel_protocol.words import check_word

SETTLING: Final[frozenset[Event]] = frozenset({"received", "opened", "handed-over", "refused", "unopenable"})
"""Words after which the inbox does not show a message any more."""


@dataclass(frozen=True)
class Unopened:
    """A message that was handed out or sent, verified and allowed, of which nothing was opened.

    `d` is the manifest's; `receipt` and `wraps` are the `D` of what this party was given (a sender has no wraps);
    `place`: where and when the relay accepted it.
    """

    d: str
    receipt: str
    wraps: str | None
    place: Place


Given = Message | Unopened
"""What a word is about."""


def make_word(
    identity: Identity,
    given: Given,
    event: Event,
    codes: Iterable[str],
    seen: Seen,
    now: int,
    *,
    of: str | None = None,
    person: str | None = None,
) -> Acknowledgement:
    """Return the word of a partner's device; `seen` is the largest log it saw.

    `of`: the `D` of what the word answers, where that is not the message: a revocation or a finding. `person`: somebody
    without keys, for whom a worker writes down what they said.
    """
    own = identity.partner
    return Acknowledgement(
        v=1, huis=identity.huis, nonce=new_nonce(), manifest=given.d, wraps=given.wraps if person is None else None,
        receipt=given.receipt, reader=Party(person=person) if person is not None else Party(partner=own),
        by=Sender(partner=own, device=identity.device), event=event, codes=tuple(sorted(set(codes))), seen=seen, at=now,
        of=of,
    )  # fmt: skip


class Words:
    """What one device says of messages."""

    def __init__(
        self,
        identity: Identity,
        state: State,
        client: RelayClient,
        view: View,
        shelf: Shelf,
        clock: Callable[[], int],
    ) -> None:
        self._identity, self._state, self._client, self._view = identity, state, client, view
        self._shelf, self._clock = shelf, clock

    async def say(
        self,
        about: Given | Waiting | str,
        event: Event,
        codes: Iterable[str] = (),
        of: str | None = None,
        person: str | None = None,
    ) -> None:
        """Say something of a message that was opened, or, by its `D`, of one that was received or sent.

        `person`: for whom this worker writes it down. Raises `WordError` (nothing was signed), or `RelayProblem`
        (`word.*`, `acknowledgement.*`: it is not theirs to say; `receipt.unknown`: no such message).
        """
        given = about if isinstance(about, Message | Unopened) else await self.given(about)
        word = make_word(self._identity, given, event, codes, self._view.seen, self._clock(), of=of, person=person)
        if isinstance(given, Message):
            check_word(word, given.manifest, given.case.setting.rulebook.payload, told=person in given.about)
        await self._view.submit(sign_payload(word, self._identity.signing_key))
        if event in SETTLING:
            self._shelf.settle(given.d, given.place, self._clock())

    async def given(self, message: Waiting | str) -> Unopened:
        """Return what this partner was given for a message, without having it handed out again.

        Also of one that is withdrawn or revoked since: its receipt stays. Raises `RelayProblem` (`receipt.unknown`).
        """
        d = message if isinstance(message, str) else message.manifest
        held = self._state.get("receipts", d)
        envelope = held if held is not None else await self._client.receipt(d)
        case = await self._view.believe(await self._client.setting())
        receipt, place, seen = check_receipt(envelope, d, case.trust, case.setting.directory.payload.log_key)
        await self._view.compare_log(seen, case)
        return Unopened(d, receipt.d, None, place)
