"""The stop code on a printed letter: the card that a partner registers, and what another partner finds under it.

Whoever holds the letter phones any partner and reads the code out. What follows is a revocation that two workers see,
like any other (`zegel.witnessed`). Rules: `docs/spec/letter.md`. Never here: the letter's words, which are
`zegel.letter`'s.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from zegel_keys.casefile import CaseFile
from zegel_protocol.errors import ChainError
from zegel_protocol.evidence import ChainObject, Flow
from zegel_protocol.objects import Consent, Revocation, StopCard
from zegel_protocol.signed import Signed


@dataclass(frozen=True)
class Stop:
    """One stop that a code can be used for: these consents (`D`s), of these people alike."""

    about: tuple[str, ...]
    consents: tuple[str, ...]
    types: tuple[str, ...]
    until: int
    """When the last of the consents would end by itself (UTC seconds)."""


@dataclass(frozen=True, kw_only=True)
class StopCase:
    """What a code that was read out stops: `person` may say so, of what `sender` may share with `to`.

    `sender` and `to` are partners' ids, `writer` the partner that printed the letter. `stops` is empty where nothing
    stands any more: `used` is then when it was taken back (UTC seconds), or None where it ended by itself. `notice` is
    what the letter told.
    """

    person: str
    sender: str
    to: str
    writer: str
    notice: str
    stops: tuple[Stop, ...]
    used: int | None
    names: Mapping[str, str]
    case: CaseFile = field(repr=False)


def read_card(case: CaseFile, name: str, huis: str, now: int) -> StopCase:
    """Return what the card named `name` stops at `now`, from verified evidence.

    Raises `ChainError` (`stop-card.foreign`): the relay shows another card, or chains that it is not about.
    """
    held = case.records.newest(StopCard, name)
    if held is None or held.payload.huis != huis:
        raise _foreign()
    card = held.payload
    if card.sender.partner is None or card.to.partner is None:
        raise _foreign()
    about = [person for person in card.about if person in case.clients and _flow(card, person) in case.statuses]
    chains = {person: case.chains.get(_flow(card, person), ()) for person in about}
    if not about or any(not set(card.consents) & _consents(chain).keys() for chain in chains.values()):
        raise _foreign()
    return StopCase(
        person=card.person,
        sender=card.sender.partner,
        to=card.to.partner,
        writer=card.partner,
        notice=card.notice,
        stops=tuple(_stops(card, chains, now)),
        used=_used(card, chains),
        names={partner: case.setting.names(partner)[0] for partner in case.setting.memberships},
        case=case,
    )


def _foreign() -> ChainError:
    return ChainError("stop-card.foreign", "what the relay shows is not what this code stops: tell the steward")


def _flow(card: StopCard, person: str) -> Flow:
    return person, card.sender.key, card.to.key


def _consents(chain: Iterable[ChainObject]) -> dict[str, Consent]:
    return {held.d: held.payload for held in chain if isinstance(held.payload, Consent)}


def _revocations(chain: Iterable[ChainObject]) -> Iterator[tuple[Signed[Revocation], Revocation]]:
    for held in chain:
        if isinstance(held.payload, Revocation):
            yield held, held.payload


def _stops(card: StopCard, chains: Mapping[str, tuple[ChainObject, ...]], now: int) -> Iterator[Stop]:
    """Yield a stop for each group of people of whom the same consents stand: one revocation names the same of all."""
    standing = {person: _standing(card, chain, now) for person, chain in chains.items()}
    people = sorted((person for person in chains if standing[person]), key=lambda person: (standing[person], person))
    for consents, group in groupby(people, key=standing.__getitem__):
        about = tuple(sorted(group))
        known = _consents(chains[about[0]])
        types = sorted({scope.type for d in consents for scope in known[d].types})
        yield Stop(about, consents, tuple(types), max(known[d].not_after for d in consents))


def _standing(card: StopCard, chain: tuple[ChainObject, ...], now: int) -> tuple[str, ...]:
    """Return the card's consents, and what took their place since, as far as they stand."""
    known, meant = _consents(chain), _meant(card, chain)
    gone = {d for consent in known.values() for d in consent.replaces}
    gone |= {d for _, stop in _revocations(chain) for d in stop.revokes}
    return tuple(sorted(d for d in meant - gone if known[d].not_after > now))


def _meant(card: StopCard, chain: tuple[ChainObject, ...]) -> set[str]:
    """Return the card's consents in a chain, and whatever took the place of one of them since."""
    known = _consents(chain)
    meant = set(card.consents) & known.keys()
    for d, consent in known.items():
        # In the order of the chain, so that whatever took the place of a successor is met after it.
        if meant & set(consent.replaces):
            meant.add(d)
    return meant


def _used(card: StopCard, chains: Mapping[str, tuple[ChainObject, ...]]) -> int | None:
    """Return when something that the card stops was taken back last, or None."""
    stopped = [
        held.place.at if held.place is not None else stop.at
        for chain in chains.values()
        for held, stop in _revocations(chain)
        if set(stop.revokes) & _meant(card, chain)
    ]
    return max(stopped, default=None)
