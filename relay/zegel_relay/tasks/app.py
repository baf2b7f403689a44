"""The Celery application: three tasks that carry a row's id or nothing, over Redis.

Redis only speeds things up. What is promised stands in the database, and is done when a sweep finds it due: a message
that is lost, comes twice or is made up by somebody in Redis changes nothing but the moment. So no result is kept, JSON
is all that is taken, and nobody gives workers orders over the broker.
"""

import re
import ssl
from typing import Final

from celery import Celery

from zegel_relay.outbox import queue, schedule
from zegel_relay.outbox.work import work
from zegel_relay.settings import Settings
from zegel_relay.storage.database import Sessions
from zegel_relay.tasks.process import TaskRunner

QUEUE: Final = "zegel"
WORK: Final = "zegel.work"
SWEEP: Final = "zegel.sweep"
PERIODIC: Final = "zegel.periodic"
SWEEP_SECONDS: Final = 10
"""How often a sweep looks for what is due."""
PERIODIC_SECONDS: Final = 60
SWEEP_ROWS: Final = 500
"""Rows that one sweep brings to workers at most; the next finds the rest."""
VISIBILITY_SECONDS: Final = 900
"""After this long Redis gives a task to another worker that nobody acknowledged: longer than any task may take."""
_ID: Final = re.compile(r"[0-9a-f]{32}")


def make_app(settings: Settings) -> Celery:
    """Return the application of these settings, which must have a `redis_url`. Connects to nothing yet."""
    url = settings.redis_url
    # What redis-py calls unix:// has another name here.
    broker = f"redis+socket://{url.removeprefix('unix://')}" if url.startswith("unix://") else url
    app = Celery("zegel", broker=broker, set_as_current=False)
    if url.startswith("rediss://"):
        app.conf.broker_use_ssl = {"ssl_cert_reqs": ssl.CERT_REQUIRED}
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        result_backend=None,
        task_ignore_result=True,
        task_default_queue=QUEUE,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        # A row that is being worked on when Redis goes away is finished: its claim keeps others from it.
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": VISIBILITY_SECONDS,
            "global_keyprefix": "zegel:tasks:",
            "socket_keepalive": True,
            "socket_connect_timeout": 5,
            "health_check_interval": 25,
        },
        beat_schedule={
            # An unread call is no longer needed once the next is made, so a queue never grows while workers are away.
            "sweep": {"task": SWEEP, "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
            "periodic": {"task": PERIODIC, "schedule": PERIODIC_SECONDS, "options": {"expires": PERIODIC_SECONDS}},
        },
        timezone="UTC",
    )
    _add_tasks(app, TaskRunner(settings))
    return app


def _add_tasks(app: Celery, process: TaskRunner) -> None:
    def work_on(item_id: object) -> None:
        # Whoever can write into Redis can name any row, and gets done what is due anyway.
        if isinstance(item_id, str) and _ID.fullmatch(item_id):
            _ = process.run(lambda room: work(room, item_id))

    def sweep() -> None:
        for item_id in process.run(lambda room: _due(room.sessions, room.clock.now())):
            app.send_task(WORK, (item_id,), expires=SWEEP_SECONDS, argsrepr="()", kwargsrepr="{}")

    def periodic() -> None:
        _ = process.run(schedule.run_due)

    # What fails is tried again by its row, or by the next sweep; the broker is not where it is remembered.
    for name, function in ((WORK, work_on), (SWEEP, sweep), (PERIODIC, periodic)):
        # Of this application alone: Celery gives what is shared to every other one in the process.
        app.task(function, name=name, max_retries=0, shared=False)


async def _due(sessions: Sessions, now: int) -> list[str]:
    async with sessions() as session:
        return await queue.due(session, now, SWEEP_ROWS)
