"""A lying recipient, partner or client side: attacks 27, 28 and 30."""

import os
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from e2e.desk import altered, colleague, named
from e2e.families import say_yes
from e2e.forgery import Forgery, digest, relay_says, sign
from e2e.lying_client import give, touched, yes_of
from e2e.world import CHILD_AND_FAMILY, OCMW, complete
from zegel import Carried, Refused
from zegel_demo import rash
from zegel_demo.huis import DAY
from zegel_demo.passkey import Lies
from zegel_keys.envelopes import new_nonce
from zegel_protocol import dsse, encoding
from zegel_protocol.objects import ConsentRequest, Revocation
from zegel_protocol.objects.consent import ConsentSigner, Witness, Witnessed
from zegel_protocol.objects.consent_request import Flow
from zegel_protocol.objects.manifest import OnConsent
from zegel_protocol.objects.parties import Party
from zegel_protocol.objects.scope import Scope

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def world(office):
    opened = await office.stage.family()
    yield opened
    await opened.close()


async def refused(*calls):
    """Return the set of codes with which each of these calls is refused, by the sender's own software or the relay."""
    said = []
    for call in calls:
        with pytest.raises(Refused) as no:
            await call
        said.append(set(no.value.codes))
    return said


async def test_attack_27_a_partner_receives_on_a_consent_that_it_witnessed_itself(desk):
    """The recipient asks, its own two workers say that the couple said yes, and the nurse is to send."""
    huis, ocmw = desk.huis, Party(partner=OCMW)
    nurse = desk.nurse
    request = ConsentRequest(
        v=1, huis=huis.id, nonce=new_nonce(), household=desk.household, partner=OCMW, persons=desk.couple,
        flows=(Flow(
            purpose="referral", sender=Party(partner=CHILD_AND_FAMILY), to=ocmw,
            types=(Scope(type="money", form="whole"),), until=huis.clock() + 30 * DAY,
        ),),
        language="nl", template="consent-1", rulebook=(await nurse.setting()).setting.rulebook.d, created=huis.clock(),
    )  # fmt: skip
    await desk.sara._client.submit_object(sign(desk.sara.identity, request))
    await desk.yes(digest(request))
    draft = nurse.referral(OCMW, desk.household, desk.couple)
    draft.note("money", "Samen ongeveer € 6.400.")
    complete(draft, huis.clock())
    said = await refused(nurse.send(draft), rash.send(nurse, draft, huis.clock()))
    assert said == [{"recipient.own-witness"}] * 2
    # One of the recipient's and one of the sender's is not enough either; two of the sender's are.
    mixed = [named(desk.sara), named(nurse)]
    await desk.give(await desk.prepare(digest(request), witnesses=mixed), by=(desk.sara, nurse))
    assert await refused(nurse.send(draft)) == [{"recipient.own-witness"}]
    assert await desk.since.new(desk.sara) == []
    desk.since.check_nothing_stored()


async def test_attack_27_an_answer_in_the_thread_that_it_began_is_excepted(desk):
    """What the OCMW's own workers witnessed carries the answer to the referral that it began, and no more."""
    draft = desk.draft(who="Ana en Ben.")
    request = await desk.ask(draft)
    await desk.yes(request, 0)
    await desk.yes(request, 1)
    sent = await desk.sara.send(draft)
    message = await desk.nurse.open(sent.manifest)

    def back(draft):
        draft.carried = Carried(how="with-client")
        return draft.note("follow", "Eerste gesprek gehad.")

    unasked = complete(back(desk.nurse.referral(OCMW, desk.household, desk.couple)), desk.huis.clock())
    said = await refused(desk.nurse.send(unasked), rash.send(desk.nurse, unasked, desk.huis.clock()))
    assert said == [{"recipient.own-witness"}] * 2
    elsewhere = back(desk.nurse.report_back(message))
    elsewhere.thread = "0193a5f0-7c1d-7abc-8def-0123456789ab"
    assert await refused(rash.send(desk.nurse, elsewhere, desk.huis.clock())) == [
        {"recipient.own-witness", "thread.unknown", "answers.other"}
    ]
    assert await desk.since.new(desk.sara) == []
    await desk.nurse.send(back(desk.nurse.report_back(message)))
    assert len(await desk.since.new(desk.sara)) == 1


async def test_attack_27_a_partner_receives_on_a_key_that_it_alone_vouched_for(desk):
    """The OCMW makes a passkey of its own, enrols it as the person's, and says yes to itself with it."""
    huis, nurse, ocmw = desk.huis, desk.nurse, desk.sara
    household = os.urandom(16).hex()
    person = await nurse.families.add_person(household)
    made_up = huis.phone(household, person)
    client_key = await huis.enrol(ocmw, made_up)
    draft = nurse.referral(OCMW, household, [person]).note("money", "Drie deurwaarders.")
    complete(draft, huis.clock())
    request = await nurse.families.ask_consent(draft)
    await say_yes(made_up, request)
    said = await refused(nurse.send(draft), rash.send(nurse, draft, huis.clock()))
    assert said == [{"recipient.own-vouch"}] * 2
    # Its second vouch, by another of its workers, is still its own.
    await desk.tom.families.vouch(client_key, "known")
    assert await refused(nurse.send(draft)) == [{"recipient.own-vouch"}]
    assert await desk.since.new(ocmw) == []
    assert await made_up.notices() == []

    # The other way the key is good enough: there the recipient is somebody else. And so is the answer to that.
    forth = complete(ocmw.referral(CHILD_AND_FAMILY, household, [person]).note("ask", "Hulp."), huis.clock())
    await say_yes(made_up, await ocmw.families.ask_consent(forth))
    message = await nurse.open((await ocmw.send(forth)).manifest)
    answer = nurse.report_back(message).note("follow", "Eerste gesprek gehad.")
    answer.carried = Carried(how="with-client")
    await nurse.send(answer)
    assert len(await desk.since.new(ocmw)) == 1

    # Once the nurse has met the person and vouches for the key too, the consent counts.
    await nurse.families.vouch(client_key, "id-card")
    await nurse.send(draft)
    assert len(await desk.since.new(ocmw)) == 2
    await made_up.close()


async def test_attack_28_witnesses_that_are_not_two_workers(desk):
    draft = desk.draft(who="Ana en Ben.")
    request = await desk.ask(draft)
    twin = await colleague(desk.huis, OCMW, "twin", worker=desk.sara.identity.worker)
    mailbox = await colleague(desk.huis, OCMW, "mailbox", service=True)
    honest = await desk.prepare(request)
    said = {}

    async def lie(*workers, signing=None):
        """Write what `prepare_witnessed` refuses to write, and sign it with whatever keys there are."""
        ordered = sorted(map(named, workers))
        witnesses = tuple(Witness(partner=partner, device=device) for partner, device in ordered)
        payload = altered(honest, evidence=Witnessed(witnesses=witnesses, means="spoken"))
        media_type = dsse.payload_type("consent")
        keys = [worker.identity.signing_key for worker in (workers if signing is None else signing)]
        signatures = tuple(key.sign_object(media_type, payload) for key in keys)
        return await relay_says(desk.sara._client.submit_object(dsse.seal_envelope(media_type, payload, signatures)))

    for name, workers in {"two devices of one": (desk.sara, twin), "one": (desk.sara,)}.items():
        prepared = await refused(desk.prepare(request, witnesses=list(map(named, workers))))
        said[name] = (*prepared, set(await lie(*workers)))
    prepared = await refused(desk.prepare(request, witnesses=[named(desk.sara), named(mailbox)]))
    said["one and a service"] = (*prepared, set(await lie(desk.sara, mailbox)))
    assert said == {
        "two devices of one": ({"witness.same-worker"}, {"witness.same-worker"}),
        "one": ({"witness.count"}, {"witness.count"}),
        "one and a service": ({"witness.not-worker", "witness.count"},) * 2,
    }
    assert await lie(desk.sara, desk.tom, signing=[desk.sara]) == ("signature.missing",)
    assert await lie(desk.sara, desk.tom, signing=[desk.sara, twin]) == ("signature.unknown",)
    assert await lie(desk.sara, desk.tom, signing=[desk.sara, desk.sara]) == ("signature.missing",)
    assert await refused(desk.sara.send(draft)) == [{"consent.missing"}]
    await desk.give(honest)
    await desk.sara.send(draft)
    assert len(await desk.arrived()) == 1
    for party in (twin, mailbox):
        await party.close()


async def test_attack_28_a_stop_that_two_workers_did_not_see(desk):
    """A stop is easier than a yes, and still two workers see it; what was said yes to goes on until they do."""
    mailbox = await colleague(desk.huis, OCMW, "post", service=True)
    twin = await colleague(desk.huis, OCMW, "double", worker=desk.sara.identity.worker)
    draft, families = desk.draft(who="Ana en Ben."), desk.sara.families
    consent = await desk.yes(await desk.ask(draft))

    async def prepare(*workers):
        return await families.prepare_witnessed_revocation(
            [consent], sender=OCMW, to=CHILD_AND_FAMILY, persons=desk.couple, witnesses=list(map(named, workers)),
            means="paper", reason_code="changed-mind",
        )  # fmt: skip

    media_type, honest = dsse.payload_type("revocation"), await prepare(desk.sara, desk.tom)
    for workers, codes in (
        ((desk.sara,), {"witness.count"}),
        ((desk.sara, mailbox), {"witness.count", "witness.not-worker"}),
        ((desk.sara, twin), {"witness.same-worker"}),
    ):
        ordered = sorted(map(named, workers))
        evidence = Witnessed(witnesses=tuple(Witness(partner=p, device=d) for p, d in ordered), means="paper")
        stop = msgspec.structs.replace(encoding.decode(honest, Revocation), evidence=evidence)
        payload = encoding.encode(stop)
        signatures = [worker.identity.signing_key.sign_object(media_type, payload) for worker in workers]
        said = await refused(prepare(*workers), families.submit_witnessed_revocation(payload, signatures))
        assert said == [codes] * 2
    await desk.sara.send(draft)
    assert len(await desk.arrived()) == 1
    for party in (mailbox, twin):
        await party.close()


async def test_attack_28_witnessed_although_the_person_has_a_passkey(desk):
    ana = desk.couple[0]
    draft = desk.draft(who="Ana en Ben.")
    request = await desk.ask(draft)
    honest = await desk.prepare(request)
    phone = desk.huis.phone(desk.household, ana)
    await desk.huis.enrol(desk.sara, phone)
    assert await refused(desk.prepare(request)) == [{"witness.has-passkey"}]
    assert await refused(desk.give(honest)) == [{"witness.has-passkey"}]
    # Nor does it help that somebody without a passkey is named as saying yes for her.
    ben = desk.couple[1]
    for role in ("self", "authority"):
        alone = altered(honest, signers=(ConsentSigner(person=ben, role=role),))
        assert await refused(desk.give(alone)) == [{"signer.not-entitled"}]
    assert (
        await refused(desk.sara.send(draft), rash.send(desk.sara, draft, desk.huis.clock()))
        == [{"consent.missing"}] * 2
    )
    assert await desk.arrived() == []
    assert await phone.notices() == []
    # Her own touch, on a request to her alone, and a witnessed yes of the one who has no phone.
    await desk.give(await desk.prepare(request, persons=[ben]))
    hers = desk.sara.referral(CHILD_AND_FAMILY, desk.household, [ana]).note("who", "Ana.")
    await say_yes(phone, await desk.ask(hers))
    await desk.sara.send(draft)
    assert len(await desk.arrived()) == len(await phone.notices()) == 1
    await phone.close()


async def test_attack_30_an_assertion_that_claims_less_or_comes_from_elsewhere(world):
    request = await world.nurse.families.ask_consent(world.draft(), types=[("money", "whole")], back={})
    consent = await yes_of(world.phone, request)
    lies: dict[str, Lies] = {
        "assertion.user-verified": {"user_verified": False},
        "assertion.user-present": {"user_present": False},
        "assertion.cross-origin": {"cross_origin": True},
        "assertion.type": {"type": "webauthn.create"},
        "assertion.rp": {"rp_id": "evil.example"},
    }
    for code, lie in lies.items():
        assert await relay_says(give(world.phone, touched(world.phone, consent, **lie))) == (code,)
    framed = touched(world.phone, consent, top_origin="https://evil.example")
    assert await relay_says(give(world.phone, framed)) == ("assertion.cross-origin",)
    for origin in (
        "https://evil.example", "http://a.localhost", "https://localhost", "http://localhost:8080", "http://localhost/",
        "http://LOCALHOST", "null",
    ):  # fmt: skip
        elsewhere = touched(world.phone, consent, origin=origin)
        assert await relay_says(give(world.phone, elsewhere)) == ("assertion.origin",), origin
    assert await world.phone.given() == ()
    assert await refused(world.nurse.send(world.draft())) == [{"consent.missing"}]
    await world.nothing_came()
    await give(world.phone, touched(world.phone, consent))
    await world.honest_message()


async def test_attack_30_a_text_that_was_not_shown_or_a_yes_to_what_was_not_asked(world):
    """A page that lies shows one text and has another record signed: the text is rendered again, and differs."""
    now = world.huis.clock()
    request = await world.nurse.families.ask_consent(world.draft(), types=[("money", "whole")], back={}, days=10)
    honest = await yes_of(world.phone, request)
    wider = (Scope(type="health", form="whole"), Scope(type="money", form="whole"))
    other = await world.nurse.families.add_person(world.household)
    said = {}
    cases: dict[str, dict[str, Any]] = {
        "another text": {"text_digest": honest.request},
        "another code was met": {"code_version": "code-9", "text_digest": honest.text_digest},
        "the text of a narrower one": {"types": wider, "text_digest": honest.text_digest},
        "wider than asked": {"types": wider},
        "longer than asked": {"not_after": now + 30 * DAY},
        "longer than the rules": {"not_after": now + 400 * DAY},
        "to another": {"to": Party(partner="school-de-linde")},
        "for another purpose": {"purpose": "coordinate"},
        "in another language": {"language": "en"},
        "to no request": {"request": honest.text_digest},
    }
    for name, changes in cases.items():
        envelope = touched(world.phone, await yes_of(world.phone, request, **changes))
        said[name] = set(await relay_says(give(world.phone, envelope)))
    assert said == {
        "another text": {"consent.text"},
        "another code was met": {"consent.text"},
        "the text of a narrower one": {"consent.request", "consent.text"},
        "wider than asked": {"consent.request"},
        "longer than asked": {"consent.request"},
        "longer than the rules": {"consent.request", "consent.too-long"},
        "to another": {"consent.request"},
        "for another purpose": {"consent.request"},
        "in another language": {"consent.request"},
        "to no request": {"consent.request"},
    }
    # Signed by a passkey, but in the name of somebody who has none.
    for signers in (
        (ConsentSigner(person=other, role="self"),),
        tuple(ConsentSigner(person=person, role="self") for person in sorted((other, world.elif_id))),
    ):
        consent = await yes_of(world.phone, request, signers=signers)
        (code,) = await relay_says(give(world.phone, touched(world.phone, consent)))
        assert code in {"signature.unknown", "signature.missing"}
    await world.nothing_came()
    await give(world.phone, touched(world.phone, honest))
    forgery = await Forgery.of(world.nurse, world.draft(), now)
    assert forgery.manifest.basis == OnConsent(consents=(digest(honest),))
    await world.honest_message()
