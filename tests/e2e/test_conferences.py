"""Case conferences: a table with a frame, each participant reads their own part, and who leaves reads no more."""

from dataclasses import dataclass
from typing import Any

import pytest

from e2e.families import Household
from e2e.world import CHILD_AND_FAMILY, OCMW, SCHOOL, open_huis
from zegel import Agreement, ConferenceError, Message, Partner, Refused, RelayProblem
from zegel_demo.client_agent import ClientAgent
from zegel_demo.huis import DAY, Huis
from zegel_protocol.objects import Conference
from zegel_protocol.objects.parties import Party

CLB = "clb-gent"
TYPES = [(kind, "whole") for kind in ("follow", "plan", "school", "strength", "money", "helpers")]


@dataclass
class Table:
    """A mother with a phone, and the four partners that help her."""

    huis: Huis
    chair: Partner
    ocmw: Partner
    school: Partner
    clb: Partner
    mother: ClientAgent
    home: Household

    async def convene(self, **more: Any) -> Conference:
        invitees = (OCMW, SCHOOL, CLB)
        return await self.chair.conferences.convene(self.home.id, [self.mother.person], invitees, **more)

    async def agreed(self, conference: Conference) -> None:
        """Have the chair ask for every direction, and the mother say yes to all."""
        asked = set(await self.chair.conferences.ask_consent(conference, TYPES))
        for request in await self.mother.requests():
            if request.request.d in asked:
                await self.mother.accept(request)

    async def open_all(self, worker: Partner) -> list[Message]:
        opened = []
        for item in await worker.inbox():
            message = await worker.open(item)
            await worker.acknowledge(message)
            opened.append(message)
        return opened


@pytest.fixture
async def table(tmp_path):
    huis = await open_huis(tmp_path)
    await huis.admit(CLB, "CLB Gent", "clb", "penal", "counsellor")
    await huis.publish()
    workers = [await huis.connect(name) for name in (CHILD_AND_FAMILY, OCMW, SCHOOL, CLB)]
    home = Household.new(huis, workers[0])
    mother = await home.phone(await home.adult())
    chair, ocmw, school, clb = workers
    yield Table(huis, chair, ocmw, school, clb, mother, home)
    await mother.close()
    for worker in workers:
        await worker.close()
    huis.stop()


def said(message):
    return {section.type: section.note.text for section in message.sections}


@pytest.mark.slow
async def test_a_consultation_with_the_client_from_agenda_to_report(table):
    planned = table.huis.clock() + 7 * DAY
    conference = await table.convene(planned=planned)
    assert Party(person=table.mother.person) in conference.invitees
    assert conference.with_client

    # Nobody is reached before the client said yes; each no is told apart.
    tried = await table.chair.conferences.invite(conference, "Hoe loopt het?")
    assert {item.to for item in tried} == {OCMW, SCHOOL, CLB}
    assert all(isinstance(item.error, Refused) and "consent.missing" in item.error.codes for item in tried)

    await table.agreed(conference)
    # The yes ends thirty days after the day on which it is held, and not with the longest that the rules allow.
    given = [answer.consent.payload for answer in await table.mother.given()]
    assert {answer.not_after for answer in given} == {planned + 30 * DAY}
    reached = await table.chair.conferences.invite(
        conference, "Hoe loopt het op school en thuis?",
        agreement=Agreement(text="De nurse zit voor.", ask="Sara", with_client=True, steps=()),
    )  # fmt: skip
    assert [item.error for item in reached] == [None] * 3
    (invitation,) = await table.open_all(table.clb)
    assert (invitation.manifest.kind, invitation.manifest.thread) == ("consultation", conference.id)
    assert said(invitation)["agenda"] == "Hoe loopt het op school en thuis?"
    assert (await table.clb.conferences.find(conference.id)).invitees == conference.invitees

    # Each gets what is relevant for their sector: the school no debts, the OCMW no school.
    to_school = table.clb.conferences.draft(conference, SCHOOL).note("school", "Hij komt graag naar de turnles.")
    to_ocmw = table.clb.conferences.draft(conference, OCMW).note("follow", "Wij volgen mee op.")
    too_much = table.clb.conferences.draft(conference, SCHOOL).note("money", "Zij hebben schulden.")
    refused = await table.clb.preflight(too_much)
    assert "category.not-relevant" in [item.code.value for item in refused.refusals]
    assert [item.error for item in await table.clb.conferences.contribute([to_school, to_ocmw])] == [None, None]
    _, for_school = await table.open_all(table.school)
    _, for_ocmw = await table.open_all(table.ocmw)
    assert said(for_school) == {"school": "Hij komt graag naar de turnles."}
    assert said(for_ocmw) == {"follow": "Wij volgen mee op."}
    assert await table.open_all(table.chair) == []

    await table.chair.conferences.close(conference)
    done = await table.chair.conferences.report(conference, "De school start met een buddy.")
    assert [item.error for item in done] == [None] * 3
    (report,) = await table.open_all(table.clb)
    assert (report.manifest.kind, said(report)) == ("consultation-report", {"report": "De school start met een buddy."})
    # The client reads every word of it, once for each message.
    read = [text for notice in await table.mother.notices() for text in notice.readable()]
    assert ("agenda", "Hoe loopt het op school en thuis?") in read
    assert ("school", "Hij komt graag naar de turnles.") in read
    assert ("report", "De school start met een buddy.") in read
    # What was closed stays closed.
    late = await table.clb.preflight(table.clb.conferences.draft(conference, OCMW).note("follow", "Nog iets."))
    assert "conference.ended" in [item.code.value for item in late.refusals]


@pytest.mark.slow
async def test_among_professionals_only_discussed_and_with_a_motivation_that_the_client_reads(table):
    with pytest.raises(ConferenceError) as undiscussed:
        await table.convene(with_client=False)
    assert undiscussed.value.code == "conference.not-discussed"

    conference = await table.convene(with_client=False, discussed="2026-11-20")
    assert not [item for item in conference.invitees if item.person is not None]
    await table.agreed(conference)
    (silent,) = await table.chair.conferences.invite(conference, "Taakverdeling.", to=[CLB])
    assert isinstance(silent.error, Refused)
    assert "part.missing" in silent.error.codes
    why = "Mevrouw vroeg ons eerst zelf af te spreken wie belt."
    (reached,) = await table.chair.conferences.invite(conference, "Taakverdeling.", motivation=why, to=[CLB])
    assert reached.error is None
    (notice,) = await table.mother.notices()
    assert ("motivation", why) in notice.readable()
    (message,) = await table.open_all(table.clb)
    assert message.manifest.carried is not None
    assert message.manifest.carried.on == "2026-11-20"


@pytest.mark.slow
async def test_nobody_reads_anothers_part_and_who_left_reads_and_says_no_more(table):
    conference = await table.convene()
    await table.agreed(conference)
    await table.chair.conferences.invite(conference, "Wie doet wat?")
    sent = await table.clb.conferences.contribute(
        [table.clb.conferences.draft(conference, SCHOOL).note("school", "Rust in de klas helpt.")]
    )
    d = sent[0].sent.manifest
    with pytest.raises(RelayProblem) as anothers:
        await table.ocmw.open(d)
    assert anothers.value.code == "message.unknown"
    with pytest.raises(RelayProblem) as unheard:
        await table.ocmw.talks.say(d, "stuck")
    assert unheard.value.code == "receipt.unknown"

    # A stranger to the table, or a participant who left it, neither speaks nor reads there.
    before = await table.clb.send(table.clb.conferences.draft(conference, OCMW).note("follow", "Voor het OCMW."))
    after = await table.chair.conferences.change(conference, invitees=[SCHOOL, CLB])
    assert Party(partner=OCMW) not in after.invitees
    with pytest.raises(Refused) as gone:
        await table.ocmw.open(before.manifest)
    assert "conference.not-invited" in gone.value.codes
    with pytest.raises(Refused) as silent:
        await table.ocmw.send(table.ocmw.conferences.draft(conference, CLB).note("follow", "Wij ook."))
    assert "conference.not-invited" in silent.value.codes
    # Only the chair changes the table, also past their own software.
    with pytest.raises(ConferenceError) as theirs:
        await table.clb.conferences.change(conference, invitees=[OCMW])
    assert theirs.value.code == "conference.chair"
    # And only the chair invites to it.
    (refused,) = await table.clb.conferences.invite(conference, "Mijn agenda.", to=[SCHOOL])
    assert isinstance(refused.error, Refused)
    assert "conference.chair" in refused.error.codes


@pytest.mark.slow
async def test_a_mother_takes_one_partner_out_while_it_runs(table):
    conference = await table.convene()
    await table.agreed(conference)
    await table.chair.conferences.invite(conference, "Wie doet wat?")
    (read_before,) = await table.open_all(table.ocmw)
    waiting = await table.clb.send(table.clb.conferences.draft(conference, OCMW).note("follow", "Tot morgen."))
    for given in await table.mother.given():
        consent = given.consent.payload
        if OCMW in (consent.sender.partner, consent.to.partner):
            await table.mother.revoke([given.consent.d])
    with pytest.raises((Refused, RelayProblem)) as read:
        await table.ocmw.open(waiting.manifest)
    assert read.value.code in ("message.withdrawn", "message.refused")
    (refused,) = await table.ocmw.conferences.contribute(
        [table.ocmw.conferences.draft(conference, CLB).note("follow", "Wij ook.")]
    )
    assert isinstance(refused.error, Refused)
    assert {"consent.revoked", "consent.missing"} & set(refused.error.codes)
    # What it read before is asked back; the mother sees who must answer, by when.
    (owed,) = await table.ocmw.erasures.owed()
    assert (owed.message, owed.why) == (read_before.d, "revoked")
    (due,) = [one.item for one in await table.mother.deadlines() if one.item.kind == "erasure"]
    assert (due.owner, due.message, due.due) == (Party(partner=OCMW), read_before.d, owed.due)
    # The others go on.
    (ok,) = await table.clb.conferences.contribute(
        [table.clb.conferences.draft(conference, SCHOOL).note("school", "Hij lacht weer.")]
    )
    assert ok.error is None
