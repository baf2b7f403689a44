"""Which of a client's keys counts, and when: the newest of the chain, and a replacement only once it has waited.

Who lost everything is given new keys by workers of two partners, and the old keys go on counting for days in which
their holder is told and may stop it. Pure: what was verified comes in. Rule: `docs/spec/persons.md`, Replacing; attack
26.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from zegel_protocol.errors import SignatureError
from zegel_protocol.objects.client_key import ClientKey, Vouch
from zegel_protocol.signed import Place, Signed

REPLACEMENT_DELAY: Final = 7 * 86_400
"""Seconds between the acceptance of a replacement and the first moment at which it may count."""
REPLACEMENT_LATEST: Final = 30 * 86_400
"""Seconds after which a replacement must have begun to count: one that sleeps for years would be forgotten."""


def is_replacement(payload: ClientKey) -> bool:
    """Whether a record takes the place of keys without their signature, by two partners and a delay."""
    return payload.version > 1 and payload.effective_at is not None


def check_delay(payload: ClientKey, place: Place | None) -> None:
    """Return if a replacement leaves the old keys their days, seen from where it stands in the log.

    Raises `SignatureError` (`client-key.delay`), also for one without a place: nobody can tell since when it waits.
    """
    begins = payload.effective_at
    if begins is None or place is None or not REPLACEMENT_DELAY <= begins - place.at <= REPLACEMENT_LATEST:
        raise SignatureError("client-key.delay", "a replacement counts from 7 to 30 days after it was accepted")


def in_force(
    keys: Sequence[Signed[ClientKey]], vouches: Iterable[Signed[Vouch]], place: Place | None
) -> tuple[Signed[ClientKey] | None, Signed[ClientKey] | None]:
    """Return (the key that counts at `place`, the replacement that waits there), each None where there is none.

    `place` None is the newest, at no time: a replacement that no later record follows then still waits.
    """
    given = tuple(vouches)
    counted: Signed[ClientKey] | None = None
    waiting: Signed[ClientKey] | None = None
    for held in keys:
        if place is not None and held.place is not None and held.place.index > place.index:
            break
        if waiting is not None and has_begun(waiting, given, held.place):
            counted = waiting
        # Any record after it ends a replacement that still waits: its holder was there, or other workers were.
        waiting = held if is_replacement(held.payload) else None
        counted = counted if waiting is not None else held
    if waiting is not None and has_begun(waiting, given, place):
        return waiting, None
    return counted, waiting


def has_begun(held: Signed[ClientKey], vouches: Iterable[Signed[Vouch]], place: Place | None) -> bool:
    """Whether a replacement's moment has come at `place`, with the second partner's vouch given before that moment."""
    begins = held.payload.effective_at
    return begins is not None and place is not None and place.at >= begins and bool(second_partners(held, vouches))


def second_partners(held: Signed[ClientKey], vouches: Iterable[Signed[Vouch]]) -> frozenset[str]:
    """Return the further partners that vouched for a replacement in time, by another worker than the first."""
    begins, place = held.payload.effective_at, held.place
    if begins is None or place is None:
        return frozenset()
    first = {signer.worker for signer in held.signed_by("device")}
    return frozenset(
        vouch.payload.partner
        for vouch in vouches
        if vouch.payload.client_key == held.d
        and vouch.payload.partner != held.payload.partner
        and vouch.place is not None
        and vouch.place.index > place.index
        and vouch.place.at < begins
        and any(signer.worker not in first for signer in vouch.signed_by("device"))
    )


def restates(payload: ClientKey, counted: ClientKey | None) -> bool:
    """Whether a record says once more, word for word, which keys count: how their holder stops a replacement."""
    if counted is None:
        return False
    again = msgspec.structs.replace(
        counted, nonce=payload.nonce, version=payload.version, prev=payload.prev, effective_at=None
    )
    return payload == again


def changes_passkeys(payload: ClientKey, counted: ClientKey | None) -> bool:
    """Whether a record changes which passkeys count, and nothing else: what the client may say alone.

    One passkey must be left: without any nobody could say yes, and nobody would be asked to witness it.
    """
    if counted is None or not payload.passkeys or payload.passkeys == counted.passkeys:
        return False
    return restates(payload, msgspec.structs.replace(counted, passkeys=payload.passkeys))


def same_keys(one: ClientKey, other: ClientKey) -> bool:
    """Whether two records hold the same identity key and seal key: then whoever vouched for one vouched for both.

    The identity key that was vouched for signed what changed beside it.
    """
    return (one.identity_key, one.seal_key) == (other.identity_key, other.seal_key)
