"""The client agent against a relay made by hand: enrolling, what it is asked, what it signs and takes back."""

from dataclasses import replace

import msgspec
import pytest

from unit.demo.conftest import SECRET, phone_of
from unit.demo.hand_huis import BUDDY, CHILD, DAY, MOTHER, NOW, NURSE, OCMW, TEEN, d_of, flow
from unit.demo.offline import code_of, judged, query_of, same_phone
from zegel_keys import signing
from zegel_protocol import dsse, encoding
from zegel_protocol.enrolment import EnrolmentContext, check_tag
from zegel_protocol.errors import ProtocolError
from zegel_protocol.texts.consent_text import text_digest


class TestEnrolment:
    def test_the_worker_can_check_the_tag(self, relay):
        agent = phone_of(relay)
        keys = agent.enrol(SECRET, NOW)
        context = EnrolmentContext(
            huis=relay.huis.id, household=agent.household, person=MOTHER, opened=NOW, passkeys=keys.passkeys,
            identity_key=keys.identity_key, seal_key=keys.seal_key,
        )  # fmt: skip
        check_tag(SECRET, context, keys.tag, NOW + 60)

    def test_the_record_of_its_own_keys_is_signed_once(self, relay):
        agent = phone_of(relay)
        keys = agent.enrol(SECRET, NOW)
        payload = encoding.encode(relay.huis.key_record(MOTHER, keys))
        signature = dsse.decode_standard(agent.sign_client_key(payload).sig)
        signing.check(keys.identity_key, dsse.pae(dsse.payload_type("client-key"), payload), signature)
        with pytest.raises(ProtocolError) as caught:
            agent.sign_client_key(payload)
        assert caught.value.code == "enrolment.payload"

    @pytest.mark.parametrize("field", ["person", "household", "identity_key", "seal_key", "passkeys", "enrolment"])
    def test_a_record_of_anything_else_is_not_signed(self, relay, field):
        agent, other = phone_of(relay), phone_of(relay, CHILD)
        record = relay.huis.key_record(MOTHER, agent.enrol(SECRET, NOW))
        others = relay.huis.key_record(CHILD, other.enrol(SECRET, NOW), household="f" * 32)
        swapped = msgspec.structs.replace(record, **{field: getattr(others, field)})
        with pytest.raises(ProtocolError) as caught:
            agent.sign_client_key(encoding.encode(swapped))
        assert caught.value.code == "enrolment.payload"

    def test_without_an_enrolment_nothing_is_signed(self, relay):
        record = relay.huis.key_record(MOTHER, phone_of(relay).enrol(SECRET, NOW))
        with pytest.raises(ProtocolError) as caught:
            phone_of(relay).sign_client_key(encoding.encode(record))
        assert caught.value.code == "enrolment.payload"

    def test_an_old_code_is_not_answered(self, relay):
        with pytest.raises(ProtocolError) as caught:
            phone_of(relay).enrol(SECRET, NOW - 601)
        assert caught.value.code == "enrolment.expired"


class TestAsked:
    async def test_each_flow_comes_with_its_text(self, huis, agent):
        request = huis.ask(flow("ask", "money"), flow("follow", "plan", sender=OCMW, to=NURSE))
        (asked,) = await agent.requests()
        assert asked.request.payload == request
        assert asked.asker == "Kind en Gezin"
        assert [offer.flow for offer in asked.offers] == [0, 1]
        assert "Mag Kind en Gezin informatie geven aan het OCMW?" in asked.offers[0].text
        assert asked.offers[0].draft.not_before == NOW
        assert asked.offers[0].draft.not_after == NOW + 60 * DAY

    @pytest.mark.parametrize(
        ("asked_for", "days"),
        [
            (flow("ask", until=NOW + 400 * DAY), 90),
            (flow("ask", purpose="coordinate", until=NOW + 400 * DAY), 360),
            (flow("ask", "health", purpose="coordinate", until=NOW + 400 * DAY), 180),
            (flow("plan", purpose="coordinate", to=BUDDY, until=NOW + 400 * DAY), 90),
            (flow("ask", until=NOW + 7), 7 / DAY),
        ],
    )
    async def test_a_yes_ends_where_the_rulebook_or_the_question_ends(self, huis, agent, asked_for, days):
        huis.ask(asked_for)
        (asked,) = await agent.requests()
        assert asked.offers[0].draft.not_after == NOW + days * DAY

    async def test_oneself_and_a_child_are_asked_apart(self, huis, agent):
        huis.ask(flow("ask"), persons=(MOTHER, CHILD))
        (asked,) = await agent.requests()
        assert [(offer.draft.about, offer.draft.signers[0].role) for offer in asked.offers] == [
            ((MOTHER,), "self"),
            ((CHILD,), "authority"),
        ]
        assert asked.offers[0].text != asked.offers[1].text

    async def test_a_young_person_is_not_spoken_for(self, huis, agent):
        huis.person(TEEN, turns12="2024-06", turns18="2030-06", authority=(MOTHER,))
        huis.ask(flow("ask"), persons=(TEEN,))
        assert await agent.requests() == []

    async def test_a_silenced_parent_is_not_asked(self, huis, agent):
        other = "9" * 32
        huis.person(other, turns12="2030-05", turns18="2036-05", authority=(MOTHER,), silenced=(MOTHER,))
        huis.ask(flow("ask"), persons=(other,))
        assert await agent.requests() == []

    @pytest.mark.parametrize(
        ("asked_for", "changes", "code"),
        [
            (flow("ask", until=NOW), {}, "request.expired"),
            (flow("ask", purpose="voice"), {}, "purpose.no-consent"),
            (flow("ask", purpose="fraud"), {}, "purpose.unknown"),
            (flow("ask", to="police"), {}, "text.missing"),
            (flow("religion"), {}, "text.missing"),
            (flow("ask"), {"template": "consent-9"}, "request.template"),
            (flow("ask"), {"language": "xx"}, "text.language"),
        ],
    )
    async def test_a_flow_that_cannot_be_shown_can_not_be_said_yes_to(self, huis, agent, asked_for, changes, code):
        huis.ask(asked_for, **changes)
        (asked,) = await agent.requests()
        assert asked.unanswerable == {0: code}
        assert await code_of(agent.accept(asked)) == "consent.nothing"


class TestYes:
    async def test_one_touch_signs_all_of_it(self, huis, relay, agent):
        huis.ask(flow("ask", "money"), flow("follow", sender=OCMW, to=NURSE), persons=(MOTHER, CHILD))
        (asked,) = await agent.requests()
        answers = await agent.accept(asked)
        assert [answer.payload.text_digest for answer in answers] == [text_digest(o.text) for o in asked.offers]
        assert await judged(relay, MOTHER, CHILD) == []
        assert await judged(relay, MOTHER, CHILD, sender=OCMW, to=NURSE) == []
        assert set(agent.receipts) == {answer.d for answer in answers}
        assert len(answers) == 4

    async def test_a_single_yes_is_no_batch(self, huis, relay, agent):
        huis.ask(flow("ask"))
        (asked,) = await agent.requests()
        await agent.accept(asked)
        assert await judged(relay, MOTHER) == []

    async def test_two_purposes_for_one_organisation_take_two_places_in_one_chain(self, huis, relay, agent):
        huis.ask(flow("ask"), flow("ask", purpose="coordinate"))
        (asked,) = await agent.requests()
        first, second = await agent.accept(asked)
        assert [link.seq for link in (*first.payload.chains, *second.payload.chains)] == [1, 2]
        assert second.payload.chains[0].prev == first.d
        assert await judged(relay, MOTHER) == []

    async def test_less_than_asked(self, huis, relay, agent):
        huis.ask(flow("ask", "money", "housing"), flow("follow", sender=OCMW, to=NURSE), flow("plan"))
        (asked,) = await agent.requests()
        narrowed, whole = await agent.accept(asked, only={0: {"ask", "housing"}, 1: set()})
        assert [scope.type for scope in narrowed.payload.types] == ["ask", "housing"]
        assert [scope.type for scope in whole.payload.types] == ["plan"]
        assert "schulden" in asked.offers[0].text
        assert "schulden" not in narrowed.text
        assert await judged(relay, MOTHER) == []

    @pytest.mark.parametrize(
        ("only", "code"),
        [
            ({0: {"ask", "health"}}, "consent.not-asked"),
            ({1: {"ask"}}, "consent.not-asked"),
            ({0: set()}, "consent.nothing"),
        ],
    )
    async def test_never_more_than_asked(self, huis, agent, only, code):
        huis.ask(flow("ask"))
        (asked,) = await agent.requests()
        assert await code_of(agent.accept(asked, only=only)) == code

    async def test_what_was_shown_is_what_is_signed(self, huis, agent):
        huis.ask(flow("ask"))
        (asked,) = await agent.requests()
        shown = replace(asked, offers=(replace(asked.offers[0], text="Ja op alles?"),))
        assert await code_of(agent.accept(shown)) == "consent.text-changed"

    async def test_a_newer_yes_replaces_an_older(self, huis, relay, agent):
        huis.ask(flow("ask", "money"))
        (asked,) = await agent.requests()
        (old,) = await agent.accept(asked)
        (new,) = await agent.accept(asked, replaces=[old.d])
        assert new.payload.replaces == (old.d,)
        assert "Dit komt in de plaats van een ja dat u eerder gaf." in new.text
        assert [item.counts_for for item in await agent.given()] == [(), (MOTHER,)]
        assert await judged(relay, MOTHER) == []
        assert await code_of(agent.accept(asked, replaces=[d_of(huis.directory)])) == "consent.unknown"

    async def test_something_signed_in_between_is_the_relays_to_say(self, huis, relay, agent):
        huis.ask(flow("ask"))
        (asked,) = await agent.requests()
        other = await relay.evidence(query_of())
        await agent.accept(asked)
        fresh = same_phone(agent, relay)
        relay.lies["evidence"] = lambda _: other
        assert await code_of(fresh.accept(asked)) == "chain.head"


class TestStop:
    async def test_a_yes_is_taken_back(self, huis, relay, agent):
        huis.ask(flow("ask"), flow("ask", purpose="coordinate"), flow("follow", sender=OCMW, to=NURSE))
        (asked,) = await agent.requests()
        first, second, back = await agent.accept(asked)
        (stop,) = await agent.revoke([first.d, second.d], "no-trust")
        assert stop.payload.revokes == tuple(sorted([first.d, second.d]))
        assert [(link.seq, link.prev) for link in stop.payload.chains] == [(3, second.d)]
        assert [item.counts_for for item in await agent.given()] == [(), (), (MOTHER,)]
        assert back.payload.chains[0].seq == 1

    async def test_one_touch_stops_it_for_oneself_and_a_child(self, huis, agent):
        huis.ask(flow("ask"), persons=(MOTHER, CHILD))
        (asked,) = await agent.requests()
        given = await agent.accept(asked)
        stops = await agent.revoke([answer.d for answer in given])
        assert sorted(stop.payload.about for stop in stops) == [(MOTHER,), (CHILD,)]
        assert all(item.counts_for == () for item in await agent.given())

    async def test_errors(self, huis, agent):
        huis.ask(flow("ask"), flow("follow", sender=OCMW, to=NURSE))
        (asked,) = await agent.requests()
        there, back = await agent.accept(asked)
        assert await code_of(agent.revoke([there.d, back.d])) == "revocation.flows"
        assert await code_of(agent.revoke([there.d], "bored")) == "revocation.reason"
        assert await code_of(agent.revoke([d_of(huis.directory)])) == "consent.unknown"
        assert await code_of(agent.revoke([])) == "consent.nothing"
        await agent.revoke([there.d])
        assert await code_of(agent.revoke([there.d])) == "consent.unknown"

    async def test_a_yes_is_narrowed(self, huis, relay, agent):
        huis.ask(flow("ask", "money"))
        (asked,) = await agent.requests()
        (old,) = await agent.accept(asked)
        relay.now += DAY
        (new,) = await agent.narrow(old.d, {"ask"})
        assert [scope.type for scope in new.payload.types] == ["ask"]
        assert (new.payload.replaces, new.payload.request) == ((old.d,), old.payload.request)
        assert (new.payload.not_before, new.payload.not_after) == (relay.now, old.payload.not_after)
        assert await judged(relay, MOTHER) == []
        assert await code_of(agent.narrow(old.d, {"ask"})) == "consent.unknown"
        assert await code_of(agent.narrow(new.d, {"money"})) == "consent.not-asked"
        assert await code_of(agent.narrow(new.d, set())) == "consent.nothing"
