"""The `zegel` command in a worker's hands: consent, send, open, report, tell; each a process, the relay real."""

import json
import signal
import subprocess
from datetime import UTC, datetime

import msgspec
import pytest
import pytest_asyncio
from fpdf import FPDF

from e2e.desk import Office, colleague
from e2e.typist import Typist
from e2e.world import CHILD_AND_FAMILY, OCMW, SCHOOL
from zegel.proving import ProofFile
from zegel_demo.huis import DAY

pytestmark = pytest.mark.asyncio(loop_scope="module")
NOWHERE = ("--relay", "http://127.0.0.1:9")
COMPLETE = (
    "--carried", "with-client", "--agreement", "Wij bellen donderdag.", "--ask", "Sara", "--follow-up",
    "first-contact=2d",
)  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory):
    opened = await Office.open(tmp_path_factory.mktemp("huis"))
    yield opened
    await opened.close()


class Town:
    """Sara and Tom of the OCMW, and the nurse, each at a terminal; and a person of theirs without a phone."""

    def __init__(self, office, folder):
        members = office.stage.huis.members
        self.sara = Typist(members[OCMW].devices["first"], folder / "sara")
        self.tom = Typist(members[OCMW].devices["tom"], folder / "tom")
        self.nurse = Typist(members[CHILD_AND_FAMILY].devices["first"], folder / "nurse")
        made = self.sara.json("person", "add")
        self.person, self.household = made["person"], made["household"]
        self.papers = 0
        self.tom_is = self.tom.run("keys", "-q")[0].strip()

    def asked(self, *types):
        words = [word for kind in types for word in ("--type", kind)]
        ask = ("consent", "ask", "--to", CHILD_AND_FAMILY, "--about", self.person)
        return self.sara.json(*ask, *words)["request"]

    def witnessed(self, prepare, *words):
        """Have a record prepared and signed by both workers; return what submitting it said."""
        self.papers += 1
        paper = str(self.sara.folder / f"paper-{self.papers}.json")
        seen = ("--about", self.person, "--witness", self.tom_is, "--means", "spoken", "--out", paper)
        self.sara.json(*prepare, *seen, *words)
        self.sara.json("consent", "witness", "sign", paper, "--yes")
        return self.tom.json("consent", "witness", "sign", paper, "--yes", "--submit")

    def yes(self, *types, flow=0):
        request = self.asked(*types)
        return self.witnessed(("consent", "witness", "prepare", "--flow", str(flow), request))["consent"]

    @property
    def to_nurse(self):
        return ("--to", CHILD_AND_FAMILY, "--about", self.person)


@pytest.fixture
def town(office, tmp_path):
    return Town(office, tmp_path)


def pdf(path, text="Een rapport"):
    document = FPDF()
    document.add_page()
    document.set_font("helvetica")
    document.cell(text=text)
    document.output(str(path))
    return path


def arrived(worker, manifest):
    waiting = [item["manifest"] for item in worker.json("inbox", "--wait", "5")["waiting"]]
    assert manifest in waiting


@pytest.mark.slow
async def test_a_message_with_files_is_sent_opened_and_answered(town):
    request = town.asked("growth", "who:first-name")
    for flow in ("0", "1"):
        town.witnessed(("consent", "witness", "prepare", "--flow", flow, request))
    standing = town.sara.json("consent", "list", "--about", town.person, "--partner", CHILD_AND_FAMILY)["consents"]
    assert [(item["state"], item["from"], item["to"], item["by"]) for item in standing] == [
        ("stands", OCMW, CHILD_AND_FAMILY, "witnessed"), ("stands", CHILD_AND_FAMILY, OCMW, "witnessed"),
    ]  # fmt: skip
    report = pdf(town.sara.folder / "rapport.pdf")
    (town.sara.folder / "note.txt").write_text("Zij groeit goed.\n", "utf-8")
    sections = ("--note", "growth=@note.txt", "--note", "who:first-name=Ana", "--file", "growth=rapport.pdf")
    sent = town.sara.json("send", *town.to_nurse, *sections, *COMPLETE)
    assert (sent["sent"], sent["notices"]) == (True, 1)
    arrived(town.nurse, sent["manifest"])

    opened = town.nurse.json("open", sent["manifest"], "--into", "letters")
    assert (opened["from"], opened["kind"], opened["purpose"]) == (OCMW, "referral", "referral")
    by_type = {(item["type"], "file" in item): item for item in opened["sections"]}
    assert by_type["growth", False]["note"]["text"] == "Zij groeit goed."
    assert by_type["who", False]["note"]["first_name"] == "Ana"
    assert by_type["agreement", False]["note"]["ask"] == "Sara"
    saved = town.nurse.folder / by_type["growth", True]["file"]["saved"]
    assert saved.read_bytes() == report.read_bytes()
    assert sent["manifest"] not in [item["manifest"] for item in town.nurse.json("inbox")["waiting"]]
    # Opened again by its name: nothing is overwritten.
    text, _ = town.nurse.run("open", sent["manifest"], "--into", "letters", "--no-ack")
    assert "letters/rapport-2.pdf" in text
    assert sorted(path.name for path in saved.parent.iterdir()) == ["rapport-2.pdf", "rapport.pdf"]

    (event,) = town.sara.json("events", sent["manifest"])["events"]
    assert (event["event"], event["reader"]) == ("opened", f"partner:{CHILD_AND_FAMILY}")
    listed = town.sara.json("sent", "--events", "--last", "1")["sent"]
    assert [(item["manifest"], item["to"], item["about"], len(item["events"])) for item in listed] == [
        (sent["manifest"], CHILD_AND_FAMILY, [town.person], 1)
    ]

    answer = ("--carried", "with-client", "--note", "follow=Eerste gesprek gehad.")
    back = town.nurse.json("report", sent["manifest"], *answer)
    arrived(town.sara, back["manifest"])
    read = town.sara.json("open", back["manifest"])
    assert (read["kind"], read["thread"]) == ("report-back", opened["id"])
    assert read["sections"][0]["note"] == {"text": "Eerste gesprek gehad."}


@pytest.mark.slow
async def test_a_draft_in_json_is_refused_with_every_reason_and_then_sent(town):
    draft = {
        "to": CHILD_AND_FAMILY, "about": [town.person], "household": town.household,
        "notes": [{"type": "home", "text": "Zij woont alleen."}],
    }  # fmt: skip
    refused = town.sara.fail("message.refused", "send", "--draft", "-", given=json.dumps(draft))
    reasons = {item["code"]: item for item in refused["refusals"]}
    assert set(reasons) == {"carried.missing", "part.missing", "follow-up.missing", "consent.missing"}
    assert reasons["carried.missing"]["step"] == "add"
    assert all(item["what"] and item["safe"] and item["do"] and item["path"] for item in refused["refusals"])
    checked = town.sara.fail("message.refused", "send", "--draft", "-", "--check", given=json.dumps(draft))
    assert (checked["ok"], checked["refusals"]) == (False, refused["refusals"])

    town.yes("home")
    draft["carried"] = {"how": "in-consultation", "on": f"{datetime.now(UTC):%Y-%m-%d}"}
    draft["follow_up"] = [{"code": "none-ask"}]
    draft["notes"] += [
        {"type": "agreement", "content": {"text": "Vraag het Sara.", "ask": "Sara", "with_client": True, "steps": []}}
    ]
    assert town.sara.json("send", "--draft", "-", "--check", given=json.dumps(draft))["ok"] is True
    sent = town.sara.json("send", "--draft", "-", given=json.dumps(draft))
    arrived(town.nurse, sent["manifest"])
    # What belongs in no message never leaves, and is not repeated.
    draft["notes"][0]["text"] = "Haar nummer is 85.07.30-033.28."
    found = town.sara.fail("content.found", "send", "--draft", "-", given=json.dumps(draft))
    assert [(item["code"], item["section"]) for item in found["findings"]] == [("matter.national-number", "home")]
    assert "85.07" not in json.dumps(found)


@pytest.mark.slow
async def test_without_a_line_a_message_is_kept_with_its_files_and_sent_later(town):
    town.yes("growth")
    report = pdf(town.sara.folder / "rapport.pdf", "Een ander rapport")
    content = report.read_bytes()
    words = (*town.to_nurse, "--file", "growth=rapport.pdf", *COMPLETE)
    town.sara.fail("relay.unreachable", "send", *words, *NOWHERE)
    assert town.sara.json("drafts", "list", *NOWHERE) == {"drafts": [], "sealed": []}
    kept = town.sara.fail("relay.unreachable", "send", *words, "--household", town.household, *NOWHERE)
    report.unlink()
    (draft,) = town.sara.json("drafts", "list", *NOWHERE)["drafts"]
    assert (draft["id"], draft["to"], draft["refusals"]) == (kept["kept"], CHILD_AND_FAMILY, [])
    town.sara.fail("relay.unreachable", "flush", *NOWHERE)
    flushed = town.sara.json("flush")
    assert flushed["waiting"] == 0
    (sent,) = flushed["sent"]
    arrived(town.nurse, sent["manifest"])
    # A script at which nobody sits is not asked, so nothing is opened.
    assert "secrecy" in town.nurse.run("open", sent["manifest"], exit_code=1)[1]
    town.nurse.run("open", sent["manifest"], "--reminded")
    assert (town.nurse.folder / "rapport.pdf").read_bytes() == content
    assert town.sara.json("flush") == {"sent": [], "waiting": 0}
    kept = town.sara.fail("relay.unreachable", "send", *town.to_nurse, "--household", town.household, *NOWHERE)
    town.sara.json("drafts", "discard", kept["kept"], "--yes")
    town.sara.fail("draft.unknown", "drafts", "discard", kept["kept"], "--yes")


async def test_who_has_no_phone_is_told_by_a_letter(town):
    town.yes("home")
    town.sara.json("send", *town.to_nurse, "--note", "home=Zij woont alleen.", *COMPLETE)
    duties = town.sara.json("duties", "--letters", "letters")["duties"]
    (duty,) = [item for item in duties if item["person"] == town.person]
    assert not duty["overdue"]
    assert "Kind en Gezin" in (town.sara.folder / duty["letter"]).read_text("utf-8")
    assert town.sara.json("untold")["untold"] == []
    assert town.sara.json("told", duty["notice"], "--how", "by-letter")["people"] == [town.person]
    assert town.person not in [item["person"] for item in town.sara.json("duties")["duties"]]
    town.sara.fail("duty.unknown", "told", duty["notice"])


@pytest.mark.slow
async def test_a_stop_at_the_desk_refuses_the_next_message(town):
    consent = town.yes("home")
    message = ("send", *town.to_nurse, "--note", "home=Zij woont alleen.", *COMPLETE)
    assert town.sara.json(*message, "--check")["ok"] is True
    stopped = town.witnessed(("consent", "revoke", "--to", CHILD_AND_FAMILY, "--reason", "changed-mind", consent))
    assert stopped["submitted"] is True
    standing = town.sara.json("consent", "list", "--about", town.person, "--partner", CHILD_AND_FAMILY)["consents"]
    assert [item["state"] for item in standing] == ["revoked"]
    refused = town.sara.fail("message.refused", *message)
    assert {item["step"] for item in refused["refusals"]} == {"ask-consent"}


@pytest.mark.slow
async def test_a_reader_shows_the_steward_what_one_section_holds(office, town):
    town.yes("home")
    sent = town.sara.json("send", *town.to_nurse, "--note", "home=Zij woont alleen.", *COMPLETE)
    opened = town.nurse.json("open", sent["manifest"])
    (n,) = [item["n"] for item in opened["sections"] if item["type"] == "home"]
    proof = town.nurse.folder / "proof.json"
    town.nurse.json("prove", sent["manifest"], str(n), "--out", "proof.json", "--yes")
    assert proof.stat().st_mode & 0o077 == 0
    huis = office.stage.huis
    steward = ("--folder", str(huis.folder / "steward"), "--relay", huis.relay.address)
    shown = town.tom.json("steward", "proof", str(proof), *steward)
    assert (shown["manifest"], shown["from"], shown["to"]) == (sent["manifest"], OCMW, CHILD_AND_FAMILY)
    assert shown["section"]["note"] == {"text": "Zij woont alleen."}

    given = msgspec.json.decode(proof.read_bytes(), type=ProofFile)
    (other,) = [item["n"] for item in opened["sections"] if item["type"] == "agreement"]
    town.nurse.json("prove", sent["manifest"], str(other), "--out", "other.json", "--yes")
    another = msgspec.json.decode((town.nurse.folder / "other.json").read_bytes(), type=ProofFile)
    replace = msgspec.structs.replace
    flipped = given.ciphertext[:-1] + bytes([given.ciphertext[-1] ^ 1])
    for code, changed in (
        ("section.digest", replace(given, ciphertext=flipped)),
        ("proof.foreign", replace(given, entry=another.entry, ciphertext=another.ciphertext)),
        ("proof.malformed", replace(given, proof=given.manifest)),
    ):
        proof.write_bytes(msgspec.json.encode(changed))
        town.tom.fail(code, "steward", "proof", str(proof), *steward)
    town.nurse.fail("proof.section", "prove", sent["manifest"], "63", "--out", "none.json", "--yes")


async def test_what_loosens_who_decides_takes_workers_of_two_partners(town):
    year = datetime.now(UTC).year - 6
    child = ("person", "add", "--household", town.household, "--born", f"{year}-01", "--authority", town.person)
    child = town.sara.json(*child, "--conflict")["person"]
    (shown,) = town.sara.json("person", "show", child)["people"]
    assert (shown["turns12"], shown["turns18"]) == (f"{year + 12}-01", f"{year + 18}-01")
    assert (shown["authority"], shown["conflict"]) == ([town.person], True)
    town.sara.fail("person.two-partners", "person", "change", child, "--no-conflict")
    paper = str(town.sara.folder / "change.json")
    town.sara.json("person", "change", child, "--no-conflict", "--out", paper)
    assert town.nurse.json("person", "sign", paper, "--yes", "--submit")["signatures"] == 2
    assert town.sara.json("person", "show", child)["people"][0]["conflict"] is False
    town.sara.fail("person.unknown", "person", "show", "0" * 32)


async def test_ctrl_c_ends_a_wait_without_a_traceback(office, tmp_path):
    # Nothing is ever sent to the school here, so it would wait to the end.
    teacher = Typist(office.stage.huis.members[SCHOOL].devices["first"], tmp_path)
    with teacher.begin("inbox", "--wait", "30") as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.communicate(timeout=8)
        process.send_signal(signal.SIGINT)
        said, aside = process.communicate(timeout=20)
    assert (process.returncode, said) == (1, "")
    assert "Traceback" not in aside


async def test_a_new_device_shows_that_it_can_receive(office, town, tmp_path):
    lone = await colleague(office.stage.huis, OCMW, f"lone-{tmp_path.name}")
    folder = office.stage.huis.members[OCMW].devices[f"lone-{tmp_path.name}"]
    await lone.close()
    shown = Typist(folder, tmp_path / "lone").json("keys")
    assert (shown["partner"], shown["service"]) == (OCMW, False)
    assert shown["prekeys"]["until"] - datetime.now(UTC).timestamp() > 60 * DAY
    assert len(shown["fingerprint"].replace(" ", "")) == 32
