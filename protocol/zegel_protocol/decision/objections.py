"""An objection stops what would be shared on consent, until whoever objected takes it back (article 9)."""

from collections.abc import Iterator

from zegel_protocol.decision.age import may_object
from zegel_protocol.decision.case import Case
from zegel_protocol.objects.manifest import OnConsent
from zegel_protocol.objects.objection import Objection
from zegel_protocol.refusal import Code, Refusal, Step, refuse
from zegel_protocol.signed import Signed


def judge(case: Case) -> Iterator[Refusal]:
    """Yield a refusal for each person about whom an objection stands, once.

    Only what came before the message stops it: what was accepted stays readable. Necessity, a client who is unable and
    a duty of law weigh an objection themselves; what the objector says is theirs to say.
    """
    kind, basis = case.kind, case.manifest.basis
    on_consent = isinstance(basis, OnConsent) or (basis is None and kind is not None and "consent" in kind.bases)
    if not on_consent or case.manifest.sender.person is not None:
        return
    about = {person for held in case.evidence.entries for person in held.payload.about}
    refused: set[str] = set()
    for held in standing(case):
        for person in held.payload.about:
            if person in about - refused and _counts(case, held.payload, person):
                refused.add(person)
                yield refuse(Code.OBJECTION_STANDS, "$.basis", Step.TALK, (person,), person=person, objection=held.d)


def standing(case: Case) -> tuple[Signed[Objection], ...]:
    """Return the objections in the household that nobody took back, oldest first, before the message's place."""
    before = case.evidence.manifest.place or case.place
    found = case.evidence.records.all(Objection, case.manifest.household or "", before)
    ended = {
        (held.payload.person, held.payload.withdraws)
        for held in found
        if held.payload.withdraws is not None and _takes_back(case, held)
    }
    return tuple(
        held for held in found if held.payload.withdraws is None and (held.payload.person, held.d) not in ended
    )


def _takes_back(case: Case, held: Signed[Objection]) -> bool:
    """Whether a withdrawal is the person's own word: a worker speaks only for who had no keys to say so with."""
    own = any(signer.person == held.payload.person for signer in held.signed_by("identity"))
    return own or case.key(held.payload.person, held.place) is None


def _counts(case: Case, objection: Objection, person: str) -> bool:
    """Whether this objection is about this message, and its maker may object for the person."""
    known = case.person(person)
    return (
        objection.huis == case.manifest.huis
        and objection.sender in (None, case.manifest.sender.party)
        and objection.to in (None, case.manifest.to)
        and known is not None
        and objection.person in may_object(known, case.sent_at)
    )
