"""What the page believes: nothing older than it saw, no second log, no expired directory; and what it keeps."""

import asyncio
import json
import time

import pytest
import pytest_asyncio

from e2e.portal.driven import Driven, Failed
from zegel_keys.http_signature import verify_request
from zegel_keys.webauthn import check_assertion
from zegel_protocol import b64, dsse
from zegel_protocol.assertion import challenge_for, from_signature
from zegel_protocol.objects import ClientKey

JSON = "application/json"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def phone(house):
    """A phone that came in."""
    return await house.enrol(await house.device(), *(await house.adult()))


async def refused(phone: Driven, work: str, given: object = None) -> str:
    with pytest.raises(Failed) as failed:
        await phone.ask(work, given)
    return failed.value.code


async def test_an_older_answer_is_refused_once_a_newer_was_seen(house, phone):
    device, kept = phone.device, []

    async def keep(route):
        answer = await route.fetch()
        kept.append(await answer.text())
        await route.fulfill(response=answer)

    await device.page.route("**/v1/requests", keep)
    await phone.ask("family")
    await device.page.unroute("**/v1/requests")
    # The passkey of another phone makes a second version of the keys.
    code = await phone.make_code()
    other = Driven(await house.device())
    await other.come_in(code)
    await other.ask("addPasskey")
    assert (await phone.ask("family"))["keys"] == 2
    await device.page.route("**/v1/requests", lambda route: route.fulfill(body=kept[0], content_type=JSON))
    assert await refused(phone, "family") == "pin.rollback"
    # The pin outlives the page: it is read again from the browser's storage.
    assert await coming_in(phone) == "pin.rollback"
    await device.page.unroute("**/v1/requests")
    assert await phone.log_in()


async def coming_in(phone: Driven) -> str:
    with pytest.raises(Failed) as failed:
        await phone.log_in()
    return failed.value.code


async def test_a_log_that_is_not_proved_to_be_the_one_seen_is_refused(house, phone):
    await phone.ask("family")
    await house.adult()

    async def lie(route):
        answer = await route.fetch()
        told = await answer.json()
        told["hashes"] = [b64.encode(bytes(32)) for _ in told["hashes"]]
        await route.fulfill(body=json.dumps(told), content_type=JSON)

    await phone.device.page.route("**/v1/log/consistency*", lie)
    await house.enrol(await house.device(), *(await house.adult()))
    await house.huis.publish()
    assert await refused(phone, "family") == "log.split"
    await phone.device.page.unroute("**/v1/log/consistency*")
    assert (await phone.ask("family"))["keys"] == 1


async def test_a_directory_that_has_expired_is_not_acted_on(phone):
    assert await phone.ask("believeIn", 0) == 3
    assert await refused(phone, "believeIn", 15 * 86_400) == "directory.expired"


async def test_an_object_that_was_tampered_with_is_refused(phone):
    async def lie(route):
        answer = await route.fetch()
        told = await answer.json()
        payload = next(item for item in told["items"] if "person" in item["object"]["payloadType"])["object"]
        body = json.loads(dsse.decode_standard(payload["payload"]))
        payload["payload"] = dsse.encode_standard(
            json.dumps({**body, "conflict": True}, separators=(",", ":")).encode()
        )
        await route.fulfill(body=json.dumps(told, separators=(",", ":")), content_type=JSON)

    await phone.device.page.route("**/v1/requests", lie)
    assert await refused(phone, "family") in {"log.receipt", "signature.invalid"}


async def test_what_the_browser_keeps_says_nothing_of_whose_it_is(house):
    household, person = await house.adult()
    phone = await house.enrol(await house.device(), household, person)
    await phone.ask("family")
    kept = await phone.device.page.evaluate(_ALL_KEPT)
    text = json.dumps(kept)
    assert len(kept["rows"]) == 1
    assert kept["cookies"] == ""
    said = bytes(next(iter(kept["rows"].values()))).decode("latin1") + text
    assert not [word for word in (person, household, house.huis.id, "client-key", "version", "zegel") if word in said]


_ALL_KEPT = """async () => {
  const settled = (request) => new Promise((done) => { request.onsuccess = () => done(request.result); });
  const rows = {};
  for (const { name } of await indexedDB.databases()) {
    const database = await settled(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const all = database.transaction(store).objectStore(store);
      for (const key of await settled(all.getAllKeys())) {
        const value = await settled(database.transaction(store).objectStore(store).get(key));
        rows[key] = value instanceof Uint8Array ? [...value] : value;
      }
    }
  }
  return { rows, local: { ...localStorage }, session: { ...sessionStorage }, cookies: document.cookie };
}"""


async def test_requests_are_signed_as_the_relay_reads_them(house):
    household, person = await house.adult()
    phone = await house.enrol(await house.device(), household, person)
    key = await _key_of(house, household, person)
    now = int(time.time())
    for method, path, body in (("GET", "/v1/notices?after=0&wait=0", ""), ("POST", "/v1/evidence", '{"persons":[]}')):
        headers = await phone.ask("signed", {"method": method, "path": path, "body": body, "now": now})
        asked = house.huis.origin + path
        keyid = verify_request(method, asked, headers, {f"person:{person}": key.identity_key}.get, now, body.encode())
        assert keyid == f"person:{person}"


async def test_a_touch_signs_one_object_or_a_batch(house):
    household, person = await house.adult()
    phone = await house.enrol(await house.device(), household, person)
    key = await _key_of(house, household, person)
    first, second = b64.encode(bytes([1] * 32)), b64.encode(bytes([2] * 32))
    for digests in ([first], [first, second]):
        said = await phone.ask("touch", digests)
        assertion = from_signature(dsse.Signature(keyid=said["keyid"], sig=said["sig"]))
        assert assertion is not None
        (passkey,) = key.passkeys
        assert assertion.credential == passkey.credential
        challenge = challenge_for(first, assertion.batch)
        site = "localhost", (house.huis.origin,)
        check_assertion(assertion, challenge, passkey.alg, b64.decode(passkey.public_key), *site)
    await phone.device.touches(answers=False)
    assert await refused(phone, "touch", [first]) == "NotAllowedError"


async def _key_of(house, household: str, person: str) -> ClientKey:
    party = house.nurse.families._own()
    case = await house.nurse.families.look_up([person], party, party)
    held: ClientKey = case.clients[person].keys[-1].payload
    return held


async def test_keys_that_replace_lost_ones_wait_and_their_holder_stops_them(house):
    household, person = await house.adult()
    phone = await house.enrol(await house.device(), household, person)
    opened = await house.code_for(household, person, replaces=True)
    stranger = Driven(await house.device())
    assert await stranger.begin(opened.address) == await opened.words()
    enrolled, done = await asyncio.gather(opened.finish("known"), stranger.finish())
    assert done == {"words": list(enrolled.words), "effective_at": enrolled.effective_at}
    assert await coming_in(stranger) == "client-key.waits"
    waiting = await phone.ask("waiting")
    assert waiting["words"] == list(enrolled.words)
    assert (waiting["effectiveAt"], waiting["partner"]) == (enrolled.effective_at, "kind-en-gezin")
    await phone.ask("keepKeys")
    assert await phone.ask("waiting") is None
    assert await phone.log_in() == person
    assert await refused(phone, "keepKeys") == "client-key.nothing-waits"
