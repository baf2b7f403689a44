"""Who says yes, who is told and who reads, by age and by family: children, young people, adults, parents in conflict.

Scenarios 2, 4 and 5 of the rulebook, as far as referrals, information and report-backs go. `docs/spec/persons.md`.
"""

import json

import msgspec
import pytest
import pytest_asyncio

from e2e import traces
from e2e.families import Household, Overheard, complete, say_yes, send_and_open
from e2e.town import CGG, CLB, HOME, SCHOOL, all_answers, forge_yes, noor, notices_of, open_town
from zegel import Carried, Refused, RelayProblem
from zegel.compose import Composer
from zegel_demo import rash
from zegel_demo.touch import sign_and_submit
from zegel_keys.exhibit import read
from zegel_protocol.objects import Revocation
from zegel_protocol.objects.consent import ByPasskey, ConsentSigner
from zegel_protocol.objects.parties import Party

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory):
    async with open_town(tmp_path_factory.mktemp("town")) as opened:
        yield opened


async def test_a_child_under_12_the_parent_signs_is_told_and_sees_both_directions(town):
    """Scenario 2: Youssef, 9, missed fourteen half-days; the care coordinator tells the CLB, which says what helps."""
    home = Household.new(town.huis, town.school)
    mother = await home.adult()
    youssef = await home.child(9, [mother])
    async with await home.phone(mother) as phone:
        draft = town.school.information(CLB, home.id, [youssef], purpose="school")
        draft.note("school", "Veertien halve dagen afwezig sinds de herfstvakantie.")
        draft.note("ask", "Wat kan de klas doen?")
        complete(draft, town.huis.clock(), "Het CLB belt de ouder binnen de week.")
        with pytest.raises(Refused) as refused:
            await town.school.send(draft)
        assert refused.value.codes == ("consent.missing",)

        request = await home.ask(draft, back={"follow": "whole", "plan": "whole", "school": "whole"})
        (asked,) = await phone.requests()
        assert all(offer.draft.signers == (ConsentSigner(person=mother, role="authority"),) for offer in asked.offers)
        assert "uw kind" in asked.offers[0].text
        await say_yes(phone, request)

        # "The father drinks" is nothing that a school passes on about a child; the draft stays, without it.
        gossip = draft.without()
        gossip.note("addiction", "De vader drinkt.")
        for sending in (town.school.send(gossip), rash.send(town.school, gossip, town.huis.clock())):
            with pytest.raises(Refused) as refused:
                await sending
            assert "category.not-relevant" in refused.value.codes
            assert refused.value.refusals[0].mend.what == ("addiction",)

        sent, notes = await send_and_open(town.school, town.clb, draft)
        assert notes["school"] == "Veertien halve dagen afwezig sinds de herfstvakantie."
        assert set(notices_of(town.huis, sent.manifest)) == {mother}

        began = await town.clb.open(sent.manifest)
        answer = town.clb.report_back(began)
        answer.carried = Carried(how="with-client")
        answer.note("school", "Een vaste plaats vooraan en een rustig begin helpen hem.")
        answer.note("follow", "De moeder en wij zien elkaar weer in januari.")
        diagnosis = answer.without()
        diagnosis.note("disability", "Vermoeden van ADHD.")
        with pytest.raises(Refused) as refused:
            await town.clb.send(diagnosis)
        assert "category.not-relevant" in refused.value.codes
        await send_and_open(town.clb, town.school, answer)

        there, back = await phone.notices()
        assert [item.copy.manifest.payload.kind for item in (there, back)] == ["information", "report-back"]
        assert there.children == {youssef}
        assert ("school", "Veertien halve dagen afwezig sinds de herfstvakantie.") in there.readable()
        assert ("school", "Een vaste plaats vooraan en een rustig begin helpen hem.") in back.readable()
        page = "\n".join(phone.render(there))
        assert "Basisschool De Linde" in page
        assert "kind" in page
        assert there.opened[0].organisation == "CLB Gent"


async def test_a_young_person_signs_alone_and_no_parent_learns_of_it(town):
    """Scenario 4: Lotte, 14, from the JAC to mental care. Her mother holds authority, and has a phone of her own."""
    home = Household.new(town.huis, town.clb)
    mother = await home.adult()
    async with await home.phone(mother) as mothers:
        overheard = Overheard(mothers)
        before = await all_answers(mothers, overheard)
        lotte = await Household(town.huis, town.jac, home.id).child(14, [mother])
        async with await Household(town.huis, town.jac, home.id).phone(lotte) as phone:
            draft = town.jac.referral(CGG, home.id, [lotte])
            draft.note("who", "Lotte").note("mind", "Ik slaap slecht, en soms denk ik eraan mezelf pijn te doen.")
            complete(draft, town.huis.clock(), "De psycholoog stuurt Lotte een bericht.")
            request = await town.jac.families.ask_consent(draft)
            assert await mothers.requests() == []
            (asked,) = await phone.requests()
            assert asked.offers[0].draft.signers == (ConsentSigner(person=lotte, role="self"),)
            await phone.accept(asked)
            assert request == asked.request.d
            sent, notes = await send_and_open(town.jac, town.cgg, draft)
            assert notes["mind"].startswith("Ik slaap slecht")
            assert set(notices_of(town.huis, sent.manifest)) == {lotte}
            (notice,) = await phone.notices()
            await phone.tell(notice)

            # What the mother's phone is told is the same, byte for byte, as if nothing had happened.
            after = await all_answers(mothers, overheard)
            assert after == before
            assert not traces.found_in(traces.spellings(lotte), {"answers": b"\n".join(after)})
            # And with everything she may ask for, she learns neither of the person nor of whoever helps her.
            for attempt in (mothers._phone.relay.deliver(sent.manifest), mothers._phone.relay.events(sent.manifest)):
                with pytest.raises(RelayProblem) as nothing:
                    await attempt
                assert nothing.value.code == "message.unknown"

            # A parent's yes is none for someone of 14.
            case = (await phone._phone.family()).case
            with pytest.raises(Refused) as refused:
                await forge_yes(mothers, asked.request, (lotte,), "authority", case)
            assert "signer.not-entitled" in refused.value.codes


async def test_an_adult_signs_for_themselves_and_another_adult_does_not(town):
    home = Household.new(town.huis, town.jac)
    elif_id, partner_id = await home.adult(), await home.adult()
    async with await home.phone(elif_id) as phone, await home.phone(partner_id) as partners:
        draft = complete(town.jac.referral(CGG, home.id, [elif_id]).note("mind", "Somber."), town.huis.clock())
        request = await home.ask(draft)
        assert await partners.requests() == []
        (asked,) = await phone.requests()
        case = (await phone._phone.family()).case
        with pytest.raises(Refused) as refused:
            await forge_yes(partners, asked.request, (elif_id,), "authority", case)
        assert "signer.not-entitled" in refused.value.codes
        await say_yes(phone, request)
        sent, _ = await send_and_open(town.jac, town.cgg, draft)
        assert set(notices_of(town.huis, sent.manifest)) == {elif_id}
        assert await partners.notices() == []
        assert await partners.given() == ()


@pytest.mark.parametrize("known_before", [False, True], ids=["from the start", "later on"])
async def test_a_silenced_parent_gets_no_notice_and_finds_no_trace(town, known_before):
    family = await noor(town, conflict=True)
    async with await family.home.phone(family.mother) as mothers, await family.home.phone(family.father) as fathers:
        if not known_before:
            family.child = await family.home.child(7, [family.mother, family.father], silenced=[family.father])
        else:
            await town.clb.families.change_person(family.child, silenced=[family.father])
        listening = Overheard(fathers)
        before, cursor = await all_answers(fathers, listening), fathers.cursor

        draft = family.growth(town.clb)
        request = await family.home.ask(draft)
        await say_yes(mothers, request)
        sent, _ = await send_and_open(town.clb, town.home, draft)
        assert set(notices_of(town.huis, sent.manifest)) == {family.mother}
        (notice,) = await mothers.notices()
        await mothers.tell(notice)

        after = await all_answers(fathers, listening)
        assert after == before
        assert fathers.cursor == cursor
        for secret in (family.child, sent.manifest, sent.id, request):
            assert not traces.found_in(traces.spellings(secret), {"answers": b"\n".join(after)})
        # He reads nothing of it by its name either; what he is told is what a stranger is told.
        for attempt in (fathers._phone.relay.deliver(sent.manifest), fathers._phone.relay.events(sent.manifest)):
            with pytest.raises(RelayProblem) as nothing:
                await attempt
            assert nothing.value.code == "message.unknown"
        # Nor does what he signs find out: he is not entitled, whether or not something was signed meanwhile.
        asked = next(item for item in await mothers.requests() if item.request.d == request)
        case = (await mothers._phone.family()).case
        with pytest.raises(Refused) as refused:
            await forge_yes(fathers, asked.request, (family.child,), "authority", case)
        assert refused.value.codes == ("signer.not-entitled",)

        class Careless(Composer):
            def _readers(self, to, section):
                readers = (*super()._readers(to, section), Party(person=family.father))
                return tuple(sorted(readers, key=lambda item: item.key))

        # And software of a sender's that would have him read it, knowing no better, is refused.
        case = await town.clb._evidence(draft)
        careless = Careless(town.clb.identity, case, town.clb._view.seen, town.huis.clock())
        composed = careless.compose(draft, await town.clb._prekeys(HOME))
        with pytest.raises(Refused) as refused:
            await town.clb._client.submit_message(composed.submission)
        assert set(refused.value.codes) == {"reader.not-allowed"}


async def test_a_stranger_cannot_sign_for_a_child(town):
    """Somebody of the same household who holds no authority: a stepfather, a neighbour who lives in."""
    home = Household.new(town.huis, town.clb)
    mother, stranger = await home.adult(), await home.adult()
    child = await home.child(7, [mother])
    async with await home.phone(mother) as mothers, await home.phone(stranger) as strangers:
        draft = town.clb.referral(HOME, home.id, [child]).note("growth", "Ze groeit goed.")
        request = await home.ask(complete(draft, town.huis.clock()))
        assert await strangers.requests() == []
        (asked,) = await mothers.requests()
        case = (await mothers._phone.family()).case
        for role in ("authority", "self"):
            with pytest.raises(Refused) as refused:
                await forge_yes(strangers, asked.request, (child,), role, case)
            assert "signer.not-entitled" in refused.value.codes
        await say_yes(mothers, request)
        await send_and_open(town.clb, town.home, draft)
        (given, *_) = await mothers.given()
        flow = given.consent.payload
        stop = Revocation(
            v=1, huis=town.huis.id, nonce=flow.nonce, household=home.id, sender=flow.sender, to=flow.to,
            revokes=(given.consent.d,), reason_code="changed-mind", about=(child,),
            signers=(ConsentSigner(person=stranger, role="authority"),), evidence=ByPasskey(), at=town.huis.clock(),
            chains=(msgspec.structs.replace(flow.chains[0], seq=2, prev=given.consent.d),),
        )  # fmt: skip
        with pytest.raises(Refused) as refused:
            await sign_and_submit(strangers._phone, [(stop, None)], case)
        assert refused.value.codes == ("signer.not-entitled",)


async def test_who_has_no_device_is_told_by_somebody_who_is_named(town):
    """The father has no phone: a notice waits for him all the same, and a partner owes him the telling."""
    family = await noor(town)
    async with await family.home.phone(family.mother) as mothers:
        draft = family.growth(town.clb)
        await say_yes(mothers, await family.home.ask(draft))
        sent, _ = await send_and_open(town.clb, town.home, draft)
        notices = notices_of(town.huis, sent.manifest)
        assert notices[family.father].codes == ("code-first", "without-device")
        assert notices[family.mother].codes == ()
        (duty,) = [item for item in await town.clb.duties() if item.message == sent.manifest]
        letter = await town.clb.letter(duty)
        assert "De organisaties hier hebben afspraken over hoe ze met u omgaan." in letter
        assert "Lees de afspraken" not in letter
        (notice,) = await mothers.notices()
        manifest = notice.copy.manifest.payload
        assert manifest.notice_by == CLB
        assert json.loads(msgspec.json.encode(manifest))["notice_by"] == CLB

        class Unnamed(Composer):
            def _manifest(self, draft, message, entries):
                return msgspec.structs.replace(super()._manifest(draft, message, entries), notice_by=None)

        # Somebody must owe it, and it must be one of the two who share.
        draft.notice_by = SCHOOL
        assert {item.code.value for item in (await town.clb.preflight(draft)).refusals} == {"notice.by"}
        draft.notice_by = None
        case = await town.clb._evidence(draft)
        unnamed = Unnamed(town.clb.identity, case, town.clb._view.seen, town.huis.clock())
        composed = unnamed.compose(draft, await town.clb._prekeys(HOME))
        assert read(bytes(composed.submission.manifest)).kind == "manifest"
        with pytest.raises(Refused) as refused:
            await town.clb._client.submit_message(composed.submission)
        assert refused.value.codes == ("notice.by",)
        assert refused.value.refusals[0].mend.what == ("notice-by",)
