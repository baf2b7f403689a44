"""The chains that a client signs into: where each one ends, as the relay states it and as its objects show.

One person's chain for one (from, to) lists every yes and every stop in order, so that nothing can be left out unseen
(`docs/spec/consent.md`). A chain that the relay's statement does not fit is not signed into.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from zegel_keys.casefile import CaseFile
from zegel_protocol.decision import Court
from zegel_protocol.decision.signers import judge_entitled
from zegel_protocol.errors import ChainError
from zegel_protocol.evidence import ChainObject, Flow
from zegel_protocol.objects import Consent, ConsentRequest, Revocation
from zegel_protocol.objects.consent import ChainLink
from zegel_protocol.objects.parties import Party
from zegel_protocol.signed import Place, Signed

ORDINARY = "O"
"""Level of what any one holder of authority says yes to: whose yes counts at all is asked, not for which categories."""


def flows_of(persons: Iterable[str], sender: Party, to: Party) -> tuple[Flow, ...]:
    """Return the keys of these persons' chains for one (from, to)."""
    return tuple((person, sender.key, to.key) for person in persons)


def check_status(case: CaseFile, flow: Flow, now: int) -> tuple[int, str | None]:
    """Return length and last `D` of a chain, if the relay stated them lately and the chain agrees.

    Raises `ChainError`: `status.missing`, `status.head`, `status.stale`.
    """
    held, chain = case.statuses.get(flow), case.chains.get(flow, ())
    if held is None:
        raise ChainError("status.missing", "the relay did not state where a consent chain ends")
    status, head = held.payload, (len(chain), chain[-1].d if chain else None)
    if (status.head_seq, status.head) != head:
        raise ChainError("status.head", "a consent chain ends elsewhere than the relay states")
    if status.as_of < now - case.setting.rulebook.payload.consent.status_seconds:
        raise ChainError("status.stale", "the relay's statement of a consent chain is old")
    return head


@dataclass
class Heads:
    """Where chains end, also after what is about to be signed: each new object takes the next place in its chains."""

    ends: dict[Flow, tuple[int, str | None]] = field(default_factory=dict)

    def read(self, case: CaseFile, flows: Iterable[Flow], now: int) -> None:
        """Take over the ends of these chains. Raises as `check_status`."""
        for flow in flows:
            self.ends.setdefault(flow, check_status(case, flow, now))

    def links(self, about: Iterable[str], sender: str, to: str) -> tuple[ChainLink, ...]:
        """Return the links of an object about these persons, from `sender` to `to` (`Party.key`)."""
        ends = [(person, *self.ends[person, sender, to]) for person in about]
        return tuple(ChainLink(person=person, seq=seq + 1, prev=prev) for person, seq, prev in ends)

    def append(self, about: Iterable[str], sender: str, to: str, d: str) -> None:
        """Note that the object `d` took the next place in these chains."""
        for person in about:
            flow = (person, sender, to)
            self.ends[flow] = (self.ends[flow][0] + 1, d)


@dataclass(frozen=True)
class Given:
    """A yes that was given before, and for whom it still counts: for none once it is over.

    A consent about several persons may have been taken back, or replaced, in the chain of one of them only; and a
    parent's ends some time after the child is 12, when the yes is the young person's own (`docs/spec/decide.md`).
    """

    consent: Signed[Consent]
    request: Signed[ConsentRequest] | None
    counts_for: tuple[str, ...]


def read_given(case: CaseFile, persons: Iterable[str], now: int) -> tuple[Given, ...]:
    """Return every yes about these persons, oldest first. Raises as `check_status`, for chains of theirs."""
    wanted = set(persons)
    if any(person in wanted for person, _, _ in case.aside):
        raise ChainError("status.missing", "the relay did not state where a consent chain ends")
    court = Court(case.setting, case.clients, now)
    found: dict[str, Signed[Consent]] = {}
    counting: dict[str, set[str]] = {}
    for flow in dict.fromkeys((*case.statuses, *case.chains)):
        if flow[0] not in wanted:
            continue
        check_status(case, flow, now)
        chain = case.chains.get(flow, ())
        standing: set[str] = set()
        for held in chain:
            if isinstance(held.payload, Revocation):
                standing.difference_update(held.payload.revokes)
                continue
            standing.difference_update(held.payload.replaces)
            found[held.d] = Signed(held.d, held.payload, held.signers, held.place)
            if now < held.payload.not_after:
                standing.add(held.d)
        for d in standing:
            if not any(judge_entitled(court, found[d], flow[0], ORDINARY, "$")):
                counting.setdefault(d, set()).add(flow[0])
    ordered = sorted(found.values(), key=lambda item: item.place.index if item.place is not None else 0)
    return tuple(
        Given(item, case.requests.get(item.payload.request), tuple(sorted(counting.get(item.d, set()))))
        for item in ordered
    )


def counted(chain: Iterable[ChainObject], place: Place) -> frozenset[str]:
    """Return the consents (`D`) of a chain that counted for what the log has at `place`."""
    found: dict[str, int] = {}
    for held in chain:
        if held.place is None or held.place.index >= place.index:
            break
        over = held.payload.revokes if isinstance(held.payload, Revocation) else held.payload.replaces
        found = {d: until for d, until in found.items() if d not in over}
        if isinstance(held.payload, Consent):
            found[held.d] = held.payload.not_after
    return frozenset(d for d, until in found.items() if place.at < until)
