"""Choosing how a person is pinged: the next version of their contact, with the address sealed to the relay's worker.

Used by a worker's device in the person's presence, and by the person's own. Rules: `docs/spec/contact.md`.
"""

from dataclasses import dataclass

from zegel.errors import RelayProblem
from zegel.relay_client import RelayClient
from zegel_keys.contact_box import seal_address
from zegel_keys.envelopes import new_nonce
from zegel_keys.roles import KeySource
from zegel_keys.verification import read_payload, verify
from zegel_protocol.objects import Contact, ContactKey
from zegel_protocol.objects.contact import Hours, Wording
from zegel_protocol.objects.parties import Sender

DAYTIME = Hours(opens=9, closes=19)
"""When a ping comes unless the person says otherwise."""


@dataclass(frozen=True)
class Choice:
    """What a person chose: an e-mail `address` (None: no pings), wording, language (`nl` or `en`), hours."""

    address: str | None
    wording: Wording = "plain"
    language: str = "nl"
    hours: Hours = DAYTIME


async def next_contact(
    client: RelayClient, source: KeySource, person: str, by: Sender, choice: Choice, now: int
) -> Contact:
    """Return the next version of a person's contact, for `by` to sign.

    The key is the relay's by the directory's word (`source`): no other gets to see the address. Raises `ProtocolError`
    (`contact.address`; `signature.*` for a key that the relay did not sign), `RelayProblem` (`contact-key.none`).
    """
    key: str | None = None
    sealed: str | None = None
    if choice.address is not None and choice.wording != "none":
        key = verify(bytes((await client.contact_key()).object), ContactKey, source).payload.key
        sealed = seal_address(key, person, choice.address)
    version, prev = await _before(client, person)
    return Contact(
        v=1,
        huis=source.huis,
        nonce=new_nonce(),
        person=person,
        version=version + 1,
        by=by,
        wording=choice.wording if sealed is not None else "none",
        language=choice.language,
        hours=choice.hours,
        key=key,
        sealed=sealed,
        at=now,
        prev=prev,
    )


async def _before(client: RelayClient, person: str) -> tuple[int, str | None]:
    """Return version and `D` of the contact that is there; the relay holds the next one against it."""
    try:
        held = await client.contact(person)
    except RelayProblem as problem:
        if problem.code != "contact.unknown":
            raise
        return 0, None
    payload, d = read_payload(bytes(held.object), Contact)
    return payload.version, d
