"""Attacks 2 and 3 tried on somebody who comes in through the page: keys and records swapped, tags used again."""

import asyncio
import json
import os
import time

import pytest
import pytest_asyncio
from playwright.async_api import TimeoutError as Timeout

from e2e.portal.lies import code_on
from e2e.portal.pages import PATIENCE, Visitor
from zegel.enrolments import EnrolmentError
from zegel_keys.hybrid import SealPrivateKey
from zegel_keys.signing import SigningKey
from zegel_protocol import b64
from zegel_protocol.enrolment_code import read_address
from zegel_protocol.errors import ProtocolError

pytestmark = pytest.mark.asyncio(loop_scope="module")
THEIR_KEY = SigningKey.generate().public
SWAPPED = {
    "seal_key": SealPrivateKey(os.urandom(32)).public.text,
    "identity_key": THEIR_KEY,
    "passkeys": [{"credential": b64.encode(os.urandom(32)), "alg": "eddsa", "public_key": THEIR_KEY}],
}


class Table:
    """A worker's open enrolment, and who sits opposite with a new phone."""

    def __init__(self, opened, visitor):
        self.opened, self.visitor = opened, visitor
        self.notes = f"**/v1/enrolments/{read_address(opened.address)[1].mailbox}"

    async def make_key(self):
        """Go as far as making the key."""
        await self.visitor.device.visit(self.opened.address)
        await self.visitor.press("go-on")
        await self.visitor.press("start-key-make")

    async def words(self):
        """Return the six words on the phone."""
        shown = self.visitor.page.locator("#six-words li")
        try:
            await shown.first.wait_for(timeout=PATIENCE)
        except Timeout as late:
            raise AssertionError(await self.visitor.text()) from late
        return tuple(await shown.all_inner_texts())

    async def keep_signature(self):
        """Let no signature leave the phone; return a list of those that it would have given."""
        signed = []

        async def keep(route):
            signed.append(route.request.post_data)
            await route.abort()

        await self.visitor.page.route(f"{self.notes}/signature", keep)
        return signed

    async def change(self, note, method, how):
        """From now on, what a note holds is another on its way, to the worker (PUT) or to the phone (GET)."""

        async def lie(route):
            if route.request.method != method:
                await route.continue_()
            elif method == "GET":
                answer = await route.fetch()
                body = await answer.text()
                await route.fulfill(response=answer, body=_in_note(body, how) if answer.ok else body)
            else:
                await route.continue_(post_data=_in_note(route.request.post_data, how))

        await self.visitor.page.route(f"{self.notes}/{note}*", lie)


def _in_note(text, how):
    note = json.loads(text)
    held = how(json.loads(b64.decode(note["content"])))
    return json.dumps(
        note | {"content": b64.encode(json.dumps(held, separators=(",", ":")).encode())}, separators=(",", ":")
    )


@pytest_asyncio.fixture(loop_scope="module")
async def table(portal):
    sat = await sit_down(portal)
    yield sat
    await sat.visitor.device.close()


async def sit_down(portal):
    household, person = await portal.adult()
    visitor = Visitor(await portal.device(), household, person)
    return Table(await portal.code_for(household, person), visitor)


async def wrong(doing):
    with pytest.raises((ProtocolError, EnrolmentError)) as found:
        await doing
    return getattr(found.value, "code", "")


async def has_keys(portal, person):
    own = portal.nurse.families._own()
    return bool((await portal.nurse.families.look_up([person], own, own)).clients[person].keys)


@pytest.mark.parametrize("field", SWAPPED)
async def test_attack_02_keys_that_were_swapped_on_the_way_from_the_page_show_the_worker_no_words(portal, table, field):
    await table.change("keys", "PUT", lambda keys: keys | {field: SWAPPED[field]})
    await table.make_key()
    await table.words()
    assert await wrong(table.opened.words()) == "enrolment.tag"
    assert await wrong(table.opened.finish("id-card")) == "enrolment.payload"
    assert not await has_keys(portal, table.visitor.person)


@pytest.mark.parametrize("field", [*SWAPPED, "person", "household", "enrolment"])
async def test_attack_02_a_record_that_was_swapped_on_the_way_to_the_page_is_not_signed(portal, table, field):
    other = {"person": "f" * 32, "household": "e" * 32, "enrolment": {"opened": 1, "tag": b64.encode(bytes(32))}}
    await table.change("record", "GET", lambda record: record | {field: (SWAPPED | other)[field]})
    signed = await table.keep_signature()
    await table.make_key()
    assert await table.words() == await table.opened.words()
    finishing = asyncio.create_task(table.opened.finish("id-card"))
    await table.visitor.press("words-same")
    assert await code_on(table.visitor) == "enrolment.payload"
    assert signed == []
    finishing.cancel()
    assert not await has_keys(portal, table.visitor.person)


async def test_attack_02_who_photographed_the_code_shows_other_words_and_the_person_stops(portal, table):
    """A bystander answered first, with the relay: what stands on the two screens is not the same."""
    bystander = Table(table.opened, Visitor(await portal.device(), table.visitor.household, table.visitor.person))
    await bystander.make_key()
    theirs = await bystander.words()
    await table.make_key()
    assert await code_on(table.visitor) == "enrolment.taken"
    # A relay that hides that cannot have the page show the bystander's words.
    await table.visitor.page.route(f"{table.notes}/keys", lambda route: route.fulfill(status=204))
    await table.visitor.press("start-key-make")
    assert await table.opened.words() == theirs
    assert await table.words() != theirs
    await table.visitor.press("words-other")
    await table.visitor.heading("words-differ")
    assert not await has_keys(portal, table.visitor.person)
    await bystander.visitor.device.close()


async def test_attack_03_a_tag_is_used_again_for_another_person(portal, table):
    overheard = []

    def listen(keys):
        overheard.append(keys)
        return keys

    await table.change("keys", "PUT", listen)
    await table.make_key()
    assert await table.words() == await table.opened.words()
    other = await sit_down(portal)
    await other.change("keys", "PUT", lambda _: overheard[0])
    await other.make_key()
    await other.words()
    assert await wrong(other.opened.words()) == "enrolment.tag"
    assert not await has_keys(portal, other.visitor.person)
    await other.visitor.device.close()


async def test_attack_03_after_ten_minutes_the_page_neither_begins_nor_signs(portal, table):
    clock = table.visitor.page.clock
    await clock.install(time=time.time())
    await table.make_key()
    assert await table.words() == await table.opened.words()
    signed = await table.keep_signature()
    await clock.set_system_time(time.time() + 601)
    await table.visitor.press("words-same")
    assert await code_on(table.visitor) == "enrolment.expired"
    assert signed == []
    # The same address, opened when it is too late, makes no key.
    late = await sit_down(portal)
    await late.visitor.page.clock.install(time=time.time() + 601)
    await late.visitor.device.visit(late.opened.address)
    assert await code_on(late.visitor) == "enrolment.expired"
    assert await late.visitor.device.passkeys() == []
    await late.visitor.device.close()


async def test_attack_03_after_ten_minutes_the_worker_makes_no_record(portal, table, monkeypatch):
    await table.make_key()
    assert await table.words() == await table.opened.words()
    monkeypatch.setattr(table.opened._desk, "_clock", lambda: int(time.time()) + 601)
    assert await wrong(table.opened.words()) == "enrolment.expired"
    assert await wrong(table.opened.finish("id-card")) == "enrolment.expired"
    assert not await has_keys(portal, table.visitor.person)


async def test_the_secret_of_a_code_stays_in_no_address_and_no_history(portal, table):
    """Whoever takes up the phone afterwards finds it nowhere: not behind the back button either."""
    secret = table.opened.address.partition("#")[2]
    await table.visitor.device.visit(table.opened.address)
    await table.visitor.page.locator("h1").first.wait_for(timeout=PATIENCE)
    assert secret not in table.visitor.page.url
    history = await table.visitor.device.session.send("Page.getNavigationHistory")
    assert not [entry for entry in history["entries"] if secret in entry["url"]]
    kept = await table.visitor.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, history.state])")
    assert secret not in kept
