"""A reader's signed word about a message that it was handed: what became of it (`docs/spec/receipts.md`)."""

from collections.abc import Iterable
from dataclasses import dataclass

from zegel.message import Message
from zegel_keys.envelopes import new_nonce, sign_payload
from zegel_keys.keystore.identity import Identity
from zegel_protocol.objects import Acknowledgement
from zegel_protocol.objects.acknowledgement import Event
from zegel_protocol.objects.manifest import Seen
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.signed import Place


@dataclass(frozen=True)
class Unopened:
    """A message that was handed out, verified and allowed, of which nothing was opened.

    `d` is the manifest's; `receipt` and `wraps` are the `D` of what this reader was given; `place`: where and when the
    relay accepted it.
    """

    d: str
    receipt: str
    wraps: str
    place: Place


Given = Message | Unopened
"""What a word is about."""


def sign_word(identity: Identity, given: Given, event: Event, codes: Iterable[str], seen: Seen, now: int) -> bytes:
    """Return the signed acknowledgement (an envelope) of a partner's device; `seen` is the largest log it saw."""
    own = identity.partner
    acknowledgement = Acknowledgement(
        v=1, huis=identity.huis, nonce=new_nonce(), manifest=given.d, wraps=given.wraps, receipt=given.receipt,
        reader=Party(partner=own), by=Sender(partner=own, device=identity.device), event=event,
        codes=tuple(sorted(codes)), seen=seen, at=now,
    )  # fmt: skip
    return sign_payload(acknowledgement, identity.signing_key)
