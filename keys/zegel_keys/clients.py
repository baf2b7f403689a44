"""Reading what is known of clients: their versions, keys and vouches, each as a chain without gaps."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from typing import TypeVar

import msgspec

from zegel_keys.exhibit import Exhibit
from zegel_keys.trust import Trust, check_follows
from zegel_keys.verification import read_payload, verify
from zegel_protocol.errors import ChainError, SignatureError
from zegel_protocol.evidence import Client
from zegel_protocol.objects import ClientKey, Person, Vouch
from zegel_protocol.signed import Place, Signed

Chained = TypeVar("Chained", Person, ClientKey)
PlaceOf = Callable[[Trust, Exhibit], Place | None]


def read_clients(trust: Trust, exhibits: Iterable[Exhibit], place_of: PlaceOf) -> dict[str, Client]:
    """Return the clients that the exhibits speak of, by person id.

    Raises `ChainError` (`chain.gap`, `person.household`: someone moved between households) and verification errors.
    """
    shown = tuple(exhibits)
    versions = _group(shown, Person)
    keys = _group(shown, ClientKey)
    vouches = [verify(item.envelope, Vouch, trust, place_of(trust, item)) for item in shown if item.kind == Vouch.KIND]
    clients: dict[str, Client] = {}
    for person, items in versions.items():
        chain = _read_chain(trust, items, Person, place_of)
        if len({held.payload.household for held in chain}) != 1:
            raise ChainError("person.household", "a person stays in the household they were made in")
        # A first version is held against itself without trusted adults: adding one is a change at any time.
        check_change(msgspec.structs.replace(chain[0].payload, trusted=()), chain[0])
        for earlier, later in pairwise(chain):
            check_change(earlier.payload, later)
        client = Client(versions=chain, vouches=tuple(vouches))
        for item in keys.get(person, ()):
            # Each key is verified with those before it known: the one in force signs, or is given days to object.
            known = trust.with_clients({person: client})
            held = verify(item.envelope, ClientKey, known, place_of(trust, item))
            before = client.keys[-1] if client.keys else None
            check_follows(held.payload.version, held.payload.prev, held.place, before)
            if held.payload.household != chain[0].payload.household:
                raise ChainError("person.household", "a key names another household than its person")
            client = replace(client, keys=(*client.keys, held))
        own = {held.d for held in client.keys}
        known_vouches = tuple(vouch for vouch in vouches if vouch.payload.client_key in own)
        clients[person] = replace(client, vouches=known_vouches)
    return clients


LOOSENING_PARTNERS = 2
"""Partners whose workers must sign a change that loosens who is told or who must say yes."""


def check_change(before: Person, after: Signed[Person]) -> None:
    """Return if a new version of a person is signed by enough partners for what it changes.

    Any partner may add what protects (known conflict, a silenced holder, one who holds authority no more). What loosens
    (another birth month, a new holder or trusted adult, a holder no longer silenced, a conflict that is over) takes
    workers of two partners: else one partner could make its own person a reader of a child's file, or a child of an
    adult. Raises `SignatureError` (`person.two-partners`).
    """
    new = after.payload
    loosens = (
        (new.turns12, new.turns18) != (before.turns12, before.turns18)
        or not set(new.authority) <= set(before.authority)
        or not set(before.silenced) & set(new.authority) <= set(new.silenced)
        or (before.conflict and not new.conflict)
        or not set(new.trusted) <= set(before.trusted)
    )
    partners = {signer.partner for signer in after.signed_by("device") if signer.worker is not None}
    if loosens and len(partners) < LOOSENING_PARTNERS:
        raise SignatureError("person.two-partners", "workers of two partners must sign a change of this kind")


def _group(shown: tuple[Exhibit, ...], kind: type[Chained]) -> dict[str, list[Exhibit]]:
    found: dict[str, list[tuple[int, Exhibit]]] = {}
    for item in shown:
        if item.kind == kind.KIND:
            payload, _ = read_payload(item.envelope, kind)
            found.setdefault(payload.person, []).append((payload.version, item))
    return {name: [item for _, item in sorted(items, key=lambda pair: pair[0])] for name, items in found.items()}


def _read_chain(
    trust: Trust, items: list[Exhibit], kind: type[Chained], place_of: PlaceOf
) -> tuple[Signed[Chained], ...]:
    chain: list[Signed[Chained]] = []
    for item in items:
        held = verify(item.envelope, kind, trust, place_of(trust, item))
        check_follows(held.payload.version, held.payload.prev, held.place, chain[-1] if chain else None)
        chain.append(held)
    return tuple(chain)
