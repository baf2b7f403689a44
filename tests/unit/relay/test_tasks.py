"""What the Celery application is set to: nothing is remembered, nothing but JSON, no orders over the broker."""

import ssl

import pytest

from zegel_relay.outbox.queue import CLAIM_SECONDS
from zegel_relay.outbox.schedule import RUN_SECONDS
from zegel_relay.settings import load
from zegel_relay.tasks.app import PERIODIC, SWEEP, VISIBILITY_SECONDS, WORK, make_app


def app(tmp_path, url="redis://127.0.0.1:1/0"):
    return make_app(load({"folder": str(tmp_path), "redis_url": url}, {}))


def test_tasks_are_acknowledged_late_and_their_results_kept_nowhere(tmp_path):
    made = app(tmp_path)
    assert {name for name in made.tasks if not name.startswith("celery.")} == {WORK, SWEEP, PERIODIC}
    conf = made.conf
    assert (conf.task_acks_late, conf.task_reject_on_worker_lost, conf.worker_prefetch_multiplier) == (True, True, 1)
    assert (conf.result_backend, conf.task_ignore_result, conf.accept_content) == (None, True, ["json"])
    assert (conf.worker_enable_remote_control, conf.worker_send_task_events) == (False, False)
    assert max(CLAIM_SECONDS, RUN_SECONDS) < VISIBILITY_SECONDS


def test_two_applications_share_no_task(tmp_path):
    first, second = app(tmp_path), app(tmp_path)
    assert all(first.tasks[name].app is first for name in (WORK, SWEEP, PERIODIC))
    assert all(second.tasks[name].app is second for name in (WORK, SWEEP, PERIODIC))


def test_calls_that_nobody_hears_are_not_kept(tmp_path):
    schedule = app(tmp_path).conf.beat_schedule
    assert {entry["task"] for entry in schedule.values()} == {SWEEP, PERIODIC}
    assert all(entry["options"]["expires"] == entry["schedule"] for entry in schedule.values())


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("redis://u:p@redis.example:6380/1", "redis://u:p@redis.example:6380/1"),
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock"),
    ],
)
def test_the_broker_is_the_redis_of_the_settings(tmp_path, url, broker):
    assert app(tmp_path, url).conf.broker_url == broker


def test_tls_checks_the_certificate(tmp_path):
    made = app(tmp_path, "rediss://redis.example/0")
    assert made.conf.broker_use_ssl == {"ssl_cert_reqs": ssl.CERT_REQUIRED}
