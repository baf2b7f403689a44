"""A relay that lies to a client: what it drops, alters, withholds or serves again is not believed (attacks)."""

import msgspec

from unit.demo.conftest import phone_of
from unit.demo.hand_huis import DAY, MOTHER, NOW, OCMW, d_of, flow, new_nonce, sign
from unit.demo.hand_message import Sending
from unit.demo.offline import code_of, consent, opened_by_ocmw, query_of, same_phone
from zegel_keys.exhibit import read
from zegel_keys.signing import SigningKey
from zegel_protocol import b64, encoding
from zegel_protocol.objects import Directory
from zegel_protocol.objects.parties import Party


def without(bundle, d):
    """Return a bundle without one object."""
    kept = (held for held in bundle.items if read(bytes(held.object)).d != d)
    return msgspec.structs.replace(bundle, items=tuple(kept))


async def test_a_section_that_the_notice_names_is_dropped(relay, agent):
    Sending(relay, ("ask", "Hulp.", (MOTHER,)), ("money", "Brieven.", (MOTHER,))).send()
    relay.lies["deliver"] = lambda it: msgspec.structs.replace(it, entries=it.entries[:1])
    assert await code_of(agent.notices()) == "notice.entry-missing"


async def test_somebody_elses_section_is_handed_out(relay, agent):
    sending = Sending(relay, ("ask", "Hulp.", (MOTHER,)), ("money", "Van vader.", ("e" * 32,)))
    sending.entries[1] = msgspec.structs.replace(sending.entries[1], readers=(Party(partner=OCMW),))
    payload = b64.encode(encoding.encode(sending.entries[1]))
    sending.send(unnamed=(1,))
    assert len(await agent.notices()) == 1
    relay.lies["deliver"] = lambda it: msgspec.structs.replace(it, entries=(*it.entries, payload))
    assert await code_of(agent.notices()) == "entry.not-yours"


async def test_a_message_is_withheld(relay, agent):
    relay.deliveries.pop(Sending(relay, ("ask", "Hulp.", (MOTHER,))).send())
    assert await code_of(agent.notices()) == "message.unknown"


async def test_a_notice_that_the_receipt_does_not_name(huis, relay, agent):
    d = Sending(relay, ("ask", "Hulp.", (MOTHER,))).send()
    receipt = huis.receipt(d, huis.log.size - 1, (), ())
    relay.lies["deliver"] = lambda it: msgspec.structs.replace(it, receipt=receipt)
    assert await code_of(agent.notices()) == "notice.receipt"


async def test_wraps_that_the_receipt_does_not_name(huis, relay, agent):
    first = Sending(relay, ("ask", "Hulp.", (MOTHER,))).send()
    second = relay.deliveries[Sending(relay, ("ask", "Meer.", (MOTHER,))).send()]
    relay.told.pop(0)
    relay.lies["deliver"] = lambda _: msgspec.structs.replace(second, wraps=relay.deliveries[first].wraps)
    assert await code_of(agent.notices()) == "wraps.receipt"


async def test_a_blob_damaged_on_its_way(relay, agent):
    Sending(relay, ("ask", "Hulp.", (MOTHER,))).send()
    for ct, body in relay.blobs.items():
        relay.blobs[ct] = body[:-1] + bytes([body[-1] ^ 1])
    (notice,) = await agent.notices()
    assert notice.copy.problems == ("section.digest",)
    relay.blobs.clear()
    (notice,) = await agent.notices()
    assert notice.copy.problems == ("blob.unknown",)


async def test_an_opening_that_nobody_signed(huis, relay, agent):
    d = Sending(relay, ("ask", "Hulp.", (MOTHER,))).send()
    huis.devices[OCMW] = SigningKey.generate()
    opened_by_ocmw(relay, d)
    assert await code_of(agent.notices()) == "signature.unknown"


async def test_an_opening_of_another_message(relay, agent):
    Sending(relay, ("ask", "Hulp.", (MOTHER,))).send()
    opened_by_ocmw(relay, d_of(relay.huis.directory))
    assert await code_of(agent.notices()) == "event.foreign"


async def test_an_older_directory_than_seen(huis, relay, agent):
    before = await relay.requests()
    huis.directory = huis.publish(2)
    await agent.requests()
    relay.lies["requests"] = lambda _: before
    assert await code_of(agent.requests()) == "pin.rollback"


async def test_an_expired_directory(relay, agent):
    relay.now = NOW + 7 * DAY
    assert await code_of(agent.requests()) == "directory.expired"


async def test_a_directory_that_the_steward_did_not_sign(huis, agent):
    forged = msgspec.structs.replace(huis.directory, version=2, nonce=new_nonce())
    huis.accept_envelope(forged, sign(forged, SigningKey.generate()))
    assert huis.of(Directory)[-1] == forged
    assert await code_of(agent.requests()) == "signature.unknown"


async def test_a_chain_without_the_yes_that_she_gave(huis, relay, agent):
    before = await relay.evidence(query_of())
    await consent(huis, agent)
    (asked,) = await agent.requests()
    relay.lies["evidence"] = lambda _: before
    assert await code_of(agent.accept(asked)) == "pin.status-rollback"


async def test_a_chain_without_its_stop(huis, relay, agent):
    yes = await consent(huis, agent)
    before = await relay.consents()
    await agent.revoke([yes])
    relay.lies["consents"] = lambda _: before
    assert await code_of(agent.given()) == "pin.status-rollback"


async def test_a_stop_left_out_of_its_chain(huis, relay, agent):
    yes = await consent(huis, agent)
    (stop,) = await agent.revoke([yes])
    relay.lies["consents"] = lambda it: without(it, stop.d)
    assert await code_of(same_phone(agent, relay).given()) == "status.head"


async def test_a_yes_left_out_of_its_chain(huis, relay, agent):
    yes = await consent(huis, agent)
    await agent.revoke([yes])
    relay.lies["consents"] = lambda it: without(it, yes)
    assert await code_of(same_phone(agent, relay).given()) == "chain.gap"


async def test_a_status_that_is_old(huis, relay, agent):
    await consent(huis, agent)
    stale = await relay.consents()
    relay.now += 3600
    relay.lies["consents"] = lambda _: stale
    assert await code_of(agent.given()) == "status.stale"


async def test_no_status_at_all(huis, relay, agent):
    await consent(huis, agent)
    relay.lies["consents"] = lambda it: msgspec.structs.replace(it, items=it.items[:-1])
    assert await code_of(agent.given()) == "status.missing"


async def test_a_receipt_of_something_else(huis, relay, agent):
    huis.ask(flow("ask"))
    (asked,) = await agent.requests()
    other = huis.accepted[0][1].receipt
    relay.lies["submit_object"] = lambda _: other
    assert await code_of(agent.accept(asked)) == "log.receipt"
    assert agent.receipts == {}


async def test_another_log(huis, relay, agent):
    await agent.requests()
    huis.log.append(b64.encode(b"x" * 32))
    fork = type(huis.log)(huis.id)
    fork.key = huis.log.key
    for n in range(huis.log.size):
        fork.append(b64.encode(bytes([n]) * 32))
    huis.log = fork
    huis.ask(flow("ask"))
    assert await code_of(agent.requests()) == "log.split"


async def test_another_phone_in_her_name(relay, agent):
    assert (await agent.requests()) == []
    assert await code_of(phone_of(relay).requests()) == "client-key.foreign"


async def test_a_person_without_keys(relay):
    assert await code_of(phone_of(relay).requests()) == "client-key.missing"
    assert await code_of(phone_of(relay, "7" * 32).requests()) == "person.unknown"
