"""A yes without a phone: a couple at the OCMW's desk, two workers who see it, and what rests on it."""

from typing import Any

import pytest

from e2e.desk import altered, colleague, named
from e2e.forgery import Forgery, relay_says
from e2e.world import CHILD_AND_FAMILY, OCMW
from servers.databases import rows
from zegel import Carried, ProtocolError, Refused
from zegel_demo import rash
from zegel_demo.huis import DAY
from zegel_keys.verification import read_payload
from zegel_protocol import encoding
from zegel_protocol.objects import Consent, Notice
from zegel_protocol.objects.consent import ByPasskey, ChainLink, Witness, Witnessed
from zegel_protocol.objects.manifest import OnConsent
from zegel_protocol.objects.scope import Scope

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_couple_without_a_phone_is_referred_and_answered(desk):
    draft = desk.draft(who="Ana en Ben, samen met hun zoon.", home="Zij wonen met drie.")
    request = await desk.ask(draft)
    payload = await desk.prepare(request)
    texts = [await worker.families.witnessed_text(payload) for worker in (desk.sara, desk.tom, desk.nurse)]
    assert len(set(texts)) == 1
    assert "het OCMW" in texts[0]
    assert "Kind en Gezin" in texts[0]
    await desk.give(payload)
    await desk.yes(request, 1)

    sent = await desk.sara.send(draft)
    # Nobody has a phone: each of the two is to be told in person, and the notices say so.
    told = rows(desk.huis.relay.folder, "select envelope from notices where message_d = ?", [sent.manifest])
    notices = [read_payload(envelope, Notice)[0] for (envelope,) in told]
    assert {(notice.person, notice.codes) for notice in notices} == {
        (person, ("without-device",)) for person in desk.couple
    }
    (waiting,) = await desk.arrived()
    message = await desk.nurse.open(waiting)
    assert [section.type for section in message.sections] == ["who", "home", "agreement"]
    await desk.nurse.acknowledge(message)

    answer = desk.nurse.report_back(message)
    answer.carried = Carried(how="with-client")
    answer.note("follow", "Eerste gesprek gehad.")
    await desk.nurse.send(answer)
    (back,) = await desk.sara.inbox()
    assert (await desk.sara.open(back)).sections[0].note.text == "Eerste gesprek gehad."


async def test_ordinary_and_sensitive_pass_and_highly_sensitive_is_refused(desk):
    draft = desk.draft("care", who="Ana en Ben.", ask="Een kijk op de baby.", health="Zij slaapt slecht.")
    request = await desk.ask(draft, back={})
    with pytest.raises(Refused) as refused:
        await desk.prepare(request)
    assert refused.value.codes == ("witness.level",)
    assert refused.value.refusals[0].mend.what == ("health",)

    payload = await desk.prepare(request, types=["who", "ask"])
    # Software that does not ask first writes the consent all the same: it allows what it may, and not more.
    wider = (*encoding.decode(payload, Consent).types, Scope(type="health", form="whole"))
    await desk.give(altered(payload, types=tuple(sorted(wider, key=lambda scope: scope.key))))
    now = desk.huis.clock()
    for send in (desk.sara.send(draft), rash.send(desk.sara, draft, now)):
        with pytest.raises(Refused) as refused:
            await send
        # For each of the two whom it is about.
        assert set(refused.value.codes) == {"witness.level"}
    assert await desk.arrived() == []
    await desk.sara.send(draft.without("health"))
    assert len(await desk.arrived()) == 1


async def test_it_lasts_thirty_days_and_is_renewed_once(desk):
    request = await desk.ask(desk.draft(who="Ana en Ben."))
    now = desk.huis.clock()
    first = await desk.prepare(request)
    assert encoding.decode(first, Consent).not_after - now in range(30 * DAY, 30 * DAY + 60)
    with pytest.raises(Refused) as refused:
        await desk.prepare(request, not_after=now + 31 * DAY)
    assert refused.value.codes == ("consent.too-long",)
    before = await desk.give(first)
    renewed = await desk.prepare(request, replaces=[before])
    again = await desk.give(renewed)
    with pytest.raises(Refused) as refused:
        await desk.prepare(request, replaces=[again])
    assert refused.value.codes == ("witness.renewed",)
    # Software that does not ask first writes a third all the same, and the relay takes it for none.
    with pytest.raises(Refused) as refused:
        await desk.give(altered(renewed, replaces=(again,), chains=await next_links(desk, renewed)))
    assert refused.value.codes == ("witness.renewed",)
    draft = desk.draft(who="Ana en Ben.")
    sent = await desk.sara.send(draft)
    assert [item.manifest for item in await desk.arrived()] == [sent.manifest]
    # The first, which was replaced, carries nothing any more.
    forgery = await Forgery.of(desk.sara, draft, now)
    assert set(await relay_says(forgery.state(basis=OnConsent(consents=(before,))).send(desk.sara))) == {
        "consent.replaced"
    }


async def next_links(desk, payload):
    """Return the links that a consent would have at the ends of its chains now."""
    consent = encoding.decode(payload, Consent)
    case = await desk.sara.families.look_up(consent.about, consent.sender, consent.to)
    ends = [case.chains[link.person, consent.sender.key, consent.to.key] for link in consent.chains]
    return tuple(
        ChainLink(person=link.person, seq=len(chain) + 1, prev=chain[-1].d)
        for link, chain in zip(consent.chains, ends, strict=True)
    )


async def test_a_stop_at_the_desk_withdraws_what_was_not_opened(desk):
    draft = desk.draft(who="Ana en Ben.")
    consent = await desk.yes(await desk.ask(draft))
    await desk.sara.send(draft)
    families = desk.sara.families
    options = {
        "sender": OCMW, "to": CHILD_AND_FAMILY, "persons": desk.couple, "witnesses": desk.witnesses,
        "means": "spoken",
    }  # fmt: skip
    with pytest.raises(ProtocolError) as wrong:
        await families.prepare_witnessed_revocation([consent], reason_code="because", **options)
    assert wrong.value.code == "revocation.reason"
    with pytest.raises(ProtocolError) as wrong:
        await families.prepare_witnessed_revocation([consent[::-1]], reason_code="changed-mind", **options)
    assert wrong.value.code == "revocation.unknown"
    payload = await families.prepare_witnessed_revocation([consent], reason_code="changed-mind", **options)
    signatures = [worker.families.witness_revocation(payload) for worker in (desk.sara, desk.tom)]
    await families.submit_witnessed_revocation(payload, signatures)
    assert await desk.arrived() == []
    for send in (desk.sara.send(draft), rash.send(desk.sara, draft, desk.huis.clock())):
        with pytest.raises(Refused) as refused:
            await send
        assert set(refused.value.codes) == {"consent.revoked"}


async def test_a_device_signs_only_what_names_it_and_says_what_it_says(desk):
    request = await desk.ask(desk.draft(who="Ana en Ben."))
    payload = await desk.prepare(request)
    service = await colleague(desk.huis, OCMW, "mailbox", service=True)
    request_d = encoding.decode(payload, Consent).request
    mailbox = (Witness(partner=OCMW, device=service.identity.device),)
    named_service = altered(payload, evidence=Witnessed(witnesses=mailbox, means="paper"))
    codes = {}
    for name, worker, record in (
        ("not named", desk.nurse, payload),
        ("a service", service, named_service),
        ("by passkey", desk.sara, altered(payload, evidence=ByPasskey())),
        ("another Huis", desk.sara, altered(payload, huis=request_d)),
        ("no record", desk.sara, b"{}"),
    ):
        with pytest.raises(ProtocolError) as wrong:
            worker.families.witness(record)
        codes[name] = wrong.value.code
    await service.close()
    assert codes == {
        "not named": "witness.not-named",
        "a service": "witness.service",
        "by passkey": "witness.payload",
        "another Huis": "witness.payload",
        "no record": "object.malformed",
    }
    with pytest.raises(ProtocolError) as wrong:
        await desk.tom.families.witnessed_text(altered(payload, text_digest=request_d))
    assert wrong.value.code == "witness.text"


async def test_what_was_not_asked_is_not_prepared(desk):
    request = await desk.ask(desk.draft(who="Ana en Ben."), back={})
    stranger = await desk.sara.families.add_person(desk.household)
    codes = {}
    for name, call in {
        "request": desk.prepare(request[::-1][1:] + "A"),
        "of another partner": desk.nurse.families.prepare_witnessed(
            request, 0, persons=desk.couple, witnesses=desk.witnesses, means="paper"
        ),
        "flow": desk.prepare(request, 1),
        "types": desk.prepare(request, types=["who", "money"]),
        "nobody": desk.prepare(request, persons=[]),
        "in the past": desk.prepare(request, not_after=desk.huis.clock() - 1),
    }.items():
        with pytest.raises(ProtocolError) as wrong:
            await call
        codes[name] = wrong.value.code
    assert codes == {
        "request": "request.unknown",
        "of another partner": "request.unknown",
        "flow": "request.flow",
        "types": "request.types",
        "nobody": "request.persons",
        "in the past": "request.expired",
    }
    refusals = {}
    wrong_options: dict[str, dict[str, Any]] = {
        "somebody else": {"persons": [stranger]},
        "one witness": {"witnesses": [named(desk.sara)]},
        "for one another": {"signers": {desk.couple[0]: "authority"}},
    }
    for name, options in wrong_options.items():
        with pytest.raises(Refused) as refused:
            await desk.prepare(request, **options)
        refusals[name] = set(refused.value.codes)
    assert refusals == {
        "somebody else": {"consent.request"},
        "one witness": {"witness.count"},
        "for one another": {"signer.not-entitled"},
    }
