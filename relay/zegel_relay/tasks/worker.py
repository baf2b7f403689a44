"""Worker and beat as processes: begun with the tables checked, ended with what was begun done."""

import logging
import os
import signal
import socket
import threading
import warnings
from types import FrameType
from typing import Any, Final

from celery import Celery, signals
from celery.beat import EmbeddedService, Scheduler, Service
from celery.platforms import SecurityWarning
from celery.worker import state

from zegel_relay import logs, metrics
from zegel_relay.clock import SystemClock
from zegel_relay.settings import Settings
from zegel_relay.tasks.app import make_app

STOP_SECONDS: Final = 10.0
"""How long a beat may take to end."""

_log = logging.getLogger(__name__)


def run_worker(settings: Settings, processes: int, beat: bool) -> int:
    """Work until SIGTERM or SIGINT; what was begun is ended first. Returns the exit code.

    `processes` of 1 works in this process; more are its children. `beat`: this worker also calls sweeps.
    """
    app = _app(settings)

    def begin(**_: Any) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _stop_working)
        if settings.metrics_port:
            metrics.start_beside(settings, SystemClock())
        if beat:
            # A thread: a process of its own would outlive a worker that is killed. It ends with this process.
            EmbeddedService(app, thread=True, scheduler_cls=Scheduler).start()

    signals.worker_ready.connect(begin, weak=False)
    # A warning to whoever runs it as root with pickled tasks, as text among the JSON lines; here only JSON is taken.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    worker = app.Worker(
        hostname=f"zegel@{socket.gethostname()}",
        pool_cls="solo" if processes == 1 else "prefork",
        concurrency=processes,
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    _log.info("worker begins")
    worker.start()
    _log.info("worker ended")
    return int(worker.exitcode or 0)


def _stop_working(_number: int, _frame: FrameType | None) -> None:
    """Take nothing more, and end what was begun. In place of Celery's handler, which prints."""
    state.should_stop = 0


def run_beat(settings: Settings) -> None:
    """Call sweeps and periodic tasks until SIGTERM or SIGINT. Any number may run; each task runs once a period.

    The schedule is kept nowhere: the database knows what ran, so a beat that starts anew may ask at once.
    """
    service = Service(_app(settings), scheduler_cls=Scheduler)

    def stop(_number: int, _frame: FrameType | None) -> None:
        # While it waits for Redis it hears nothing, and there is nothing to lose.
        impatient = threading.Timer(STOP_SECONDS, os._exit, (0,))
        impatient.daemon = True
        impatient.start()
        # From a thread of its own: stopping waits for the loop that this signal interrupted.
        threading.Thread(target=service.stop, daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    _log.info("beat begins")
    service.start()
    _log.info("beat ended")


def _app(settings: Settings) -> Celery:
    def configure(**_: Any) -> None:
        logs.configure(settings.trace)

    # With a receiver of this signal Celery leaves logging alone, in children too.
    signals.setup_logging.connect(configure, weak=False)
    configure()
    return make_app(settings)
