"""Reading consent chains: per (person, from, to), each link follows the one before, so nothing is left out unseen."""

from collections.abc import Container, Iterable

from zegel_keys.clients import PlaceOf
from zegel_keys.exhibit import Exhibit
from zegel_keys.trust import Trust
from zegel_keys.verification import verify
from zegel_protocol.errors import ChainError
from zegel_protocol.evidence import ChainObject, Flow
from zegel_protocol.fields import MAX_INT
from zegel_protocol.objects import Consent, ConsentRequest, Revocation, Status
from zegel_protocol.objects.consent import ChainLink
from zegel_protocol.signed import Signed


def read_chains(
    trust: Trust, exhibits: Iterable[Exhibit], place_of: PlaceOf, wanted: Container[Flow]
) -> tuple[dict[Flow, tuple[ChainObject, ...]], frozenset[Flow]]:
    """Return the wanted consent chains in the exhibits, oldest first, and the flows that were left aside.

    One object may stand in the chains of several people; the links of those who were not asked for are left aside,
    because the rest of their chains is nobody's business here.

    Raises `ChainError` (`chain.gap`: a link is missing; `chain.order`) and verification errors.
    """
    links: dict[Flow, list[tuple[ChainLink, ChainObject]]] = {}
    aside: set[Flow] = set()
    for item in exhibits:
        held: ChainObject
        if item.kind == Consent.KIND:
            held = verify(item.envelope, Consent, trust, place_of(trust, item))
        elif item.kind == Revocation.KIND:
            held = verify(item.envelope, Revocation, trust, place_of(trust, item))
        else:
            continue
        for link in held.payload.chains:
            flow = (link.person, held.payload.sender.key, held.payload.to.key)
            if flow in wanted:
                links.setdefault(flow, []).append((link, held))
            else:
                aside.add(flow)
    return {flow: _ordered(items) for flow, items in links.items()}, frozenset(aside)


def _ordered(items: list[tuple[ChainLink, ChainObject]]) -> tuple[ChainObject, ...]:
    items.sort(key=lambda pair: pair[0].seq)
    before: ChainObject | None = None
    for number, (link, held) in enumerate(items, start=1):
        if link.seq != number or link.prev != (before.d if before is not None else None):
            raise ChainError("chain.gap", "a link of a consent chain is missing")
        if before is not None and before.place is not None and _index(held) <= _index(before):
            raise ChainError("chain.order", "a later link stands earlier in the log")
        before = held
    return tuple(held for _, held in items)


def _index(held: ChainObject) -> int:
    """The place in the log; what has none yet comes after everything that has."""
    return held.place.index if held.place is not None else MAX_INT


def read_requests(trust: Trust, exhibits: Iterable[Exhibit], place_of: PlaceOf) -> dict[str, Signed[ConsentRequest]]:
    """Return the consent requests by `D`."""
    found = (item for item in exhibits if item.kind == ConsentRequest.KIND)
    return {item.d: verify(item.envelope, ConsentRequest, trust, place_of(trust, item)) for item in found}


def read_statuses(trust: Trust, exhibits: Iterable[Exhibit]) -> dict[Flow, Signed[Status]]:
    """Return the newest status of each chain."""
    statuses: dict[Flow, Signed[Status]] = {}
    for item in exhibits:
        if item.kind == Status.KIND:
            held = verify(item.envelope, Status, trust)
            flow = (held.payload.person, held.payload.sender.key, held.payload.to.key)
            if flow not in statuses or statuses[flow].payload.as_of < held.payload.as_of:
                statuses[flow] = held
    return statuses
