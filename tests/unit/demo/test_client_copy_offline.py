"""The client agent reads its notices: its copy opened, and what a lying sender did wrong named section by section."""

import msgspec

from unit.demo.hand_huis import CHILD, MOTHER, NOW, OCMW
from unit.demo.hand_message import Sending
from unit.demo.offline import code_of, consent, opened_by_ocmw
from zegel_protocol.objects import Acknowledgement
from zegel_protocol.objects.entry import Withheld
from zegel_protocol.objects.parties import Party

PDF = ("brief.pdf", b"%PDF-1.4\n%%EOF\n")


class TestNotices:
    async def test_she_reads_what_was_sent_and_who_opened_it(self, huis, relay, agent):
        yes = await consent(huis, agent)
        d = Sending(relay, ("ask", "Hulp bij schulden.", (MOTHER,)), ("money", "Drie brieven.", (MOTHER,))).send(yes)
        opened_by_ocmw(relay, d)
        (notice,) = await agent.notices()
        assert notice.readable() == [("ask", "Hulp bij schulden."), ("money", "Drie brieven.")]
        assert notice.copy.problems == ()
        assert [(item.organisation, item.function, item.at) for item in notice.opened] == [
            ("het OCMW", "social-worker", NOW + 3600)
        ]
        page = agent.render(notice)
        assert any(line.startswith("Kind en Gezin") and "over u" in line and "het OCMW" in line for line in page)
        assert any(line.startswith("U zei ja op dinsdag 24 november 2026") for line in page)
        assert any(line.startswith("Het OCMW (maatschappelijk werker) las dit") for line in page)
        assert "Drie brieven." not in repr(notice)

    async def test_a_section_about_her_child_is_said_to_be(self, huis, relay, agent):
        Sending(relay, ("plan", "Woensdag.", (CHILD,))).send()
        (notice,) = await agent.notices()
        assert notice.children == {CHILD}
        assert any("uw kind" in line for line in agent.render(notice))

    async def test_what_is_withheld_has_its_reason(self, huis, relay, agent):
        sending = Sending(relay, ("ask", "Hulp.", (MOTHER,)), ("money", "Van een ander.", (MOTHER,)))
        kept = {"readers": (Party(partner=OCMW),), "withheld": (Withheld(person=MOTHER, reason="third-party"),)}
        sending.entries[1] = msgspec.structs.replace(sending.entries[1], **kept)
        sending.send()
        (notice,) = await agent.notices()
        assert [section.withheld for section in notice.copy.sections] == [None, "third-party"]
        assert notice.readable() == [("ask", "Hulp.")]

    async def test_she_confirms_that_she_was_told(self, huis, relay, agent):
        Sending(relay, ("ask", "Hulp.", (MOTHER,))).send()
        (notice,) = await agent.notices()
        await agent.tell(notice)
        told = huis.of(Acknowledgement)[-1]
        assert (told.event, told.by.person, told.receipt) == ("told", MOTHER, notice.copy.receipt.d)
        (again,) = await agent.notices()
        assert [held.payload.event for held in again.events] == ["told"]

    async def test_only_what_is_new(self, huis, relay, agent):
        Sending(relay, ("ask", "Hulp.", (MOTHER,))).send()
        assert len(await agent.notices()) == 1
        assert await agent.notices(agent.cursor) == []


class TestALyingSender:
    async def problems(self, agent):
        (notice,) = await agent.notices()
        return [section.problem for section in notice.copy.sections]

    async def test_another_key_for_the_client_only(self, relay, agent):
        sending = Sending(relay, ("ask", "Hulp.", (MOTHER,)), ("money", "Brieven.", (MOTHER,)))
        sending.keys[1] = bytes(32)
        sending.send()
        assert await self.problems(agent) == [None, "section.key-commitment"]

    async def test_a_section_hidden_without_a_reason(self, relay, agent):
        sending = Sending(relay, ("ask", "Hulp.", (MOTHER,)), ("money", "Brieven.", (MOTHER,)))
        sending.entries[1] = msgspec.structs.replace(sending.entries[1], readers=(Party(partner=OCMW),))
        sending.send()
        assert await self.problems(agent) == [None, "section.hidden"]

    async def test_a_section_of_another_shape_than_declared(self, relay, agent):
        Sending(relay, ("contact", "Bel maar.", (MOTHER,)), ("money", PDF, (MOTHER,))).send()
        assert await self.problems(agent) == [None, "content.malformed"]

    async def test_wraps_by_somebody_else(self, relay, agent):
        sending = Sending(relay, ("ask", "Hulp.", (MOTHER,)))
        sending.sealer = relay.huis.devices[OCMW]
        sending.send()
        assert await code_of(agent.notices()) == "signature.unknown"
