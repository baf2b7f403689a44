"""Article 7: a letter with a stop code, read out to a partner that had no part in it; two workers there stop it."""

import json

import pytest
import pytest_asyncio

from e2e.desk import colleague, named
from e2e.typist import Typist
from e2e.world import CHILD_AND_FAMILY, OCMW, SCHOOL
from servers.databases import rows
from zegel import ProtocolError, Refused, RelayProblem, RelayUnreachable
from zegel_demo.huis import DAY
from zegel_keys.envelopes import new_nonce, sign_payload
from zegel_keys.stop_code import new_stop_code, stop_code_name
from zegel_protocol.errors import ChainError
from zegel_protocol.objects import Revocation, StopCard
from zegel_protocol.objects.parties import Party

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def front_desk(office):
    """Two workers of a school, which is neither sender nor recipient of what the letters tell."""
    huis = office.stage.huis
    workers = await huis.connect(SCHOOL), await colleague(huis, SCHOOL, "reception")
    yield workers
    for worker in workers:
        await worker.close()


async def sent_and_told(desk):
    """Send a referral on the couple's yes; return the message, and the duties to tell of it by person."""
    draft = desk.draft(who="Ana en Ben.")
    await desk.yes(await desk.ask(draft, back={}))
    sent = await desk.sara.send(draft)
    return sent.manifest, {duty.person: duty for duty in await desk.sara.duties() if duty.message == sent.manifest}


async def stop(found, seeing):
    """Have two workers hear a stop, sign it and give it to the relay."""
    first = seeing[0]
    for part in found.stops:
        payload = first.letters.prepare_stop(found, part, witnesses=[named(worker) for worker in seeing])
        signatures = [worker.families.witness_revocation(payload) for worker in seeing]
        await first.families.submit_witnessed_revocation(payload, signatures)


async def refused_card(desk, by, duty, **changes):
    """Return the code for which the relay refuses a card that a device of `by` signs."""
    fields = {
        "name": stop_code_name(desk.huis.id, new_stop_code()), "notice": duty.notice, "household": desk.household,
        "person": duty.person, "about": (duty.person,), "sender": Party(partner=OCMW),
        "to": Party(partner=CHILD_AND_FAMILY), "until": desk.huis.clock() + DAY, "at": desk.huis.clock(), **changes,
    }  # fmt: skip
    card = StopCard(v=1, huis=desk.huis.id, nonce=new_nonce(), partner=by.identity.partner, **fields)
    with pytest.raises(RelayProblem) as refused:
        await by._view.submit(sign_payload(card, by.identity.signing_key))
    return refused.value.code


async def test_a_code_is_read_out_to_another_partner_and_two_workers_stop_it(desk, front_desk):
    manifest, duties = await sent_and_told(desk)
    ana, ben = desk.couple
    letter = await desk.sara.letters.write(duties[ana])
    assert letter.stop.code in letter.text
    clerk, second = front_desk
    # As it comes over a telephone: in lower case, with pauses.
    found = await clerk.letters.look_up(letter.stop.code.lower().replace("-", " "))
    assert (found.person, found.sender, found.to, found.writer) == (ana, OCMW, CHILD_AND_FAMILY, OCMW)
    assert (found.notice, found.used) == (duties[ana].notice, None)
    assert [(part.about, part.types) for part in found.stops] == [((ana,), ("who",))]
    await stop(found, front_desk)
    # It was not opened, so it is withdrawn; and nothing new goes there about her.
    with pytest.raises(RelayProblem) as withdrawn:
        await desk.nurse.open(manifest)
    assert withdrawn.value.code == "message.withdrawn"
    with pytest.raises(Refused) as refused:
        await desk.sara.send(desk.draft(who="Ana en Ben."))
    assert set(refused.value.codes) == {"consent.revoked"}
    again = await second.letters.look_up(letter.stop.code)
    assert again.stops == ()
    assert again.used is not None
    # To be told and to stop are two things: whoever owed it owes it as before.
    assert {duty.person for duty in await desk.sara.duties() if duty.message == manifest} == {ana, ben}


async def test_looking_changes_nothing_and_shows_nothing_else_of_the_family(desk, front_desk):
    _, duties = await sent_and_told(desk)
    ana = desk.couple[0]
    letter = await desk.sara.letters.write(duties[ana])
    # Another flow of the same two people, of which the front desk has nothing to know.
    back = desk.draft(who="Ana en Ben.", plan="Liefst 's ochtends.")
    other = await desk.yes(await desk.ask(back), 1)
    clerk = front_desk[0]
    found = await clerk.letters.look_up(letter.stop.code)
    shown = found.case
    assert set(shown.clients) == {ana}
    assert set(shown.statuses) == {(ana, f"partner:{OCMW}", f"partner:{CHILD_AND_FAMILY}")}
    assert other not in {link.d for chain in shown.chains.values() for link in chain}
    assert (shown.requests, shown.manifests) == ({}, {})
    assert (await clerk.letters.look_up(letter.stop.code)).stops == found.stops
    log = desk.huis.relay.log.read_text()
    assert not [name for name in (letter.stop.code, ana, duties[ana].notice) if name in log]


async def test_one_worker_alone_stops_nothing_and_the_sender_s_own_people_may(desk, front_desk):
    _, duties = await sent_and_told(desk)
    letter = await desk.sara.letters.write(duties[desk.couple[1]])
    found = await front_desk[0].letters.look_up(letter.stop.code)
    with pytest.raises(Refused) as refused:
        front_desk[0].letters.prepare_stop(found, found.stops[0], witnesses=[named(front_desk[0])])
    assert refused.value.codes == ("witness.count",)
    assert (await front_desk[0].letters.look_up(letter.stop.code)).stops == found.stops
    await stop(await desk.tom.letters.look_up(letter.stop.code), (desk.tom, desk.sara))
    assert (await front_desk[0].letters.look_up(letter.stop.code)).stops == ()


async def test_a_renewed_consent_is_stopped_by_the_letter_that_told_of_the_first(desk, front_desk):
    draft = desk.draft(who="Ana en Ben.")
    request = await desk.ask(draft, back={})
    first = await desk.yes(request)
    sent = await desk.sara.send(draft)
    duty = next(item for item in await desk.sara.duties() if item.message == sent.manifest)
    letter = await desk.sara.letters.write(duty)
    renewed = await desk.yes(request, replaces=[first])
    found = await front_desk[0].letters.look_up(letter.stop.code)
    assert [part.consents for part in found.stops] == [(renewed,)]
    await stop(found, front_desk)
    with pytest.raises(Refused):
        await desk.sara.send(desk.draft(who="Ana en Ben."))


async def test_wrong_codes_are_told_apart_from_misheard_ones_and_guesses_are_limited(desk, office, front_desk):
    _, duties = await sent_and_told(desk)
    letter = await desk.sara.letters.write(duties[desk.couple[0]])
    # A device of its own, so that its guesses are nobody else's.
    guesser = await colleague(desk.huis, SCHOOL, "guesser")
    try:
        with pytest.raises(ProtocolError) as misheard:
            await guesser.letters.look_up(letter.stop.code[:-1] + ("0" if letter.stop.code[-1] != "0" else "1"))
        assert misheard.value.code == "stop-code.malformed"
        codes = []
        for _ in range(20):
            try:
                await guesser.letters.look_up(new_stop_code())
            except RelayProblem as problem:
                codes.append(problem.code)
            except RelayUnreachable as limited:
                # Also the right one is not answered now: who guesses must not learn from it.
                assert "relay.too-many" in str(limited)
                break
        assert codes
        assert set(codes) == {"stop-code.unknown"}
        assert len(codes) <= 12
    finally:
        await guesser.close()
    # Whoever else answers a telephone is not held up by it.
    assert (await front_desk[1].letters.look_up(letter.stop.code)).stops


async def test_a_service_answers_no_telephone_and_writes_no_code(desk):
    _, duties = await sent_and_told(desk)
    letter = await desk.sara.letters.write(duties[desk.couple[0]])
    service = await colleague(desk.huis, OCMW, "machine-of-letters", service=True)
    try:
        with pytest.raises(RelayProblem) as refused:
            await service.letters.look_up(letter.stop.code)
        assert refused.value.code == "stop-code.worker"
        assert (await service.letters.write(duties[desk.couple[0]])).stop is None
    finally:
        await service.close()


async def test_a_code_of_one_huis_names_nothing_in_another(desk):
    code = new_stop_code()
    assert stop_code_name(desk.huis.id, code) != stop_code_name("A" * 43, code)


async def test_who_does_not_tell_them_registers_no_card(desk, front_desk):
    manifest, duties = await sent_and_told(desk)
    ana, ben = desk.couple
    duty = duties[ana]
    (consents,) = rows(desk.huis.relay.folder, "select consent_d from message_consents where message_d = ?", [manifest])
    right = {"consents": tuple(consents)}
    stranger = await desk.sara.families.add_person(desk.household)
    assert {
        "another partner": await refused_card(desk, front_desk[0], duty, **right),
        "the recipient": await refused_card(desk, desk.nurse, duty, **right),
        "another's notice": await refused_card(desk, desk.sara, duty, **right, person=ben, about=(ben,)),
        "other consents": await refused_card(desk, desk.sara, duty, consents=("A" * 43,)),
        "another flow": await refused_card(desk, desk.sara, duty, **right, to=Party(partner=SCHOOL)),
        "for too long": await refused_card(desk, desk.sara, duty, **right, until=desk.huis.clock() + 40 * DAY),
        "for her husband": await refused_card(desk, desk.sara, duty, **right, about=tuple(sorted((ana, ben)))),
        "for somebody else": await refused_card(desk, desk.sara, duty, **right, about=(stranger,)),
    } == {
        "another partner": "stop-card.not-owed",
        "the recipient": "stop-card.not-owed",
        "another's notice": "stop-card.not-owed",
        "other consents": "stop-card.consents",
        "another flow": "stop-card.consents",
        "for too long": "stop-card.consents",
        "for her husband": "stop-card.person",
        "for somebody else": "stop-card.consents",
    }
    letter = await desk.sara.letters.write(duty)
    taken = stop_code_name(desk.huis.id, letter.stop.code)
    assert await refused_card(desk, desk.sara, duty, **right, name=taken) == "stop-card.taken"


async def test_the_relay_s_table_holds_no_code(desk):
    _, duties = await sent_and_told(desk)
    letter = await desk.sara.letters.write(duties[desk.couple[0]])
    plain = letter.stop.code.replace("-", "").encode()
    cards = rows(desk.huis.relay.folder, "select envelope from objects where kind = 'stop-card'")
    assert cards
    assert not [card for (card,) in cards if plain in bytes(card) or letter.stop.code.encode() in bytes(card)]


async def test_a_relay_that_shows_another_card_is_not_believed(desk, front_desk, monkeypatch):
    _, duties = await sent_and_told(desk)
    one, other = [await desk.sara.letters.write(duties[person]) for person in desk.couple]
    clerk = front_desk[0]
    asked = clerk.letters._client.stop_card
    swapped = stop_code_name(desk.huis.id, other.stop.code)
    monkeypatch.setattr(clerk.letters._client, "stop_card", lambda name: asked(swapped))
    with pytest.raises(ChainError) as foreign:
        await clerk.letters.look_up(one.stop.code)
    assert foreign.value.code == "stop-card.foreign"


async def test_by_commands_from_the_printed_page_to_the_stop(desk, front_desk, tmp_path):
    _, duties = await sent_and_told(desk)
    ana = desk.couple[0]
    ocmw, school = desk.huis.members[OCMW], desk.huis.members[SCHOOL]
    sara, clerk, second = (
        Typist(folder, tmp_path / str(number))
        for number, folder in enumerate((next(iter(ocmw.devices.values())), *school.devices.values()))
        if number < 3
    )
    written = sara.json("letter", duties[ana].notice, "--pdf", "brief.pdf", "--language", "ar")
    assert (sara.folder / "brief.pdf").read_bytes().startswith(b"%PDF-")
    assert (sara.folder / "brief.pdf").stat().st_mode & 0o777 == 0o600
    found = clerk.json("stop-code", given=written["stop_code"] + "\n")
    assert (found["person"], found["from"], found["to"]) == (ana, OCMW, CHILD_AND_FAMILY)
    device = second.run("keys", "-q")[0].strip()
    made = clerk.json("stop-code", written["stop_code"], "--witness", device, "--out", str(tmp_path / "stop.json"))
    clerk.json("consent", "witness", "sign", made["files"][0], "--yes")
    assert second.json("consent", "witness", "sign", made["files"][0], "--yes", "--submit")["submitted"] is True
    said = clerk.run("stop-code", written["stop_code"])[0]
    assert "It was stopped already" in said
    assert clerk.json("stop-code", written["stop_code"])["stops"] == []
    paper = json.loads((tmp_path / "stop.json").read_text())
    assert Revocation.KIND in paper["payloadType"]
