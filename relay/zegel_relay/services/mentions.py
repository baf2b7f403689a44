"""Whom and what accepted objects mention: holders of authority, signers of consents, requests that consents answer."""

from collections.abc import Iterable

from zegel_keys.exhibit import Exhibit
from zegel_keys.verification import read_payload
from zegel_protocol.objects import Consent, Person, Revocation


def authority_of(exhibits: Iterable[Exhibit]) -> set[str]:
    """Return everyone who holds authority in any of these person objects, or is a trusted adult there."""
    people = (read_payload(item.envelope, Person)[0] for item in exhibits if item.kind == Person.KIND)
    return {holder for person in people for holder in (*person.authority, *person.trusted)}


def signers_of(exhibits: Iterable[Exhibit]) -> set[str]:
    """Return every person who signs one of these consents or revocations."""
    found: set[str] = set()
    for item in exhibits:
        if item.kind == Consent.KIND:
            found |= {signer.person for signer in read_payload(item.envelope, Consent)[0].signers}
        elif item.kind == Revocation.KIND:
            found |= {signer.person for signer in read_payload(item.envelope, Revocation)[0].signers}
    return found


def requests_of(exhibits: Iterable[Exhibit]) -> set[str]:
    """Return the `D` of the requests that these consents answer."""
    return {read_payload(item.envelope, Consent)[0].request for item in exhibits if item.kind == Consent.KIND}
