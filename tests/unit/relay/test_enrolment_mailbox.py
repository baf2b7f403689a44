"""The mailbox of an enrolment: opened by a worker's device, three notes, a quarter of an hour, and nothing left."""

import asyncio
import time

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import func, select

from zegel_protocol import b64
from zegel_relay.api.app import create_app
from zegel_relay.api.routes import ROUTES
from zegel_relay.services import enrolment_mailbox
from zegel_relay.services.enrolment_mailbox import LIFE_SECONDS
from zegel_relay.services.errors import Conflict, Forbidden, NotFound
from zegel_relay.storage.database import writing
from zegel_relay.storage.models import EnrolmentSlot

MAILBOX, OTHER = b64.encode(b"\x01" * 32), b64.encode(b"\x02" * 32)
NOW = 1_790_000_000


@pytest.fixture
def sessions(relay):
    return relay.sessions


async def opened(sessions, mailbox=MAILBOX, now=NOW):
    await enrolment_mailbox.open_mailbox(sessions, mailbox, "ocmw", now)


async def fetched(sessions, slot="keys", now=NOW, mailbox=MAILBOX):
    async with sessions() as session:
        return await enrolment_mailbox.fetch(session, mailbox, slot, now)


async def rows(sessions):
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(EnrolmentSlot))


async def test_a_note_is_left_and_fetched_by_its_name(sessions):
    await opened(sessions)
    assert await fetched(sessions) is None
    await enrolment_mailbox.leave(sessions, MAILBOX, "keys", b"keys", NOW)
    assert await fetched(sessions) == b"keys"
    assert await fetched(sessions, "record") is None
    assert await fetched(sessions, mailbox=OTHER) is None


async def test_the_first_note_stays_and_the_same_again_changes_nothing(sessions):
    await opened(sessions)
    await enrolment_mailbox.leave(sessions, MAILBOX, "keys", b"first", NOW)
    await enrolment_mailbox.leave(sessions, MAILBOX, "keys", b"first", NOW)
    with pytest.raises(Conflict) as refused:
        await enrolment_mailbox.leave(sessions, MAILBOX, "keys", b"second", NOW)
    assert refused.value.code == "enrolment.taken"
    assert await fetched(sessions) == b"first"


@pytest.mark.parametrize("wait", [LIFE_SECONDS, LIFE_SECONDS + 1])
async def test_after_a_quarter_of_an_hour_nothing_is_there(sessions, wait):
    await opened(sessions)
    await enrolment_mailbox.leave(sessions, MAILBOX, "keys", b"keys", NOW + LIFE_SECONDS - 1)
    assert await fetched(sessions, now=NOW + LIFE_SECONDS - 1) == b"keys"
    assert await fetched(sessions, now=NOW + wait) is None
    with pytest.raises(NotFound) as refused:
        await enrolment_mailbox.leave(sessions, MAILBOX, "record", b"record", NOW + wait)
    assert refused.value.code == "enrolment.unknown"


async def test_what_is_over_is_erased_when_the_next_one_is_opened(sessions):
    await opened(sessions)
    await enrolment_mailbox.leave(sessions, MAILBOX, "keys", b"keys", NOW)
    assert await rows(sessions) == 2
    await opened(sessions, OTHER, NOW + LIFE_SECONDS)
    assert await rows(sessions) == 1


async def test_nobody_leaves_anything_in_a_mailbox_that_no_worker_opened(sessions):
    with pytest.raises(NotFound) as refused:
        await enrolment_mailbox.leave(sessions, MAILBOX, "keys", b"keys", NOW)
    assert refused.value.code == "enrolment.unknown"
    assert await rows(sessions) == 0


async def test_whoever_tries_names_does_not_wait_for_who_writes(sessions):
    async with writing(sessions), asyncio.timeout(3):
        with pytest.raises(NotFound) as refused:
            await enrolment_mailbox.leave(sessions, MAILBOX, "keys", b"keys", NOW)
    assert refused.value.code == "enrolment.unknown"


async def test_nobody_waits_at_a_mailbox_that_is_not_open(relay, clock):
    app = create_app(relay, [route for route in ROUTES if "enrolments" in route.path])
    async with TestClient(TestServer(app)) as http:
        begun = time.monotonic()
        async with http.get(f"/v1/enrolments/{MAILBOX}/keys?wait=30") as response:
            assert response.status == 404
        assert time.monotonic() - begun < 10
        await opened(relay.sessions, now=clock.at)
        begun = time.monotonic()
        async with http.get(f"/v1/enrolments/{MAILBOX}/keys?wait=1") as response:
            assert response.status == 404
        assert time.monotonic() - begun >= 1


async def test_a_person_opens_none(sessions):
    with pytest.raises(Forbidden) as refused:
        await enrolment_mailbox.open_mailbox(sessions, MAILBOX, None, NOW)
    assert refused.value.code == "enrolment.device"


async def test_opening_again_changes_nothing(sessions):
    await opened(sessions)
    await enrolment_mailbox.leave(sessions, MAILBOX, "keys", b"keys", NOW)
    await opened(sessions, now=NOW + 60)
    assert await fetched(sessions) == b"keys"
    assert await fetched(sessions, now=NOW + LIFE_SECONDS) is None


async def test_their_number_is_bounded(sessions, monkeypatch):
    monkeypatch.setattr(enrolment_mailbox, "MOST", 2)
    await opened(sessions)
    await opened(sessions, OTHER)
    with pytest.raises(Conflict) as refused:
        await opened(sessions, b64.encode(b"\x03" * 32))
    assert refused.value.code == "enrolment.busy"
    # They pass, and then there is room.
    await opened(sessions, b64.encode(b"\x03" * 32), NOW + LIFE_SECONDS)
