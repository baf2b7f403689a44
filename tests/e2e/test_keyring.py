"""Coming in again: with a passkey, with one that has no PRF, and with the printed code."""

import os

import msgspec
import pytest

from e2e.lied_to import code_of
from servers.databases import rows
from zegel import RelayProblem
from zegel_demo import ways_in
from zegel_demo.client_agent import ClientAgent
from zegel_demo.huis import ORIGIN, RP_ID
from zegel_demo.passkey import SoftwarePasskey
from zegel_keys.client_seed import PRF_SALT, new_recovery_code, recovery_name
from zegel_protocol import b64
from zegel_protocol.api import KeyringEntry
from zegel_protocol.keyring import passkey_name

pytestmark = pytest.mark.asyncio(loop_scope="module")

WRAP = b64.encode(bytes(60))


async def problem(doing) -> str:
    with pytest.raises(RelayProblem) as no:
        await doing
    return no.value.code


def phone_of(family):
    return family.phone._phone


def stranger(family):
    return ways_in.stranger(family.huis.relay.address, family.huis.clock)


def is_own(family, came) -> bool:
    own = (family.huis.id, family.household, family.elif_id, phone_of(family).seed.identity_key.public)
    return (came.huis, came.household, came.person, came.seed.identity_key.public) == own


async def test_a_passkey_gives_the_seed_back(stage):
    family = await stage.family()
    phone = phone_of(family)
    await ways_in.keep_under_prf(phone, phone.passkey)
    async with stranger(family) as relay:
        assert is_own(family, await ways_in.log_in(relay, phone.passkey))
    await family.close()


async def test_a_passkey_without_prf_needs_its_device_and_the_relay(stage):
    family = await stage.family()
    phone = phone_of(family)
    secret = await ways_in.keep_on_device(phone, phone.passkey)
    async with stranger(family) as relay:
        assert is_own(family, await ways_in.log_in(relay, phone.passkey, secret))
        assert await code_of(ways_in.log_in(relay, phone.passkey)) == "seed.device"
        assert await code_of(ways_in.log_in(relay, phone.passkey, os.urandom(32))) == "seed.unopenable"
    await family.close()


async def test_the_printed_code_gives_the_seed_back_until_a_new_one_is_printed(stage):
    family = await stage.family()
    old = await ways_in.print_code(phone_of(family))
    async with stranger(family) as relay:
        assert is_own(family, await ways_in.come_in_by_code(relay, old.lower().replace("-", " ")))
        new = await ways_in.print_code(phone_of(family))
        assert is_own(family, await ways_in.come_in_by_code(relay, new))
        assert await problem(ways_in.come_in_by_code(relay, old)) == "keyring.unknown"
        assert await problem(ways_in.come_in_by_code(relay, new_recovery_code())) == "keyring.unknown"
    await family.close()


async def test_without_an_entry_the_passkey_says_to_take_the_code(stage):
    family = await stage.family()
    async with stranger(family) as relay:
        assert await problem(ways_in.log_in(relay, phone_of(family).passkey)) == "keyring.nothing"
    await family.close()


async def test_a_person_sees_their_ways_in_and_takes_one_out(stage):
    family, other = await stage.family(), await stage.family()
    phone = phone_of(family)
    code = await ways_in.print_code(phone)
    await ways_in.keep_under_prf(phone, phone.passkey)
    shown = (await phone.relay.ways_in()).items
    assert {(line.name, line.kind, line.credential) for line in shown} == {
        (recovery_name(code), "code", None),
        (passkey_name(phone.passkey.credential), "prf", phone.passkey.credential),
    }
    assert (await phone_of(other).relay.ways_in()).items == ()
    # Nobody takes out another's.
    assert await problem(phone_of(other).relay.remove_way_in(recovery_name(code))) == "keyring.unknown"
    await phone.relay.remove_way_in(recovery_name(code))
    assert [line.kind for line in (await phone.relay.ways_in()).items] == ["prf"]
    assert await problem(phone.relay.remove_way_in(recovery_name(code))) == "keyring.unknown"
    await family.close()
    await other.close()


async def test_what_a_keyring_does_not_take(stage):
    family, other = await stage.family(), await stage.family()
    phone = phone_of(family)
    credential, name = phone.passkey.credential, passkey_name(phone.passkey.credential)
    prf = KeyringEntry(kind="prf", credential=credential, wrap=WRAP)
    foreign = SoftwarePasskey(RP_ID, ORIGIN)
    unlisted = KeyringEntry(kind="prf", credential=foreign.credential, wrap=WRAP)
    assert await problem(phone.relay.put_way_in(passkey_name(foreign.credential), unlisted)) == "keyring.credential"
    assert await problem(phone.relay.put_way_in(passkey_name(foreign.credential), prf)) == "keyring.name"
    assert await problem(stage.nurse._client.put_way_in(name, prf)) == "keyring.person"
    assert await problem(stage.nurse._client.ways_in()) == "keyring.person"
    assert await problem(stage.nurse._client.remove_way_in(name)) == "keyring.person"
    async with stranger(family) as relay:
        assert await problem(relay.put_way_in(name, prf)) == "http.signature"
        assert await problem(relay.ways_in()) == "http.signature"
    code = await ways_in.print_code(phone)
    theirs = KeyringEntry(kind="code", wrap=WRAP)
    assert await problem(phone_of(other).relay.put_way_in(recovery_name(code), theirs)) == "keyring.taken"
    for said in (
        {"kind": "code", "credential": credential, "wrap": WRAP},
        {"kind": "prf", "wrap": WRAP},
        {"kind": "prf", "credential": credential, "wrap": WRAP, "share": b64.encode(bytes(32))},
        {"kind": "device", "credential": credential, "wrap": WRAP},
        {"kind": "prf", "credential": credential, "wrap": WRAP[:-4]},
        {"kind": "prf", "credential": credential, "wrap": WRAP, "seed": WRAP},
    ):
        sent = phone.relay._send("PUT", f"/v1/keyring/{name}", msgspec.json.encode(said), signed=True)
        assert await problem(sent) == "object.malformed"
    assert [line.kind for line in (await phone.relay.ways_in()).items] == ["code"]
    await family.close()
    await other.close()


async def test_more_passkeys_than_a_record_lists_have_no_entry(stage):
    family = await stage.family()
    phone = phone_of(family)
    keys = [SoftwarePasskey(RP_ID, ORIGIN) for _ in range(15)]
    for passkey in keys:
        await family.phone.add_passkey(passkey)
    for passkey in (phone.passkey, *keys):
        await ways_in.keep_under_prf(phone, passkey)
    await ways_in.print_code(phone)
    assert len((await phone.relay.ways_in()).items) == 17
    # The same again takes no room.
    await ways_in.keep_under_prf(phone, phone.passkey)
    await family.close()


async def test_back_by_the_code_with_a_new_passkey_and_the_lost_phone_taken_out(stage):
    family = await stage.family()
    phone = phone_of(family)
    await ways_in.keep_under_prf(phone, phone.passkey)
    code = await ways_in.print_code(phone)
    fresh = SoftwarePasskey(RP_ID, ORIGIN)
    async with stranger(family) as relay:
        came = await ways_in.come_in_by_code(relay, code)
        # With the seed alone, before any passkey of this device counts, it reads and lists its own.
        huis = family.huis
        held = ClientAgent(
            came.huis, came.household, came.person, huis.relay.address, phone.passkey, came.seed, huis.clock
        )
        async with held:
            await held.add_passkey(fresh)
        second = ClientAgent(came.huis, came.household, came.person, huis.relay.address, fresh, came.seed, huis.clock)
        async with second:
            await ways_in.keep_under_prf(second._phone, fresh)
            await second.remove_passkey(phone.passkey.credential)
            assert is_own(family, await ways_in.log_in(relay, fresh))
            assert await problem(ways_in.log_in(relay, phone.passkey)) == "login.refused"
            # The lost phone's entry is gone; the code is as it was.
            kinds = [(line.kind, line.credential) for line in (await second._phone.relay.ways_in()).items]
            assert sorted(kinds, key=str) == [("code", None), ("prf", fresh.credential)]
    lost = passkey_name(phone.passkey.credential)
    assert rows(family.huis.relay, "select count(*) from keyring where name = ?", [lost]) == [(0,)]
    await family.close()


async def test_what_the_relay_keeps_opens_nothing(stage):
    family = await stage.family()
    phone = phone_of(family)
    code = await ways_in.print_code(phone)
    secret = await ways_in.keep_on_device(phone, phone.passkey)
    kept = rows(family.huis.relay, "select name, credential, wrap, share, identity_key from keyring")
    assert len(kept) >= 2
    values = {str(value) for row in kept for value in row}
    raw = [b64.decode(value) for value in values if value]
    for hidden in (
        phone.seed._seed,
        secret,
        phone.passkey.prf(PRF_SALT),
        code.encode(),
        code.replace("-", "").encode(),
    ):
        assert not any(hidden in data for data in raw)
        assert b64.encode(hidden) not in values
    assert not any(code[:27].replace("-", "") in value for value in values)
    await family.close()
