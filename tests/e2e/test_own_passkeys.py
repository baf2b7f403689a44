"""A second device, and a lost one: a person says alone which of their passkeys count (decision 0050)."""

import asyncio

import msgspec
import pytest

from e2e.lied_to import code_of
from e2e.lying_client import give, touched, yes_of
from e2e.test_replacement import lost
from servers.databases import rows
from zegel import RelayProblem
from zegel_demo import ways_in
from zegel_demo.client_agent import ClientAgent
from zegel_demo.huis import ORIGIN, RP_ID
from zegel_demo.passkey import SoftwarePasskey
from zegel_keys.envelopes import new_nonce
from zegel_protocol import dsse, encoding
from zegel_protocol.objects import ClientKey


async def problem(doing) -> str:
    with pytest.raises(RelayProblem) as no:
        await doing
    return no.value.code


def second_device(world) -> ClientAgent:
    phone, huis = world.phone._phone, world.huis
    passkey = SoftwarePasskey(RP_ID, ORIGIN)
    return ClientAgent(huis.id, world.household, world.elif_id, huis.relay.address, passkey, phone.seed, huis.clock)


async def client_of(world):
    own = world.nurse.families._own()
    return (await world.nurse.families.look_up([world.elif_id], own, own)).clients[world.elif_id]


async def listed(world) -> set[str]:
    key = (await client_of(world)).key_now(world.huis.clock())
    return {passkey.credential for passkey in key.payload.passkeys}


async def test_a_second_device_says_yes_and_a_lost_one_no_more(world):
    async with second_device(world) as second:
        # Nobody signs with what is not listed.
        assert await code_of(second.requests()) == "client-key.foreign"
        added = await world.phone.add_passkey(second._phone.passkey)
        first = world.phone._phone.passkey.credential
        assert await listed(world) == {first, second._phone.passkey.credential}
        # She is told, wherever else she looks.
        pings = rows(world.huis.relay, "select subject, object_d from outbox where kind = 'ping'")
        assert (f"person:{world.elif_id}", added) in pings
        request = await world.nurse.families.ask_consent(world.draft(), types=[("money", "whole")], back={})
        asked = next(item for item in await second.requests() if item.request.d == request)
        assert len(await second.accept(asked)) == 1
        sent = await world.nurse.send(world.draft())
        await world.ocmw.open(sent.manifest)
        assert [notice.readable() != [] for notice in await second.notices()] == [True]
        await second.remove_passkey(first)
        assert await listed(world) == {second._phone.passkey.credential}
        # The phone that was taken out says nothing more; what it said while it counted still counts.
        again = await world.nurse.families.ask_consent(world.draft(), types=[("housing", "whole")], back={})
        consent = await yes_of(second, again)
        assert await problem(give(second, touched(world.phone, consent))) == "signature.unknown"
        assert await code_of(world.phone.requests()) == "client-key.foreign"
        assert (await world.nurse.preflight(world.draft())).refusals == ()


async def test_the_last_passkey_stays(world):
    credential = world.phone._phone.passkey.credential
    assert await code_of(world.phone.remove_passkey(credential)) == "client-key.last-passkey"
    assert await listed(world) == {credential}


async def test_whoever_vouched_for_the_keys_vouched_for_the_passkeys_that_they_list(world):
    key = (await client_of(world)).keys[-1].d
    await world.ocmw.families.vouch(key, "id-card")
    async with second_device(world) as second:
        await world.phone.add_passkey(second._phone.passkey)
        client = await client_of(world)
        vouched = client.vouchers(client.key_now(world.huis.clock()))
        assert vouched == {world.nurse.identity.partner, world.ocmw.identity.partner}
        # So a yes of the new device counts towards the partner that enrolled the first.
        request = await world.nurse.families.ask_consent(
            world.draft(), types=[("money", "whole")], back={"money": "whole"}
        )
        asked = next(item for item in await second.requests() if item.request.d == request)
        assert len(await second.accept(asked)) == 2


async def test_only_passkeys_and_only_her_own_key(world):
    phone = world.phone._phone
    family = await phone.family()
    held, mallory = family.me.keys[-1], second_device(world)

    def record(**changes) -> bytes:
        return encoding.encode(
            msgspec.structs.replace(
                held.payload, nonce=new_nonce(), version=2, prev=held.d,
                **{"passkeys": mallory._phone.passkeys, **changes},
            )
        )  # fmt: skip

    async def offer(payload: bytes, key) -> str:
        media = dsse.payload_type(ClientKey.KIND)
        return await problem(
            phone.relay.submit_object(dsse.seal_envelope(media, payload, (key.sign_object(media, payload),)))
        )

    async with mallory:
        nurse = world.nurse.identity.signing_key
        own = phone.seed.identity_key
        assert await offer(record(), nurse) == "signature.missing"
        assert await offer(record(means="known"), own) == "signature.missing"
        assert await offer(record(passkeys=()), own) == "signature.missing"
        assert await offer(record(passkeys=held.payload.passkeys), own) == "signature.missing"
        assert await listed(world) == {phone.passkey.credential}


@pytest.mark.slow
async def test_keys_that_were_replaced_leave_no_way_in(tmp_path):
    async with lost(tmp_path) as world:
        phone = world.phone._phone
        await ways_in.keep_under_prf(phone, phone.passkey)
        code = await ways_in.print_code(phone)
        await world.replace()
        await world.vouch()
        async with ways_in.stranger(world.huis.relay.address, world.clock) as relay:
            # Until its day she comes in as before, and could stop it.
            assert (await ways_in.log_in(relay, phone.passkey)).person == world.elif_id
            await world.until_it_counts()
            assert await problem(ways_in.log_in(relay, phone.passkey)) == "login.refused"
            assert await problem(ways_in.come_in_by_code(relay, code)) == "keyring.unknown"
            fresh = world.fresh._phone
            await ways_in.keep_under_prf(fresh, fresh.passkey)
            assert (await ways_in.log_in(relay, fresh.passkey)).person == world.elif_id
        query = "select name from keyring where identity_key = ?"
        for _ in range(300):
            if not rows(world.huis.relay, query, [phone.seed.identity_key.public]):
                return
            await asyncio.sleep(0.2)
        pytest.fail("the old wraps are still there")


async def test_a_passkey_more_ends_a_replacement_that_waits(tmp_path):
    async with lost(tmp_path) as world:
        await world.replace()
        async with second_device(world) as second:
            await world.phone.add_passkey(second._phone.passkey)
            assert await world.phone.replacement() is None
            assert await world.nurse.families.waiting(world.elif_id) is None
