"""The code of ethics from end to end: accepted by each worker, pledged to by volunteers, and secrecy before opening."""

import pytest

from e2e.typist import Typist
from e2e.world import CHILD_AND_FAMILY, OCMW, World, complete
from zegel import Refused, RelayProblem
from zegel.declaring import sign_reminded
from zegel.ethics import EthicsError
from zegel.reminding import SecrecyNotAcknowledged
from zegel_demo.huis import CODE, DAY, Huis
from zegel_protocol.texts.catalogue import LANGUAGES
from zegel_protocol.texts.code_text import code_reminder
from zegel_protocol.texts.dates import day_in_words

RIK = "buddy-rik"


def codes(caught: pytest.ExceptionInfo[Refused]) -> set[str]:
    return set(caught.value.codes)


async def test_each_worker_accepted_the_code_on_their_first_day(world: World):
    status = await world.nurse.ethics.status()
    assert status.asked
    assert [(item.functions, item.accepted) for item in status.workers] == [(("nurse",), True)]
    assert status.pledged is None


async def test_who_did_not_accept_in_time_is_blocked_and_then_helped(tmp_path):
    huis = await Huis.open(tmp_path, "Huis van het Kind")
    huis.declares = False
    await huis.admit(CHILD_AND_FAMILY, "Kind en Gezin", "opgroeien", "penal", "nurse")
    await huis.publish()
    nurse = await huis.connect(CHILD_AND_FAMILY)
    try:
        own = await nurse.ethics.due()
        assert own is not None
        assert not own.accepted
        assert not own.blocked(huis.clock())
        assert own.blocked(own.due)
        assert huis.clock() + 29 * DAY < own.due <= huis.clock() + 30 * DAY
        with pytest.raises(EthicsError) as other:
            await nurse.ethics.accept_code(CODE + b"and a line that nobody voted for\n")
        assert other.value.code == "code.other-text"
        typed = Typist(huis.members[CHILD_AND_FAMILY].devices["first"], tmp_path / "nurse")
        # Once a day, beside whatever was asked for, and in the language that was chosen; never in JSON.
        rulebook = (await nurse.setting()).setting.rulebook.payload
        due = {word: day_in_words(word, own.due) for word in LANGUAGES}
        wanted = {word: code_reminder(rulebook, word, due[word], late=False) for word in LANGUAGES}
        assert typed.run("inbox")[1].splitlines()[1:] == wanted["nl"]
        assert typed.run("inbox")[1] == ""
        assert typed.run("--language", "en", "code", "status")[0].splitlines()[-1:] == wanted["en"]
        late = code_reminder(rulebook, "nl", due["nl"], late=True)
        assert await nurse.ethics.remind(own.due, always=True) == late
        code = tmp_path / "code.md"
        code.write_bytes(CODE + b"\n")
        typed.fail("code.other-text", "code", "accept", str(code))
        code.write_bytes(CODE)
        assert typed.json("code", "accept", str(code))["version"] == typed.json("code", "show")["version"]
        (worker,) = typed.json("code", "status")["workers"]
        assert (worker["accepted"], worker["blocked"]) == (True, False)
        assert await nurse.ethics.due() is None
        assert await nurse.ethics.remind(own.due, always=True) == []
    finally:
        await nurse.close()
        huis.stop()


async def test_a_service_accepts_nothing_and_a_worker_accepts_for_it(world: World):
    huis = world.huis
    huis.declares = False
    await huis.add_device(huis.members[OCMW], "line", "service", service=True)
    await huis.publish()
    service = await huis.connect(OCMW, "line")
    try:
        with pytest.raises(EthicsError) as refused:
            await service.ethics.accept_code()
        assert refused.value.code == "code.service"
        assert await service.ethics.due() is not None
        await world.ocmw.ethics.accept_code(CODE, services=True)
        assert await service.ethics.due() is None
    finally:
        await service.close()


async def test_a_volunteer_without_a_pledge_gets_nothing(world: World, tmp_path):
    huis = world.huis
    huis.declares = False
    rik = await huis.admit(RIK, "Buddy Rik", "volunteer", "pledge", "volunteer", actor="non-professional", host=OCMW)
    await huis.publish()
    buddy = await huis.connect(RIK)
    try:
        assert (await buddy.ethics.status()).pledged is False
        draft = complete(world.nurse.referral(RIK, world.household, [world.elif_id]), huis.clock())
        draft.note("lang", "Turks en wat Nederlands.")
        with pytest.raises(Refused) as caught:
            await world.nurse.send(draft)
        assert "pledge.missing" in codes(caught)
        # Not any key of theirs: the root, which the steward admitted.
        with pytest.raises(RelayProblem):
            await buddy.ethics.pledge(huis.members[OCMW].root)
        typed = Typist(rik.devices["first"], tmp_path / "rik")
        secret = ("--root-passphrase-file", typed.environment["ZEGEL_PASSPHRASE_FILE"])
        typed.json("partner", "pledge", "--root", str(rik.root.path), *secret)
        assert (await buddy.ethics.status()).pledged is True
        with pytest.raises(Refused) as caught:
            await world.nurse.send(draft)
        assert "pledge.missing" not in codes(caught)
        with pytest.raises(EthicsError) as refused:
            await world.ocmw.ethics.pledge(huis.members[OCMW].root)
        assert refused.value.code == "pledge.not-asked"
    finally:
        await buddy.close()


async def test_nothing_is_handed_out_before_the_reminder_is_acknowledged(world: World, tmp_path):
    await world.consent()
    sent = await world.nurse.send(world.draft())
    shown: list[str] = []

    def no(text: str) -> bool:
        shown.append(text)
        return False

    with pytest.raises(SecrecyNotAcknowledged):
        await world.ocmw.open(sent.manifest, reminder=no)
    assert shown == [await world.ocmw.ethics.reminder()]
    assert await world.nurse.events(sent.manifest) == []
    with pytest.raises(SecrecyNotAcknowledged):
        await world.ocmw.open(sent.manifest, reminder=no, language="en")
    assert shown.pop() == await world.ocmw.ethics.reminder("en")
    typed = Typist(world.huis.members[OCMW].devices["first"], tmp_path / "ocmw")
    typed.environment["ZEGEL_LANGUAGE"] = "en"
    said = typed.run("open", sent.manifest, exit_code=1)[1]
    assert said.splitlines()[0] == await world.ocmw.ethics.reminder("en")
    # Nor by another way: the relay hands nothing to who does not say it, or says it of another message.
    with pytest.raises(RelayProblem) as refused:
        await world.ocmw._client.deliver(sent.manifest)
    assert (refused.value.status, refused.value.code) == (409, "secrecy.not-reminded")
    other = await world.nurse.send(world.draft(money="Een tweede brief."))
    rulebook = (await world.ocmw.setting()).setting.rulebook.payload
    word = sign_reminded(world.ocmw.identity, rulebook, other.manifest)
    with pytest.raises(RelayProblem) as refused:
        await world.ocmw._client.deliver(sent.manifest, word)
    assert refused.value.code == "envelope.type"
    # Nor is it said for another: the nurse is no reader of it.
    with pytest.raises(RelayProblem):
        await world.ocmw._client.deliver(other.manifest, sign_reminded(world.nurse.identity, rulebook, other.manifest))

    def yes(text: str) -> bool:
        shown.append(text)
        return True

    message = await world.ocmw.open(sent.manifest, reminder=yes)
    assert {section.type for section in message.sections} == {"money", "agreement"}
    again = await world.ocmw.open(sent.manifest, reminder=yes)
    assert again.d == message.d
    assert len(shown) == 2


async def test_a_colleague_is_reminded_for_themselves(world: World):
    await world.huis.add_device(world.huis.members[OCMW], "tom", "social-worker")
    await world.huis.publish()
    tom = await world.huis.connect(OCMW, "tom")
    try:
        await world.consent()
        sent = await world.nurse.send(world.draft())
        await world.ocmw.open(sent.manifest)
        with pytest.raises(RelayProblem) as refused:
            await tom._client.deliver(sent.manifest)
        assert refused.value.code == "secrecy.not-reminded"
        assert (await tom.open(sent.manifest)).d == sent.manifest
    finally:
        await tom.close()
