"""What the client agent says: sealed to its readers alone, bound to the writer's key, and checked by the receipt."""

import msgspec
import pytest
from msgspec import Raw

from unit.demo.hand_huis import CHILD, MOTHER, NOW, NURSE, OCMW, d_of, new_nonce, sign
from unit.demo.hand_message import Sending
from unit.demo.offline import code_of, same_phone
from zegel.content import framing, schemas
from zegel.content.errors import ContentError
from zegel.errors import RecipientWithoutKeys, Refused
from zegel.section import Section
from zegel_demo.client_sealing import own_words
from zegel_keys import opening
from zegel_keys.exhibit import read
from zegel_keys.verification import read_payload
from zegel_protocol import b64, encoding
from zegel_protocol.api import DeadlineItem, NoticeItem
from zegel_protocol.objects import Acknowledgement, Entry, Finding, Manifest, Notice, Objection, Receipt, Wraps
from zegel_protocol.objects.parties import Party
from zegel_protocol.positions import first_position
from zegel_protocol.sealing import SectionContext, WrapContext, wrap_info

FATHER = "f" * 32


def sent(relay):
    """Return the last message taken apart: manifest, entries, and wraps by the reader's key."""
    submission = relay.sent[-1]
    manifest, d = read_payload(bytes(submission.manifest), Manifest)
    entries = [encoding.decode(b64.decode(item), Entry) for item in submission.entries]
    wraps = [read_payload(bytes(item), Wraps)[0] for item in submission.wraps]
    return d, manifest, entries, {item.reader.key: item for item in wraps}


class TestSending:
    async def test_it_opens_with_the_partners_key_as_what_the_writers_key_sealed(self, huis, relay, agent):
        private = huis.prekeys(OCMW)
        receipt = await agent.send(OCMW, "Kan iemand mij bellen?")
        d, manifest, (entry,), wraps = sent(relay)
        assert receipt.manifest == d
        assert (manifest.sender.person, manifest.devices, manifest.basis) == (MOTHER, None, None)
        assert set(wraps) == {f"partner:{OCMW}", f"person:{MOTHER}"}
        assert entry.readers == (Party(partner=OCMW), Party(person=MOTHER))
        own = agent._phone.seed.identity_key.public
        (wrap,) = wraps[f"partner:{OCMW}"].wraps
        context = WrapContext(
            manifest=d, sealer=own, reader=Party(partner=OCMW), keys=wrap.source, key=wrap.key, entries=(0,)
        )
        (key,) = opening.unwrap(wrap.box, private, wrap_info(context), 1)
        bound = SectionContext(
            huis=huis.id, message=manifest.id, sender=own, household=manifest.household, n=0, type="ask", form="whole",
            about=(MOTHER,), media=framing.NOTE_MEDIA,
        )  # fmt: skip
        (inline,) = relay.sent[-1].sections
        content = opening.open_section(bound, key, b64.decode(inline.body), entry.ct, entry.kc, entry.padded)
        assert framing.unpack_note(schemas.Whole, content).text == "Kan iemand mij bellen?"

    async def test_what_is_large_is_uploaded_first(self, huis, relay, agent):
        huis.prekeys(OCMW)
        pdf = b"%PDF-1.4\n" + bytes(200_000) + b"\nstartxref\n0\n%%EOF\n"
        letter = Section("money", "whole", (MOTHER,), name="brief.pdf", data=pdf, media="application/pdf")
        await agent.send(OCMW, [own_words((MOTHER,), "ask", "Wat is dit?"), letter])
        _, _, entries, _ = sent(relay)
        assert [item.ct for item in relay.sent[-1].sections] == [entries[0].ct]
        assert set(relay.blobs) == {entries[1].ct}

    async def test_another_parent_sees_the_line_and_not_the_words(self, huis, relay, agent):
        huis.prekeys(OCMW)
        huis.person(FATHER)
        together = {"turns12": "2030-05", "turns18": "2036-05", "authority": (MOTHER, FATHER)}
        other = "e" * 32
        huis.person(other, **together)
        relay.people = 2
        await agent.send(OCMW, [own_words((other,), "ask", "Hij slaapt slecht.")])
        _, _, (entry,), wraps = sent(relay)
        assert [(item.person, item.reason) for item in entry.withheld] == [(FATHER, "other-parents-words")]
        assert f"person:{FATHER}" not in wraps

    async def test_nothing_leaves_that_may_not_go_or_nobody_can_open(self, huis, relay, agent):
        with pytest.raises(RecipientWithoutKeys):
            await agent.send(OCMW, "Hallo?")
        huis.prekeys(OCMW)
        with pytest.raises(Refused) as refused:
            await agent.send("bestaat-niet", "Hallo?")
        assert "recipient.unknown" in refused.value.codes
        with pytest.raises(Refused) as purpose:
            await agent.send(OCMW, "Hallo?", purpose="referral")
        assert "purpose.kind" in purpose.value.codes
        with pytest.raises(ContentError):
            await agent.send(OCMW, "a" * 1001)
        assert relay.sent == []

    @pytest.mark.parametrize(("lie", "code"), [("wraps", "receipt.wraps"), ("notices", "receipt.notices")])
    async def test_a_receipt_for_less_than_was_sent(self, huis, relay, agent, lie, code):
        huis.prekeys(OCMW)

        def less(envelope):
            payload, _ = read_payload(envelope, Receipt)
            return sign(msgspec.structs.replace(payload, **{lie: ()}), huis.relay_key)

        relay.lies["submit_message"] = less
        assert await code_of(agent.send(OCMW, "Hallo?")) == code
        assert agent.receipts == {}


class TestWords:
    async def test_a_word_is_signed_only_if_it_is_hers_to_say(self, huis, relay, agent):
        Sending(relay, ("ask", "Hulp.", (MOTHER,))).send()
        (notice,) = await agent.notices()
        assert await code_of(agent.decline(notice)) == "word.speaker"
        assert await code_of(agent.say(notice, "done", ["first-contact"])) == "word.code"
        assert await code_of(agent.say(notice, "kept", ["statutory-file"], of=notice.copy.manifest.d)) == "word.speaker"
        assert await code_of(agent.answer(notice, "Ja.")) == "question.not-asked"
        assert huis.of(Acknowledgement) == []
        await agent.say(notice, "stuck", ["first-contact"])
        (said,) = huis.of(Acknowledgement)
        assert (said.event, said.codes, said.by.person) == ("stuck", ("first-contact",), MOTHER)

    async def test_what_is_due_about_her_in_words(self, huis, relay, agent):
        d = Sending(relay, ("ask", "Hulp.", (MOTHER,))).send()
        relay.owed.append(
            DeadlineItem(
                kind="report-back",
                owner=Party(partner=OCMW),
                object=d,
                message=d,
                number=0,
                since=NOW,
                due=NOW,
                state="overdue",
            )
        )
        (unread,) = await agent.deadlines()
        assert unread.text.startswith("Het OCMW laat aan een organisatie weten hoe het gaat, ten laatste dinsdag 24")
        await agent.notices()
        (owed,) = await agent.deadlines()
        assert owed.text.startswith("Het OCMW laat aan Kind en Gezin weten hoe het gaat")
        assert owed.late
        assert owed.text.endswith("Dat is te laat.")


class TestObjections:
    async def test_she_objects_for_herself_and_for_her_child_and_takes_it_back(self, huis, agent):
        d = await agent.object_to([MOTHER, CHILD], NURSE, OCMW)
        assert await code_of(agent.object_to([FATHER])) == "objection.not-theirs"
        assert await code_of(agent.withdraw_objection(d_of(huis.directory))) == "objection.unknown"
        back = await agent.withdraw_objection(d)
        first, second = huis.of(Objection)
        assert (d_of(first), d_of(second), second.withdraws) == (d, back, d)
        assert (first.about, first.sender, first.to) == (second.about, second.sender, second.to)
        assert first.about == (MOTHER, CHILD)
        assert await code_of(agent.withdraw_objection(d)) == "objection.unknown"

    async def test_it_is_there_on_another_phone_of_hers_and_is_missed_when_it_is_withheld(self, relay, agent):
        d = await agent.object_to(to=OCMW)
        assert set(await same_phone(agent, relay).objections()) == set(await agent.objections()) == {d}
        relay.lies["evidence"] = lambda it: msgspec.structs.replace(
            it, items=tuple(held for held in it.items if read(bytes(held.object)).d != d)
        )
        assert await code_of(agent.objections()) == "objection.withheld"


class TestOverBroad:
    def told(self, huis, relay, *entries, find=()):
        """Tell the mother that sections were too much, as the relay does; return their message's `D`."""
        sending = Sending(relay, ("ask", "Hulp.", (MOTHER,)), ("money", "Alles.", (MOTHER,)))
        d = sending.send()
        for n in find:
            finding = Finding(
                **huis.header, nonce=new_nonce(), manifest=d, n=n, found="over-broad", codes=(), at=relay.now
            )
            huis.accept(finding, huis.steward)
        notice = Notice(
            **huis.header, nonce=new_nonce(), person=MOTHER, manifest=d, codes=("over-broad",), not_before=relay.now,
            entries=tuple(d_of(sending.entries[n]) for n in entries),
        )  # fmt: skip
        position = first_position(huis.log.size - 1)
        relay.told.append(NoticeItem(manifest=d, notice=Raw(sign(notice, huis.relay_key)), position=position))
        return d

    async def test_she_is_told_which_section_was_too_much(self, huis, relay, agent):
        self.told(huis, relay, 1, find=(1,))
        first, second = await agent.notices()
        assert [section.entry.payload.type for section in first.copy.sections] == ["ask", "money"]
        assert [section.entry.payload.type for section in second.copy.sections] == ["money"]
        assert second.readable() == [("money", "Alles.")]
        assert "Er stond meer in dan nodig was. Dat moet het OCMW wissen." in agent.render(second)

    async def test_the_relay_alone_cannot_say_so(self, huis, relay, agent):
        self.told(huis, relay, 1, find=(0,))
        assert await code_of(agent.notices()) == "notice.finding"
        relay.told.clear()
        self.told(huis, relay, 1)
        assert await code_of(agent.notices()) == "notice.finding"

    async def test_it_is_about_her_own_sections(self, huis, relay, agent):
        self.told(huis, relay, 1, find=(1,))
        _, found = relay.told
        relay.told.pop(0)
        relay.lies["deliver"] = lambda it: msgspec.structs.replace(it, notice=found.notice)
        assert await code_of(agent.notices()) == "notice.receipt"


async def test_the_code_is_there_before_the_first_yes(agent):
    lines = await agent.code()
    assert lines[0] == "De afspraken van Huis Test"
    assert lines[-1].endswith("versie code-1.")
