"""Attacks on the duties: what tables, objections, alarms and words would tell who is not to know."""

import asyncio
from dataclasses import dataclass
from typing import TypeVar

import pytest

from e2e.alarm_town import CLB, DESK, HOUR, JAC, MINUTE, NURSE, OCMW, WHY, AlarmTown, open_alarm_town
from e2e.families import Household, complete, say_yes
from servers.databases import rows
from zegel import Carried, Partner, RelayProblem
from zegel.proving import check_proof
from zegel.steward.finding import make_finding
from zegel.talks import Step
from zegel_demo.client_agent import ClientAgent
from zegel_keys.envelopes import new_nonce, sign_payload
from zegel_keys.exhibit import read_bundle
from zegel_keys.verification import read_payload
from zegel_protocol.api import Bundle, EvidenceQuery
from zegel_protocol.objects import Acknowledgement, Conference, Declaration, Finding, Objection, Payload, Procedure
from zegel_protocol.objects.manifest import Delay, OnClientUnable
from zegel_protocol.objects.parties import Party

pytestmark = pytest.mark.slow

P = TypeVar("P", bound=Payload)


@dataclass
class Three:
    """A mother, a father and their child of seven; both parents have a phone."""

    id: str
    child: str
    mother: ClientAgent
    father: ClientAgent


@pytest.fixture
async def town(tmp_path):
    async with open_alarm_town(tmp_path / "huis") as town:
        yield town


@pytest.fixture
async def family(town):
    home = Household.new(town.huis, town.nurse)
    parents = [await home.adult(), await home.adult()]
    child = await home.child(7, parents)
    async with await home.phone(parents[0]) as mother, await home.phone(parents[1]) as father:
        yield Three(home.id, child, mother, father)


def of(bundle: Bundle, kind: type[P]) -> list[P]:
    return [read_payload(item.envelope, kind)[0] for item in read_bundle(bundle) if item.kind == kind.KIND]


async def shown(partner: Partner, to: str, persons, kind: type[P], **more) -> list[P]:
    """Return what a partner is shown of a kind, as evidence for a message of its own."""
    own = Party(partner=partner.identity.partner)
    query = EvidenceQuery(persons=tuple(sorted(persons)), sender=own, to=Party(partner=to), **more)
    return of(await partner._client.evidence(query), kind)


async def shown_to(phone: ClientAgent, kind: type[P], *, sender: Party | None = None, **more) -> list[P]:
    """Return what a person is shown of a kind, as evidence for a message of their own, or of one that they make up."""
    own = Party(person=phone.person)
    query = EvidenceQuery(persons=(phone.person,), sender=sender or own, to=sender or own, **more)
    return of(await phone._phone.relay.evidence(query), kind)


async def until(look):
    async with asyncio.timeout(30):
        while not (found := await look()):  # noqa: ASYNC110 (another process does it)
            await asyncio.sleep(0.3)
    return found


async def refer(town: AlarmTown, family: Three, **notes: str):
    """Refer the child, and the mother where something is noted of her; return what was sent."""
    about = [family.child, family.mother.person] if "mother" in notes else [family.child]
    draft = town.nurse.referral(OCMW, family.id, about)
    draft.note("plan", "Liefst op woensdag.", about=[family.child])
    if "mother" in notes:
        draft.note("money", notes["mother"], about=[family.mother.person])
    draft = complete(draft, town.clock())
    for person in about:
        await say_yes(family.mother, await town.nurse.families.ask_consent(draft, persons=[person]))
    return await town.nurse.send(draft)


async def test_a_partner_is_shown_no_objection_to_what_others_share(town, family):
    mother = family.mother.person
    said = await family.mother.object_to(sender=OCMW, to=CLB)
    # It names two partners that help her: who is neither does not learn of them.
    assert await shown(town.workers[JAC], CLB, [mother], Objection, household=family.id) == []
    assert await shown(town.workers[JAC], OCMW, [mother], Objection, household=family.id) == []
    assert len(await shown(town.workers[OCMW], CLB, [mother], Objection, household=family.id)) == 1
    assert set(await family.mother.objections()) == {said}
    # What ends it comes with it, so that nobody goes on stopping what she let go.
    await family.mother.withdraw_objection(said)
    both = await shown(town.workers[OCMW], CLB, [mother], Objection, household=family.id)
    assert [item.withdraws for item in both] == [None, said]


async def test_a_table_is_shown_to_who_sits_there_and_whom_it_is_about(town, family):
    chair, jac, clb = town.nurse.conferences, town.workers[JAC], town.workers[CLB]
    about = [family.child, family.mother.person]
    table = await chair.convene(family.id, about, [JAC, OCMW], with_client=False, discussed="2026-11-20")
    assert len(await shown(jac, OCMW, [], Conference, thread=table.id)) == 1
    assert len(await shown_to(family.mother, Conference, thread=table.id)) == 1
    # The father says yes for the child too, and not for her: which partners help her is not his to learn.
    assert await shown_to(family.father, Conference, thread=table.id) == []
    assert await shown(clb, OCMW, [], Conference, thread=table.id) == []
    left = await chair.change(table, invitees=[OCMW])
    await chair.change(left, invitees=[OCMW, CLB])
    # Who left sees that they did, and not who came after.
    versions = await shown(jac, OCMW, [], Conference, thread=table.id)
    assert [item.version for item in versions] == [1, 2]
    assert len(await shown(clb, OCMW, [], Conference, thread=table.id)) == 3


async def test_a_person_learns_nothing_of_how_a_partner_s_workers_are_trained(town, family):
    await town.nurse.alarms.register_procedure("Bij alarm", b"Bel eerst.", {})
    nurse = Party(partner=NURSE)
    assert await shown_to(family.father, Procedure, sender=nurse) == []
    assert await shown_to(family.father, Declaration, sender=nurse) == []


async def test_a_parent_is_shown_no_finding_about_a_line_that_is_not_theirs(town, family):
    sent = await refer(town, family, mother="Zij heeft schulden.")
    message = await town.workers[OCMW].open(sent.manifest)
    (section,) = [held.payload.n for held in message.entries if held.payload.type == "money"]
    proof = await town.workers[OCMW].prove(message.d, section)
    proven = check_proof(town.huis.id, await town.huis.shown(), proof)
    known = await town.huis.known()
    await town.huis.give(make_finding(known, town.huis.keys, proven, "over-broad", ["too-much"], town.clock()))
    assert len(await shown_to(family.mother, Finding, answers=sent.manifest)) == 1
    assert await shown_to(family.father, Finding, answers=sent.manifest) == []


async def test_who_is_silenced_while_a_notice_waits_is_never_told(town, family):
    delay = Delay(until=town.clock() + HOUR, code="danger-if-told")
    draft = town.nurse.alarms.draft(DESK, family.id, [family.child], delay=delay).note("motivation", WHY)
    sent = await town.nurse.alarms.send(draft)
    await town.nurse.families.change_person(family.child, silenced=[family.father.person])
    await town.turn(2 * HOUR)
    assert [notice.copy.manifest.d for notice in await until(family.mother.notices)] == [sent.manifest]
    await town.turn(2 * HOUR)
    await asyncio.sleep(3)
    assert await family.father.notices() == []
    for asked in (family.father._phone.relay.deliver(sent.manifest), family.father._phone.relay.events(sent.manifest)):
        with pytest.raises(RelayProblem) as nothing:
            await asked
        assert nothing.value.code == "message.unknown"
    person = f"person:{family.father.person}"
    assert rows(town.huis.relay, "SELECT kind FROM outbox WHERE subject = ?", [person]) == [("release",)]


async def test_who_is_silenced_learns_nothing_more_of_what_they_were_told_before(town, family):
    sent = await refer(town, family)
    for phone in (family.mother, family.father):
        (notice,) = await phone.notices()
        await phone.tell(notice)
    ocmw = town.workers[OCMW]
    await ocmw.acknowledge(await ocmw.open(sent.manifest))
    await town.nurse.families.change_person(family.child, silenced=[family.father.person])
    await ocmw.talks.say(sent.manifest, "done", ["first-contact"])

    async def words(phone: ClientAgent) -> list[str]:
        bundle = await phone._phone.relay.events(sent.manifest)
        return [event.event for event in of(bundle, Acknowledgement)]

    assert "done" in await words(family.mother)
    assert await words(family.father) == ["told", "opened"]
    assert [due.item.state for due in await family.mother.deadlines()] == ["done"]
    assert await family.father.deadlines() == ()


async def test_no_answer_betrays_an_alarm_of_which_somebody_is_not_told_yet(town):
    first = await town.alarm(wait=2 * HOUR)
    message = await town.desk.open(first.manifest)
    await town.desk.acknowledge(message)
    draft = town.desk.report_back(message).note("follow", "Wij zagen hem vandaag.")
    draft.carried = Carried(how="with-client")
    await say_yes(town.phone, await town.desk.families.ask_consent(draft))
    with pytest.raises(RelayProblem) as betrayed:
        await town.desk.send(draft)
    assert betrayed.value.code == "message.untold"
    assert await town.phone.notices() == []
    # Another alarm is held up by nothing, and once they are told the answer goes out.
    assert (await town.alarm()).manifest != first.manifest
    await town.turn(2 * HOUR + MINUTE)
    await until(lambda: _both(town, 2))
    assert (await town.desk.send(draft)).manifest in {item.manifest for item in await town.nurse.inbox()}


async def _both(town: AlarmTown, number: int):
    page = await town.phone._phone.relay.notices(0)
    return page.items if len(page.items) >= number else ()


async def test_a_colleague_s_keys_never_take_the_place_of_the_sender_s(town):
    sent = await town.alarm()
    with pytest.raises(RelayProblem) as held:
        await town.desk.desk.hand_to(sent.manifest, town.device(f"{DESK}/second"))
    assert held.value.code == "wraps.held"
    assert (await town.workers[f"{DESK}/second"].open(sent.manifest)).d == sent.manifest


async def test_who_is_read_the_code_of_a_plan_does_not_learn_whom_it_is_for(town):
    steps = [Step("Samen naar het loket", f"person:{town.person}", town.clock() + HOUR)]
    draft = complete(town.nurse.talks.hand_over(OCMW, town.household, [town.person], steps), town.clock())
    draft.basis, draft.carried = OnClientUnable(code="unconscious"), None
    sent = await town.nurse.send(draft.note("motivation", WHY))
    with pytest.raises(RelayProblem) as unknown:
        await town.workers[JAC]._client.alarm(sent.manifest)
    assert unknown.value.code == "alarm.unknown"
    # A colleague of the sender looks; and of an alarm, which names nobody, anyone who was told its code.
    assert await town.workers[f"{NURSE}/second"]._client.alarm(sent.manifest)
    assert await town.workers[JAC]._client.alarm((await town.alarm()).manifest)


async def test_nobody_accepts_the_code_for_a_colleague(town):
    colleague, nurse = town.workers[f"{NURSE}/second"], town.nurse
    rulebook = (await nurse._view.latest()).setting.rulebook.payload
    for worker in (nurse.identity.worker, None):
        declared = Declaration(
            v=1, huis=town.huis.id, nonce=new_nonce(), partner=NURSE, worker=worker, what="code",
            code_version=rulebook.code_version, code_digest=rulebook.code_digest,
        )  # fmt: skip
        said = colleague._view.submit(sign_payload(declared, colleague.identity.signing_key))
        if worker is None:
            await said  # For the services, which cannot, any worker does.
            continue
        with pytest.raises(RelayProblem) as refused:
            await said
        assert refused.value.code == "declaration.worker"


async def test_nobody_floods_a_family_with_objections(town, family):
    said = await family.father.object_to(sender=OCMW, to=CLB)
    with pytest.raises(RelayProblem) as again:
        await family.father.object_to(sender=OCMW, to=CLB)
    assert again.value.code == "objection.again"
    # What was taken back may be said again.
    await family.father.withdraw_objection(said)
    assert await family.father.object_to(sender=OCMW, to=CLB) != said
