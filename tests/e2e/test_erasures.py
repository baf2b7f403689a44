"""Revocation that travels: what was handed out is asked back, answered honestly, once; a finding is a cause too."""

import pytest

from e2e.world import OCMW
from zegel import ErasureError, Refused, RelayProblem
from zegel.proving import check_proof
from zegel.steward.finding import make_finding
from zegel_protocol.errors import ProtocolError


async def read(world, text="Drie brieven."):
    """Send a referral and have the OCMW open and acknowledge it."""
    sent = await world.nurse.send(world.draft(money=text))
    message = await world.ocmw.open(sent.manifest)
    await world.ocmw.acknowledge(message)
    return message


async def test_what_was_read_is_answered_for_one_by_one_and_the_client_reads_each_answer(world):
    consents = await world.consent(["money"])
    first, second = await read(world), await read(world, "Nog een brief.")
    unread = await world.nurse.send(world.draft(money="Niet meer gelezen."))
    assert await world.ocmw.erasures.owed() == []

    (revocation,) = await world.phone.revoke(consents[:1])
    owed = await world.ocmw.erasures.owed()
    assert {item.message for item in owed} == {first.d, second.d}
    assert {(item.of, item.why, item.reason, item.overdue) for item in owed} == {
        (revocation.d, "revoked", "changed-mind", False)
    }
    assert [item.received.about for item in owed if item.received is not None] == [(world.elif_id,)] * 2
    with pytest.raises((RelayProblem, Refused)):
        await world.ocmw.open(unread.manifest)
    assert {item.kind for item in await world.ocmw.desk.deadlines()} >= {"erasure"}
    # The sender is asked nothing.
    assert await world.nurse.erasures.owed() == []

    by_message = {item.message: item for item in owed}
    with pytest.raises(ErasureError) as why:
        await world.ocmw.erasures.answer(by_message[first.d], "kept")
    assert why.value.code == "erasure.reason"
    with pytest.raises(ErasureError) as other:
        await world.ocmw.erasures.answer(by_message[first.d], "kept", "no-time")
    assert other.value.code == "erasure.reason"
    # Nor past its own software.
    with pytest.raises(RelayProblem) as bare:
        await world.ocmw.talks.say(first.d, "kept", [], revocation.d)
    assert bare.value.code == "word.code"

    kept = await world.ocmw.erasures.answer(by_message[first.d], "kept", "statutory-file")
    assert kept.remains == ()
    await world.ocmw.keep(world.ocmw.report_back(second).note("follow", "Over die brief."))
    gone = await world.ocmw.erasures.answer(by_message[second.d], "erased")
    assert gone.drafts == 1
    assert gone.remains
    assert world.ocmw.drafts() == []
    assert [item.manifest for item in world.ocmw.received()] == [first.d]
    assert await world.ocmw.erasures.owed() == []

    said = {}
    for notice in await world.phone.notices():
        for event in notice.events:
            if event.payload.event in ("erased", "kept"):
                said[notice.notice.payload.manifest] = (event.payload.event, event.payload.codes, event.payload.of)
    assert said == {
        first.d: ("kept", ("statutory-file",), revocation.d), second.d: ("erased", (), revocation.d),
    }  # fmt: skip


async def test_an_answer_is_given_once(world):
    consents = await world.consent(["money"])
    message = await read(world)
    (revocation,) = await world.phone.revoke(consents[:1])
    (owed,) = await world.ocmw.erasures.owed()
    await world.ocmw.erasures.answer(owed, "erased")
    with pytest.raises(ErasureError) as again:
        await world.ocmw.erasures.answer(owed, "kept", "own-record")
    assert again.value.code == "erasure.answered"
    with pytest.raises(RelayProblem):
        await world.ocmw.talks.say(message.d, "kept", ["own-record"], revocation.d)
    # And nobody answers for another, or to what never asked them.
    with pytest.raises((RelayProblem, ProtocolError)):
        await world.nurse.talks.say(message.d, "erased", [], revocation.d)
    with pytest.raises((RelayProblem, ProtocolError)):
        await world.ocmw.talks.say(message.d, "erased", [], consents[0])


async def test_what_a_narrower_yes_leaves_out_is_asked_back_too(world):
    forward, _ = await world.consent(["money", "housing"])
    sent = await world.nurse.send(world.draft(money="Drie brieven.", housing="Twee maanden huur achter."))
    message = await world.ocmw.open(sent.manifest)
    await world.ocmw.acknowledge(message)
    await world.phone.narrow(forward, {"money"})
    (owed,) = await world.ocmw.erasures.owed()
    assert (owed.message, owed.why) == (message.d, "narrowed")
    await world.ocmw.erasures.answer(owed, "erased")
    assert await world.ocmw.erasures.owed() == []


async def test_what_is_too_broad_is_reported_proven_found_and_erased(world):
    await world.consent(["money"])
    message = await read(world, "Drie brieven, en de buurvrouw drinkt.")
    await world.ocmw.talks.report_over_broad(message)
    (section,) = [held.payload.n for held in message.entries if held.payload.type == "money"]
    proof = await world.ocmw.prove(message.d, section)
    proven = check_proof(world.huis.id, await world.huis.shown(), proof)
    assert (proven.n, proven.reader) == (section, OCMW)
    known = await world.huis.known()
    finding = make_finding(known, world.huis.keys, proven, "over-broad", ["third-party"], world.huis.clock())
    await world.huis.give(finding)

    (owed,) = await world.ocmw.erasures.owed()
    assert (owed.message, owed.why) == (message.d, "over-broad")
    await world.ocmw.erasures.answer(owed, "kept", "own-record")
    said = [item.event for item in await world.nurse.events(message.d)]
    assert said == ["opened", "reported", "kept"]
