"""Real Celery workers on a real Redis and a real database: what is promised is done once, whoever dies in between."""

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest
from redis import Redis as Client

from servers.databases import rows
from zegel_demo.relay_process import RelayProcess
from zegel_demo.worker_process import WorkerProcess
from zegel_protocol import b64
from zegel_relay.outbox import queue
from zegel_relay.outbox.promise import promise
from zegel_relay.redis_line import CHANNEL
from zegel_relay.storage.batch import OUTBOX_KEY
from zegel_relay.wakeups import tag_of

HUIS = b64.encode(bytes(range(32)))
PROGRAM = Path(__file__).parent / "working_program.py"

pytestmark = pytest.mark.slow


@pytest.fixture
def relay(tmp_path, redis):
    """A relay with tables, which has stopped again: its database is what workers share."""
    relay = RelayProcess(tmp_path / "relay", HUIS, settings={"ZEGEL_REDIS_URL": redis.url()})
    relay.init()
    relay.start()
    yield relay
    relay.stop()


@pytest.fixture
def make_worker(tmp_path, relay, redis):
    """Make a worker that runs the tests' handlers."""
    made: list[WorkerProcess] = []

    def make(**environment):
        settings = {
            "ZEGEL_REDIS_URL": redis.url(),
            "PYTHONPATH": os.pathsep.join(sys.path),
            "TEST_NOTES": str(tmp_path / "notes"),
            **environment,
        }
        if relay.database_url:
            settings["ZEGEL_DATABASE_URL"] = relay.database_url
        log = tmp_path / f"worker{len(made)}.log"
        made.append(WorkerProcess(relay.folder, log, settings, (sys.executable, str(PROGRAM))))
        return made[-1]

    yield make
    for worker in made:
        worker.kill()


@pytest.fixture
def notes(tmp_path):
    """Return what handlers wrote down: (word, row, attempt)."""

    def notes():
        path = tmp_path / "notes"
        return [tuple(line.split()) for line in path.read_text().splitlines()] if path.exists() else []

    return notes


def put(relay, kind, number=1):
    now = int(time.time())
    item = promise(kind, f"person:{number}", "d", now, now)
    statement = (
        "INSERT INTO outbox (id, kind, subject, object_d, state, due_at, claimed_until, attempts, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    )
    values = (item.id, item.kind, item.subject, item.object_d, item.state, item.due_at, 0, 0, now)
    rows(relay, statement, values)
    return item.id


def state(relay, item_id):
    return rows(relay, "SELECT state, error, attempts FROM outbox WHERE id = ?", (item_id,))[0]


def eventually(condition, seconds=40):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)


def log_lines(worker):
    return [json.loads(line) for line in worker.log.read_text().splitlines()]


def test_workers_do_each_row_once_and_end_in_order(relay, make_worker, notes):
    workers = [make_worker(TEST_SECONDS="0.2") for _ in range(2)]
    ids = [put(relay, "slow", number) for number in range(12)]
    workers[0].start("--processes", "2", "--beat")
    workers[1].start("--beat")
    eventually(lambda: all(state(relay, item_id)[0] == "done" for item_id in ids))
    assert sorted(item for word, item, _ in notes() if word == "begun") == sorted(ids)
    assert [worker.stop() for worker in workers] == [0, 0]
    # Nothing but JSON lines, and no row, no person, no address in them.
    said = "".join(worker.log.read_text() for worker in workers)
    assert all(log_lines(worker) for worker in workers)
    assert not any(item_id in said for item_id in ids)
    assert "person:" not in said
    assert "redis://" not in said


def test_a_worker_killed_in_the_middle_leaves_its_row_to_another(relay, make_worker, notes):
    first, second = make_worker(TEST_SECONDS="60"), make_worker()
    item_id = put(relay, "slow")
    first.start("--beat")
    eventually(lambda: len(notes()) == 1)
    first.kill()
    assert state(relay, item_id)[0] == "waiting"
    # The claim runs out: five minutes, put ahead.
    rows(relay, "UPDATE outbox SET claimed_until = claimed_until - ?", (queue.CLAIM_SECONDS,))
    second.start("--beat")
    eventually(lambda: state(relay, item_id)[0] == "done")
    assert notes() == [("begun", item_id, "1"), ("begun", item_id, "2"), ("ended", item_id, "2")]


def test_a_killed_child_is_replaced_and_its_row_done_again(relay, make_worker, notes):
    worker = make_worker(TEST_SECONDS="3")
    item_id = put(relay, "slow")
    worker.start("--processes", "2", "--beat")
    eventually(lambda: len(notes()) == 1)
    for child in psutil.Process(worker.pid).children():
        child.send_signal(signal.SIGKILL)
    rows(relay, "UPDATE outbox SET claimed_until = claimed_until - ?", (queue.CLAIM_SECONDS,))
    eventually(lambda: state(relay, item_id)[0] == "done")
    assert worker.running


def test_stopping_ends_what_was_begun(relay, make_worker, notes):
    worker = make_worker(TEST_SECONDS="4")
    item_id = put(relay, "slow")
    worker.start("--beat")
    eventually(lambda: len(notes()) == 1)
    assert worker.stop() == 0
    assert state(relay, item_id)[0] == "done"


def test_redis_gone_for_a_while_loses_nothing(relay, redis, make_worker, notes):
    worker = make_worker()
    worker.start("--processes", "2", "--beat")
    before = put(relay, "slow", 1)
    eventually(lambda: state(relay, before)[0] == "done")
    redis.kill()
    meanwhile = [put(relay, "slow", number) for number in (2, 3)]
    time.sleep(15)
    assert worker.running
    redis.start()
    eventually(lambda: all(state(relay, item_id)[0] == "done" for item_id in meanwhile), 60)
    assert worker.stop() == 0


def test_a_relay_calls_a_sweep_as_soon_as_something_is_promised(relay, redis, make_worker):
    """Without beat: only the relay's own call brings the row to the worker."""
    worker = make_worker()
    worker.start()
    item_id = put(relay, "slow")
    with Client.from_url(redis.url()) as client:

        def told_and_done():
            # What another process of the relay tells it after its commit; said before it listens, it is lost.
            client.publish(CHANNEL, tag_of(OUTBOX_KEY))
            return state(relay, item_id)[0] == "done"

        eventually(told_and_done)
    assert worker.stop() == 0


def test_beat_of_its_own_calls_the_sweeps(relay, make_worker):
    worker, beat = make_worker(), make_worker()
    worker.start()
    beat.start(name="beat")
    item_id = put(relay, "slow")
    eventually(lambda: state(relay, item_id)[0] == "done")
    assert [beat.stop(), worker.stop()] == [0, 0]


def test_what_keeps_failing_is_dead_and_an_operator_replays_it(relay, make_worker, notes):
    worker = make_worker()
    item_id = put(relay, "failing")
    rows(relay, "UPDATE outbox SET attempts = 7")
    worker.start("--beat")
    eventually(lambda: state(relay, item_id)[0] == "dead")
    assert state(relay, item_id) == ("dead", "test.refused", 8)
    errors = [line for line in log_lines(worker) if line["level"] == "error"]
    assert [(line["event"], line["code"]) for line in errors] == [("work is dead", "test.refused")]


async def test_made_up_tasks_do_no_harm(relay, redis, make_worker):
    """Whoever can write into Redis can make up tasks; all they get is what would be done anyway."""
    from zegel_relay.settings import load
    from zegel_relay.tasks.app import SWEEP, WORK, make_app

    worker = make_worker()
    worker.start("--beat")
    app = make_app(load({"folder": str(relay.folder), "redis_url": redis.url()}))
    for arguments in ((), ("nobody",), ("' OR 1=1",), ({"a": 1},), ("f" * 32,), ("a", "b")):
        app.send_task(WORK, arguments)
    app.send_task("os.system", ("true",))
    app.send_task(SWEEP, (1, 2))
    item_id = put(relay, "slow")
    await asyncio.to_thread(eventually, lambda: state(relay, item_id)[0] == "done")
    assert worker.running
    said = worker.log.read_text()
    assert "OR 1=1" not in said
