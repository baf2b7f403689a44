"""One touch of the passkey: everything in one answer is signed together, then given to the relay object by object.

Who touched answers for each object by itself: each envelope carries the same assertion, which names them all (a batch,
`docs/spec/envelope.md`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from zegel_demo.phone import Phone
from zegel_keys.casefile import CaseFile
from zegel_keys.envelopes import digest_of
from zegel_protocol import dsse
from zegel_protocol.assertion import to_signature
from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects import Consent, Revocation
from zegel_protocol.signed import Place


@dataclass(frozen=True)
class Answer:
    """One object of an answer that the relay accepted: its `D`, what it says, the text that was read, its place."""

    d: str
    payload: Consent | Revocation
    text: str | None
    place: Place


def touch(phone: Phone, digests: Sequence[str]) -> dsse.Signature:
    """Return the signature of one touch over the objects with these `D`; each envelope carries it."""
    return to_signature(phone.passkey.assertion(digests[0], digests if len(digests) > 1 else ()))


async def sign_and_submit(
    phone: Phone, signed: Sequence[tuple[Consent | Revocation, str | None]], case: CaseFile
) -> tuple[Answer, ...]:
    """Sign objects, each with the text that was read for it, with one touch; submit them in this order.

    Raises `ProtocolError` (`consent.nothing`: there are none), and as `submit_signed`.
    """
    if not signed:
        raise ProtocolError("consent.nothing", "nothing is left to sign")
    signature = touch(phone, [digest_of(payload) for payload, _ in signed])
    return await submit_signed(phone, signed, (signature,), case)


async def submit_signed(
    phone: Phone,
    signed: Sequence[tuple[Consent | Revocation, str | None]],
    signatures: tuple[dsse.Signature, ...],
    case: CaseFile,
) -> tuple[Answer, ...]:
    """Submit objects that were all touched by the same people (one signature each), in this order.

    The heads of their chains are pinned, so that a relay that later leaves one out is noticed. Raises `ProtocolError`
    (a receipt that does not hold), `Refused`, `RelayProblem`, `RelayUnreachable`; what was accepted before stands.
    """
    answers: list[Answer] = []
    for payload, text in signed:
        d = digest_of(payload)
        place = await phone.submit(payload, signatures, case)
        for link in payload.chains:
            phone.pins.check_and_pin_head(link.person, payload.sender.key, payload.to.key, link.seq, d)
            phone.flows.add((link.person, payload.sender.key, payload.to.key))
        answers.append(Answer(d, payload, text, place))
    return tuple(answers)
