"""Two parents in known conflict: both sign for what is sensitive, and neither reads the other's words (scenario 5)."""

from dataclasses import replace

import msgspec
import pytest
import pytest_asyncio

from e2e import traces
from e2e.families import Overheard, complete, say_yes, send_and_open
from e2e.town import HOME, noor, notices_of, open_town
from zegel import Refused, RelayProblem
from zegel_demo import rash
from zegel_demo.huis import DAY
from zegel_protocol.errors import ProtocolError
from zegel_protocol.objects import Consent
from zegel_protocol.objects.consent import ConsentSigner

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory):
    async with open_town(tmp_path_factory.mktemp("town")) as opened:
        yield opened


async def test_once_conflict_is_known_both_parents_sign_for_what_is_sensitive(town):
    family = await noor(town)
    async with await family.home.phone(family.mother) as mothers, await family.home.phone(family.father) as fathers:
        draft = family.growth(town.clb)
        request = await family.home.ask(draft)
        await say_yes(mothers, request)
        await send_and_open(town.clb, town.home, draft)

        await town.clb.families.change_person(family.child, conflict=True)
        for sending in (town.clb.send(draft), rash.send(town.clb, draft, town.huis.clock())):
            with pytest.raises(Refused) as refused:
                await sending
            assert refused.value.codes == ("signer.conflict",)
            # What would mend it: the other parent's signature, and nothing else.
            assert refused.value.refusals[0].mend.what == (family.father,)
        ordinary = draft.without("growth")
        await send_and_open(town.clb, town.home, ordinary)

        again = await family.home.ask(draft)
        asked = next(item for item in await mothers.requests() if item.request.d == again)
        joint = await mothers.begin_together(asked, [family.father])
        assert joint.missing == {family.father}
        with pytest.raises(ProtocolError) as early:
            await mothers.give_together(joint)
        assert early.value.code == "consent.signers"
        texts = await fathers.read_together(joint)
        assert "hoe uw kind groeit" in texts[0].lower()
        signed = await fathers.co_sign(joint)
        answers = await fathers.give_together(signed)
        assert [answer.payload.about for answer in answers] == [(family.child,), (family.child,)]
        sent, notes = await send_and_open(town.clb, town.home, draft)
        assert notes["growth"] == "Noor praat weinig en slaapt onrustig."
        # Both are told, each on their own page.
        assert set(notices_of(town.huis, sent.manifest)) == {family.mother, family.father}
        for phone in (mothers, fathers):
            newest = (await phone.notices())[-1]
            assert ("growth", "Noor praat weinig en slaapt onrustig.") in newest.readable()
            # Either parent can stop it alone: taking back is easier than giving.
        given = [item.consent.d for item in await mothers.given() if item.consent.d == answers[0].d]
        await mothers.revoke(given)
        with pytest.raises(Refused) as refused:
            await town.clb.send(draft)
        assert set(refused.value.codes) <= {"consent.revoked", "signer.conflict"}


async def test_a_phone_signs_no_more_than_it_would_be_asked_itself(town):
    family = await noor(town, conflict=True)
    async with await family.home.phone(family.mother) as mothers, await family.home.phone(family.father) as fathers:
        await family.home.ask(family.growth(town.clb))
        (asked,) = await mothers.requests()
        joint = await mothers.begin_together(asked, [family.father])
        first = joint.consents[0]
        school = msgspec.structs.replace(first.types[0], type="school")
        wider = msgspec.structs.replace(first, types=(*first.types, school))
        changes: dict[str, tuple[Consent, ...]] = {
            "consent.not-asked": (
                wider,
                msgspec.structs.replace(first, not_after=first.not_after + 30 * DAY),
                msgspec.structs.replace(first, signers=(ConsentSigner(person=family.mother, role="authority"),)),
                msgspec.structs.replace(first, purpose="care"),
            ),
            "consent.text-changed": (msgspec.structs.replace(first, types=first.types[:1]),),
        }
        for code, proposals in changes.items():
            for proposal in proposals:
                with pytest.raises(ProtocolError) as changed:
                    await fathers.co_sign(replace(joint, consents=(proposal,)))
                assert changed.value.code == code
        # The relay takes no such object with one signature only, whatever a phone says.
        case = (await mothers._phone.family()).case
        with pytest.raises(RelayProblem) as missing:
            await mothers._phone.submit(first, (joint.touched[family.mother],), case)
        assert missing.value.code == "signature.missing"
        await mothers.accept(asked, only={0: {"plan"}, 1: set()})
        with pytest.raises(ProtocolError) as moved:
            await fathers.co_sign(joint)
        assert moved.value.code == "chain.head"


async def test_the_father_sees_the_lines_about_his_child_and_never_the_mother_s_words(town):
    family = await noor(town, conflict=True)
    words = "Hij belt elke avond en dan durf ik niet op te nemen."
    async with await family.home.phone(family.mother) as mothers, await family.home.phone(family.father) as fathers:
        draft = town.clb.referral(HOME, family.home.id, [family.child, family.mother])
        draft.note("ask", "Ik wil rust voor mezelf.", about=[family.mother])
        draft.note("growth", "Noor slaapt onrustig.", about=[family.child])
        draft.note("parenting", words, about=[family.child], withheld={family.father: "other-parents-words"})
        complete(draft, town.huis.clock())
        hers_alone_to_answer = await family.home.ask(draft, persons=[family.mother])
        request = await family.home.ask(draft, persons=[family.child])
        # What is asked of her about herself is not shown to him, who is asked about the child.
        assert [item.request.d for item in await fathers.requests()] == [request]
        asked = next(item for item in await mothers.requests() if item.request.d == request)
        joint = await fathers.co_sign(await mothers.begin_together(asked, [family.father]))
        await mothers.give_together(joint)
        await say_yes(mothers, hers_alone_to_answer)
        listening = Overheard(fathers)
        sent, notes = await send_and_open(town.clb, town.home, draft)
        assert notes["parenting"] == words

        (hers,), (his,) = await mothers.notices(), await fathers.notices()
        assert {name for name, _ in hers.readable()} == {"agreement", "ask", "growth", "parenting"}
        by_type = {item.entry.payload.type: item for item in his.copy.sections}
        # The line is there, with why it is kept from him; of her own question there is none.
        assert set(by_type) == {"agreement", "growth", "parenting"}
        assert by_type["parenting"].withheld == "other-parents-words"
        assert by_type["parenting"].content is None
        assert ("growth", "Noor slaapt onrustig.") in his.readable()
        assert his.notice.payload.codes == ("partly-withheld",)
        page = "\n".join(fathers.render(his))
        assert "belt elke avond" not in page
        # No key of it was wrapped for him, and its ciphertext is not handed to him either.
        with pytest.raises(RelayProblem) as kept:
            await fathers._phone.relay.download(by_type["parenting"].entry.payload.ct)
        assert kept.value.code == "blob.unknown"
        hers_alone = next(item for item in hers.copy.sections if item.entry.payload.type == "ask").entry
        answers = b"\n".join(listening.forget())
        assert not traces.found_in(traces.spellings(hers_alone.payload.ct), {"answers": answers})
        # A reason that is not on the list hides nothing from anybody.
        hidden = draft.without("parenting")
        hidden.note("parenting", words, about=[family.child], withheld={family.father: "quarrel"})
        with pytest.raises(Refused) as refused:
            await rash.send(town.clb, hidden, town.huis.clock())
        assert refused.value.codes == ("withheld.reason",)
        assert sent.manifest == his.copy.manifest.d


async def test_nobody_goes_to_tell_a_parent_who_was_silenced_since(town):
    family = await noor(town)
    async with await family.home.phone(family.mother) as mothers:
        draft = family.growth(town.clb)
        await say_yes(mothers, await family.home.ask(draft))
        sent = await town.clb.send(draft)

    async def owed():
        return [duty.person for duty in await town.clb.duties() if duty.message == sent.manifest]

    assert await owed() == [family.father]
    await town.clb.families.change_person(family.child, silenced=[family.father])
    assert await owed() == []
