"""Accepting consent requests, consents and revocations; a revocation withdraws what was not delivered yet, and travels.

Who was handed what it took back is asked to erase it (`services.erasures`).
"""

from sqlalchemy import select, update

from zegel_keys.casefile import CaseFile
from zegel_keys.exhibit import Exhibit
from zegel_keys.verification import read_payload, verify
from zegel_protocol.decision import Court, consent_record, signers
from zegel_protocol.decision.age import who_signs
from zegel_protocol.errors import ChainError
from zegel_protocol.evidence import ChainObject, Flow
from zegel_protocol.objects import Consent, ConsentRequest, Person, Revocation
from zegel_protocol.refusal import Code, Refusal, Step, refuse
from zegel_protocol.signed import Place, Signed
from zegel_protocol.texts.consent_text import TEMPLATE
from zegel_relay.services import archive, erasures
from zegel_relay.services.deadlines import INVITE, close_deadlines
from zegel_relay.services.effect import Effect
from zegel_relay.services.errors import Conflict, NotFound, Refused
from zegel_relay.services.office import Office
from zegel_relay.services.silence import require_apart
from zegel_relay.storage.models import ChainEntry, MessageConsent, MessageDelivery
from zegel_relay.storage.operation import Transaction


async def judge_request(office: Office, tx: Transaction, exhibit: Exhibit) -> Effect:
    """A partner asks persons of one household; they are woken, and answer or not."""
    held = verify(exhibit.envelope, ConsentRequest, await office.trust(tx.session), Place(tx.index, tx.now))
    if held.payload.template != TEMPLATE:
        raise Conflict("request.template", "No text by this name is known here, so nobody could check what was shown.")
    shown = await archive.by_subject(tx.session, (Person.KIND,), held.payload.persons)
    people = [read_payload(item.envelope, Person)[0] for item in shown]
    if {person.person for person in people} != set(held.payload.persons):
        raise NotFound("person.unknown", "Someone who is asked is not known here.")
    if {person.household for person in people} != {held.payload.household}:
        raise Conflict("person.household", "Everyone who is asked is of the household that the request names.")
    require_apart({person.person: person for person in people}.values(), tx.now)
    asked = {person.person for person in people} | {signer for person in people for signer in who_signs(person, tx.now)}
    # Whoever grew up was asked anew: the partner owes them no invitation any more.
    roots = {item.d for item in shown if read_payload(item.envelope, Person)[0].version == 1}
    owner = f"partner:{held.payload.partner}"
    done = [close_deadlines(INVITE, d, tx.now, owner=owner, by_d=exhibit.d) for d in sorted(roots)]
    return Effect(updates=tuple(done), wake=tuple(sorted(f"person:{person}" for person in asked)))


def _flows(payload: Consent | Revocation) -> tuple[Flow, ...]:
    return tuple((link.person, payload.sender.key, payload.to.key) for link in payload.chains)


async def _check_signers(office: Office, tx: Transaction, exhibit: Exhibit, payload: Consent | Revocation) -> None:
    """Return if those who signed may say something for everyone it is about, at the least of something ordinary.

    Before anything else: what is answered later depends on the chains, and to whom nothing is shown of a chain (a
    holder who is silenced, the parent of someone who turned 12) nothing is answered about it either.
    """
    people = {*payload.about, *(signer.person for signer in payload.signers)}
    case = await office.case(tx.session, people, (), (), tx.now)
    held = verify(exhibit.envelope, type(payload), case.trust, Place(tx.index, tx.now))
    court = Court(case.setting, case.clients, tx.now)
    refusals: list[Refusal] = []
    for person in payload.about:
        if isinstance(payload, Revocation):
            _check_entitled(case, payload, person, tx.now)
        else:
            consent = Signed(held.d, payload, held.signers, held.place)
            refusals += signers.judge_entitled(court, consent, person, "O", "$")
    if refusals:
        raise Refused(tuple(refusals))


async def _case(office: Office, tx: Transaction, exhibit: Exhibit, payload: Consent | Revocation) -> CaseFile:
    """Return the case with the new object at the end of its chains.

    Raises `Refused` as `_check_signers`, and `Conflict` (`chain.head`) when something else took the place: the signer
    looks again, and signs anew.
    """
    await _check_signers(office, tx, exhibit, payload)
    flows = _flows(payload)
    for flow, link in zip(flows, payload.chains, strict=True):
        length, head = await archive.chain_head(tx.session, flow)
        if (link.seq, link.prev) != (length + 1, head):
            raise Conflict("chain.head", "Something else was signed in between. Look again, then sign anew.")
    more = [exhibit.at(Place(tx.index, tx.now))]
    more += await archive.by_digest(tx.session, [payload.request] if isinstance(payload, Consent) else [])
    people = {*payload.about, *(signer.person for signer in payload.signers)}
    return await office.case(tx.session, people, flows, more, tx.now)


def _entries(exhibit: Exhibit, payload: Consent | Revocation) -> tuple[ChainEntry, ...]:
    return tuple(
        ChainEntry(person=flow[0], sender=flow[1], recipient=flow[2], seq=link.seq, d=exhibit.d)
        for flow, link in zip(_flows(payload), payload.chains, strict=True)
    )


async def judge_consent(office: Office, tx: Transaction, exhibit: Exhibit) -> Effect:
    """Next in every chain, and a record that could allow something: asked for, shown, signed, not too long."""
    payload, _ = read_payload(exhibit.envelope, Consent)
    case = await _case(office, tx, exhibit, payload)
    require_apart((case.clients[person].current for person in payload.about if person in case.clients), tx.now)
    court = Court(case.setting, case.clients, tx.now)
    refusals: list[Refusal] = []
    for flow in _flows(payload):
        chain = case.chains[flow]
        held = Signed(chain[-1].d, payload, chain[-1].signers, chain[-1].place)
        request = case.requests.get(payload.request)
        # The recipient's own vouch may still be outweighed by a message that answers its thread: not judged here.
        refusals += consent_record.judge(court, held, request, chain, "$", answers=True)
        client = case.clients.get(flow[0])
        if client is None:
            refusals.append(refuse(Code.PERSON_UNKNOWN, "$.about", Step.LEAVE_OUT, (flow[0],), person=flow[0]))
        elif client.current.household != payload.household:
            refusals.append(refuse(Code.PERSON_HOUSEHOLD, "$.about", Step.LEAVE_OUT, (flow[0],), person=flow[0]))
        _check_replaces(payload, chain)
    if refusals:
        raise Refused(tuple(dict.fromkeys(refusals)))
    sides = {party.key for party in (payload.sender, payload.to)}
    asked = await erasures.after_narrowing(tx, exhibit.d, payload, case.setting.rulebook.payload)
    return Effect(rows=(*_entries(exhibit, payload), *asked), wake=tuple(sorted(sides)))


def _check_replaces(payload: Consent, chain: tuple[ChainObject, ...]) -> None:
    before = {held.d for held in chain[:-1] if isinstance(held.payload, Consent)}
    if not set(payload.replaces) <= before:
        raise ChainError("chain.replaces", "a consent replaces consents of its own chain only")


async def judge_revocation(office: Office, tx: Transaction, exhibit: Exhibit) -> Effect:
    """Next in every chain, signed by who may; what rests on the consents and was not delivered is withdrawn."""
    payload, _ = read_payload(exhibit.envelope, Revocation)
    case = await _case(office, tx, exhibit, payload)
    if payload.reason_code not in case.setting.rulebook.payload.revocation_reasons:
        raise Conflict("revocation.reason", "The rulebook has no such reason.")
    for flow in _flows(payload):
        known = {held.d for held in case.chains[flow] if isinstance(held.payload, Consent)}
        if not set(payload.revokes) <= known:
            raise ChainError("chain.revokes", "a revocation takes back consents of its own chain only")
    last = case.chains[_flows(payload)[0]][-1]
    held = Signed(exhibit.d, payload, last.signers, last.place)
    refusals = tuple(signers.judge_stop(Court(case.setting, case.clients, tx.now), held, "$"))
    if refusals:
        raise Refused(refusals)
    resting = select(MessageConsent.message_d).where(MessageConsent.consent_d.in_(payload.revokes))
    withdraw = (
        update(MessageDelivery)
        .where(
            MessageDelivery.message_d.in_(resting),
            MessageDelivery.reader == payload.to.key,
            MessageDelivery.delivered_at.is_(None),
            MessageDelivery.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=tx.now)
    )
    people = {f"person:{person}" for person in payload.about}
    wake = tuple(sorted({payload.sender.key, payload.to.key, *people}))
    asked = await erasures.after_revocation(tx, exhibit.d, payload, case.setting.rulebook.payload)
    return Effect(rows=(*_entries(exhibit, payload), *asked), updates=(withdraw,), wake=wake)


def _check_entitled(case: CaseFile, payload: Revocation, person: str, now: int) -> None:
    """Taking back is easier than giving: the person alone, or for a child any one holder of authority, is enough."""
    client = case.clients.get(person)
    if client is None:
        raise NotFound("person.unknown", "This person is not known here.")
    entitled = {person} | who_signs(client.current, now)
    if not entitled & {signer.person for signer in payload.signers}:
        missing = refuse(Code.SIGNER_NOT_ENTITLED, "$.signers", Step.ASK_SIGNATURE, (person,), person=person)
        raise Refused((missing,))
