"""What a relay and a worker count, and what their logs say: figures and codes, and nothing of anybody."""

import asyncio
import json
import re

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from e2e.world import CHILD_AND_FAMILY, OCMW, SCHOOL, open_world
from servers.databases import rows
from servers.redis import Redis
from zegel_demo.ports import free_port
from zegel_demo.worker_process import WorkerProcess
from zegel_relay import settings
from zegel_relay.clock import SystemClock
from zegel_relay.logs import FIELDS
from zegel_relay.metrics import _HELP, Metrics, Sources
from zegel_relay.storage.database import open_engine, open_sessions

ID = re.compile(r"[0-9a-f]{32}|[A-Za-z0-9_-]{43}")
ALWAYS = {"at", "level", "from", "event", "where"}


@pytest.fixture
async def world(tmp_path):
    port = free_port()
    opened = await open_world(tmp_path, ZEGEL_METRICS_PORT=str(port), ZEGEL_TRACE="false")
    yield opened
    await opened.close()


def address_of(world):
    return f"http://127.0.0.1:{world.huis.relay.settings['ZEGEL_METRICS_PORT']}/metrics"


async def read_metrics(world, url=None):
    async with aiohttp.ClientSession() as session, session.get(url or address_of(world)) as answer:
        assert answer.status == 200
        text = await answer.text()
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return text, {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for sample in samples}


def value(found, name):
    return found[name, ()]


async def journey(world):
    forward, _ = await world.consent()
    first = await world.nurse.send(world.draft(ask="De eerste."))
    message = await world.ocmw.open(first.manifest)
    await world.ocmw.acknowledge(message)
    await world.phone.notices()
    await world.nurse.send(world.draft(ask="Wordt teruggenomen."))
    await world.phone.revoke([forward], "changed-mind")


async def test_the_figures_are_those_of_what_happened(world):
    await journey(world)
    _, found = await read_metrics(world)
    log = await world.nurse._client.log_state()
    assert value(found, "zegel_log_size") == int(log.checkpoint.split("\n")[1])
    relay = world.huis.relay
    for name in ("delivered", "withdrawn"):
        ((counted,),) = rows(relay, f"SELECT count({name}_at) FROM deliveries")
        assert value(found, f"zegel_deliveries_{name}") == counted > 0
    neither = "SELECT count(*) FROM deliveries WHERE delivered_at IS NULL AND withdrawn_at IS NULL"
    assert rows(relay, neither) == [(value(found, "zegel_deliveries_waiting"),)]
    for name, expected in {"database_up": 1, "ready": 1, "restored": 0, "queue_length": 0, "outbox_dead": 0}.items():
        assert value(found, f"zegel_{name}") == expected, name
    posted = (("method", "POST"), ("route", "/v1/messages"), ("status", "200"))
    assert found["zegel_request_seconds_count", posted] == 2
    assert value(found, "zegel_batch_size_sum") == value(found, "zegel_log_size")
    assert value(found, "zegel_batch_size_count") == value(found, "zegel_commit_seconds_count")
    assert value(found, "process_resident_memory_bytes") > 10**6
    shown = {name for name, _ in found if name.startswith("zegel_")}
    assert set(_HELP) - {"zegel_redis_up"} <= shown


async def test_no_label_and_no_line_of_the_log_names_anybody(world):
    await journey(world)
    text, found = await read_metrics(world)
    named = {CHILD_AND_FAMILY, OCMW, SCHOOL, world.household, world.elif_id, world.huis.id, "127.0.0.1"}
    log = world.huis.relay.log.read_text("utf-8")
    assert log.count("\n") > 30
    for shown in (text, log):
        assert [name for name in named if name in shown] == []
        assert ID.findall(shown) == []
    labels = {label for _, pairs in found for label, _ in pairs}
    assert labels <= {"method", "route", "status", "le"}
    for line in log.splitlines():
        assert json.loads(line).keys() <= ALWAYS | set(FIELDS)


async def test_a_database_that_does_not_answer_leaves_its_figures_out(tmp_path):
    chosen = settings.load({"folder": tmp_path}, {})
    engine = open_engine(chosen.database_url)
    metrics = Metrics()
    await metrics.look(Sources(chosen, open_sessions(engine), SystemClock(), lambda: {"zegel_queue_length": 3}))
    found = {family.name: family.samples[0].value for family in metrics.collect()}
    assert found == {"zegel_queue_length": 3, "zegel_database_up": 0}
    await engine.dispose()


@pytest.mark.slow
async def test_a_worker_gives_the_figures_of_the_work_and_a_relay_those_of_redis(world, tmp_path):
    redis, port = Redis(), free_port()
    redis.start()
    relay = world.huis.relay
    address = int(relay.address.rpartition(":")[2])
    settings = {"ZEGEL_REDIS_URL": redis.url(), "ZEGEL_METRICS_PORT": str(port)}
    if relay.database_url:
        settings["ZEGEL_DATABASE_URL"] = relay.database_url
    worker = WorkerProcess(relay.folder, tmp_path / "worker.log", settings)
    try:
        relay.stop()
        relay.settings["ZEGEL_REDIS_URL"] = redis.url()
        relay.start(address)
        await eventually(world, address_of(world), ("zegel_redis_up", ()), 1)
        worker.start()
        theirs = f"http://127.0.0.1:{port}/metrics"
        await eventually(world, theirs, ("zegel_database_up", ()), 1)
        text, found = await read_metrics(world, theirs)
        assert value(found, "zegel_outbox_dead") == 0
        assert ID.findall(text) == []
        redis.kill()
        await eventually(world, address_of(world), ("zegel_redis_up", ()), 0)
    finally:
        worker.stop()
        redis.close()
    assert ID.findall(worker.log.read_text("utf-8")) == []


async def eventually(world, url, name, expected):
    """Return once a figure is so; fail after ten seconds."""
    async with asyncio.timeout(10):
        while True:
            try:
                _, found = await read_metrics(world, url)
            except aiohttp.ClientError:
                found = {}
            if found.get(name) == expected:
                return
            await asyncio.sleep(0.1)
