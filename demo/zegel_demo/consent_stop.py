"""Taking a yes back. It is easier than giving one: for a child, any one who holds authority is enough.

What was not delivered is withdrawn by the relay; what was read can't be unread. Article 7; `docs/spec/consent.md`.
"""

from collections.abc import Iterable

from zegel_demo.consent_chains import Given, Heads, flows_of, read_given
from zegel_demo.phone import Phone
from zegel_demo.touch import Answer, sign_and_submit
from zegel_keys.casefile import CaseFile
from zegel_keys.envelopes import digest_of, new_nonce
from zegel_protocol.decision.age import Age, age
from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects import Consent, Revocation
from zegel_protocol.objects.consent import ByPasskey, ConsentSigner


async def revoke(phone: Phone, digests: Iterable[str], reason_code: str) -> tuple[Answer, ...]:
    """Take back consents (by `D`) of one (from, to); return a revocation for each set of persons that they are about.

    Raises `ProtocolError`: `consent.unknown` (one that is not theirs to take back, or counts no more),
    `revocation.flows` (of several (from, to)), `revocation.reason` (not on the rulebook's list), `consent.nothing`, and
    what verification raises. Raises `Refused`, `RelayProblem`, `RelayUnreachable` as `sign_and_submit`.
    """
    family = await phone.family()
    case, now = await phone.consents(), phone.clock()
    if reason_code not in case.setting.rulebook.payload.revocation_reasons:
        raise ProtocolError("revocation.reason", "no reason of the rulebook's list")
    own = {person for person in (phone.person, *family.case.clients) if _may_take_back(phone, case, person, now)}
    found = _group(read_given(case, own, now), set(digests))
    said = [item.consent.payload for items in found.values() for item in items]
    directions = {(consent.sender.key, consent.to.key) for consent in said}
    if len(directions) > 1:
        raise ProtocolError("revocation.flows", "one stop is for one organisation to one other")
    heads = Heads()
    signed: list[tuple[Consent | Revocation, str | None]] = []
    for about, items in found.items():
        sender, to = items[0].consent.payload.sender, items[0].consent.payload.to
        heads.read(case, flows_of(about, sender, to), now)
        role = ConsentSigner(person=phone.person, role="self" if about == (phone.person,) else "authority")
        revocation = Revocation(
            v=1,
            huis=phone.huis,
            nonce=new_nonce(),
            household=items[0].consent.payload.household,
            sender=sender,
            to=to,
            revokes=tuple(sorted(item.consent.d for item in items)),
            reason_code=reason_code,
            about=about,
            signers=(role,),
            evidence=ByPasskey(),
            at=now,
            chains=heads.links(about, sender.key, to.key),
        )
        heads.append(about, sender.key, to.key, digest_of(revocation))
        signed.append((revocation, None))
    return await sign_and_submit(phone, signed, case)


def _group(given: Iterable[Given], wanted: set[str]) -> dict[tuple[str, ...], list[Given]]:
    """Return the wanted consents by the persons for whom each still counts."""
    found: dict[tuple[str, ...], list[Given]] = {}
    for item in given:
        if item.consent.d in wanted and item.counts_for:
            found.setdefault(item.counts_for, []).append(item)
    if wanted != {item.consent.d for items in found.values() for item in items}:
        raise ProtocolError("consent.unknown", "no consent of one's own that counts")
    return found


def _may_take_back(phone: Phone, case: CaseFile, person: str, now: int) -> bool:
    client = case.clients.get(person)
    if client is None:
        return False
    child = age(client.current, now) is Age.CHILD or client.current.capability is not None
    return person == phone.person or (child and phone.person in client.current.authority)
