"""An alarm as a worker sees it: whom to phone, whom to send it to, who signs after, and what does not get through."""

import msgspec
import pytest
import pytest_asyncio

from e2e.alarm_town import CLB, DESK, HOUR, NURSE, OCMW, WHY, AlarmTown, open_alarm_town
from e2e.families import complete, say_yes
from e2e.typist import Typist
from zegel import ContentFound, Partner, Refused, RelayProblem
from zegel.alarms import AlarmWaits
from zegel_demo.huis import CODE, DAY
from zegel_keys.exhibit import read_bundle
from zegel_keys.verification import read_payload
from zegel_protocol.objects import Receipt
from zegel_protocol.objects.desk import Shift
from zegel_protocol.objects.manifest import Delay, OnNecessity
from zegel_protocol.refusal import Code
from zegel_protocol.texts.alarm_text import EMERGENCY, basis_in_words, phones_first
from zegel_relay.services.archive import SETTING_KINDS

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOWHERE = "http://127.0.0.1:9"
RIK = "buddy-rik"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory):
    async with open_alarm_town(tmp_path_factory.mktemp("town")) as opened:
        yield opened


def alarm(town: AlarmTown, by: Partner, to: str = DESK, **options):
    """Return an alarm about the boy, complete."""
    return by.alarms.draft(to, town.household, [town.person], **options).note("motivation", WHY)


async def refused(town: AlarmTown, by: Partner, to: str = DESK, **options) -> set[str]:
    """Return the codes that an alarm is refused with."""
    with pytest.raises(Refused) as caught:
        await by.alarms.send(alarm(town, by, to, **options))
    return set(caught.value.codes)


async def test_whom_to_phone_is_known_without_a_line(town, tmp_path):
    nurse = Typist(town.huis.members[NURSE].devices["first"], tmp_path)
    nurse.environment["ZEGEL_RELAY"] = NOWHERE
    said = nurse.json("alarm")
    assert [item["number"] for item in said["phones"]][:2] == ["112", "1712"]
    own = town.nurse.alarms.phones()
    assert nurse.run("alarm")[0].splitlines()[: len(own) + 1] == phones_first(own, "nl")
    assert nurse.run("--language", "en", "alarm")[0].splitlines()[: len(own) + 1] == phones_first(own, "en")
    never = await town.huis.add_device(town.huis.members[NURSE], "new", "nurse")
    assert Typist(never, tmp_path / "new").run("alarm")[0].splitlines()[:2] == phones_first((), "nl")


async def test_whom_to_phone_is_said_before_anything_can_fail(town, tmp_path):
    nurse = Typist(town.huis.members[NURSE].devices["first"], tmp_path)
    nurse.environment["ZEGEL_RELAY"] = NOWHERE
    words = ("alarm", "send", "--to", DESK, "--about", town.person, "--motivation", WHY)
    phones = phones_first(town.nurse.alarms.phones(), "nl")
    said = nurse.run(*words, "--relay", NOWHERE, exit_code=1)[1].splitlines()
    assert EMERGENCY in said[0]
    assert said[1 : len(phones) + 1] == phones
    # With the household named nothing has to be looked up: it is kept, and goes before all else.
    kept = nurse.fail("alarm.not-sent", *words, "--household", town.household, "--relay", NOWHERE)
    assert next(item["number"] for item in kept["phones"]) == "112"
    nurse.run("drafts", "discard", "--yes", kept["kept"])
    (tmp_path / "passphrase").write_text("another", "utf-8")
    wrong = nurse.run(*words, exit_code=1)[1]
    assert EMERGENCY in wrong.splitlines()[0]


async def test_who_works_alone_asks_a_worker_elsewhere_who_sees_no_content(town, tmp_path):
    sent = await town.nurse.alarms.send(alarm(town, town.nurse))
    sara = Typist(town.huis.members[OCMW].devices["first"], tmp_path)
    shown = sara.json("alarm", "look", sent.manifest)
    assert (shown["from"], shown["function"], shown["to"]) == (NURSE, "nurse", DESK)
    assert shown["why"] == basis_in_words(OnNecessity(code="serious-danger"), "nl")
    seen = await town.workers[OCMW].alarms.look(sent.manifest)
    assert (seen.manifest, seen.at, seen.due) == (sent.manifest, sent.accepted_at, sent.accepted_at + 24 * HOUR)
    # Of the whole answer: the setting, one manifest, and a receipt that says nothing of who was told.
    bundle = await town.workers[OCMW]._client.alarm(sent.manifest)
    others = [item for item in read_bundle(bundle) if item.kind not in SETTING_KINDS]
    assert [item.d for item in others] == [sent.manifest]
    receipt = read_payload(others[0].receipt or b"", Receipt)[0]
    assert (receipt.wraps, receipt.notices) == ((), ())
    with pytest.raises(RelayProblem) as person:
        await town.phone._phone.relay.alarm(sent.manifest)
    assert person.value.code == "alarm.partner"
    text = msgspec.json.encode(bundle).decode()
    assert town.person not in text
    assert WHY not in text
    assert sara.json("alarm", "sign", sent.manifest)["agrees"] is True
    assert sent.manifest not in {item.message or item.object for item in await town.nurse.alarms.waiting()}
    # What was signed can still be looked at, and the other's message stays what it was: not theirs.
    assert (await town.workers[OCMW].alarms.look(sent.manifest)) == seen
    with pytest.raises(RelayProblem) as events:
        await town.workers[OCMW].events(sent.manifest)
    assert events.value.code == "message.unknown"
    await town.desk.acknowledge(await town.desk.open(sent.manifest))


async def test_nobody_looks_at_what_asks_for_no_second_signature(town):
    draft = town.nurse.information(OCMW, town.household, [town.person]).note("plan", "Donderdag om tien uur.")
    complete(draft, town.clock())
    await say_yes(town.phone, await town.nurse.families.ask_consent(draft))
    plain = await town.nurse.send(draft)
    for name in (plain.manifest, "A" * 43):
        with pytest.raises(RelayProblem) as unknown:
            await town.workers[CLB].alarms.look(name)
        assert unknown.value.code == "alarm.unknown"


async def test_who_takes_alarms_and_who_is_on_call(town):
    desks = await town.nurse.alarms.desks()
    assert [(desk.partner, desk.off_call) for desk in desks] == [(DESK, False), (CLB, False)]
    assert desks[0].until is not None
    assert desks[1].rota is False


async def test_one_signature_sends_it_and_a_colleague_signs_after(town, tmp_path):
    sent = await town.nurse.alarms.send(alarm(town, town.nurse))
    assert len(sent.notices) == 1
    first = (await town.desk.inbox())[0]
    assert (first.manifest, first.urgent) == (sent.manifest, True)
    message = await town.desk.open(first)
    await town.desk.acknowledge(message)
    assert [section.note.text for section in message.sections] == [WHY]
    assert sent.manifest in {item.message or item.object for item in await town.nurse.alarms.waiting()}
    with pytest.raises(RelayProblem) as own:
        await town.nurse.alarms.countersign(sent.manifest)
    assert own.value.code == "countersignature.same-worker"
    with pytest.raises(RelayProblem) as warned:
        await town.desk.alarms.countersign(sent.manifest)
    assert warned.value.code == "countersignature.party"
    colleague = Typist(town.huis.members[NURSE].devices["second"], tmp_path)
    assert sent.manifest in {item["manifest"] for item in colleague.json("alarm", "sign")["owed"]}
    assert colleague.json("alarm", "sign", sent.manifest)["agrees"] is True
    assert sent.manifest not in {item.message or item.object for item in await town.nurse.alarms.waiting()}


async def test_it_is_shown_before_what_waits_longer(town):
    earlier = await town.nurse.alarms.send(alarm(town, town.nurse))
    later = await town.nurse.alarms.send(alarm(town, town.nurse))
    shown = [item.manifest for item in await town.desk.inbox() if item.urgent]
    assert shown.index(earlier.manifest) < shown.index(later.manifest)
    for manifest in (earlier.manifest, later.manifest):
        await town.desk.acknowledge(await town.desk.open(manifest))
    assert [item for item in await town.desk.inbox() if item.urgent] == []


async def test_a_service_raises_no_alarm_and_plans_no_rota(town):
    await town.huis.add_device(town.huis.members[NURSE], "line", "service", service=True)
    await town.huis.publish()
    service = await town.huis.connect(NURSE, "line")
    try:
        assert await refused(town, service) == {Code.ALARM_SERVICE}
        with pytest.raises(RelayProblem) as forbidden:
            await service.alarms.set_rota([], "112", "Bel.")
        assert forbidden.value.code == "signature.service"
    finally:
        await service.close()


async def test_a_desk_where_nobody_is_on_call_is_not_chosen_silently(town):
    clb = town.workers[CLB]
    night = Shift(opens=town.clock() + 2 * HOUR, closes=town.clock() + 9 * HOUR, devices=(clb.identity.device,))
    await clb.alarms.set_rota([night], "09 765 43 21", "De permanentie belt terug.")
    state = await town.nurse.alarms.on_call(CLB)
    assert (state.off_call, state.until, state.opens, state.phone) == (True, None, night.opens, "09 765 43 21")
    with pytest.raises(Refused) as caught:
        await town.nurse.alarms.send(alarm(town, town.nurse, CLB))
    (why,) = caught.value.refusals
    assert why.code == Code.DESK_OFF_CALL
    assert ("phone", "09 765 43 21") in {(item.name, item.value) for item in why.params}
    # Whoever phoned says so, and the file follows.
    await town.nurse.alarms.send(alarm(town, town.nurse, CLB, off_call=True))


async def test_to_whom_no_alarm_goes(town):
    assert Code.RECIPIENT_CLOSED in await refused(town, town.nurse, OCMW)


async def test_a_notice_waits_for_a_reason_of_the_list_and_never_long(town):
    too_long = Delay(until=town.clock() + 73 * HOUR, code="danger-if-told")
    assert await refused(town, town.nurse, delay=too_long) == {Code.DELAY_TOO_LONG}
    why = Delay(until=town.clock() + HOUR, code="because")
    assert await refused(town, town.nurse, delay=why) == {Code.DELAY_CODE}
    assert Code.BASIS_CODE in await refused(town, town.nurse, code="a-feeling")


async def test_a_motivation_that_says_nothing_sends_nothing(town):
    draft = town.nurse.alarms.draft(DESK, town.household, [town.person]).note("motivation", "zie dossier")
    with pytest.raises(ContentFound) as caught:
        await town.nurse.alarms.send(draft)
    assert [item.code for item in caught.value.findings] == ["matter.no-reason"]
    bare = town.nurse.alarms.draft(DESK, town.household, [town.person]).note("who", "Jonas, 8 jaar.")
    with pytest.raises(Refused) as refusal:
        await town.nurse.alarms.send(bare)
    assert Code.PART_MISSING in {item.code for item in refusal.value.refusals}


async def test_what_cannot_leave_says_whom_to_phone_and_goes_first(town):
    offline = await town.huis.connect(NURSE, "second", relay=NOWHERE)
    try:
        ordinary = await offline.keep(offline.referral(OCMW, town.household, [town.person]).note("plan", "Later."))
        with pytest.raises(AlarmWaits) as waits:
            await offline.alarms.send(alarm(town, offline))
        assert waits.value.phones[0].number == "112"
        assert "112" in waits.value.do
        assert {item.id for item in offline.drafts()} == {ordinary, waits.value.kept}
    finally:
        await offline.close()
    colleague = town.workers[f"{NURSE}/second"]
    # What was kept before it is refused, and holds nothing up: the alarm has left.
    with pytest.raises(Refused):
        await colleague.flush()
    assert [item.id for item in colleague.drafts()] == [ordinary]
    assert [item for item in await town.desk.inbox() if item.urgent] != []
    colleague.discard(ordinary)


async def test_the_command_asks_for_what_an_alarm_needs(town, tmp_path):
    nurse = Typist(town.huis.members[NURSE].devices["first"], tmp_path)
    words = ("alarm", "send", "--to", DESK, "--about", town.person)
    nurse.fail("content.found", *words, "--motivation", "-")
    nurse.fail("usage.wrong", *words, "--motivation", WHY, "--delay-until", "1d", exit_code=2)
    nurse.fail("content.type", *words, "--motivation", WHY, "--note", "gossip=De buren zeggen het.")
    sent = nurse.json(*words, "--motivation", WHY, "--note", "who=Jonas, 8 jaar.")
    assert sent["sent"] is True
    (desk,) = [item for item in nurse.json("alarm", "desks")["desks"] if item["partner"] == DESK]
    assert desk["off_call"] is False


async def test_a_procedure_is_registered_with_who_was_trained(town, tmp_path):
    sara = town.workers[OCMW]
    own = Typist(town.huis.members[OCMW].devices["first"], tmp_path)
    (tmp_path / "alarm.md").write_text("1. Bel. 2. Meld. 3. Blijf bij het kind.\n", "utf-8")
    assert own.json("alarm", "procedure")["own"] is None
    named = ("--file", "alarm.md", "--title", "Wat bij alarm", "--trained", f"{sara.identity.worker}=2026-11-03")
    made = own.json("alarm", "procedure", *named)["own"]
    assert (made["version"], made["trained"]) == (1, [{"worker": sara.identity.worker, "on": "2026-11-03"}])
    assert own.json("alarm", "procedure", *named)["own"]["version"] == 2
    assert (await sara.alarms.procedure()).phones == sara.alarms.phones()


async def test_a_volunteer_alarms_who_stands_behind_them_and_no_paper_holds_it_up(town):
    huis = town.huis
    huis.declares = False
    await huis.admit(RIK, "Buddy Rik", "volunteer", "pledge", "volunteer", actor="non-professional", host=OCMW)
    huis.declares = True
    await huis.publish()
    rik = await huis.connect(RIK)
    try:
        assert (await rik.ethics.status()).pledged is False
        desks = {desk.partner: desk for desk in await rik.alarms.desks()}
        assert set(desks) == {DESK, OCMW}
        assert desks[OCMW].host
        await rik.alarms.send(alarm(town, rik, OCMW))
        assert Code.BASIS_SENDER in await refused(town, rik, CLB, off_call=True)
    finally:
        await rik.close()


async def test_who_did_not_accept_the_code_in_time_alarms_all_the_same(town):
    huis = town.huis
    huis.declares = False
    await huis.add_device(huis.members[NURSE], "late", "nurse")
    huis.declares = True
    await huis.publish()
    await town.turn(31 * DAY)
    late = await huis.connect(NURSE, "late")
    try:
        own = (await late.ethics.status()).of(late.identity.worker)
        assert own is not None
        assert own.blocked(town.clock())
        draft = late.information(OCMW, town.household, [town.person]).note("plan", "Donderdag.")
        checked = await late.preflight(draft)
        assert Code.CODE_NOT_ACCEPTED in {item.code for item in checked.refusals}
        await late.alarms.send(alarm(town, late))
        await late.ethics.accept_code(CODE)
        checked = await late.preflight(draft)
        assert Code.CODE_NOT_ACCEPTED not in {item.code for item in checked.refusals}
    finally:
        await late.close()


async def test_what_nobody_knows_is_not_signed(town):
    with pytest.raises(RelayProblem) as unknown:
        await town.nurse.alarms.countersign("A" * 43)
    assert unknown.value.code == "countersignature.unknown"
