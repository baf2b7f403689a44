"""Objecting: a person says that nothing new is to be shared about them, or about a child for whom they speak.

It needs no reason and no touch, and stops at once what follows: from one organisation, to one, or all of it. It is
taken back as easily. What was shared before stays what it was. Articles 7 and 9; `docs/spec/records.md`.
"""

from collections.abc import Iterable

import msgspec

from zegel_demo.phone import Phone
from zegel_keys.envelopes import digest_of, new_nonce
from zegel_protocol import dsse, encoding
from zegel_protocol.api import EvidenceQuery
from zegel_protocol.errors import ChainError, ProtocolError
from zegel_protocol.objects import Objection
from zegel_protocol.objects.parties import Party, Sender


async def object_to(
    phone: Phone, about: Iterable[str] | None = None, sender: str | None = None, to: str | None = None
) -> str:
    """Object to sharing about these persons (by default oneself), from `sender` and to `to` (partner ids); return `D`.

    Without `sender` or `to`: from anybody, or to anybody. Raises `ProtocolError` (`objection.not-theirs`: about someone
    for whom this person does not speak), and as `Phone.submit`.
    """
    family = await phone.family()
    people = tuple(sorted(set(about or (phone.person,))))
    if not set(people) <= {phone.person, *family.children}:
        raise ProtocolError("objection.not-theirs", "an objection is about oneself, or a child for whom one speaks")
    objection = Objection(
        v=1,
        huis=phone.huis,
        nonce=new_nonce(),
        household=phone.household,
        person=phone.person,
        about=people,
        sender=Party(partner=sender) if sender is not None else None,
        to=Party(partner=to) if to is not None else None,
        by=Sender(person=phone.person),
        at=phone.clock(),
    )
    return await _submit(phone, objection)


async def standing(phone: Phone) -> dict[str, Objection]:
    """Return the objections of this person that stand, by `D`, as the relay shows them.

    Raises `ChainError` (`objection.withheld`) when one that this phone made is not shown: whoever judges a message is
    then not shown it either; and as `Phone.believe`.
    """
    family, own = await phone.family(), Party(person=phone.person)
    people = (phone.person, *family.children)
    query = EvidenceQuery(persons=people, sender=own, to=own, household=phone.household)
    case = await phone.believe(await phone.relay.evidence(query))
    said = [held for held in case.records.all(Objection, phone.household) if held.payload.person == phone.person]
    shown = {held.d for held in said}
    if any(d not in shown and set(kept.about) & set(people) for d, kept in phone.objections.items()):
        raise ChainError("objection.withheld", "the relay hides an objection that it accepted: tell the steward")
    ended = {held.payload.withdraws for held in said}
    found = {held.d: held.payload for held in said if held.payload.withdraws is None and held.d not in ended}
    phone.objections.update(found)
    return found


async def withdraw(phone: Phone, objection: str) -> str:
    """Take back an objection (`D`) of one's own; return the `D` of what says so.

    Raises `ProtocolError` (`objection.unknown`: none of one's own that still stands), and as `standing` and
    `Phone.submit`.
    """
    before = (await standing(phone)).get(objection)
    if before is None:
        raise ProtocolError("objection.unknown", "no objection of one's own that stands")
    taken_back = msgspec.structs.replace(
        before, nonce=new_nonce(), by=Sender(person=phone.person), withdraws=objection, at=phone.clock()
    )
    return await _submit(phone, taken_back)


async def _submit(phone: Phone, objection: Objection) -> str:
    case = await phone.believe(await phone.relay.setting())
    signature = phone.seed.identity_key.sign_object(dsse.payload_type(objection.KIND), encoding.encode(objection))
    d = digest_of(objection)
    await phone.submit(objection, (signature,), case)
    if objection.withdraws is None:
        phone.objections[d] = objection
    else:
        phone.objections.pop(objection.withdraws)
    return d
