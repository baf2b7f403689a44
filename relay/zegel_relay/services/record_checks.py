"""What accepting a partner's own records and a family's objections asks for, beside their signature and their chain."""

from collections.abc import Iterable

from zegel_keys.trust import Trust
from zegel_keys.verification import read_payload
from zegel_protocol.decision.age import may_object
from zegel_protocol.objects import Conference, Objection, PartnerRules, Person, Procedure, Rota
from zegel_protocol.rulebook.consistency import closes_floor
from zegel_protocol.signed import Signed
from zegel_relay.services import archive
from zegel_relay.services.effect import Effect
from zegel_relay.services.errors import Conflict, NotFound
from zegel_relay.services.office import Office
from zegel_relay.storage.operation import Transaction

STANDING = 64
"""Most objections of one person that stand at once: for each pair of partners that help them, and some."""


async def check_rules(office: Office, tx: Transaction, held: Signed[PartnerRules]) -> Effect:
    """A partner closes nothing of the floor for itself (article 3)."""
    trust = await office.trust(tx.session)
    rulebook = trust.setting.rulebook.payload if trust.setting is not None else None
    if rulebook is not None and any(closes_floor(item, rulebook) for item in held.payload.closed):
        raise Conflict("rules.floor", "Alarms, advice, feedback and a client's own word stay open at every partner.")
    return Effect()


async def check_rota(office: Office, tx: Transaction, held: Signed[Rota]) -> Effect:
    """Whoever is called has a device in the partner's list: a rota of nobody would let an alarm ring in the void."""
    known = {item.device for item in (await office.trust(tx.session)).devices(held.payload.partner, None)}
    if not {device for shift in held.payload.shifts for device in shift.devices} <= known:
        raise Conflict("rota.device", "The partner's device list holds no such device.")
    return Effect(wake=(f"partner:{held.payload.partner}",))


async def check_procedure(office: Office, tx: Transaction, held: Signed[Procedure]) -> Effect:
    """Whoever was trained has, or had, a device in the partner's list."""
    said = held.payload
    lists = (await office.trust(tx.session)).lists.get(said.partner, ())
    # Who left meanwhile was trained all the same, and stays in the next version.
    known = {device.worker for held in lists for device in held.payload.devices}
    if not {item.worker for item in said.trained} <= known:
        raise Conflict("worker.unknown", "No device of this partner belongs to that worker.")
    return Effect()


async def check_conference(office: Office, tx: Transaction, held: Signed[Conference]) -> Effect:
    """About people of one household; at the table sit members of the Huis and people who are known here.

    Whoever was invited before hears of it too. A later version has the same household and chair.
    """
    said, trust = held.payload, await office.trust(tx.session)
    invited = {item.person for item in said.invitees if item.person is not None}
    # Someone of the family's own network, or a trusted adult, may be of another household.
    _check_household(await _people(tx, {*said.about, *invited}), said.about, said.household)
    partners = {item.partner for item in said.invitees if item.partner is not None}
    if not partners <= _members(trust):
        raise NotFound("partner.unknown", "Someone who is invited is no partner of this Huis.")
    before = [] if said.version == 1 else await archive.by_subject(tx.session, (Conference.KIND,), [said.id])
    called = {item.key for item in said.invitees}
    for item in before:
        earlier, _ = read_payload(item.envelope, Conference)
        called |= {party.key for party in earlier.invitees}
        if (earlier.household, earlier.chair) != (said.household, said.chair):
            raise Conflict("conference.other", "A conference stays with its household and its chair: open another one.")
    return Effect(wake=tuple(sorted(called)))


def _members(trust: Trust) -> set[str]:
    return set(trust.listed) if trust.listed is not None else set(trust.members)


async def check_objection(office: Office, tx: Transaction, held: Signed[Objection]) -> Effect:
    """By who may object to what is shared about each of these people; taken back by themselves only.

    Whom a safety flag silences is answered as anybody else who may not. A worker writes it down for who has no keys.
    """
    said = held.payload
    people = await _people(tx, {*said.about, said.person})
    _check_household(people, said.about, said.household)
    for about in said.about:
        if said.person not in may_object(people[about], tx.now):
            raise Conflict("objection.person", "This person cannot object to what is shared about that one.")
    if said.by.partner is not None:
        case = await office.case(tx.session, [said.person], (), (), tx.now)
        client = case.clients.get(said.person)
        if client is None or client.key_now(tx.now) is not None:
            raise Conflict("objection.own-keys", "Whoever has keys objects for themselves.")
    if said.withdraws is not None:
        before = [item for item in await archive.by_digest(tx.session, [said.withdraws]) if item.kind == Objection.KIND]
        earlier = [read_payload(item.envelope, Objection)[0] for item in before]
        if not any(item.person == said.person and item.withdraws is None for item in earlier):
            raise Conflict("objection.withdraws", "Whoever objected takes it back, and nobody else.")
    await _check_new(tx, said)
    parties = {party.key for party in (said.sender, said.to) if party is not None}
    return Effect(wake=tuple(sorted(parties | {f"person:{said.person}"})))


async def _check_new(tx: Transaction, said: Objection) -> None:
    """Return if this says something new: every message about these people is judged by all that was said."""
    shown = await archive.by_subject(tx.session, (Objection.KIND,), [said.household])
    own = {item.d: read_payload(item.envelope, Objection)[0] for item in shown}
    own = {d: item for d, item in own.items() if item.person == said.person}
    ended = {item.withdraws for item in own.values()}
    if said.withdraws is not None:
        if said.withdraws in ended:
            raise Conflict("objection.withdraws", "This objection was taken back before: once is enough.")
        return
    standing = [item for d, item in own.items() if item.withdraws is None and d not in ended]
    if any((item.about, item.sender, item.to) == (said.about, said.sender, said.to) for item in standing):
        raise Conflict("objection.again", "This person's objection to the same stands already: it stops what it names.")
    if len(standing) >= STANDING:
        raise Conflict("objection.again", "So many objections of this person stand that one to everything says more.")


async def _people(tx: Transaction, persons: Iterable[str]) -> dict[str, Person]:
    """Return the newest version of each person. Raises `NotFound` (`person.unknown`)."""
    wanted = set(persons)
    shown = await archive.by_subject(tx.session, (Person.KIND,), wanted)
    found = {item.person: item for item in (read_payload(held.envelope, Person)[0] for held in shown)}
    if found.keys() != wanted:
        raise NotFound("person.unknown", "Someone whom this is about is not known here.")
    return found


def _check_household(people: dict[str, Person], about: Iterable[str], household: str) -> None:
    if {people[person].household for person in about} != {household}:
        raise Conflict("person.household", "Everyone whom this is about is of the household that it names.")
