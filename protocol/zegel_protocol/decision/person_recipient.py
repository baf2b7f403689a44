"""A person as recipient: asked or answered, they read what is theirs to know, and no partner does (article 6)."""

from collections.abc import Iterable, Iterator

from zegel_protocol.decision.age import silenced_for, told_together, who_signs
from zegel_protocol.decision.case import Case
from zegel_protocol.refusal import Code, Refusal, Step, refuse


def judge(case: Case, person: str) -> Iterator[Refusal]:
    """Yield refusals about a person as recipient of the message."""
    if case.kind is None or "person" not in case.kind.recipients:
        yield refuse(Code.RECIPIENT_CLOSED, "$.to", Step.OTHER_RECIPIENT, purpose=case.manifest.purpose)
        return
    known = case.person(person)
    if known is None:
        yield refuse(Code.PERSON_UNKNOWN, "$.to.person", Step.OTHER_RECIPIENT, person=person)
        return
    if known.household != case.manifest.household:
        yield refuse(Code.PERSON_HOUSEHOLD, "$.to.person", Step.OTHER_RECIPIENT, person=person)
    elif not concerned(case, person):
        yield refuse(Code.RECIPIENT_NOT_CONCERNED, "$.to.person", Step.OTHER_RECIPIENT, person=person)
    if not case.has_keys(person):
        yield refuse(Code.RECIPIENT_WITHOUT_KEYS, "$.to.person", Step.TALK, (person,), person=person)


def concerned(case: Case, person: str) -> bool:
    """Whether the message is about somebody, or about whom somebody says yes or is told; and nothing silences them."""
    named = False
    for about in {item for held in case.evidence.entries for item in held.payload.about}:
        known = case.person(about)
        if known is None:
            continue
        if person in known.silenced:
            return False
        named = named or person == about or person in who_signs(known, case.sent_at)
    return named


def may_read(case: Case, about: Iterable[str]) -> set[str]:
    """Return who may read what is about all of these persons: they, whoever is told, whoever is asked in their place.

    Never a holder who is silenced for any of them, nor the parents of who is 12, unless these say yes in the young
    person's place and are asked.
    """
    people, asked = case.people(about), case.manifest.to.person
    readers = {person.person for person in people} | told_together(people, case.sent_at)
    if asked is not None and any(asked in who_signs(person, case.sent_at) for person in people):
        readers.add(asked)
    return readers - silenced_for(people)
