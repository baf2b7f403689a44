"""Who is shown the table of a case conference: whoever sits there, and whom it is about; not who only knows its name.

A table says which partners help a family. One parent does not learn from it who helps the other, nor who left it what
came of it since, nor whom a safety flag silences anything at all.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.exhibit import Exhibit
from zegel_keys.verification import read_payload
from zegel_protocol.decision.age import who_signs
from zegel_protocol.objects import Conference, Person
from zegel_relay.services import archive

_PERSON = "person:"


async def seen_by(session: AsyncSession, shown: Iterable[Exhibit], party: str, now: int) -> list[Exhibit]:
    """Return these records, of the conferences among them as many versions as are `party`'s (a `Party.key`) to see.

    A table is shown from its first version up to the one by which `party` left it, so that its chain can be checked.
    """
    kept, versions = list[Exhibit](), dict[str, list[tuple[Exhibit, Conference]]]()
    for item in shown:
        if item.kind == Conference.KIND:
            said = read_payload(item.envelope, Conference)[0]
            versions.setdefault(said.id, []).append((item, said))
        else:
            kept.append(item)
    for chain in versions.values():
        concerned = [await _concerns(session, said, party, now) for _, said in chain]
        last = max((number for number, own in enumerate(concerned) if own), default=None)
        if last is not None:
            # The next one is that by which they left.
            kept += [item for item, _ in chain[: last + 2]]
    return kept


async def _concerns(session: AsyncSession, said: Conference, party: str, now: int) -> bool:
    seated = party in {item.key for item in said.invitees}
    if not party.startswith(_PERSON):
        return seated
    person = party.removeprefix(_PERSON)
    people = await _newest(session, said.about)
    if any(person in known.silenced for known in people):
        return False
    # As with consents: who says yes for all of them sees it; for one of them only, it is another's too.
    speaks = bool(people) and all(person == known.person or person in who_signs(known, now) for known in people)
    return seated or person in said.about or speaks


async def _newest(session: AsyncSession, persons: Sequence[str]) -> list[Person]:
    shown = await archive.by_subject(session, (Person.KIND,), persons)
    people = (read_payload(item.envelope, Person)[0] for item in shown)
    return list({person.person: person for person in people}.values())
