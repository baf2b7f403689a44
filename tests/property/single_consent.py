"""Whether one consent, by itself, holds all of a section: worked out anew from the objects, without `decide()`.

Only scope is judged here: who to whom, for what, about whom, which type in which form, when, and whether the consent
still stands. Who may sign, and how, is in `property.oracle`.
"""

from zegel_protocol.evidence import Evidence
from zegel_protocol.objects.consent import Consent, Revocation
from zegel_protocol.objects.entry import Entry
from zegel_protocol.objects.manifest import OnConsent
from zegel_protocol.signed import Signed


def standing(evidence: Evidence, person: str) -> dict[str, Consent]:
    """Return the consents that are neither revoked nor replaced for a person, by their digest.

    Each person's chain speaks for itself: what one of two people takes back still stands for the other.
    """
    message = evidence.manifest.payload
    held: dict[str, Consent] = {}
    ended: set[str] = set()
    for item in evidence.chains.get((person, message.sender.party.key, message.to.key), ()):
        if isinstance(item.payload, Revocation):
            ended.update(item.payload.revokes)
        else:
            held[item.d] = item.payload
            ended.update(item.payload.replaces)
    return {digest: consent for digest, consent in held.items() if digest not in ended}


def holds(consent: Consent, evidence: Evidence, entry: Entry, person: str, at: int) -> bool:
    """Return whether this one consent holds all of the entry for one of the persons it is about."""
    message = evidence.manifest.payload
    scopes = {(scope.type, scope.form) for scope in consent.types}
    part = entry.type in {rule.id for rule in evidence.setting.rulebook.payload.parts}
    return (
        (part or bool(scopes & {(entry.type, entry.form), (entry.type, "whole")}))
        and person in consent.about
        and (consent.sender, consent.to) == (message.sender.party, message.to)
        and (consent.purpose, consent.household) == (message.purpose, message.household)
        and consent.not_before <= at < consent.not_after
    )


def uncovered(evidence: Evidence, at: int) -> list[tuple[int, str]]:
    """Return each (entry's place, person) of a message on consent that no single consent of its basis holds."""
    basis = evidence.manifest.payload.basis
    named = basis.consents if isinstance(basis, OnConsent) else ()
    return [
        (place, person)
        for place, entry in enumerate(evidence.entries)
        if _read_by_recipient(entry, evidence)
        for person in entry.payload.about
        if not any(
            holds(consent, evidence, entry.payload, person, at)
            for digest, consent in standing(evidence, person).items()
            if digest in named
        )
    ]


def _read_by_recipient(entry: Signed[Entry], evidence: Evidence) -> bool:
    return evidence.manifest.payload.to in entry.payload.readers
