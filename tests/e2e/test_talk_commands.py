"""Articles 4 to 9 in a worker's hands at a terminal: ask, reply, word, conference, deadlines, erasures, assign."""

import json

import msgspec
import pytest
import pytest_asyncio

from e2e.typist import Typist
from e2e.world import CHILD_AND_FAMILY, OCMW, SCHOOL
from zegel_protocol.objects.parties import Party

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]
COMPLETE = ("--carried", "with-client", "--agreement", "Wij bellen donderdag.", "--ask", "Sara")


@pytest_asyncio.fixture(loop_scope="module")
async def family(stage):
    opened = await stage.family()
    yield opened
    await opened.close()


@pytest.fixture
def desks(stage, tmp_path):
    """The nurse and the OCMW, each at a terminal."""
    members = stage.huis.members
    return [Typist(members[name].devices["first"], tmp_path / name) for name in (CHILD_AND_FAMILY, OCMW)]


async def test_a_question_a_reply_and_a_word(family, desks):
    nurse, ocmw = desks
    asked = nurse.json(
        "ask", "--person", family.elif_id, "--question", "Wie helpt u al?", "--let", OCMW, "--type", "follow"
    )
    (notice,) = await family.phone.notices()
    sent = await family.phone.answer(notice, "Mijn zus.")
    opened = nurse.json("open", sent.manifest)
    assert (opened["from_person"], opened["from"], opened["answers"]) == (True, family.elif_id, asked["manifest"])
    text, _ = nurse.run("open", sent.manifest, "--no-ack")
    assert f"From     the client {family.elif_id}" in text
    assert f"Answers  the question {asked['manifest']}" in text
    replied = nurse.json("reply", sent.manifest, "--text", "Fijn, dank u.")
    shown = {item.notice.payload.manifest: item for item in await family.phone.notices()}
    assert shown[replied["manifest"]].readable() == [("answer", "Fijn, dank u.")]

    # The way for the other partner is open once she says yes.
    request = (
        "ask",
        "--to",
        OCMW,
        "--about",
        family.elif_id,
        "--question",
        "Loopt er iets?",
        "--carried",
        "with-client",
    )
    nurse.fail("message.refused", *request)
    (consent,) = await family.phone.requests()
    await family.phone.accept(consent)
    manifest = nurse.json(*request)["manifest"]
    ocmw.json("open", manifest)
    assert ocmw.json("word", manifest, "stuck")["word"] == "stuck"
    assert [item["event"] for item in nurse.json("events", manifest)["events"]] == ["opened", "stuck"]
    ocmw.fail("reply.not-a-client", "reply", manifest, "--text", "Ja.")
    ocmw.fail("word.code", "word", manifest, "done", "--step", "1")
    nurse.fail("usage.wrong", "ask", "--question", "Wie?", exit_code=2)


async def test_a_plan_its_deadlines_and_whose_message_it_is(family, desks, stage):
    nurse, ocmw = desks
    request = await family.nurse.families.ask_consent(family.draft(money="x"), types=[("plan", "whole")])
    await family.phone.accept(next(item for item in await family.phone.requests() if item.request.d == request))
    now = stage.huis.clock()
    draft = {
        "to": OCMW, "about": [family.elif_id], "kind": "hand-over", "carried": {"how": "with-client"},
        "follow_up": [{"code": "none-ask"}],
        "steps": [
            {"n": 1, "by": {"partner": OCMW}, "with": [{"person": family.elif_id}], "due": now + 86_400},
            {"n": 2, "by": {"partner": CHILD_AND_FAMILY}, "with": [], "due": now - 30 * 86_400},
        ],
        "notes": [
            {"type": "steps", "content": {"items": [{"n": 1, "what": "Bellen"}, {"n": 2, "what": "Brief geven"}]}},
        ],
    }  # fmt: skip
    checked = ("send", "--check", "--kind", "hand-over", "--to", OCMW, "--about", family.elif_id, *COMPLETE)
    step = ("--step", f"{OCMW}+person:{family.elif_id}=1d:Samen bellen", "--follow-up", "none-ask")
    assert nurse.json(*checked, *step)["ok"] is True
    nurse.fail("usage.wrong", *checked, "--step", "Samen bellen", exit_code=2)
    manifest = nurse.json("send", "--draft", "-", given=json.dumps(draft))["manifest"]
    ocmw.json("open", manifest)
    text, _ = ocmw.run("open", manifest, "--no-ack")
    assert "Step 1   ocmw-gent with the client" in text
    assert "Brief geven" in text
    assert ocmw.json("word", manifest, "agreed")["word"] == "agreed"
    due = [item for item in ocmw.json("deadlines")["deadlines"] if item["message"] == manifest]
    assert [(item["kind"], item["number"], item["mine"]) for item in due] in (
        [("step", 2, False), ("step", 1, True)], [("step", 1, True), ("step", 2, False)],
    )  # fmt: skip
    ocmw.json("word", manifest, "done", "--step", "1")
    assert [
        item["number"] for item in ocmw.json("deadlines", "--mine")["deadlines"] if item["message"] == manifest
    ] == []

    assert ocmw.json("assign", "message", manifest)["manifest"] == manifest
    (given,) = [item for item in ocmw.json("assign", "list", "--mine")["assigned"] if item["manifest"] == manifest]
    assert given["worker"] == given["now"] == family.ocmw.identity.worker
    nurse.fail("message.unknown", "assign", "message", manifest)
    away = ("assign", "away", "--substitute", family.ocmw.identity.worker, "--from", "1d", "--until", "8d")
    ocmw.fail("usage.wrong", *away, exit_code=2)


async def test_erasures_and_a_finding(family, desks, stage):
    nurse, ocmw = desks
    consents = await family.consent(["money"])
    words = (
        "--to",
        OCMW,
        "--about",
        family.elif_id,
        "--note",
        "money=Drie brieven.",
        *COMPLETE,
        "--follow-up",
        "none-ask",
    )
    manifest = nurse.json("send", *words)["manifest"]
    number = next(item["n"] for item in ocmw.json("open", manifest)["sections"] if item["type"] == "money")
    assert ocmw.json("word", manifest, "reported")["codes"] == ["over-broad"]
    ocmw.json("prove", manifest, str(number), "--out", "proof.json", "--yes")
    steward = ("--folder", str(stage.huis.folder / "steward"), "--relay", stage.huis.relay.address)
    found = ocmw.json("steward", "finding", "proof.json", "--found", "over-broad", "--code", "third-party", *steward)
    assert (found["manifest"], found["n"], found["to"]) == (manifest, number, OCMW)

    await family.phone.revoke(consents[:1])
    owed = [item for item in ocmw.json("erasures", "list")["owed"] if item["message"] == manifest]
    assert sorted(item["why"] for item in owed) == ["over-broad", "revoked"]
    ocmw.fail("erasure.reason", "erasures", "answer", manifest, "kept")
    said = ocmw.json("erasures", "answer", manifest, "kept", "--reason", "statutory-file", "--of", owed[0]["of"])
    assert (said["answer"], said["reason"]) == ("kept", "statutory-file")
    gone = ocmw.json("erasures", "answer", manifest, "erased", "--yes")
    assert gone["remains"]
    ocmw.fail("erasure.answered", "erasures", "answer", manifest, "erased", "--yes")
    # Whoever forges a proof gets no finding.
    proof = msgspec.json.decode((ocmw.folder / "proof.json").read_bytes())
    (ocmw.folder / "forged.json").write_bytes(msgspec.json.encode({**proof, "ciphertext": proof["proof"]}))
    ocmw.run("steward", "finding", "forged.json", "--found", "over-broad", *steward, exit_code=1)


async def test_a_conference(family, desks):
    nurse, ocmw = desks
    about = ("--about", family.elif_id)
    nurse.fail("conference.not-discussed", "conference", "convene", *about, "--invite", OCMW, "--without-client")
    made = nurse.json("conference", "convene", *about, "--invite", OCMW, "--invite", SCHOOL, "--planned", "7d")
    table = made["conference"]
    assert set(made["invitees"]) == {
        f"partner:{CHILD_AND_FAMILY}", f"partner:{OCMW}", f"partner:{SCHOOL}", f"person:{family.elif_id}",
    }  # fmt: skip
    requests = nurse.json("conference", "consent", table, "--type", "follow", "--type", "plan")["requests"]
    for asked in await family.phone.requests():
        if asked.request.d in requests:
            await family.phone.accept(asked)
    reached = nurse.json("conference", "invite", table, "--agenda", "Wie doet wat?", "--to", OCMW)["reached"]
    assert [(item["to"], item["code"]) for item in reached] == [(OCMW, None)]
    ocmw.json("open", reached[0]["sent"]["manifest"])
    assert ocmw.json("conference", "show", table)["chair"] == CHILD_AND_FAMILY
    # What the chair gets, it gets on keys that not it alone vouched for.
    own = Party(partner=OCMW)
    known = (await family.ocmw.families.look_up([family.elif_id], own, own)).clients[family.elif_id]
    to_chair = ("conference", "contribute", table, "--to", CHILD_AND_FAMILY, "--note", "follow=Wij bellen haar.")
    ocmw.fail("message.refused", *to_chair)
    await family.ocmw.families.vouch(known.keys[-1].d, "known")
    said = ocmw.json(*to_chair)
    assert nurse.json("open", said["manifest"])["thread"] == table
    changed = nurse.json("conference", "change", table, "--remove", SCHOOL)
    assert f"partner:{SCHOOL}" not in changed["invitees"]
    nurse.fail("conference.unknown", "conference", "change", table, "--remove", SCHOOL)
    ocmw.fail("conference.chair", "conference", "change", table, "--close")
    assert nurse.json("conference", "change", table, "--close")["ended"] is True
    text, _ = nurse.run("conference", "report", table, "--text", "Afgesproken: het OCMW belt.")
    assert text == f"{OCMW}: sent\n"
