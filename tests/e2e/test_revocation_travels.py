"""A revocation travels to who read the message, and to nobody who could not see it; a finding to who was told."""

from typing import Any

import pytest
import pytest_asyncio

from e2e.families import complete, say_yes, send_and_open
from e2e.town import HOME, noor, notices_of, open_town
from zegel import RelayProblem
from zegel.steward.envelope import sign_as_steward
from zegel_keys.envelopes import new_nonce, sign_payload
from zegel_keys.exhibit import read
from zegel_protocol.objects import Acknowledgement, Conference, Finding, Objection, PartnerRules, Procedure, Rota
from zegel_protocol.objects.desk import Shift, Training
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.objects.partner_rules import Closed

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory):
    async with open_town(tmp_path_factory.mktemp("town")) as opened:
        yield opened


async def both(town, family, mothers):
    """A referral about the mother and about Noor, that the home guidance read; return it and the mother's yeses."""
    draft = town.clb.referral(HOME, family.home.id, [family.mother, family.child])
    draft.note("growth", "Noor slaapt onrustig.", about=[family.child])
    draft.note("strength", "Moeder houdt vol.", about=[family.mother])
    complete(draft, town.huis.clock())
    await say_yes(mothers, await family.home.ask(draft))
    sent, _ = await send_and_open(town.clb, town.home, draft)
    given = [item.consent for item in await mothers.given() if item.consent.payload.to == Party(partner=HOME)]
    return sent.manifest, {about: item.d for item in given for about in item.payload.about}


def kinds(page, message):
    return sorted(item.kind for item in page.items if item.message == message)


async def test_what_a_parent_takes_back_of_her_own_is_not_the_others_to_know(town):
    family = await noor(town)
    async with await family.home.phone(family.mother) as mothers, await family.home.phone(family.father) as fathers:
        message, given = await both(town, family, mothers)
        assert set(notices_of(town.huis, message)) == {family.mother, family.father}
        (revocation,) = await mothers.revoke([given[family.mother]])
        (owed,) = await town.home.erasures.owed()
        assert (owed.message, owed.of, owed.why) == (message, revocation.d, "revoked")
        assert kinds(await mothers._phone.relay.deadlines(), message) == ["erasure", "first-contact"]
        assert kinds(await town.clb._client.deadlines(), message) == ["erasure", "first-contact"]
        # The father is told of Noor's lines, and of nothing that his wife took back.
        assert kinds(await fathers._phone.relay.deadlines(), message) == ["first-contact"]
        await town.home.erasures.answer(owed, "kept", "statutory-file")
        shown = {phone.person: await words(phone, message) for phone in (mothers, fathers)}
        assert shown == {family.mother: ["opened", "kept"], family.father: ["opened"]}
        assert [item.event for item in await town.clb.events(message)] == ["opened", "kept"]


async def words(phone, message):
    notice = next(item for item in await phone.notices() if item.notice.payload.manifest == message)
    return [held.payload.event for held in notice.events]


async def test_what_is_taken_back_of_a_child_both_parents_see(town):
    family = await noor(town)
    async with await family.home.phone(family.mother) as mothers, await family.home.phone(family.father) as fathers:
        message, given = await both(town, family, mothers)
        await fathers.revoke([given[family.child]])
        for phone in (mothers, fathers):
            assert kinds(await phone._phone.relay.deadlines(), message) == ["erasure", "first-contact"]


async def finding(town, message, n, found="over-broad"):
    """Give the relay a finding of the steward, and return its `D`."""
    known = await town.huis.known()
    made = Finding(
        v=1, huis=town.huis.id, nonce=new_nonce(), manifest=message, n=n, found=found, codes=(), at=town.huis.clock()
    )
    envelope = sign_as_steward(made, known.root, town.huis.keys)
    await town.huis.give(envelope)
    return read(envelope).d


async def test_a_finding_is_told_to_who_was_told_of_that_section_and_asked_back_once(town):
    family = await noor(town)
    async with await family.home.phone(family.mother) as mothers, await family.home.phone(family.father) as fathers:
        message, _ = await both(town, family, mothers)
        mine = next(
            section.entry.payload.n
            for item in await mothers.notices()
            for section in item.copy.sections
            if section.entry.payload.type == "strength"
        )
        await finding(town, message, mine, "unfounded")
        assert len(await mothers.notices()) == 1
        d = await finding(town, message, mine)
        (owed,) = [item for item in await town.home.erasures.owed() if item.message == message]
        assert (owed.of, owed.why) == (d, "over-broad")
        _, second = await mothers.notices()
        assert second.notice.payload.codes == ("over-broad",)
        assert [section.entry.payload.type for section in second.copy.sections] == ["strength"]
        # The father was never told that something is said of her.
        assert len(await fathers.notices()) == 1
        assert kinds(await fathers._phone.relay.deadlines(), message) == ["first-contact"]
        for n, code in ((mine, "finding.twice"), (63, "finding.section")):
            with pytest.raises(RelayProblem) as refused:
                await finding(town, message, n)
            assert refused.value.code == code


# Records that say what nobody may say


async def refused(partner, payload):
    """Sign a record as a worker of a partner, and return the code with which the relay refuses it."""
    with pytest.raises(RelayProblem) as caught:
        await partner._view.submit(sign_payload(payload, partner.identity.signing_key))
    return caught.value.code


def common(town):
    return {"v": 1, "huis": town.huis.id, "nonce": new_nonce(), "at": town.huis.clock()}


async def test_a_rota_and_a_procedure_name_people_who_are_there(town):
    now, nobody = town.huis.clock(), "ab" * 16
    shift = Shift(opens=now, closes=now + 60, devices=(nobody,))
    rota = Rota(**common(town), partner="clb-gent", version=1, shifts=(shift,), phone="112", otherwise="Bel.")
    assert await refused(town.clb, rota) == "rota.device"
    trained = (Training(worker=nobody, on="2026-11-24"),)
    procedure = Procedure(
        **common(town), partner="clb-gent", version=1, title="Alarm", digest="A" * 43, trained=trained
    )
    assert await refused(town.clb, procedure) == "worker.unknown"


@pytest.mark.parametrize(
    "closed", [{"kind": "advice"}, {"kind": "concern"}, {"kind": "client-message"}, {"purpose": "advice"}]
)
async def test_nobody_closes_the_floor(town, closed):
    rules = PartnerRules(**common(town), partner="clb-gent", version=1, closed=(Closed(way="receive", **closed),))
    with pytest.raises(RelayProblem) as caught:
        await town.clb._view.submit(sign_payload(rules, town.huis.members["clb-gent"].root.signing_key))
    assert caught.value.code == "rules.floor"


async def test_a_conference_is_about_one_household_and_stays_with_it(town):
    family, other = await noor(town), await noor(town)

    def table(**changes):
        fields: dict[str, Any] = {
            "id": "01a20dbb-3b80-7c1f-a730-cf49481b8952", "household": family.home.id, "chair": "clb-gent",
            "version": 1,
            "about": (family.child,), "invitees": (Party(partner="clb-gent"), Party(person=family.mother)),
            "with_client": True, "ended": False,
        }  # fmt: skip
        return Conference(**common(town), **fields | changes)

    assert await refused(town.clb, table(about=(other.child,))) == "person.household"
    assert await refused(town.clb, table(about=("ab" * 16,))) == "person.unknown"
    stranger = (Party(partner="clb-gent"), Party(partner="politie"))
    assert await refused(town.clb, table(invitees=stranger)) == "partner.unknown"
    first = sign_payload(table(), town.clb.identity.signing_key)
    await town.clb._view.submit(first)
    later = table(version=2, prev=read(first).d, household=other.home.id, about=(other.child,))
    assert await refused(town.clb, later) == "conference.other"


async def test_only_who_may_object_objects_and_takes_it_back(town):
    family = await noor(town)
    async with await family.home.phone(family.mother) as mothers:
        stands = await mothers.object_to([family.child])

        def said(person, about, **changes):
            by = Sender(partner="clb-gent", device=town.clb.identity.device)
            fields: dict[str, Any] = {"household": family.home.id, "person": person, "about": (about,), "by": by}
            return Objection(**common(town), **fields | changes)

        assert await refused(town.clb, said(family.father, family.mother)) == "objection.person"
        assert await refused(town.clb, said(family.mother, family.child)) == "objection.own-keys"
        taken = said(family.father, family.child, withdraws=stands)
        assert await refused(town.clb, taken) == "objection.withdraws"
        # The father has no phone: a worker writes down what he says.
        await town.clb._view.submit(sign_payload(said(family.father, family.child), town.clb.identity.signing_key))


async def test_a_word_is_its_speakers_and_of_its_message(town):
    family = await noor(town)
    async with await family.home.phone(family.mother) as mothers, await family.home.phone(family.father) as fathers:
        message, _ = await both(town, family, mothers)
        receipt = read(await town.home._client.receipt(message)).d

        def said(event, codes=(), **changes):
            by = Sender(partner=HOME, device=town.home.identity.device)
            fields: dict[str, Any] = {
                "manifest": message, "receipt": receipt, "reader": Party(partner=HOME), "by": by, "event": event,
                "codes": codes, "seen": town.home._view.seen,
            }  # fmt: skip
            return Acknowledgement(**common(town), **fields | changes)

        assert await refused(town.home, said("objected")) == "word.speaker"
        assert await refused(town.home, said("done", ("step-1",))) == "word.code"
        assert await refused(town.home, said("erased", of="E" * 43)) == "word.of"
        assert await refused(town.home, said("stuck", of="E" * 43)) == "word.of"
        # Who has keys speaks for themselves, and nobody speaks for a stranger.
        for person, code in ((family.mother, "acknowledgement.reader"), ("ab" * 16, "message.unknown")):
            assert await refused(town.home, said("stuck", reader=Party(person=person))) == code
        await town.home.talks.stuck(message)
        assert await words(mothers, message) == ["opened", "stuck"]
        # What one parent says, the other does not see; both partners do.
        notice = next(item for item in await mothers.notices() if item.notice.payload.manifest == message)
        await mothers.say(notice, "objected")
        assert await words(fathers, message) == ["opened", "stuck"]
        for partner in (town.clb, town.home):
            assert [item.event for item in await partner.events(message)] == ["opened", "stuck", "objected"]
