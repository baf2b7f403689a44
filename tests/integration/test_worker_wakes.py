"""What a worker changed wakes who waits at a relay, and a Redis that is away holds no work up."""

import asyncio

import pytest
import redis as redis_client

from zegel_relay.redis_line import CHANNEL, RedisLine
from zegel_relay.settings import Settings
from zegel_relay.storage.database import migrate
from zegel_relay.tasks.process import TaskRunner
from zegel_relay.wakeups import Wakeups, tag_of

PERSON, PARTNER = "person:" + "1" * 32, "partner:ocmw"


async def leave(room):
    async with room.sessions() as session:
        engine = session.bind
    await engine.dispose()


@pytest.fixture
def worker(tmp_path, database_url, redis):
    asyncio.run(migrate(database_url))
    process = TaskRunner(
        Settings(
            folder=tmp_path, database_url=database_url, redis_url=redis.url(), blob_folder=tmp_path / "blobs",
            keys_file=tmp_path / "keys.json", contact_key_file=tmp_path / "contact-key.json",
        )
    )  # fmt: skip
    yield process
    # A worker goes with its process; here the process stays.
    process.run(leave)
    assert process._runner is not None
    process._runner.close()


async def call(room):
    for party in (PERSON, PARTNER, PERSON):
        room.wakeups.notify(party)


def test_all_that_one_task_changed_is_said_at_once_and_without_names(worker, redis):
    with redis_client.Redis.from_url(redis.url()) as client, client.pubsub() as heard:
        heard.subscribe(CHANNEL)
        assert heard.get_message(timeout=5)["type"] == "subscribe"
        worker.run(call)
        said = heard.get_message(timeout=5)["data"].decode()
        assert sorted(said.split(" ")) == sorted(map(tag_of, (PERSON, PARTNER)))
        # A task that changed nothing says nothing.
        worker.run(lambda _room: asyncio.sleep(0))
        assert heard.get_message(timeout=0.3) is None


def test_who_waits_at_a_relay_is_woken(worker, redis):
    async def wait():
        wakeups = Wakeups()
        line = RedisLine(redis.url(), wakeups)
        await line.start()
        async with asyncio.timeout(10):
            while not line.up:  # noqa: ASYNC110 - the line has no event for it
                await asyncio.sleep(0.02)
            with wakeups.watch(PARTNER) as called, wakeups.watch("partner:clb") as other:
                await asyncio.to_thread(worker.run, call)
                await called.wait()
        await line.stop()
        return other.is_set()

    assert not asyncio.run(wait())


def test_work_is_done_while_redis_is_away(worker, redis, caplog):
    redis.kill()

    async def work(room):
        await call(room)
        return "done"

    assert worker.run(work) == "done"
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == ["wake-up not sent"]
