"""Coming in: for the first time at a worker's table, again with a passkey, and with the code on paper."""

import asyncio

import pytest

from e2e.portal.driven import Driven, Failed

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_words_are_the_same_on_both_screens_and_the_keys_are_the_phone_s(house):
    household, person = await house.adult()
    device = await house.device()
    opened = await house.code_for(household, person)
    phone = Driven(device)
    words = await phone.begin(opened.address)
    assert await opened.words() == words
    enrolled, done = await asyncio.gather(opened.finish("id-card"), phone.finish())
    assert tuple(done["words"]) == enrolled.words
    assert done["effective_at"] is None
    assert await phone.ask("family") == {"versions": 1, "keys": 1, "children": []}
    assert device.trouble == []


async def test_comes_in_again_with_the_passkey(house):
    household, person = await house.adult()
    phone = await house.enrol(await house.device(), household, person)
    assert await phone.log_in() == person
    assert (await phone.ask("family"))["keys"] == 1
    assert await phone.ask("consents") == 0


async def test_comes_in_again_with_a_passkey_that_has_no_prf(house):
    household, person = await house.adult()
    phone = await house.enrol(await house.device(prf=False), household, person)
    assert [way["opens"] for way in await phone.ask("passkeys")] == ["device"]
    assert await phone.log_in() == person


async def test_a_passkey_without_prf_opens_nothing_once_the_browser_was_cleared(house):
    household, person = await house.adult()
    device = await house.device(prf=False)
    phone = await house.enrol(device, household, person)
    code = await phone.make_code()
    await device.session.send("Storage.clearDataForOrigin", {"origin": device.origin, "storageTypes": "all"})
    with pytest.raises(Failed) as failed:
        await phone.log_in()
    assert failed.value.code == "seed.device"
    # With the code on paper the same passkey opens again: the device is asked for no second one.
    await phone.come_in(code)
    await phone.ask("addPasskey")
    assert len(await phone.ask("passkeys")) == 1
    assert await phone.log_in() == person


async def test_pins_that_were_lost_begin_anew(house):
    household, person = await house.adult()
    device = await house.device()
    phone = await house.enrol(device, household, person)
    await device.session.send("Storage.clearDataForOrigin", {"origin": device.origin, "storageTypes": "all"})
    assert await phone.log_in() == person
    assert (await phone.ask("seen"))["size"] > 0


async def test_a_new_phone_comes_in_with_the_code_and_gets_a_passkey_of_its_own(house):
    household, person = await house.adult()
    first = await house.enrol(await house.device(), household, person)
    code = await first.make_code()
    second = Driven(await house.device())
    assert await second.come_in(code.lower().replace("-", " ")) == person
    await second.ask("addPasskey")
    assert await second.log_in() == person
    assert [way["opens"] for way in await second.ask("passkeys")] == ["prf", "prf"]
    # Each of the two phones sees both, and knows which it is itself.
    assert [way["here"] for way in await second.ask("passkeys")] == [False, True]


async def test_a_lost_phone_is_left_out_and_comes_in_no_more(house):
    household, person = await house.adult()
    lost = await house.enrol(await house.device(), household, person)
    code = await lost.make_code()
    kept = Driven(await house.device())
    await kept.come_in(code)
    await kept.ask("addPasskey")
    other = next(way["credential"] for way in await kept.ask("passkeys") if not way["here"])
    await kept.ask("removePasskey", other)
    with pytest.raises(Failed) as failed:
        await lost.log_in()
    assert failed.value.code == "login.refused"
    assert await kept.log_in() == person
    with pytest.raises(Failed) as last:
        await kept.ask("removePasskey", (await kept.ask("passkeys"))[0]["credential"])
    assert last.value.code == "client-key.last-passkey"


async def test_an_older_code_opens_nothing_once_a_new_one_was_made(house):
    household, person = await house.adult()
    phone = await house.enrol(await house.device(), household, person)
    older, newer = await phone.make_code(), await phone.make_code()
    with pytest.raises(Failed) as failed:
        await phone.come_in(older)
    assert failed.value.code == "keyring.unknown"
    assert await phone.come_in(newer) == person
